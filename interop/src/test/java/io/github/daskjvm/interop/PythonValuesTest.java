package io.github.daskjvm.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.daskjvm.client.Future;
import io.github.daskjvm.client.TaskOptions;
import io.github.daskjvm.client.TaskSubmitter;
import io.github.daskjvm.worker.python.NdArray;
import java.io.Serializable;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.time.Duration;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Results of stock Python tasks in Java, and those of Java tasks in Python, on one cluster with a worker of each kind.
class PythonValuesTest extends MixedFixture {
    private static final LocalDateTime DAY = LocalDateTime.of(2024, 2, 29, 12, 30, 15, 123_456_000);

    private static Map<String, String> shown = new LinkedHashMap<>();
    private static List<Future<?>> kept = new ArrayList<>();

    @BeforeAll
    static void submit() throws Exception {
        try (var in = PythonValuesTest.class.getResourceAsStream("python_values.py")) {
            Files.write(folder.resolve("python_values.py"), in.readAllBytes());
        }
        python("submit");
        kept.add(named("java-values").submit(PythonValuesTest::javaValues));
        kept.add(named("java-other").submit(NotForPython::new));
        Future<double[]> large = client.future("python-large");
        kept.add(named("java-of-python").submit(PythonValuesTest::halved, large));
        client.gather(kept);
        for (String line : python("read").lines().toList()) {
            String[] parts = line.split(" = ", 2);
            shown.put(parts[0], parts.length > 1 ? parts[1] : "");
        }
    }

    private static String python(String what) throws Exception {
        String script = folder.resolve("python_values.py").toString();
        return StockDask.output(folder, "python3", script, cluster.schedulerAddress(), what);
    }

    private static TaskSubmitter named(String key) {
        return client.with(TaskOptions.DEFAULT.key(key));
    }

    static double[] halved(double[] values) {
        return Arrays.stream(values).map(v -> v / 2).toArray();
    }

    @AfterAll
    static void letGo() {
        kept.clear();
    }

    /// Nothing that Python has.
    static final class NotForPython implements Serializable {}

    static Map<String, Object> javaValues() {
        List<String> shared = List.of("once");
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("null", null);
        values.put("numbers", List.of(true, (byte) -1, (short) 2, 3, 1L << 40, BigInteger.TWO.pow(70), 1.5f, -0.0));
        values.put("text", "süß €😀");
        values.put("char", 'c');
        values.put("bytes", new byte[] {0, -1});
        values.put("buffer", ByteBuffer.wrap(new byte[] {1, 2, 3}, 1, 2).array());
        values.put("list", List.of(1, 2));
        values.put("objects", new Object[] {"a", null, List.of()});
        values.put("map", Map.of(List.of("x", 1), "a tuple as key"));
        values.put("set", Set.of(7));
        values.put("shared", List.of(shared, shared));
        values.put("date", LocalDate.of(2024, 2, 29));
        values.put("time", LocalTime.of(1, 2, 3, 4000));
        values.put("datetime", DAY);
        values.put("instant", DAY.toInstant(ZoneOffset.UTC));
        values.put("zoned", ZonedDateTime.of(2024, 7, 1, 0, 0, 0, 0, ZoneId.of("Europe/Berlin")));
        values.put(
                "later",
                LocalDateTime.of(2024, 10, 27, 2, 30)
                        .atZone(ZoneId.of("Europe/Berlin"))
                        .withLaterOffsetAtOverlap());
        values.put("duration", Duration.ofDays(-1).plusNanos(5000));
        values.put("decimal", new BigDecimal("1.230"));
        values.put("uuid", UUID.fromString("12345678-9abc-def0-1234-56789abcdef0"));
        values.put("doubles", new double[] {1.5, -0.0});
        values.put("longs", new long[] {1L << 40});
        values.put("bools", new boolean[] {true, false});
        values.put("nothing", new int[0]);
        values.put("grid", NdArray.of(new int[] {1, 2, 3, 4, 5, 6}, 2, 3));
        values.put("unsigned", new NdArray(NdArray.Type.UINT8, new int[] {1}, new byte[] {-1}));
        return values;
    }

    @Test
    void valuesOfPythonAreJavaObjects() throws Exception {
        Future<Map<String, Object>> future = client.future("python-values");
        Map<String, Object> values = future.get();

        assertThat(values.get("none")).isNull();
        assertThat(values.get("bools")).isEqualTo(List.of(true, false));
        assertThat(values.get("ints"))
                .isEqualTo(List.of(
                        0L,
                        -1L,
                        255L,
                        1L << 31,
                        Long.MIN_VALUE,
                        BigInteger.TWO.pow(63),
                        BigInteger.TWO.pow(200).negate()));
        assertThat(values.get("floats")).isEqualTo(List.of(0.5, -0.0, Double.POSITIVE_INFINITY));
        assertThat(values.get("texts")).isEqualTo(List.of("", "süß €😀"));
        assertThat((byte[]) values.get("bytes")).containsExactly(0, 0xff);
        assertThat((byte[]) values.get("bytearray")).containsExactly('a', 'b');
        assertThat(values.get("tuple")).isEqualTo(List.of(1L, Arrays.asList("a", null)));
        assertThat(values.get("dict"))
                .isEqualTo(Map.of(
                        "a", Map.of(1L, 2.5), List.of("x", 1L), "tuple", ByteBuffer.wrap(new byte[] {'k'}), "bytes"));
        assertThat(values.get("set")).isEqualTo(Set.of(1L, 2L));
        assertThat(values.get("frozenset")).isEqualTo(Set.of("a", "b"));
        assertThat(((List<?>) values.get("shared")).get(0)).isSameAs(((List<?>) values.get("shared")).get(1));
        assertThat(((Map<?, ?>) values.get("ordered")).keySet().toString()).isEqualTo("[b, a]");
        assertThat(values.get("default")).isEqualTo(Map.of("a", List.of(1L)));
        assertThat(values.get("counter")).isEqualTo(Map.of("a", 2L, "b", 1L));
        assertThat(values.get("deque")).isEqualTo(List.of(1L, 2L));
        assertThat(values.get("decimal")).isEqualTo(new BigDecimal("1.230"));
        assertThat(values.get("uuid")).isEqualTo(UUID.fromString("12345678-9abc-def0-1234-56789abcdef0"));
        assertThat(values.get("scalars")).isEqualTo(List.of(1.5, 7, (short) 200, true, BigInteger.TWO.pow(63)));
    }

    @Test
    void timesOfPythonAreThoseOfJava() throws Exception {
        Future<Map<String, Object>> future = client.future("python-values");
        Map<String, Object> values = future.get();

        assertThat(values.get("datetime")).isEqualTo(DAY);
        assertThat(values.get("utc")).isEqualTo(OffsetDateTime.of(DAY, ZoneOffset.UTC));
        assertThat(values.get("offset")).isEqualTo(OffsetDateTime.of(DAY, ZoneOffset.ofHoursMinutes(-5, -30)));
        assertThat(values.get("zone"))
                .isEqualTo(ZonedDateTime.of(2024, 10, 27, 2, 30, 0, 0, ZoneId.of("Europe/Berlin"))
                        .withLaterOffsetAtOverlap());
        assertThat(values.get("date")).isEqualTo(DAY.toLocalDate());
        assertThat(values.get("time")).isEqualTo(DAY.toLocalTime());
        assertThat(values.get("delta")).isEqualTo(Duration.ofDays(-1).plusNanos(5000));
    }

    @Test
    void arraysOfNumpyAreArraysOfJava() throws Exception {
        Future<Map<String, Object>> future = client.future("python-arrays");
        Map<String, Object> arrays = future.get();
        NdArray grid = NdArray.of(new int[] {0, 1, 2, 3, 4, 5}, 2, 3);

        assertThat((double[]) arrays.get("doubles")).containsExactly(1.5, -0.0, Double.NaN);
        assertThat((long[]) arrays.get("longs")).containsExactly(0, 1, 2);
        assertThat((boolean[]) arrays.get("bools")).containsExactly(true, false);
        assertThat((short[]) arrays.get("big-endian")).containsExactly((short) 1, (short) 2);
        assertThat(arrays.get("grid")).isEqualTo(grid);
        assertThat(arrays.get("fortran")).isEqualTo(grid);
        assertThat(arrays.get("transposed")).isEqualTo(NdArray.of(new int[] {0, 3, 1, 4, 2, 5}, 3, 2));
        assertThat(arrays.get("strided")).isEqualTo(NdArray.of(new int[] {0, 2, 3, 5}, 2, 2));
        assertThat(arrays.get("broadcast")).isEqualTo(NdArray.of(new float[] {3, 3, 3, 3}, 2, 2));
        assertThat(arrays.get("unsigned"))
                .isEqualTo(new NdArray(NdArray.Type.UINT8, new int[] {2}, new byte[] {-1, 1}));
        assertThat(arrays.get("single")).isEqualTo(NdArray.of(new double[] {4}));
        assertThat(arrays.get("empty")).isEqualTo(NdArray.of(new double[0], 0, 3));
        assertThat(arrays.get("objects")).isEqualTo(Arrays.asList(null, "a", 2L));
    }

    @Test
    void arraysInListsAndAloneTravelByDasksOwnSerializer() throws Exception {
        Future<float[]> array = client.future("python-array");
        Future<List<Object>> several = client.future("python-several");

        assertThat(array.get()).containsExactly(0, 1, 2);
        assertThat((double[]) several.get().get(0)).containsExactly(0, 1);
        assertThat((long[]) several.get().get(1)).containsExactly(0, 1, 2);
    }

    @Test
    void whatHasNoCounterpartInJavaIsNamed() {
        Future<Object> frame = client.future("python-period");
        Future<Object> fraction = client.future("python-fraction");

        assertThatThrownBy(frame::get)
                .rootCause()
                .hasMessageContaining("a pandas._libs.tslibs.period.Period of Python has no");
        assertThatThrownBy(fraction::get).rootCause().hasMessageContaining("a fractions.Fraction of Python has no");
        Future<String> task = client.submit(Object::toString, frame);
        assertThatThrownBy(task::get).hasMessageContaining("a pandas._libs.tslibs.period.Period of Python has no");
    }

    @Test
    void valuesOfJavaAreThoseOfPython() {
        assertThat(shown)
                .containsEntry("null", "None")
                .containsEntry("numbers", "[True, -1, 2, 3, 1099511627776, 1180591620717411303424, 1.5, -0.0]")
                .containsEntry("text", "'süß €😀'")
                .containsEntry("char", "'c'")
                .containsEntry("bytes", "b'\\x00\\xff'")
                .containsEntry("list", "[1, 2]")
                .containsEntry("objects", "['a', None, []]")
                .containsEntry("map", "{('x', 1): 'a tuple as key'}")
                .containsEntry("set", "{7}")
                .containsEntry("shared is one", "True")
                .containsEntry("date", "datetime.date(2024, 2, 29)")
                .containsEntry("time", "datetime.time(1, 2, 3, 4)")
                .containsEntry("datetime", "datetime.datetime(2024, 2, 29, 12, 30, 15, 123456)")
                .containsEntry(
                        "instant", "datetime.datetime(2024, 2, 29, 12, 30, 15, 123456, tzinfo=datetime.timezone.utc)")
                .containsEntry(
                        "zoned", "datetime.datetime(2024, 7, 1, 0, 0, tzinfo=zoneinfo.ZoneInfo(key='Europe/Berlin'))")
                .containsEntry(
                        "later",
                        "datetime.datetime(2024, 10, 27, 2, 30, fold=1, tzinfo=zoneinfo.ZoneInfo(key='Europe/Berlin'))")
                .containsEntry("duration", "datetime.timedelta(days=-1, microseconds=5)")
                .containsEntry("decimal", "Decimal('1.230')")
                .containsEntry("uuid", "UUID('12345678-9abc-def0-1234-56789abcdef0')");
    }

    @Test
    void arraysOfJavaAreNumpys() {
        assertThat(shown)
                .containsEntry("doubles", "array(<f8, (2,), [1.5, -0.0], writeable=True)")
                .containsEntry("longs", "array(<i8, (1,), [1099511627776], writeable=True)")
                .containsEntry("bools", "array(|b1, (2,), [True, False], writeable=True)")
                .containsEntry("nothing", "array(<i4, (0,), [], writeable=True)")
                .containsEntry("grid", "array(<i4, (2, 3), [[1, 2, 3], [4, 5, 6]], writeable=True)")
                .containsEntry("unsigned", "array(|u1, (1,), [255], writeable=True)");
    }

    @Test
    void tasksTakeEachOthersResultsAsArguments() {
        assertThat(shown)
                .containsEntry("a Python task's total", "4.5")
                .containsEntry("there and back", "999999500000.0");
    }

    @Test
    void whatHasNoCounterpartInPythonIsNamed() {
        String sentence = "NotForPython of Java has no counterpart in Python; return numbers";
        assertThat(shown.get("another")).contains(sentence);
        assertThat(shown.get("a task of another")).contains(sentence);
    }
}
