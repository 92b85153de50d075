package io.github.daskjvm.monitoring.status;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Makes frames while somebody reads them, the same for all readers, and keeps the last few: a reader that is
/// behind skips what is no longer kept. A reader that does not get on with one write for long is interrupted,
/// which closes its connection. Nothing here is made once the last reader has been gone for a while.
///
/// Any thread may call. Readers wait for frames; the one thread that makes them waits for nobody.
final class Feed implements AutoCloseable {
    static final int READERS_MAX = 100;
    static final int FRAMES_KEPT = 8;

    private static final Logger LOG = LoggerFactory.getLogger("distributed.http");

    /// @param lingerMillis for how long frames are still made after the last reader has gone: a page that is loaded
    ///   again finds its minute of activity
    /// @param stallMillis how long one write may take
    /// @param intervalMillis from frame to frame
    /// @param bytesPerSecond that one reader is sent at most
    record Limits(long lingerMillis, long stallMillis, long intervalMillis, int bytesPerSecond) {
        static final Limits USUAL = new Limits(30_000, 15_000, 500, ByteBudget.BYTES_PER_SECOND);
    }

    /// @param sequence grows by one from frame to frame
    record Frame(long sequence, List<FrameMaker.Message> messages) {}

    private final StatusSource source;
    private final History history;
    private final Limits limits;
    private final Set<Reader> readers = new LinkedHashSet<>();
    private final Deque<Frame> frames = new ArrayDeque<>();
    private @Nullable FrameMaker maker;
    private List<FrameMaker.Message> first = List.of();
    private long firstSequence = -1;
    private long sequence;
    private long made;
    private boolean closed;
    /// Of the time that frames have been made in one go; ids of frames of an earlier one mean nothing any more.
    private String run = "";
    private long runs;
    private long generation;

    Feed(StatusSource source, History history, Limits limits) {
        this.source = source;
        this.history = history;
        this.limits = limits;
    }

    /// One page's place in the feed; used by the thread that writes to it.
    final class Reader implements AutoCloseable {
        private final Thread thread = Thread.currentThread();
        private long seen = -1;
        private String of = "";
        /// When the present write began; 0 while there is none.
        private long writingSinceNanos;

        /// What the page is to be sent first: nothing, if it can go on from where it was.
        ///
        /// @param lastId of the last frame it had, as [#id] gives it; null if none
        List<FrameMaker.Message> first(@Nullable String lastId) throws InterruptedException {
            synchronized (Feed.this) {
                while (frames.isEmpty() && !closed) {
                    Feed.this.wait();
                }
                of = run;
                Frame last = frames.peekLast();
                if (last == null || maker == null) {
                    return List.of();
                }
                for (Frame kept : frames) {
                    if (id(kept).equals(lastId)) {
                        seen = kept.sequence;
                        return List.of();
                    }
                }
                if (firstSequence != last.sequence) {
                    first = maker.first(now());
                    firstSequence = last.sequence;
                }
                seen = last.sequence;
                return first;
            }
        }

        /// The next frame, waiting for it; null when the feed is closed, or what comes now does not go on from what the
        /// page has.
        @Nullable
        Frame next() throws InterruptedException {
            synchronized (Feed.this) {
                while (!closed && of.equals(run)) {
                    for (Frame frame : frames) {
                        if (frame.sequence > seen) {
                            seen = frame.sequence;
                            return frame;
                        }
                    }
                    Feed.this.wait();
                }
                return null;
            }
        }

        String id(Frame frame) {
            return run + "-" + frame.sequence;
        }

        void writing(boolean begins) {
            synchronized (Feed.this) {
                writingSinceNanos = begins ? System.nanoTime() | 1 : 0;
            }
        }

        @Override
        public void close() {
            synchronized (Feed.this) {
                readers.remove(this);
                // An interruption meant for the write that has just ended.
                Thread.interrupted();
            }
        }
    }

    Limits limits() {
        return limits;
    }

    /// @return null if there are too many readers
    synchronized @Nullable Reader open() {
        if (closed || readers.size() >= READERS_MAX) {
            return null;
        }
        var reader = new Reader();
        readers.add(reader);
        if (maker == null) {
            begin();
            Thread.ofVirtual().name("status-frames").start(this::run);
        }
        return reader;
    }

    private void begin() {
        generation = source.generation();
        maker = new FrameMaker(source, history, now());
        run = Long.toString(System.currentTimeMillis(), 36) + "." + runs++;
    }

    synchronized int readers() {
        return readers.size();
    }

    /// Frames ever made.
    synchronized long made() {
        return made;
    }

    private void run() {
        long idleSince = 0;
        try {
            while (true) {
                long started = System.nanoTime();
                synchronized (this) {
                    if (!readers.isEmpty()) {
                        idleSince = 0;
                    } else if (idleSince == 0) {
                        idleSince = started;
                    }
                    if (closed || idleSince != 0 && started - idleSince > limits.lingerMillis * 1_000_000) {
                        stop();
                        return;
                    }
                    interruptStalled(started);
                    make();
                }
                Thread.sleep(limits.intervalMillis);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void make() {
        FrameMaker present = maker;
        if (present == null) {
            return;
        }
        try {
            if (source.generation() != generation) {
                stop();
                begin();
                notifyAll();
                present = Objects.requireNonNull(maker);
            }
            frames.addLast(new Frame(++sequence, present.frame(now())));
        } catch (RuntimeException e) {
            // A page without news is better than none for good.
            LOG.error("a frame of the live page failed", e);
            return;
        }
        made++;
        if (frames.size() > FRAMES_KEPT) {
            frames.removeFirst();
        }
        notifyAll();
    }

    private void interruptStalled(long now) {
        for (Reader reader : readers) {
            if (reader.writingSinceNanos != 0 && now - reader.writingSinceNanos > limits.stallMillis * 1_000_000) {
                reader.thread.interrupt();
            }
        }
    }

    private void stop() {
        if (maker != null) {
            maker.end();
        }
        maker = null;
        frames.clear();
        first = List.of();
        firstSequence = -1;
    }

    @Override
    public synchronized void close() {
        closed = true;
        notifyAll();
    }

    static double now() {
        return System.currentTimeMillis() / 1e3;
    }
}
