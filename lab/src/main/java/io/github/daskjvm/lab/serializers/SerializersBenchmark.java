package io.github.daskjvm.lab.serializers;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// What it costs to write and read values of several kinds in several ways: ours, Java's own, Kryo, Apache Fory,
/// and Apache Arrow for what has columns. The ways take turns, round by round.
@Command(
        name = "serializers",
        description = "Compares ways to write and read values: time and bytes. Arrow needs"
                + " JDK_JAVA_OPTIONS=--add-opens=java.base/java.nio=ALL-UNNAMED.",
        mixinStandardHelpOptions = true)
public final class SerializersBenchmark implements Callable<Integer> {
    @Option(names = "--rounds", defaultValue = "7", description = "Of each kind. Default: ${DEFAULT-VALUE}")
    private int rounds;

    @Option(names = "--millis", defaultValue = "100", description = "Of a round. Default: ${DEFAULT-VALUE}")
    private int millis;

    @Option(names = "--warm-up", defaultValue = "1500", description = "Milliseconds. Default: ${DEFAULT-VALUE}")
    private int warmUpMillis;

    private volatile @Nullable Object sink;

    private interface Action {
        @Nullable
        Object run() throws Exception;
    }

    /// Of one way with one kind of value.
    private static final class Figures {
        final Way way;
        final List<byte[]> frames;
        final List<Double> writeNanos = new ArrayList<>();
        final List<Double> readNanos = new ArrayList<>();

        Figures(Way way, List<byte[]> frames) {
            this.way = way;
            this.frames = frames;
        }
    }

    @Override
    public Integer call() {
        for (var kind : Kinds.all().entrySet()) {
            var measured = new ArrayList<Figures>();
            for (Way way : ways()) {
                Figures figures = warm(kind, way);
                if (figures != null) {
                    measured.add(figures);
                }
            }
            for (int round = 0; round < rounds; round++) {
                for (Figures figures : measured) {
                    try {
                        measure(kind.getValue(), figures);
                    } catch (Exception e) {
                        throw new IllegalStateException(figures.way.name() + " failed", e);
                    }
                }
            }
            measured.forEach(figures -> print(kind, figures));
        }
        return 0;
    }

    private static List<Way> ways() {
        var ways = new ArrayList<Way>(List.of(new Way.Ours(), new Way.Java(), new Way.OfKryo()));
        for (Callable<Way> make : List.<Callable<Way>>of(Way.OfFory::new, OfArrow::new)) {
            try {
                ways.add(make.call());
            } catch (Exception | LinkageError e) {
                System.out.println("not measured: " + e);
            }
        }
        return ways;
    }

    private @Nullable Figures warm(Map.Entry<String, Object> kind, Way way) {
        try {
            Object value = kind.getValue();
            List<byte[]> frames = way.write(value);
            if (frames == null) {
                return null;
            }
            Object back = way.read(frames);
            if (!Objects.deepEquals(back, value)) {
                throw new IllegalStateException("it comes back as something else");
            }
            loop(() -> way.write(value), warmUpMillis / 2);
            loop(() -> way.read(frames), warmUpMillis / 2);
            return new Figures(way, frames);
        } catch (Exception | LinkageError e) {
            System.out.println(kind.getKey() + ": " + way.name() + " can not: " + e);
            return null;
        }
    }

    private void measure(Object value, Figures figures) throws Exception {
        figures.writeNanos.add(loop(() -> figures.way.write(value), millis));
        figures.readNanos.add(loop(() -> figures.way.read(figures.frames), millis));
    }

    /// @return nanoseconds of one run
    private double loop(Action action, int forMillis) throws Exception {
        long start = System.nanoTime();
        long end = start + forMillis * 1_000_000L;
        long runs = 0;
        long now;
        do {
            for (int i = 0; i < 4; i++) {
                sink = action.run();
            }
            runs += 4;
            now = System.nanoTime();
        } while (now < end);
        return (double) (now - start) / runs;
    }

    private static void print(Map.Entry<String, Object> kind, Figures figures) {
        long bytes = 0;
        for (byte[] frame : figures.frames) {
            bytes += frame.length;
        }
        System.out.printf(
                Locale.ROOT,
                "| %-26s | %-5s | %s | %s | %,d |%n",
                kind.getKey(),
                figures.way.name(),
                cell(figures.writeNanos),
                cell(figures.readNanos),
                bytes);
    }

    private static String cell(List<Double> nanos) {
        double[] sorted = nanos.stream().mapToDouble(Double::doubleValue).toArray();
        Arrays.sort(sorted);
        double unit = sorted[sorted.length / 2] < 10_000 ? 1 : 1_000;
        return String.format(
                Locale.ROOT,
                "%,.0f %s [%,.0f, %,.0f]",
                sorted[sorted.length / 2] / unit,
                unit == 1 ? "ns" : "µs",
                sorted[0] / unit,
                sorted[sorted.length - 1] / unit);
    }
}
