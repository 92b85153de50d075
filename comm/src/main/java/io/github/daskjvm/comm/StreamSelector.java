package io.github.daskjvm.comm;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Streams that one thread reads and writes without ever waiting for a peer: the thread that calls [#select], the
/// owner. A message costs no other thread a wake-up, which on its way through a thread per stream would cost more
/// than everything else that is done with it.
public final class StreamSelector implements AutoCloseable {
    /// How long [BatchedStream#flushSoon] waits at most, if few streams wait.
    private static final long SOON_NANOS = 10_000_000;
    /// So much longer for each other stream that waits: a thousand that have a little to send all the time take no
    /// more than 10,000 writes a second.
    private static final long SOON_EACH_NANOS = 100_000;

    private static final long SOON_MAX_NANOS = 100_000_000;
    /// So long may what is due wait for a message that comes anyway, instead of for a wake-up of its own.
    private static final long SLACK_NANOS = 2_000_000;

    private final Selector selector;
    /// For [#pause], with the streams that end one. It sleeps by the code that [#select] goes on with, which is in the
    /// processor's caches then; a thread that is parked takes other ways there and back.
    private final Selector pauses;

    private final ReentrantLock lock = new ReentrantLock();
    /// For the owner to do, by other threads.
    private Deque<Runnable> tasks = new ArrayDeque<>();

    private boolean closed;
    private volatile @Nullable Thread owner;
    /// Streams that have not ended. The selector's own keys are not enough: one goes as soon as anybody closes the
    /// socket.
    private final Set<SelectedStream> open = ConcurrentHashMap.newKeySet();

    // The owner's own, from here on.
    private Deque<Runnable> tasksInHand = new ArrayDeque<>();
    private final List<SelectedStream> toWrite = new ArrayList<>();
    /// Streams whose interval has not passed since they were written last.
    private final List<SelectedStream> resting = new ArrayList<>();
    /// Streams to be flushed soon, the first one first.
    private final LinkedHashSet<SelectedStream> soon = new LinkedHashSet<>();

    private final Consumer<SelectionKey> ready = this::ready;
    /// When the first stream was ready in the present [#select]; 0 if none was.
    private long readingSinceNanos;

    private long readNanos;
    /// A socket stays open until no selector knows it, so that [#pauses] must be told, and there may be no pause for
    /// long.
    private boolean pausesKnowEnded;

    private final ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 16).order(ByteOrder.LITTLE_ENDIAN);

    public StreamSelector() {
        try {
            selector = Selector.open();
            pauses = Selector.open();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Takes over reading and writing from the threads that did so until now.
    ///
    /// @param connection must come from an [RpcServer] and not be `tls`, see [Connection#isSelectable]
    /// @param interval at least so long from one batch to the next; a batch after a longer pause leaves at once
    /// @throws IOException if the connection is closed already
    public SelectedStream attach(Connection connection, Duration interval) throws IOException {
        var stream = new SelectedStream(connection, this, interval);
        connection.attach(stream);
        open.add(stream);
        execute(stream::register);
        return stream;
    }

    Selector selector() {
        return selector;
    }

    Selector pauses() {
        return pauses;
    }

    void hasEnded(SelectedStream stream) {
        open.remove(stream);
        pausesKnowEnded = true;
    }

    /// The owner does it soon; after [#close], the caller at once.
    void execute(Runnable task) {
        boolean now;
        lock.lock();
        try {
            now = closed;
            if (!now) {
                tasks.add(task);
            }
        } finally {
            lock.unlock();
        }
        if (now) {
            task.run();
        } else if (Thread.currentThread() != owner) {
            endPause();
            wakeup();
        }
    }

    /// Has the stream written at the next [#flush].
    void toWrite(SelectedStream stream) {
        if (Thread.currentThread() == owner) {
            toWrite.add(stream);
        } else {
            execute(() -> toWrite.add(stream));
        }
    }

    /// Ends the owner's wait in [#select], or the next one. Any thread may call.
    public void wakeup() {
        selector.wakeup();
    }

    /// Lets time pass in which no stream is looked at, unless one that [ends pauses][SelectedStream#endPauses] has
    /// something or another thread wants something of one. By the owner.
    ///
    /// @param nanos positive; whole milliseconds of it are waited, but at least one
    /// @throws UncheckedIOException if the system gives out
    public void pause(long nanos) {
        try {
            pauses.select(key -> {}, Math.max(1, nanos / 1_000_000));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Ends the owner's [#pause], or the next one. Any thread may call.
    public void endPause() {
        pauses.wakeup();
    }

    /// Reads what has come from all peers and delivers it; waits until something comes if nothing has.
    ///
    /// @param nanos how long to wait at most; not at all if not positive, for ever if `Long.MAX_VALUE`
    /// @throws UncheckedIOException if the system gives out
    public void select(long nanos) {
        owner = Thread.currentThread();
        try {
            long wait = Math.min(nanos, nanosUntilDue());
            if (wait <= 0) {
                selector.selectNow(ready);
            } else if (wait == Long.MAX_VALUE) {
                selector.select(ready);
            } else {
                selector.select(ready, Math.max(1, (wait + 999_999) / 1_000_000));
            }
            if (pausesKnowEnded) {
                pausesKnowEnded = false;
                pauses.selectNow(key -> {});
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (readingSinceNanos != 0) {
            readNanos += System.nanoTime() - readingSinceNanos;
            readingSinceNanos = 0;
        }
        runTasks();
    }

    /// Time that streams were read and written in [#select] since this was called last, without waiting for them.
    public long takeReadNanos() {
        long nanos = readNanos;
        readNanos = 0;
        return nanos;
    }

    /// For one read or write, empty.
    ByteBuffer buffer() {
        return buffer.clear();
    }

    void flushSoon(SelectedStream stream) {
        if (stream.flushAtNanos == 0) {
            stream.flushAtNanos =
                    System.nanoTime() + Math.min(SOON_NANOS + SOON_EACH_NANOS * soon.size(), SOON_MAX_NANOS);
            soon.add(stream);
        }
    }

    private void noLongerSoon(SelectedStream stream) {
        if (stream.flushAtNanos != 0) {
            stream.flushAtNanos = 0;
            soon.remove(stream);
        }
    }

    private void ready(SelectionKey key) {
        if (readingSinceNanos == 0) {
            readingSinceNanos = System.nanoTime();
        }
        ((SelectedStream) key.attachment()).ready();
    }

    private void runTasks() {
        lock.lock();
        try {
            Deque<Runnable> empty = tasksInHand;
            tasksInHand = tasks;
            tasks = empty;
        } finally {
            lock.unlock();
        }
        for (Runnable task = tasksInHand.poll(); task != null; task = tasksInHand.poll()) {
            task.run();
        }
    }

    private long nanosUntilDue() {
        long wait = Long.MAX_VALUE;
        if (!resting.isEmpty() || !soon.isEmpty()) {
            long now = System.nanoTime();
            if (!soon.isEmpty()) {
                wait = soon.getFirst().flushAtNanos - now + SLACK_NANOS;
            }
            for (SelectedStream stream : resting) {
                wait = Math.min(wait, stream.restsForNanos(now) + SLACK_NANOS);
            }
        }
        return wait;
    }

    /// Writes what was flushed, as far as the peers take it; the rest leaves during [#select].
    public void flush() {
        if (resting.isEmpty() && soon.isEmpty() && toWrite.isEmpty()) {
            return;
        }
        long now = System.nanoTime();
        while (!soon.isEmpty() && soon.getFirst().flushAtNanos - now <= 0) {
            SelectedStream first = soon.getFirst();
            noLongerSoon(first);
            first.flush();
        }
        toWrite.addAll(resting);
        resting.clear();
        for (SelectedStream stream : toWrite) {
            if (stream.restsForNanos(now) > 0 && !stream.isClosing()) {
                resting.add(stream);
            } else {
                noLongerSoon(stream);
                stream.write(now);
            }
        }
        toWrite.clear();
    }

    /// Ends every stream. By the owner, or when there is none any more.
    @Override
    public void close() {
        lock.lock();
        closed = true;
        lock.unlock();
        runTasks();
        for (SelectedStream stream : open) {
            stream.ended(new IOException("the streams are closed"));
        }
        try {
            pauses.close();
            selector.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
