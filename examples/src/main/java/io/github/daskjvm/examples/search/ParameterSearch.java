package io.github.daskjvm.examples.search;

import io.github.daskjvm.client.Arg;
import io.github.daskjvm.client.AsCompleted;
import io.github.daskjvm.client.Client;
import io.github.daskjvm.client.Future;
import io.github.daskjvm.client.LocalCluster;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.ExecutionException;

/// Looks for the parameters of a model that fit best: trials run on the cluster, and are looked at in the order
/// in which they are done. Each good one is refined by further trials near to it; once one is good enough, the
/// rest is cancelled.
///
/// The model is `y = a·x + b` over scattered data, its loss the mean squared error.
public final class ParameterSearch {
    private ParameterSearch() {}

    /// What is tried.
    record Parameters(double a, double b) implements Serializable {
        /// Another one, at most so far away in each direction.
        Parameters near(Random random, double distance) {
            return new Parameters(
                    a + distance * (2 * random.nextDouble() - 1), b + distance * (2 * random.nextDouble() - 1));
        }
    }

    /// A trial's result.
    record Trial(Parameters parameters, double loss) implements Serializable {}

    /// What a search came to.
    ///
    /// @param tried trials that were done
    /// @param cancelled trials that were not, when it stopped
    record Outcome(Trial best, int tried, int cancelled) {}

    /// Runs on a worker.
    static Trial evaluate(Parameters parameters, double[][] points) {
        double sum = 0;
        for (double[] point : points) {
            double error = parameters.a * point[0] + parameters.b - point[1];
            sum += error * error;
        }
        return new Trial(parameters, sum / points.length);
    }

    /// @param goodEnough the loss at which the search stops
    /// @param triesMax how many trials at most
    static Outcome search(Client client, double[][] points, double goodEnough, int triesMax, long seed)
            throws IOException, InterruptedException, ExecutionException {
        var random = new Random(seed);
        // On the workers once, not with every trial.
        Future<double[][]> data = client.scatter(points);
        List<Future<Trial>> first = new ArrayList<>();
        for (int i = 0; i < 32; i++) {
            first.add(trial(client, new Parameters(0, 0).near(random, 10), data));
        }
        AsCompleted<Future<Trial>> trials = client.asCompleted(first);
        Trial best = new Trial(new Parameters(0, 0), Double.POSITIVE_INFINITY);
        int submitted = first.size();
        int tried = 0;
        for (Future<Trial> done : trials) {
            Trial trial = done.get();
            tried++;
            if (trial.loss < best.loss) {
                best = trial;
                if (best.loss <= goodEnough) {
                    break;
                }
            }
            if (submitted < triesMax) {
                trials.add(trial(client, best.parameters.near(random, Math.sqrt(best.loss)), data));
                submitted++;
            }
        }
        List<Future<Trial>> rest = trials.notDone();
        client.cancel(rest);
        return new Outcome(best, tried, rest.size());
    }

    private static Future<Trial> trial(Client client, Parameters parameters, Future<double[][]> data) {
        return client.submit(ParameterSearch::evaluate, Arg.value(parameters), data);
    }

    /// Points on the line `y = 3·x - 2`.
    static double[][] line(int count) {
        double[][] points = new double[count][];
        for (int i = 0; i < count; i++) {
            double x = (double) i / count;
            points[i] = new double[] {x, 3 * x - 2};
        }
        return points;
    }

    /// Searches on a cluster in this process.
    public static void main(String[] args) throws IOException, InterruptedException, ExecutionException {
        try (LocalCluster cluster = LocalCluster.builder().workers(2).start();
                Client client = cluster.client()) {
            Outcome outcome = search(client, line(10_000), 0.001, 5_000, 1);
            System.out.printf(
                    Locale.ROOT,
                    "a = %.2f, b = %.2f, loss %.4f after %d trials; %d were cancelled%n",
                    outcome.best.parameters.a,
                    outcome.best.parameters.b,
                    outcome.best.loss,
                    outcome.tried,
                    outcome.cancelled);
        }
    }
}
