package crossing;

import io.github.daskjvm.worker.python.Complex;
import io.github.daskjvm.worker.python.NdArray;
import io.github.daskjvm.worker.python.Table;
import io.github.daskjvm.worker.task.SerializableVarFunction;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.stream.Collectors;

/// What the tests have Python call.
public final class Functions {
    private Functions() {}

    /// Thrown with a message.
    public static final class Odd extends RuntimeException {
        Odd(String message) {
            super(message);
        }
    }

    public static int half(int number) {
        if (number % 2 != 0) {
            throw new Odd(number + " is odd");
        }
        return number / 2;
    }

    public static double[] scaled(double[] values, double factor) {
        double[] result = values.clone();
        for (int i = 0; i < result.length; i++) {
            result[i] *= factor;
        }
        return result;
    }

    public static NdArray transposed(NdArray array) {
        double[] from = array.doubles();
        int rows = array.shape()[0];
        int columns = array.shape()[1];
        double[] to = new double[from.length];
        for (int i = 0; i < from.length; i++) {
            to[i % columns * rows + i / columns] = from[i];
        }
        return NdArray.of(to, columns, rows);
    }

    public static double trace(double[][] square) {
        double sum = 0;
        for (int i = 0; i < square.length; i++) {
            sum += square[i][i];
        }
        return sum;
    }

    public static Map<String, Long> lengths(List<String> words) {
        return words.stream().collect(Collectors.toMap(word -> word, word -> (long) word.length(), (a, b) -> a));
    }

    public static String kind(int number) {
        return "int";
    }

    public static String kind(double number) {
        return "double";
    }

    public static String kind(String text) {
        return "String";
    }

    public static String kind(Object other) {
        return other == null ? "null" : other.getClass().getSimpleName();
    }

    /// What it is in Java, of arrays with shapes and types.
    public static String described(Object value) {
        return switch (value) {
            case null -> "null";
            case NdArray array -> array.type() + Arrays.toString(array.shape());
            case List<?> list -> "List of " + (list.isEmpty() ? "nothing" : described(list.getFirst()));
            case Table table -> "Table" + table.columns().keySet();
            default -> value.getClass().getSimpleName();
        };
    }

    public static Object same(Object value) {
        return value;
    }

    public static Complex conjugate(Complex number) {
        return new Complex(number.re(), -number.im());
    }

    public static double length(Complex[] numbers) {
        return Arrays.stream(numbers).mapToDouble(each -> Math.hypot(each.re(), each.im())).sum();
    }

    public static String either(String text) {
        return text;
    }

    public static String either(Integer number) {
        return number.toString();
    }

    public static int count(String... texts) {
        return texts.length;
    }

    /// The first of two arguments only holds the second back.
    public static double heldBack(Object first, double[] values) {
        return Arrays.stream(values).sum();
    }

    public static String onlyOnce(String file) throws IOException {
        if (Files.exists(Path.of(file))) {
            return "the second time";
        }
        Files.createFile(Path.of(file));
        throw new Odd("the first time");
    }

    /// Adds up however many.
    public static final class Total implements SerializableVarFunction<Long> {
        @Override
        public Long apply(List<Object> numbers) {
            return numbers.stream().mapToLong(number -> ((Number) number).longValue()).sum();
        }
    }

    public static Thread unreadable() {
        return new Thread();
    }

    public static int failing(int depth) {
        if (depth == 0) {
            throw new NoSuchElementException("nothing down here");
        }
        return failing(depth - 1) + 1;
    }

    /// Says by a file that it runs, and waits for another that says how to go on.
    public static String between(String started, String gate, String value) throws Exception {
        Files.writeString(Path.of(started), String.valueOf(ProcessHandle.current().pid()));
        while (!Files.exists(Path.of(gate))) {
            Thread.sleep(10);
        }
        return value + " went on";
    }

    /// Keeps a processor busy.
    public static long spin(double seconds) {
        long endNanos = System.nanoTime() + (long) (seconds * 1e9);
        long sum = 0;
        while (System.nanoTime() < endNanos) {
            sum = churn(sum);
        }
        return sum;
    }

    private static long churn(long sum) {
        for (int i = 0; i < 100_000; i++) {
            sum = sum * 31 + i;
        }
        return sum;
    }

    public static byte[] block(int bytes) {
        return new byte[bytes];
    }

    /// Appends a line to a file.
    public static int noted(String file, int number) throws IOException {
        Files.writeString(Path.of(file), number + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        return number;
    }
}
