package io.github.daskjvm.worker.spill;

import java.io.IOException;

/// Nothing more can be written: the disk has no room, or what may be spilled is spilled. The message says which.
public final class DiskFullException extends IOException {
    DiskFullException(String message) {
        super(message);
    }

    DiskFullException(IOException cause) {
        super(String.valueOf(cause.getMessage()), cause);
    }
}
