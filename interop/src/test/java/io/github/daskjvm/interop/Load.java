package io.github.daskjvm.interop;

import io.github.daskjvm.client.Client;
import io.github.daskjvm.client.Future;
import io.github.daskjvm.client.TaskOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;

/// A client that keeps the JVM workers `w0` and `w1` busy, with results that go from one to the other, with tasks that
/// fail, and with many short ones, until it is closed.
final class Load implements AutoCloseable {
    private final Client client;
    private final Thread thread;
    private volatile boolean closed;

    Load(String scheduler) throws Exception {
        client = Client.connect(scheduler);
        thread = Thread.ofVirtual().start(this::run);
    }

    private void run() {
        try {
            while (!closed) {
                round();
            }
        } catch (Exception e) {
            if (!closed) {
                throw new AssertionError("the load broke off", e);
            }
        }
    }

    private void round() throws Exception {
        List<Integer> numbers = IntStream.range(0, 10).boxed().toList();
        List<Future<?>> futures = new ArrayList<>();
        TaskOptions there = TaskOptions.DEFAULT.workers("w1");
        for (Future<byte[]> block :
                client.with(TaskOptions.DEFAULT.workers("w0")).map(x -> new byte[300_000 + x], numbers)) {
            futures.add(block);
            futures.add(client.with(there).submit(bytes -> bytes.length, block));
        }
        futures.addAll(client.map(x -> x + 1, IntStream.range(0, 300).boxed().toList()));
        futures.add(client.submit(Load::fails));
        for (Future<?> future : futures) {
            try {
                future.get();
            } catch (ExecutionException e) {
                // One is meant to.
            }
        }
        futures.forEach(Future::close);
    }

    private static int fails() {
        throw new IllegalStateException("meant to fail");
    }

    @Override
    public void close() throws InterruptedException {
        closed = true;
        client.close();
        thread.join();
    }
}
