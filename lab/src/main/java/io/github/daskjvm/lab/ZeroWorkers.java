package io.github.daskjvm.lab;

import io.github.daskjvm.comm.RpcFailure;
import io.github.daskjvm.comm.RpcPool;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// A process of many [ZeroWorker]s, with their heartbeats. What the scheduler asks them by calls of its own, such as to
/// unpack a graph, a stock worker answers that has nothing else to do: calls are passed on to it byte by byte, and
/// what they cost is its processor time. Prints a line when all have joined, and ends with its input.
final class ZeroWorkers {
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    /// What Dask's schedulers ask of a thousand workers.
    private static final Duration HEARTBEAT = Duration.ofSeconds(5);

    private ZeroWorkers() {}

    /// `SCHEDULER HELPER-HOST HELPER-PORT COUNT RESULT-BYTES SILENT THREADS`
    public static void main(String[] arguments) throws Exception {
        String scheduler = arguments[0];
        int count = Integer.parseInt(arguments[3]);
        long resultBytes = Long.parseLong(arguments[4]);
        boolean silent = Boolean.parseBoolean(arguments[5]);
        int threads = Integer.parseInt(arguments[6]);
        var server = new ServerSocket(0, 1024, InetAddress.getByName("0.0.0.0"));
        Thread.ofVirtual().start(() -> relay(server, arguments[1], Integer.parseInt(arguments[2])));
        List<ZeroWorker> workers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            // Every address that begins with 127 is this machine's own.
            String address = "tcp://127.1.%d.%d:%d".formatted(i / 250, 1 + i % 250, server.getLocalPort());
            var worker = new ZeroWorker(scheduler, address, threads, resultBytes, silent);
            workers.add(worker);
            Thread.ofVirtual().start(() -> serve(worker));
        }
        Thread.ofPlatform().daemon().start(() -> beat(scheduler, workers));
        System.out.println("ready");
        System.in.transferTo(OutputStream.nullOutputStream());
        Runtime.getRuntime().halt(0);
    }

    private static void serve(ZeroWorker worker) {
        try {
            worker.serve();
        } catch (IOException e) {
            System.err.println("a worker's stream ended: " + e);
        }
    }

    private static void beat(String scheduler, List<ZeroWorker> workers) {
        try (var pool = new RpcPool(null, TIMEOUT)) {
            while (true) {
                for (ZeroWorker worker : workers) {
                    Thread.sleep(HEARTBEAT.dividedBy(workers.size()));
                    pool.call(scheduler, worker.heartbeat(), TIMEOUT);
                }
            }
        } catch (IOException | RpcFailure | InterruptedException e) {
            System.err.println("no more heartbeats: " + e);
        }
    }

    private static void relay(ServerSocket server, String host, int port) {
        while (true) {
            try {
                Socket asking = server.accept();
                var answering = new Socket(host, port);
                Thread.ofVirtual().start(() -> copy(asking, answering));
                Thread.ofVirtual().start(() -> copy(answering, asking));
            } catch (IOException e) {
                System.err.println("a call was not passed on: " + e);
            }
        }
    }

    private static void copy(Socket from, Socket to) {
        try (from;
                to) {
            InputStream in = from.getInputStream();
            in.transferTo(to.getOutputStream());
        } catch (IOException ended) {
            // One end has closed, so the other one is.
        }
    }
}
