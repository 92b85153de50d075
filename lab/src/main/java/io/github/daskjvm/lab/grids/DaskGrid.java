package io.github.daskjvm.lab.grids;

import io.github.daskjvm.cli.DaskJvm;
import io.github.daskjvm.client.Client;
import io.github.daskjvm.client.Future;
import io.github.daskjvm.client.SchedulerInfo;
import io.github.daskjvm.client.TaskOptions;
import io.github.daskjvm.client.TaskSubmitter;
import io.github.daskjvm.worker.task.SerializableCallable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/// dask-jvm. The scheduler is in the first member's process, so that there are as many processes as the others have;
/// it and the workers are started as the command line starts them, with their pages.
final class DaskGrid implements Grid {
    private final Client client;
    private final List<TaskSubmitter> members = new ArrayList<>();

    private DaskGrid(Client client) {
        this.client = client;
    }

    static DaskGrid client(int port, int memberCount) throws Exception {
        Client client = Client.connect(address(port));
        client.waitForWorkers(memberCount, Duration.ofMinutes(1));
        var grid = new DaskGrid(client);
        for (SchedulerInfo.WorkerInfo worker : client.schedulerInfo().workers()) {
            grid.members.add(client.with(TaskOptions.DEFAULT.workers(worker.address())));
        }
        return grid;
    }

    private static String address(int port) {
        return "tcp://127.0.0.1:" + port;
    }

    static void member(int port, int number, int threads) {
        if (number == 0) {
            command("scheduler", "--host", "127.0.0.1", "--port", "" + port, "--dashboard-address", "127.0.0.1:0");
        }
        // No nanny: it would have the worker in a process of its own, which nobody measures.
        command("worker", address(port), "--nthreads", "" + threads, "--no-nanny");
    }

    private static void command(String... words) {
        Thread.ofPlatform().name(words[0]).start(() -> {
            try {
                DaskJvm.main(words);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    private record Echo(int value) implements SerializableCallable<Integer> {
        @Override
        public Integer call() {
            return value;
        }
    }

    @Override
    public long batch(int tasks) throws Exception {
        var values = new ArrayList<Integer>(tasks);
        for (int i = 0; i < tasks; i++) {
            values.add(i);
        }
        return sum(client.map(value -> value, values));
    }

    @Override
    public long submitted(int tasks) throws Exception {
        var futures = new ArrayList<Future<Integer>>(tasks);
        for (int i = 0; i < tasks; i++) {
            futures.add(client.submit(new Echo(i)));
        }
        return sum(futures);
    }

    private long sum(List<Future<Integer>> futures) throws Exception {
        long sum = 0;
        for (int value : client.gather(futures)) {
            sum += value;
        }
        futures.forEach(Future::close);
        return sum;
    }

    @Override
    public int roundTrip(int value) throws Exception {
        try (Future<Integer> future = client.submit(new Echo(value))) {
            return future.get();
        }
    }

    @Override
    public CompletableFuture<Long> tree(Tree tree) {
        int sizeBytes = tree.sizeBytes();
        var level = new ArrayList<Future<byte[]>>();
        var all = new ArrayList<Future<?>>();
        for (int i = 0; i < tree.leaves(); i++) {
            int index = i;
            level.add(member(i).submit(() -> Tree.leaf(index, sizeBytes)));
        }
        while (level.size() > 1) {
            var next = new ArrayList<Future<byte[]>>();
            for (int i = 0; i < level.size(); i += 2) {
                next.add(member(i / 2).submit(Tree::add, level.get(i), level.get(i + 1)));
            }
            all.addAll(level);
            level = next;
        }
        all.addAll(level);
        Future<Long> total = member(0).submit(Tree::total, level.getFirst());
        // What no future refers to is freed as soon as nothing needs it.
        all.forEach(Future::close);
        return total.toCompletableFuture().whenComplete((value, failure) -> total.close());
    }

    private TaskSubmitter member(int index) {
        return members.get(index % members.size());
    }

    @Override
    public void close() {
        client.close();
    }
}
