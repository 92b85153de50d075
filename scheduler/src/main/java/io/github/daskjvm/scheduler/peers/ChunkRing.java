package io.github.daskjvm.scheduler.peers;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/// The last things of an endless row, in chunks that are replaced as a whole and never overwritten: readers need no
/// lock and no writer waits for one. Any thread may read; writers must exclude each other.
final class ChunkRing<C extends ChunkRing.Chunk> {
    /// Things in a chunk.
    static final int CHUNK = 1 << 10;

    /// Holds the things from `first` on; those before [#size] are in their places for good.
    abstract static class Chunk {
        final long first;
        private final AtomicInteger size = new AtomicInteger();

        Chunk(long first) {
            this.first = first;
        }
    }

    private final AtomicReferenceArray<@Nullable C> chunks;
    private final LongFunction<C> maker;
    private final AtomicLong total = new AtomicLong();

    /// @param length that are kept at least
    ChunkRing(int length, LongFunction<C> maker) {
        chunks = new AtomicReferenceArray<>(Math.max(1, (length + CHUNK - 1) / CHUNK) + 1);
        this.maker = maker;
    }

    /// The place in its chunk of the thing of that index.
    static int place(long index) {
        return (int) (index % CHUNK);
    }

    private int slot(long index) {
        return (int) (index / CHUNK % chunks.length());
    }

    /// For a writer: where the next thing goes, at the place of [#total].
    C open() {
        long index = total();
        C chunk = chunks.get(slot(index));
        if (chunk == null || chunk.first != index - place(index)) {
            chunk = maker.apply(index - place(index));
            chunks.set(slot(index), chunk);
        }
        return chunk;
    }

    /// For a writer: the next thing is in its place. The writer does not wait until readers see it.
    void added(C open) {
        Chunk chunk = open;
        long index = total.getPlain();
        chunk.size.setRelease(place(index) + 1);
        total.setRelease(index + 1);
    }

    /// The index of the next thing.
    long total() {
        return total.getAcquire();
    }

    /// The index of the oldest that is surely kept for a while yet.
    long oldest() {
        return Math.max(0, total() - (long) (chunks.length() - 1) * CHUNK);
    }

    /// The chunk that has the thing of that index; null if it is not kept.
    @Nullable
    C holding(long index) {
        C chunk = chunks.get(slot(index));
        if (chunk == null || chunk.first != index - place(index)) {
            return null;
        }
        Chunk read = chunk;
        return place(index) < read.size.getAcquire() ? chunk : null;
    }

    /// For a writer: forgets everything; the next thing begins a chunk.
    void drop() {
        for (int i = 0; i < chunks.length(); i++) {
            chunks.set(i, null);
        }
        total.set((total() + CHUNK - 1) / CHUNK * CHUNK);
    }
}
