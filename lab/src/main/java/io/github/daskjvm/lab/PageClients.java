package io.github.daskjvm.lab;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/// Many clients of one HTTP server, each a connection that is opened again when it ends. They do as little as they
/// can: a request is the same bytes each time, and of an answer only its length is looked at.
final class PageClients implements AutoCloseable {
    private static final long SECOND_NANOS = 1_000_000_000;
    private static final int SMALL_BUFFER = 4096;

    private final int port;
    private final byte[] request;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final LongAdder answers = new LongAdder();
    private final LongAdder bytes = new LongAdder();
    private final CountDownLatch connected;
    private volatile boolean closed;

    /// What one client does with its connection until that ends.
    private interface Habit {
        void on(Socket socket) throws IOException;
    }

    private PageClients(int port, String path, String headers, int count) {
        this.port = port;
        this.request = ("GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\n" + headers + "\r\n")
                .getBytes(StandardCharsets.US_ASCII);
        this.connected = new CountDownLatch(count);
    }

    /// Clients that ask all at the same moment, once a second, and read the answer.
    static PageClients everySecond(int port, String path, String headers, int count) throws InterruptedException {
        var clients = new PageClients(port, path, headers, count);
        return clients.start(count, 0, clients::askEverySecond);
    }

    /// Clients that ask once and read a kilobyte of the answer a second, for as long as the server lets them.
    static PageClients slow(int port, String path, int count) throws InterruptedException {
        var clients = new PageClients(port, path, "", count);
        return clients.start(count, SMALL_BUFFER, clients::readSlowly);
    }

    /// Clients that ask once for what has no end, and read all that comes.
    static PageClients streams(int port, String path, int count) throws InterruptedException {
        var clients = new PageClients(port, path, "", count);
        return clients.start(count, 0, clients::readOn);
    }

    /// Whole answers, or bytes where they have no end, since the start.
    String got() {
        return answers.sum() + " answers, " + bytes.sum() / 1_000_000 + " MB";
    }

    private PageClients start(int count, int receiveBuffer, Habit habit) throws InterruptedException {
        for (int i = 0; i < count; i++) {
            Thread.ofVirtual().start(() -> live(receiveBuffer, habit));
        }
        if (!connected.await(30, TimeUnit.SECONDS)) {
            throw new IllegalStateException(connected.getCount() + " clients could not connect in 30 s");
        }
        return this;
    }

    private void live(int receiveBuffer, Habit habit) {
        boolean first = true;
        while (!closed) {
            try (var socket = new Socket()) {
                sockets.add(socket);
                if (receiveBuffer > 0) {
                    socket.setReceiveBufferSize(receiveBuffer);
                }
                socket.connect(new InetSocketAddress("127.0.0.1", port));
                if (first) {
                    connected.countDown();
                    first = false;
                }
                habit.on(socket);
                sockets.remove(socket);
            } catch (IOException ended) {
                LockSupport.parkNanos(SECOND_NANOS / 10);
            }
        }
    }

    private void askEverySecond(Socket socket) throws IOException {
        byte[] buffer = new byte[16_384];
        while (!closed) {
            LockSupport.parkNanos(SECOND_NANOS - System.nanoTime() % SECOND_NANOS);
            socket.getOutputStream().write(request);
            readAnswer(socket.getInputStream(), buffer);
            answers.increment();
        }
    }

    private void readSlowly(Socket socket) throws IOException {
        byte[] buffer = new byte[1024];
        socket.getOutputStream().write(request);
        for (int read = 0; read >= 0 && !closed; read = socket.getInputStream().read(buffer)) {
            bytes.add(read);
            LockSupport.parkNanos(SECOND_NANOS);
        }
    }

    private void readOn(Socket socket) throws IOException {
        byte[] buffer = new byte[65_536];
        socket.getOutputStream().write(request);
        for (int read = 0; read >= 0; read = socket.getInputStream().read(buffer)) {
            bytes.add(read);
        }
    }

    /// Reads a whole answer whose header says how long it is.
    private void readAnswer(InputStream in, byte[] buffer) throws IOException {
        int filled = 0;
        int end = -1;
        while (end < 0) {
            int read = in.read(buffer, filled, buffer.length - filled);
            if (read < 0) {
                throw new EOFException("the connection ended");
            }
            filled += read;
            end = new String(buffer, 0, filled, StandardCharsets.ISO_8859_1).indexOf("\r\n\r\n");
            if (end < 0 && filled == buffer.length) {
                throw new IOException("a header without end");
            }
        }
        String head = new String(buffer, 0, end, StandardCharsets.ISO_8859_1).toLowerCase(Locale.ROOT);
        String length = head.substring(head.indexOf("content-length:") + 15)
                .lines()
                .findFirst()
                .orElse("0");
        long left = Long.parseLong(length.strip()) - (filled - end - 4);
        bytes.add(filled);
        while (left > 0) {
            int read = in.read(buffer, 0, (int) Math.min(buffer.length, left));
            if (read < 0) {
                throw new EOFException("the connection ended");
            }
            left -= read;
            bytes.add(read);
        }
    }

    @Override
    public void close() throws IOException {
        closed = true;
        for (Socket socket : sockets) {
            socket.close();
        }
    }
}
