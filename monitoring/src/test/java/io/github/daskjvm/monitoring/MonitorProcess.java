package io.github.daskjvm.monitoring;

import io.github.daskjvm.core.scheduler.SchedulerSnapshot;
import io.github.daskjvm.core.scheduler.SchedulerSnapshot.MeasuredSnapshot;
import io.github.daskjvm.core.scheduler.SchedulerSnapshot.PrefixSnapshot;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// A monitor in a process of its own, whose bounds can be set: the JDK's server reads them once. Its page of metrics is
/// of several megabytes, more than sockets hold.
final class MonitorProcess implements AutoCloseable {
    private final Process process;
    final int port;

    /// @param bounds system properties, `name=value`
    MonitorProcess(String... bounds) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-XX:TieredStopAtLevel=1");
        command.add("-XX:+UseSerialGC");
        for (String bound : bounds) {
            command.add("-D" + bound);
        }
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), MonitorProcess.class.getName()));
        process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        BufferedReader said = process.inputReader(StandardCharsets.UTF_8);
        String line = said.readLine();
        while (line != null && !line.startsWith("port ")) {
            line = said.readLine();
        }
        if (line == null) {
            throw new IOException("the monitor did not start");
        }
        port = Integer.parseInt(line.substring("port ".length()));
    }

    public static void main(String[] arguments) throws IOException {
        List<PrefixSnapshot> prefixes = new ArrayList<>();
        for (int i = 0; i < 400; i++) {
            prefixes.add(Samples.prefix("p" + i + "x".repeat(2000), 1));
        }
        var snapshot = new SchedulerSnapshot(
                Map.of(), List.of(), prefixes, 0, 0, 0, 0, 0, 0, 0, 0, List.of(), MeasuredSnapshot.NONE);
        SchedulerMonitor monitor = SchedulerMonitor.start(
                MonitorOptions.at("127.0.0.1", 0),
                new SchedulerMonitor.Sources(
                        () -> snapshot, Map::of, Samples::loop, Samples::services, Samples.status()));
        System.out.println("port " + monitor.port());
        // Ends with the process that started it.
        while (System.in.read() >= 0) {
            // Nothing is said.
        }
        monitor.close();
    }

    /// Sockets that it has open, the one that listens among them.
    long sockets() {
        try (Stream<Path> open = Files.list(Path.of("/proc/" + process.pid() + "/fd"))) {
            return open.filter(MonitorProcess::isSocket).count();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static boolean isSocket(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString().startsWith("socket:");
        } catch (IOException closedMeanwhile) {
            return false;
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
