package io.github.daskjvm.client;

import io.github.daskjvm.worker.Worker;
import io.github.daskjvm.worker.WorkerOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// A worker in a process of its own, to be killed as the operating system kills.
final class WorkerProcess implements AutoCloseable {
    private final Process process;

    private WorkerProcess(Process process) {
        this.process = process;
    }

    static WorkerProcess start(String scheduler, String name) throws IOException {
        return start(scheduler, name, List.of("-XX:+UseSerialGC"), 0, System.getProperty("java.io.tmpdir"));
    }

    /// @param memoryLimitBytes 0 for none
    /// @param folder for the worker's files
    static WorkerProcess start(
            String scheduler, String name, List<String> jvmOptions, long memoryLimitBytes, String folder)
            throws IOException {
        return new WorkerProcess(
                java(jvmOptions, WorkerProcess.class, scheduler, name, Long.toString(memoryLimitBytes), folder)
                        .inheritIO()
                        .start());
    }

    /// A JVM with the class path of the test.
    static ProcessBuilder java(List<String> jvmOptions, Class<?> main, String... arguments) {
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        var words = new ArrayList<String>();
        words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        words.addAll(jvmOptions);
        words.addAll(List.of("-XX:TieredStopAtLevel=1", "-Xshare:auto", main.getName()));
        words.addAll(List.of(arguments));
        var command = new ProcessBuilder(words);
        command.environment().putAll(Map.of("CLASSPATH", classPath));
        return command;
    }

    /// SIGKILL: nothing is said to anybody.
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    @Override
    public void close() throws InterruptedException {
        kill();
    }

    public static void main(String[] args) throws Exception {
        Worker.start(WorkerOptions.builder(args[0])
                        .name(args[1])
                        .nthreads(1)
                        .memoryLimitBytes(Long.parseLong(args[2]))
                        .localDirectory(args[3])
                        .build())
                .awaitClosed();
        System.exit(0);
    }
}
