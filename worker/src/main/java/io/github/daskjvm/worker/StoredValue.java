package io.github.daskjvm.worker;

import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.protocol.Payload;
import io.github.daskjvm.protocol.StreamedMessage;
import io.github.daskjvm.worker.python.PythonForm;
import io.github.daskjvm.worker.python.PythonWriter;
import io.github.daskjvm.worker.spill.SpillFile;
import io.github.daskjvm.worker.spill.SpillFolder;
import io.github.daskjvm.worker.task.JavaCodec;
import java.io.IOException;
import java.io.NotSerializableException;
import java.lang.ref.WeakReference;
import java.util.Arrays;
import java.util.Collection;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// A value as it came: an object that a task returned, which becomes bytes only when somebody asks for it, or
/// bytes from elsewhere, which become an object only when a task needs it. Of these the form that is there stays
/// alone, except that an object replaces its bytes.
///
/// Besides there may be a form on disk, and then memory may have none. It is written once: values do not change, so
/// one that came back leaves memory again for nothing. The file goes when the value was dropped by its store and
/// nobody holds it by [#pin] any more. Any thread may call; the monitor is never held for long, [#work] may be.
final class StoredValue {
    /// What is larger is serialized while it is sent.
    private static final long STREAMED_MIN_BYTES = 64 << 20;

    private @Nullable Payload payload;
    private @Nullable Object value;
    private boolean inMemory = true;
    private @Nullable SpilledForm spilled;
    /// The object of a value that is on disk alone, while somebody still uses it.
    private @Nullable WeakReference<Object> outside;

    private @Nullable MemoryAccounts accounts;
    private @Nullable TaskKey key;
    private long sizeBytes;
    private int pins;
    private boolean dropped;
    private @Nullable ReentrantLock work;
    /// Serializes to another length each time.
    private boolean unsteady;

    /// When it was used last, by the store's clock. Without a lock: it may be a little off.
    long usedAt;
    /// It was tried to spill it, and cannot be.
    volatile boolean unspillable;

    private StoredValue(@Nullable Payload payload, @Nullable Object value) {
        this.payload = payload;
        this.value = value;
    }

    static StoredValue ofObject(@Nullable Object value) {
        return new StoredValue(null, value);
    }

    static StoredValue ofPayload(Payload payload) {
        return new StoredValue(payload, null);
    }

    /// It will be a store's.
    synchronized void expected(TaskKey itsKey, long itsSizeBytes) {
        key = itsKey;
        sizeBytes = itsSizeBytes;
    }

    /// It is a store's from now on.
    synchronized void stored(TaskKey itsKey, long itsSizeBytes, MemoryAccounts itsAccounts) {
        key = itsKey;
        sizeBytes = itsSizeBytes;
        accounts = itsAccounts;
        if (inMemory) {
            itsAccounts.memory(itsSizeBytes);
        } else if (spilled != null) {
            itsAccounts.disk(1, itsSizeBytes, spilled.file().diskBytes());
        }
    }

    /// It is no store's any more.
    ///
    /// @return a file to be deleted, by somebody who may wait for that
    synchronized @Nullable SpillFile drop() {
        if (dropped) {
            return null;
        }
        dropped = true;
        if (accounts != null) {
            if (inMemory) {
                accounts.memory(-sizeBytes);
            } else if (spilled != null) {
                accounts.disk(-1, sizeBytes, spilled.file().diskBytes());
            }
        }
        return pins == 0 ? end() : null;
    }

    private @Nullable SpillFile end() {
        SpilledForm form = spilled;
        spilled = null;
        return form == null ? null : form.file();
    }

    /// Nobody wanted the result of a task that went straight to disk.
    void abandonUnlessStored() {
        SpillFile useless;
        synchronized (this) {
            if (accounts != null || inMemory) {
                return;
            }
            dropped = true;
            useless = end();
        }
        if (useless != null) {
            useless.delete();
        }
    }

    /// Keeps what there is of it until [#unpin], whatever its store does.
    ///
    /// @return false if it is gone
    synchronized boolean pin() {
        if (dropped && pins == 0) {
            return false;
        }
        pins++;
        return true;
    }

    /// As [#pin].
    ///
    /// @return its size if it is in memory, 0 if it is on disk, -1 if it is gone
    synchronized long pinned() {
        return pin() ? inMemory ? sizeBytes : 0 : -1;
    }

    void unpin() {
        SpillFile useless;
        synchronized (this) {
            useless = --pins == 0 && dropped ? end() : null;
        }
        if (useless != null) {
            useless.delete();
        }
    }

    /// Whether it would leave memory if it was spilled, and nobody uses it now.
    synchronized boolean canLeave() {
        return inMemory && !dropped && pins == 0 && !unspillable;
    }

    synchronized boolean isInMemory() {
        return inMemory;
    }

    synchronized long sizeBytes() {
        return sizeBytes;
    }

    synchronized @Nullable TaskKey key() {
        return key;
    }

    /// For what takes long, one thread at a time.
    private synchronized ReentrantLock work() {
        if (work == null) {
            work = new ReentrantLock();
        }
        return work;
    }

    /// Sees to it that it is on disk alone. While it is written it can be read as before.
    ///
    /// @throws io.github.daskjvm.worker.spill.DiskFullException if there is no room for it
    /// @throws IOException if it does not serialize
    void spill(SpillFolder folder) throws IOException {
        ReentrantLock lock = work();
        lock.lock();
        try {
            SpilledForm form;
            Payload bytes;
            Object object;
            long size;
            synchronized (this) {
                size = sizeBytes;
                if (!inMemory || dropped) {
                    return;
                }
                form = spilled;
                bytes = payload;
                object = value;
            }
            SpilledForm written = form != null
                    ? form
                    : bytes != null ? SpilledForm.ofPayload(bytes, folder) : SpilledForm.ofObject(object, size, folder);
            boolean useless;
            synchronized (this) {
                useless = dropped && form == null;
                if (!dropped) {
                    leave(written);
                }
            }
            if (useless) {
                written.file().delete();
            }
        } finally {
            lock.unlock();
        }
    }

    private void leave(SpilledForm form) {
        spilled = form;
        outside = payload == null && value != null ? new WeakReference<>(value) : null;
        value = null;
        payload = null;
        inMemory = false;
        if (accounts != null) {
            accounts.memory(-sizeBytes);
            accounts.disk(1, sizeBytes, form.file().diskBytes());
        }
    }

    /// Deletes the form on disk of a value that is in memory too.
    ///
    /// @return how much of the disk that freed
    long forgetCopy() {
        ReentrantLock lock = work();
        if (!lock.tryLock()) {
            return 0;
        }
        try {
            SpilledForm form;
            synchronized (this) {
                if (!inMemory || spilled == null || pins > 0) {
                    return 0;
                }
                form = spilled;
                spilled = null;
            }
            form.file().delete();
            return form.file().diskBytes();
        } finally {
            lock.unlock();
        }
    }

    /// What [JavaCodec#smallForm] has of it, if it is an object in memory.
    byte @Nullable [] smallForm() {
        Object object;
        synchronized (this) {
            if (!inMemory || payload != null) {
                return null;
            }
            object = value;
        }
        try {
            return JavaCodec.smallForm(object);
        } catch (IOException e) {
            return null;
        }
    }

    /// The object; tasks share it, and must not change it. From disk it comes back into memory, unless it is so
    /// large that nothing else would have room.
    ///
    /// @throws IOException if the bytes have no counterpart in Java, or its classes are not here
    @Nullable
    Object value(ClassLoader loader) throws IOException {
        synchronized (this) {
            if (inMemory && payload == null) {
                return value;
            }
        }
        ReentrantLock lock = work();
        lock.lock();
        try {
            Payload bytes;
            SpilledForm form;
            Object object;
            synchronized (this) {
                if (inMemory && payload == null) {
                    return value;
                }
                bytes = payload;
                form = spilled;
                object = outside == null ? null : outside.get();
            }
            if (object == null) {
                if (bytes != null) {
                    object = JavaCodec.value(bytes, loader);
                } else if (form != null) {
                    object = form.value(loader);
                } else {
                    throw new IOException("the value was dropped");
                }
            }
            synchronized (this) {
                return arrived(object);
            }
        } finally {
            lock.unlock();
        }
    }

    private @Nullable Object arrived(@Nullable Object object) {
        if (inMemory) {
            value = object;
            payload = null;
        } else if (dropped || accounts == null || accounts.isLarge(sizeBytes)) {
            outside = object == null ? null : new WeakReference<>(object);
        } else if (spilled != null) {
            value = object;
            inMemory = true;
            outside = null;
            accounts.disk(-1, sizeBytes, spilled.file().diskBytes());
            accounts.memory(sizeBytes);
        }
        return object;
    }

    /// Puts its form for the peer into the message: for one who reads Java's serialization what came as bytes stays
    /// as it came, where it can be read; for Python an object has Python's form. The pin of the caller must last
    /// until the message is written.
    ///
    /// @param read the serializers that the reader names
    /// @return bytes
    /// @throws IOException if there is no such form; nothing was put then
    long writeTo(StreamedMessage message, Collection<?> read, ClassLoader loader) throws IOException {
        SpilledForm form;
        Payload bytes;
        boolean large;
        synchronized (this) {
            form = inMemory ? null : spilled;
            bytes = payload;
            large = !unsteady && sizeBytes > STREAMED_MIN_BYTES;
        }
        boolean readsJava = read.contains(JavaCodec.SERIALIZER);
        if (form != null && isReadBy(read, form.head())) {
            form.file().check();
            message.payload(form.kind(), form.header(), form);
            return form.file().plainBytes();
        }
        if (bytes != null && isReadBy(read, bytes)) {
            message.payload(bytes);
            return bytes.sizeBytes();
        }
        Object object = value(loader);
        // A byte[] is a frame as it is.
        if (readsJava && large && !(object instanceof byte[])) {
            try {
                return streamed(SerializedFrames.of(object), message);
            } catch (NotSerializableException e) {
                // It may still have a form of its own.
            }
        }
        if (!readsJava) {
            PythonForm made = PythonWriter.form(object);
            message.payload(Payload.Kind.SERIALIZED, made.header(), made);
            return made.sizeBytes();
        }
        Payload made = JavaCodec.payload(object, read, loader);
        message.payload(made);
        return made.sizeBytes();
    }

    private static boolean isReadBy(Collection<?> read, Payload form) {
        return read.contains(JavaCodec.SERIALIZER) ? JavaCodec.isReadBy(read, form) : !JavaCodec.isJava(form);
    }

    private static long streamed(SerializedFrames frames, StreamedMessage message) {
        message.payload(Payload.Kind.SERIALIZED, frames.header(), frames);
        return Arrays.stream(frames.lengths()).sum();
    }

    /// It serialized to another length the second time: from now on it is serialized as a whole before it is sent.
    synchronized void unsteady() {
        unsteady = true;
    }
}
