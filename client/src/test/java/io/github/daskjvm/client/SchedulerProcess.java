package io.github.daskjvm.client;

import io.github.daskjvm.scheduler.Scheduler;
import io.github.daskjvm.scheduler.SchedulerOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// A scheduler in a process of its own, to be killed as the operating system kills.
final class SchedulerProcess implements AutoCloseable {
    private static final String AT = "listens at ";

    private final Process process;
    private final String address;

    private SchedulerProcess(Process process, String address) {
        this.process = process;
        this.address = address;
    }

    /// Returns when it listens.
    ///
    /// @param port 0 for any
    static SchedulerProcess start(int port) throws IOException {
        Process process = WorkerProcess.java(
                        List.of("-XX:+UseSerialGC"), SchedulerProcess.class, Integer.toString(port))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            if (line.startsWith(AT)) {
                return new SchedulerProcess(process, line.substring(AT.length()));
            }
        }
        throw new IOException("the scheduler ended early");
    }

    String address() {
        return address;
    }

    int port() {
        return Integer.parseInt(address.replaceAll(".*:", ""));
    }

    /// SIGKILL: nothing is said to anybody.
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    @Override
    public void close() throws InterruptedException {
        kill();
    }

    public static void main(String[] args) throws Exception {
        Scheduler scheduler = Scheduler.start(SchedulerOptions.builder()
                .host("127.0.0.1")
                .port(Integer.parseInt(args[0]))
                .build());
        System.out.println(AT + scheduler.address());
        scheduler.awaitClosed();
    }
}
