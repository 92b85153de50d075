package io.github.daskjvm.client;

import java.util.concurrent.CancellationException;

/// The connection to the scheduler broke. A scheduler forgets what a client wanted that it loses, so all futures
/// of that connection end with this; and so does what is submitted once the client has given up looking for the
/// scheduler, see [ClientOptions#timeout].
public final class SchedulerLostException extends CancellationException {
    SchedulerLostException(String reason) {
        super(reason);
    }
}
