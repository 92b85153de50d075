package io.github.daskjvm.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/// What figures were measured on.
///
/// @param processor as Linux names it
/// @param processors that this process may use
/// @param memoryGigabytes of the whole machine
/// @param system name and version
/// @param java version
/// @param load tasks that wanted a processor, the mean of the last minute; 0 on a quiet machine
record Machine(String processor, int processors, double memoryGigabytes, String system, String java, double load) {
    static Machine here() throws IOException {
        return new Machine(
                field("/proc/cpuinfo", "model name"),
                Runtime.getRuntime().availableProcessors(),
                Double.parseDouble(field("/proc/meminfo", "MemTotal").replace(" kB", "")) / (1 << 20),
                System.getProperty("os.name") + " " + System.getProperty("os.version"),
                System.getProperty("java.vm.version"),
                Double.parseDouble(Files.readString(Path.of("/proc/loadavg")).split(" ")[0]));
    }

    private static String field(String file, String name) throws IOException {
        for (String line : Files.readAllLines(Path.of(file))) {
            if (line.startsWith(name)) {
                return line.substring(line.indexOf(':') + 1).strip();
            }
        }
        return "0";
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%s, %d processors, %.0f GB; %s; Java %s; load %.1f when it started",
                processor,
                processors,
                memoryGigabytes,
                system,
                java,
                load);
    }
}
