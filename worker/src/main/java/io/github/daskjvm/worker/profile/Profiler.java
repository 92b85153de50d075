package io.github.daskjvm.worker.profile;

import java.time.Duration;
import java.util.Collection;
import java.util.function.BooleanSupplier;
import java.util.function.DoubleConsumer;
import java.util.function.Supplier;

/// Looks at the stacks of the tasks that run, from time to time, on a thread of its own. A stack is taken where the JVM
/// can stop a thread, so what it shows is near to where the time goes, not exact. While nothing runs it looks for tasks
/// ten times a second only.
public final class Profiler implements Runnable {
    private static final Duration IDLE_INTERVAL = Duration.ofMillis(100);
    /// Looks without a task until it counts as idle.
    private static final int IDLE_LOOKS = 100;

    private final ProfileSettings settings;
    private final Supplier<? extends Collection<? extends Running>> tasks;
    private final ProfileHistory history;
    private final DoubleConsumer onDuration;
    private final BooleanSupplier ended;

    /// @param tasks those that run now
    /// @param onDuration told of each look how long it took, in seconds
    /// @param ended whether to stop
    public Profiler(
            ProfileSettings settings,
            Supplier<? extends Collection<? extends Running>> tasks,
            ProfileHistory history,
            DoubleConsumer onDuration,
            BooleanSupplier ended) {
        this.settings = settings;
        this.tasks = tasks;
        this.history = history;
        this.onDuration = onDuration;
        this.ended = ended;
    }

    /// Returns when it has ended.
    @Override
    public void run() {
        if (!settings.enabled()) {
            return;
        }
        Duration idle = settings.interval().compareTo(IDLE_INTERVAL) > 0 ? settings.interval() : IDLE_INTERVAL;
        long cycleStartNanos = System.nanoTime();
        int idleLooks = 0;
        try {
            while (!ended.getAsBoolean()) {
                Thread.sleep(idleLooks < IDLE_LOOKS ? settings.interval() : idle);
                idleLooks = look() ? 0 : Math.min(idleLooks + 1, IDLE_LOOKS);
                if (System.nanoTime() - cycleStartNanos >= settings.cycle().toNanos()) {
                    history.endCycle(System.currentTimeMillis() / 1e3);
                    cycleStartNanos = System.nanoTime();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// @return whether there was a task to look at
    private boolean look() {
        long startNanos = 0;
        for (Running task : tasks.get()) {
            if (startNanos == 0) {
                startNanos = System.nanoTime();
            }
            StackTraceElement[] stack = task.stackTrace();
            if (stack.length > 0) {
                history.add(task.key().prefix(), stack);
            }
        }
        if (startNanos == 0) {
            return false;
        }
        onDuration.accept((System.nanoTime() - startNanos) / 1e9);
        return true;
    }
}
