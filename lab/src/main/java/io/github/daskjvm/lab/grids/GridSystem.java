package io.github.daskjvm.lab.grids;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.File;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The processes of one system: members, and one client, all with the same heap and the same options of the JVM.
final class GridSystem implements AutoCloseable {
    /// What the systems ask for on the JVMs of today, and the same heap and collector for all.
    private static final List<String> JVM_OPTIONS = options();

    private final String name;
    private final Path folder;
    private final int threads;
    private final int port;
    private final List<Child> members = new ArrayList<>();
    private @Nullable Child client;

    /// What something cost.
    ///
    /// @param answer the client's, in words
    /// @param clientCpuNanos CPU time of the client's process
    /// @param membersCpuNanos of all members
    /// @param clientBytes allocated by the client
    /// @param membersBytes allocated by all members
    record Cost(String[] answer, long clientCpuNanos, long membersCpuNanos, long clientBytes, long membersBytes) {
        double number(int word) {
            return Double.parseDouble(answer[word]);
        }
    }

    /// @param threads that each member runs tasks on
    GridSystem(String name, Path folder, int threads) throws IOException {
        this.name = name;
        this.folder = folder;
        this.threads = threads;
        this.port = freePorts();
    }

    private static List<String> options() {
        var options = new ArrayList<>(List.of(
                "-Xms1g",
                "-Xmx1g",
                "-XX:+UseParallelGC",
                // With one, as on two processors, Hazelcast starts a thread for every callback.
                "-Djava.util.concurrent.ForkJoinPool.common.parallelism=2",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "--add-modules=java.se",
                "--add-exports=java.base/jdk.internal.ref=ALL-UNNAMED"));
        for (String opened : List.of(
                "java.base/jdk.internal.access",
                "java.base/jdk.internal.misc",
                "java.base/sun.nio.ch",
                "java.base/sun.util.calendar",
                "java.base/java.io",
                "java.base/java.nio",
                "java.base/java.net",
                "java.base/java.util",
                "java.base/java.util.concurrent",
                "java.base/java.util.concurrent.atomic",
                "java.base/java.util.concurrent.locks",
                "java.base/java.lang",
                "java.base/java.lang.invoke",
                "java.base/java.math",
                "java.base/java.time",
                "java.base/java.text",
                "java.management/sun.management",
                "java.management/com.sun.jmx.mbeanserver",
                "jdk.internal.jvmstat/sun.jvmstat.monitor",
                "java.sql/java.sql",
                "jdk.management/com.sun.management.internal")) {
            options.add("--add-opens=" + opened + "=ALL-UNNAMED");
        }
        return List.copyOf(options);
    }

    /// The first of forty that are likely to be free.
    private static int freePorts() throws IOException {
        for (int port = 20_000 + (int) (ProcessHandle.current().pid() % 200) * 50; ; port += 50) {
            try (var first = new ServerSocket(port);
                    var last = new ServerSocket(port + 20)) {
                return Math.min(first.getLocalPort(), last.getLocalPort());
            } catch (IOException e) {
                if (port > 32_000) {
                    throw e;
                }
            }
        }
    }

    void addMember() throws IOException {
        int number = members.size();
        members.add(new Child("member-" + number, "member", "" + port, "" + number, "" + threads));
    }

    /// A new client, in place of the one there was.
    void connect() throws IOException, InterruptedException {
        if (client != null) {
            client.close();
        }
        client = new Child("client", "client", "" + port, "" + members.size());
    }

    /// Has the client run a command.
    Cost run(String command) throws IOException {
        Child asked = client;
        if (asked == null) {
            throw new IllegalStateException("no client");
        }
        long[] client = asked.usage();
        long[] before = membersUsage();
        String[] answer = asked.ask(command).split(" ");
        long[] after = membersUsage();
        long[] clientAfter = asked.usage();
        return new Cost(
                answer,
                clientAfter[0] - client[0],
                after[0] - before[0],
                clientAfter[1] - client[1],
                after[1] - before[1]);
    }

    private long[] membersUsage() throws IOException {
        long[] sum = new long[2];
        for (Child member : members) {
            long[] one = member.usage();
            sum[0] += one[0];
            sum[1] += one[1];
        }
        return sum;
    }

    @Override
    public void close() throws InterruptedException {
        if (client != null) {
            client.close();
        }
        for (Child member : members.reversed()) {
            member.close();
        }
    }

    private final class Child {
        private final Path log;
        private final Process process;
        private final BufferedReader answers;
        private final BufferedWriter commands;

        Child(String what, String... arguments) throws IOException {
            log = folder.resolve(name + "-" + what + ".log");
            List<String> command = new ArrayList<>();
            command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
            command.addAll(JVM_OPTIONS);
            String profile = System.getProperty("daskjvm.profile", "");
            if (!profile.isEmpty() && name.equals("dask-jvm")) {
                command.add("-Ddaskjvm.profile");
                command.add("-XX:StartFlightRecording:settings=profile,filename=" + profile + "/" + what + ".jfr");
            }
            command.addAll(List.of("-cp", classPath(), GridProcess.class.getName(), name));
            command.addAll(List.of(arguments));
            process = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectError(log.toFile())
                    .start();
            answers = process.inputReader(StandardCharsets.UTF_8);
            commands = process.outputWriter(StandardCharsets.UTF_8);
            answer();
        }

        /// In the child's folder it must mean the same.
        private static String classPath() {
            return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                    .map(entry -> Path.of(entry).toAbsolutePath().toString())
                    .collect(Collectors.joining(File.pathSeparator));
        }

        private String answer() throws IOException {
            for (String line = answers.readLine(); line != null; line = answers.readLine()) {
                if (line.startsWith(GridProcess.ANSWER)) {
                    return line.substring(GridProcess.ANSWER.length());
                }
            }
            throw new IOException(name + " ended early; why is in " + log);
        }

        String ask(String command) throws IOException {
            commands.write(command + "\n");
            commands.flush();
            return answer();
        }

        long[] usage() throws IOException {
            String[] words = ask("usage").split(" ");
            return new long[] {Long.parseLong(words[0]), Long.parseLong(words[1])};
        }

        void close() throws InterruptedException {
            try {
                commands.close();
            } catch (IOException e) {
                // It has ended already.
            }
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        }
    }
}
