package io.github.daskjvm.worker;

import io.github.daskjvm.worker.spill.SpillTimes;
import org.jspecify.annotations.Nullable;

/// What an answer to a peer took.
///
/// @param serializeSeconds until there was something to send, without the time for the disk
/// @param networkSeconds from then on until the peer had it, likewise
/// @param memoryReads values that were in memory
/// @param spilled read from disk before anything was sent
/// @param spilledWhileSent read from disk as it was sent
record SentTimes(
        double serializeSeconds,
        double networkSeconds,
        MemoryReads memoryReads,
        @Nullable SpillTimes spilled,
        @Nullable SpillTimes spilledWhileSent) {

    /// @param preparedSeconds until there was something to send
    /// @param sentSeconds from then on until the peer had it
    static SentTimes of(
            double preparedSeconds,
            double sentSeconds,
            MemoryReads memoryReads,
            @Nullable SpillTimes spilled,
            @Nullable SpillTimes spilledWhileSent) {
        return new SentTimes(
                Math.max(0, preparedSeconds - onDisk(spilled)),
                Math.max(0, sentSeconds - onDisk(spilledWhileSent)),
                memoryReads,
                spilled,
                spilledWhileSent);
    }

    private static double onDisk(@Nullable SpillTimes times) {
        return times == null ? 0 : times.inSeconds() + times.outSeconds();
    }
}
