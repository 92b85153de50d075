package io.github.daskjvm.client;

import io.github.daskjvm.worker.Worker;
import io.github.daskjvm.worker.WorkerOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// A worker in a process of its own, to be killed as the operating system kills.
final class WorkerProcess implements AutoCloseable {
    private final Process process;

    private WorkerProcess(Process process) {
        this.process = process;
    }

    static WorkerProcess start(String scheduler, String name) throws IOException {
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        var command = new ProcessBuilder(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xshare:auto",
                WorkerProcess.class.getName(),
                scheduler,
                name));
        command.environment().putAll(Map.of("CLASSPATH", classPath));
        return new WorkerProcess(command.inheritIO().start());
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
        Worker.start(WorkerOptions.builder(args[0]).name(args[1]).nthreads(1).build())
                .awaitClosed();
        System.exit(0);
    }
}
