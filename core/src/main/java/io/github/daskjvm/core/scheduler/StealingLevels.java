package io.github.daskjvm.core.scheduler;

/// How dear it is to move a task, in fifteen levels: the time to transfer its inputs by the time it takes to run.
/// What is cheap is stolen first, what is too dear never. Source: Dask's `WorkStealing.steal_time_ratio`.
final class StealingLevels {
    /// Level 0 is for tasks without inputs; the others are powers of two.
    static final int COUNT = 15;

    /// For a task that is not to be stolen.
    static final int NEVER = -1;

    /// What a steal costs beside the bytes, in seconds: three messages and a start elsewhere. Generous, so that
    /// small tasks stay where they are.
    private static final double LATENCY_SECONDS = 0.1;

    private static final double LOG_2 = Math.log(2);

    /// By level: steal requests ever sent, and what these tasks were expected to take, in seconds.
    final long[] requests = new long[COUNT];

    final double[] costSeconds = new double[COUNT];

    /// The label of a level in metrics.
    static double multiplier(int level) {
        return level == 0 ? 1 : 1 + Math.scalb(1.0, level - 6);
    }

    /// @param inputBytes of all inputs, wherever they are
    /// @param computeSeconds what the task is expected to take
    /// @return [#NEVER] if it is too dear to move
    static int of(boolean hasInputs, long inputBytes, double computeSeconds, double bandwidthBytesPerSecond) {
        if (!hasInputs) {
            return 0;
        }
        if (!(computeSeconds > 0)) {
            return NEVER;
        }
        double transferSeconds = inputBytes / bandwidthBytesPerSecond + LATENCY_SECONDS;
        long level = Math.round(Math.log(transferSeconds / computeSeconds) / LOG_2 + 6);
        return level >= COUNT ? NEVER : (int) Math.max(level, 1);
    }

    void count(int level, double seconds) {
        requests[level]++;
        costSeconds[level] += seconds;
    }
}
