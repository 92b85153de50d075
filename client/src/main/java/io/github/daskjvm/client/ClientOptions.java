package io.github.daskjvm.client;

import io.github.daskjvm.comm.Tls;
import io.github.daskjvm.worker.task.SerialFilter;
import io.github.daskjvm.worker.task.TaskLoader;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// How a client connects. Immutable; each method returns a changed copy.
///
/// @param tls certificates for `tls://` addresses; null without
/// @param timeout for connecting and registering, and how long a lost connection is sought again; Dask's
///     `distributed.comm.timeouts.connect`, 30 s by default
/// @param directToWorkers whether results are fetched from workers and not through the scheduler; a worker that can't
///     be reached from here is asked through the scheduler in either case
/// @param classLoader finds the classes of results and exceptions; null for the context class loader of the thread
///     that connects
/// @param serialFilter which classes may be made of results and exceptions
public record ClientOptions(
        @Nullable Tls tls,
        Duration timeout,
        boolean directToWorkers,
        @Nullable ClassLoader classLoader,
        SerialFilter serialFilter) {

    /// Plain TCP, 30 s, direct.
    public static final ClientOptions DEFAULT =
            new ClientOptions(null, Duration.ofSeconds(30), true, null, SerialFilter.DEFAULT);

    public ClientOptions {
        if (timeout.isNegative() || timeout.isZero()) {
            throw new IllegalArgumentException("the timeout must be positive: " + timeout);
        }
    }

    /// Certificates for `tls://` addresses.
    public ClientOptions tls(Tls certificates) {
        return new ClientOptions(certificates, timeout, directToWorkers, classLoader, serialFilter);
    }

    /// For connecting, registering, and finding a lost scheduler again.
    public ClientOptions timeout(Duration longest) {
        return new ClientOptions(tls, longest, directToWorkers, classLoader, serialFilter);
    }

    /// Whether results are fetched from workers and not through the scheduler.
    public ClientOptions directToWorkers(boolean direct) {
        return new ClientOptions(tls, timeout, direct, classLoader, serialFilter);
    }

    /// Finds the classes of results and exceptions.
    public ClientOptions classLoader(ClassLoader loader) {
        return new ClientOptions(tls, timeout, directToWorkers, loader, serialFilter);
    }

    /// Which classes may be made of results and exceptions.
    public ClientOptions serialFilter(SerialFilter filter) {
        return new ClientOptions(tls, timeout, directToWorkers, classLoader, filter);
    }

    ClassLoader loader() {
        ClassLoader context = classLoader == null ? Thread.currentThread().getContextClassLoader() : classLoader;
        return new TaskLoader(context == null ? Client.class.getClassLoader() : context, serialFilter);
    }
}
