package io.github.daskjvm.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// How a nanny starts the process of a worker: with the JVM and class path of its own, and what `JDK_JAVA_OPTIONS`
/// says, but not with the small heap of its own.
final class ChildCommand {
    /// By which `./dask-jvm` says which options a worker's JVM is to have, one a line.
    private static final String JAVA_OPTIONS = "daskjvm.worker.java";

    private static final String OTHERWISE = "--enable-native-access=ALL-UNNAMED\n--sun-misc-unsafe-memory-access=allow";
    /// Of the machine, for the heaps of several workers together. One alone has what a JVM takes by itself, a
    /// quarter.
    private static final double HEAPS_PERCENT = 80;

    private static final double HEAP_PERCENT_MAX = 25;

    private ChildCommand() {}

    /// @param workers that share this machine
    /// @param arguments those of `dask-jvm worker`
    static List<String> of(int workers, List<String> arguments) {
        return of(workers, arguments, System.getProperty(JAVA_OPTIONS, OTHERWISE), System.getenv());
    }

    static List<String> of(int workers, List<String> arguments, String javaOptions, Map<String, String> variables) {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        javaOptions.lines().filter(line -> !line.isBlank()).forEach(command::add);
        String given = variables.getOrDefault("JDK_JAVA_OPTIONS", "") + variables.getOrDefault("JAVA_TOOL_OPTIONS", "");
        if (workers > 1 && !given.contains("-Xmx") && !given.contains("RAMPercentage")) {
            command.add(String.format(
                    Locale.ROOT, "-XX:MaxRAMPercentage=%.2f", Math.min(HEAP_PERCENT_MAX, HEAPS_PERCENT / workers)));
        }
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add(WorkerChild.class.getName());
        command.addAll(arguments);
        return command;
    }
}
