package io.github.daskjvm.lab;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A scheduler of either kind with stock Python workers and one stock client, each a process of its own.
final class StockCluster implements AutoCloseable {
    /// What one run of a workload cost.
    ///
    /// @param tasks how many tasks it was
    /// @param seconds from the call to the result, at the client
    /// @param clientCpuSeconds CPU time of the client meanwhile; 0 if the script does not say
    /// @param schedulerCpuSeconds CPU time of the scheduler process, the releasing of the tasks included
    /// @param workersCpuSeconds CPU time of all workers
    /// @param workersPeakBytes most resident memory that all workers had together
    /// @param movedBytes sent from workers to workers; 0 if the script does not say
    /// @param loop what of that the thread of the event loop had; nothing where it has no such thread
    record Run(
            long tasks,
            double seconds,
            double clientCpuSeconds,
            double schedulerCpuSeconds,
            double workersCpuSeconds,
            long workersPeakBytes,
            long movedBytes,
            ThreadTime loop) {
        double schedulerMicrosPerTask() {
            return schedulerCpuSeconds * 1e6 / tasks;
        }

        double loopMicrosPerTask() {
            return loop.runNanos() / 1e3 / tasks;
        }

        double loopWaitedMicrosPerTask() {
            return loop.waitedNanos() / 1e3 / tasks;
        }
    }

    /// As our scheduler calls it.
    private static final String LOOP_THREAD = "scheduler-loop";

    private final Path logs;
    private final int port;
    private final Process scheduler;
    private final String name;
    private final List<String> stock;
    private final List<Process> workers = new ArrayList<>();
    private final Process client;
    private final BufferedReader answers;
    private final BufferedWriter commands;

    /// Whoever ends the benchmark ends these as well.
    private final Thread atEnd = new Thread(this::end, "end-cluster");

    /// With workers of one thread each.
    ///
    /// @param schedulerCommand with `PORT` for the port
    /// @param script the client's program, in the setup's folder
    /// @throws IOException with the tail of a log's name if something does not start within a minute
    StockCluster(String name, List<String> schedulerCommand, Setup setup, String script, int workerCount)
            throws IOException {
        this.name = name;
        stock = setup.stock();
        logs = setup.folder();
        port = Setup.freePort();
        scheduler = start(name + "-scheduler", replaced(schedulerCommand, "PORT", Integer.toString(port)));
        startWorkers(workerCount, 1);
        client = new ProcessBuilder(
                        with(stock, "python3", logs.resolve(script).toString(), address(), "" + workerCount))
                .directory(logs.toFile())
                .redirectError(log(name + "-client"))
                .start();
        answers = client.inputReader(StandardCharsets.UTF_8);
        commands = client.outputWriter(StandardCharsets.UTF_8);
        Runtime.getRuntime().addShutdownHook(atEnd);
        try {
            answer();
        } catch (IOException e) {
            end();
            throw e;
        }
    }

    private void startWorkers(int count, int threads) throws IOException {
        for (int i = 0; i < count; i++) {
            workers.add(start(
                    name + "-worker-" + i + "-" + threads,
                    with(
                            stock,
                            "dask",
                            "worker",
                            address(),
                            "--no-nanny",
                            "--nthreads",
                            "" + threads,
                            "--no-dashboard")));
        }
    }

    /// Gives the same scheduler as many new workers, with so many threads each.
    void replaceWorkers(int threads) throws IOException, InterruptedException {
        int count = workers.size();
        for (Process worker : workers) {
            worker.destroy();
        }
        for (Process worker : workers) {
            if (!worker.waitFor(10, TimeUnit.SECONDS)) {
                worker.destroyForcibly();
            }
        }
        workers.clear();
        ask("workers 0");
        startWorkers(count, threads);
        ask("workers " + count);
    }

    private Process start(String name, List<String> command) throws IOException {
        return new ProcessBuilder(command)
                .directory(logs.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log(name))
                .start();
    }

    private File log(String name) {
        return logs.resolve(name + ".log").toFile();
    }

    private static List<String> with(List<String> command, String... more) {
        List<String> whole = new ArrayList<>(command);
        whole.addAll(List.of(more));
        return whole;
    }

    private static List<String> replaced(List<String> command, String what, String by) {
        return command.stream().map(word -> word.equals(what) ? by : word).toList();
    }

    private String answer() throws IOException {
        String line = answers.readLine();
        if (line == null) {
            throw new IOException("the client ended early; its log, and the scheduler's, are in " + logs);
        }
        return line;
    }

    /// The scheduler's.
    String address() {
        return "tcp://127.0.0.1:" + port;
    }

    /// What the script says to a line of its own.
    String ask(String line) throws IOException {
        commands.write(line + "\n");
        commands.flush();
        return answer();
    }

    /// What the script says to a line of its own, where that is a list of numbers.
    double[] numbers(String line) throws IOException {
        String answer = ask(line);
        String list = answer.substring(answer.indexOf('[') + 1, answer.indexOf(']'));
        return Arrays.stream(list.split(",")).mapToDouble(Double::parseDouble).toArray();
    }

    /// Runs a workload of the script once.
    Run run(String workload, int tasks) throws IOException {
        return run(workload + " " + tasks);
    }

    /// Runs what a line of the script's says once.
    Run run(String line) throws IOException {
        ThreadTime loopBefore = ThreadTime.of(scheduler.toHandle(), LOOP_THREAD);
        CpuClock schedulerBefore = CpuClock.of(List.of(scheduler));
        CpuClock workersBefore = CpuClock.of(workers);
        String answer;
        var memory = new PeakMemory(workers);
        try (memory) {
            answer = ask(line);
        }
        return new Run(
                (long) number(answer, "tasks"),
                number(answer, "seconds"),
                answer.contains("\"client_cpu\":") ? number(answer, "client_cpu") : 0,
                CpuClock.of(List.of(scheduler)).secondsSince(schedulerBefore),
                CpuClock.of(workers).secondsSince(workersBefore),
                memory.bytes(),
                answer.contains("\"moved\":") ? (long) number(answer, "moved") : 0,
                ThreadTime.of(scheduler.toHandle(), LOOP_THREAD).since(loopBefore));
    }

    /// CPU time that workers have taken so far to unpack graphs for our scheduler.
    double unpackingCpuSeconds() throws IOException {
        return number(ask("unpacking"), "seconds");
    }

    /// CPU time of the scheduler process since it was started.
    double schedulerCpuSeconds() {
        return ProcessCpu.seconds(scheduler.toHandle());
    }

    /// CPU time of the client process since it was started.
    double clientCpuSeconds() {
        return ProcessCpu.seconds(client.toHandle());
    }

    Process scheduler() {
        return scheduler;
    }

    /// CPU time of all workers since they were started.
    double workersCpu() {
        double seconds = 0;
        for (Process worker : workers) {
            seconds += ProcessCpu.seconds(worker.toHandle());
        }
        return seconds;
    }

    private static double number(String json, String name) {
        String after = json.substring(json.indexOf("\"" + name + "\":") + name.length() + 3);
        return Double.parseDouble(after.split("[,}]", 2)[0].strip());
    }

    @Override
    public void close() throws InterruptedException {
        client.destroy();
        client.waitFor(10, TimeUnit.SECONDS);
        for (Process process : end()) {
            process.waitFor(10, TimeUnit.SECONDS);
        }
        try {
            Runtime.getRuntime().removeShutdownHook(atEnd);
        } catch (IllegalStateException ending) {
            // It is at work.
        }
    }

    /// Kills all processes.
    private List<Process> end() {
        List<Process> all = new ArrayList<>(workers);
        all.add(client);
        all.add(scheduler);
        for (Process process : all) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
        return all;
    }
}
