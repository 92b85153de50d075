package io.github.daskjvm.monitoring.aggregate;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// Servers on this machine that answer, or do not, as workers might.
final class Servers implements AutoCloseable {
    private final List<ServerSocket> sockets = new CopyOnWriteArrayList<>();
    private final List<Socket> accepted = new CopyOnWriteArrayList<>();

    /// What a server does with a connection, after the request has been read.
    interface Answer {
        void to(OutputStream out) throws IOException;
    }

    /// The port of a server that answers every connection so.
    int start(Answer answer) throws IOException {
        var server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        sockets.add(server);
        Thread.ofVirtual().start(() -> {
            while (!server.isClosed()) {
                try {
                    Socket socket = server.accept();
                    accepted.add(socket);
                    Thread.ofVirtual().start(() -> serve(socket, answer));
                } catch (IOException closed) {
                    return;
                }
            }
        });
        return server.getLocalPort();
    }

    private static void serve(Socket socket, Answer answer) {
        try (socket) {
            var in = socket.getInputStream();
            int newlines = 0;
            while (newlines < 2) {
                int c = in.read();
                if (c < 0) {
                    return;
                }
                newlines = c == '\n' ? newlines + 1 : c == '\r' ? newlines : 0;
            }
            answer.to(socket.getOutputStream());
        } catch (IOException gone) {
            // The client has had enough.
        }
    }

    int page(String page) throws IOException {
        byte[] body = page.getBytes(StandardCharsets.UTF_8);
        return start(out -> {
            out.write(head("200 OK", "Content-Length: " + body.length));
            out.write(body);
        });
    }

    static byte[] head(String status, String header) {
        return ("HTTP/1.1 " + status + "\r\nContent-Type: text/plain\r\nConnection: close\r\n" + header + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
    }

    /// Takes connections, and says nothing.
    int silent() throws IOException {
        return start(out -> waitForEver());
    }

    /// Waits until the test is over, which interrupts nobody: a virtual thread keeps no process alive.
    static void waitForEver() {
        try {
            Thread.sleep(Long.MAX_VALUE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() throws IOException {
        for (ServerSocket socket : sockets) {
            socket.close();
        }
        for (Socket socket : accepted) {
            socket.close();
        }
    }
}
