package io.github.daskjvm.examples.montecarlo;

import io.github.daskjvm.client.ActorHandle;
import io.github.daskjvm.client.Client;
import io.github.daskjvm.client.Future;
import io.github.daskjvm.client.LocalCluster;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ExecutionException;

/// Simulates until the standard error is small enough. The samples stay small and go from the tasks straight to the
/// actor; this program only sees, of each task, whether it was the one after which it is enough.
public final class MonteCarlo {
    private static final int PATHS_A_TASK = 100_000;

    private MonteCarlo() {}

    /// @param standardErrorMax in the option's currency
    /// @param tasksAtOnce a few more than the cluster has threads
    public static Sample price(Client client, Option option, double standardErrorMax, int tasksAtOnce)
            throws InterruptedException, ExecutionException {
        Estimate estimate = client.actor(Estimate.class, () -> new RunningEstimate(standardErrorMax));
        try (var handle = ActorHandle.of(estimate)) {
            Deque<Future<Boolean>> underWay = new ArrayDeque<>();
            boolean enough = false;
            for (long seed = 1; !enough; seed++) {
                long own = seed;
                underWay.add(client.submit(() -> estimate.add(option.sample(own, PATHS_A_TASK))));
                if (underWay.size() == tasksAtOnce) {
                    try (Future<Boolean> first = underWay.remove()) {
                        enough = first.get();
                    }
                }
            }
            underWay.forEach(Future::close);
            return estimate.total();
        }
    }

    /// Prices one option on a cluster of its own.
    public static void main(String[] arguments) throws Exception {
        try (LocalCluster cluster = LocalCluster.builder().workers(2).start();
                Client client = cluster.client()) {
            Sample total = price(client, new Option(100, 100, 0.05, 0.2, 1), 0.01, 8);
            System.out.printf(
                    "%.3f, give or take %.3f, after %,d paths%n", total.mean(), total.standardError(), total.count());
        }
    }
}
