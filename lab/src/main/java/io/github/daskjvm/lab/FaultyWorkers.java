package io.github.daskjvm.lab;

import io.github.daskjvm.worker.Worker;
import io.github.daskjvm.worker.WorkerOptions;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/// JVM workers, to which no Python task is given, and whose pages are not as they should be: some never answer, some
/// answer with garbage, some with a gigabyte.
final class FaultyWorkers implements AutoCloseable {
    private static final int OF_EACH_KIND = 2;
    private static final byte[] HEAD = "HTTP/1.1 200 OK\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private final List<ServerSocket> servers = new ArrayList<>();
    private final List<Socket> accepted = new CopyOnWriteArrayList<>();
    private final List<Worker> workers = new ArrayList<>();

    private interface Answer {
        void to(OutputStream out) throws IOException;
    }

    /// @param scheduler its address
    FaultyWorkers(String scheduler) throws IOException {
        int hangs = serve(out -> {});
        int garbage = serve(out -> {
            out.write(HEAD);
            out.write("<html>{}{} 1 2 3\n".repeat(1000).getBytes(StandardCharsets.US_ASCII));
            out.close();
        });
        int gigabyte = serve(out -> {
            out.write(HEAD);
            byte[] chunk = "# nothing\n".repeat(6000).getBytes(StandardCharsets.US_ASCII);
            for (long sent = 0; sent < 1L << 30; sent += chunk.length) {
                out.write(chunk);
            }
            out.close();
        });
        for (int i = 0; i < OF_EACH_KIND; i++) {
            for (int port : new int[] {hangs, garbage, gigabyte}) {
                workers.add(Worker.start(WorkerOptions.builder(scheduler)
                        .host("127.0.0.1")
                        .nthreads(1)
                        .services(Map.of("dashboard", port))
                        .build()));
            }
        }
    }

    private int serve(Answer answer) throws IOException {
        var server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        servers.add(server);
        Thread.ofVirtual().start(() -> {
            while (!server.isClosed()) {
                try {
                    Socket socket = server.accept();
                    accepted.add(socket);
                    Thread.ofVirtual().start(() -> answer(socket, answer));
                } catch (IOException closed) {
                    return;
                }
            }
        });
        return server.getLocalPort();
    }

    /// Leaves the connection open: who asked has to end it.
    private static void answer(Socket socket, Answer answer) {
        try {
            if (socket.getInputStream().read(new byte[4096]) > 0) {
                answer.to(socket.getOutputStream());
            }
        } catch (IOException gone) {
            // Who asked has had enough, as it should.
        }
    }

    @Override
    public void close() throws IOException {
        workers.forEach(Worker::close);
        for (ServerSocket server : servers) {
            server.close();
        }
        for (Socket socket : accepted) {
            socket.close();
        }
    }
}
