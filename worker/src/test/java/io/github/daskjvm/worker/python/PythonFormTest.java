package io.github.daskjvm.worker.python;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.github.daskjvm.protocol.Payload;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// What a Python peer is sent of a value of Java's.
class PythonFormTest {
    private static final int MIB = 1 << 20;

    private static List<Object> values() {
        byte[] bytes = new byte[200_000];
        new Random(3).nextBytes(bytes);
        double[] doubles = new Random(4).doubles(50_000).toArray();
        List<Object> many = new ArrayList<>();
        for (long i = 0; i < 300_000; i++) {
            many.add(i);
        }
        return List.of(
                bytes,
                "ü".repeat(300_000),
                many,
                List.of(bytes, doubles, "x".repeat(70_000), bytes),
                NdArray.of(doubles, 50, 1000),
                Map.of("flags", new boolean[100_000]),
                List.of(new short[] {1, -2}, new int[0], true),
                NdArray.ofComplex(new double[] {1, 2}, 1),
                new Table(Map.of("f", new float[] {1.5f}, "i", new int[] {7})));
    }

    @Test
    void itIsTheSameInPiecesAndAsAWhole() throws IOException {
        for (Object value : values()) {
            PythonForm form = PythonWriter.form(value);
            Payload whole = form.payload();
            var joined = new ByteArrayOutputStream();
            whole.frames().forEach(joined::writeBytes);
            var streamed = new ByteArrayOutputStream();
            form.writeTo(streamed);

            assertThat(Arrays.equals(streamed.toByteArray(), joined.toByteArray()))
                    .isTrue();
            assertThat(form.lengths())
                    .isEqualTo(whole.frames().stream()
                            .mapToLong(frame -> frame.length)
                            .toArray());
            assertThat(form.header()).isEqualTo(whole.header());
            assertThat(form.sizeBytes()).isEqualTo(joined.size());
            var again = new ByteArrayOutputStream();
            PythonWriter.form(PythonReader.read(whole)).writeTo(again);
            assertThat(Arrays.equals(again.toByteArray(), streamed.toByteArray()))
                    .as("what is read of it is the same again")
                    .isTrue();
        }
    }

    @Test
    void largeValuesAreNotThereTwice() throws IOException {
        long[] longs = new long[16 * MIB / Long.BYTES];
        byte[] bytes = new byte[16 * MIB];
        assertThat(allocatedBytes(longs)).isLessThan(MIB);
        assertThat(allocatedBytes(bytes)).isLessThan(MIB);
        assertThat(allocatedBytes(List.of(bytes, longs, Map.of("again", new byte[16 * MIB]))))
                .isLessThan(MIB);
        assertThat(allocatedBytes("x".repeat(16 * MIB)))
                .as("its bytes in UTF-8, once")
                .isBetween(16L * MIB, 17L * MIB);
    }

    private static long allocatedBytes(Object value) throws IOException {
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        PythonWriter.form(List.of(1, new double[1])).writeTo(OutputStream.nullOutputStream());
        long before = threads.getCurrentThreadAllocatedBytes();
        PythonForm form = PythonWriter.form(value);
        form.writeTo(OutputStream.nullOutputStream());
        return threads.getCurrentThreadAllocatedBytes() - before;
    }

    @Test
    void aKindThatIsNotOnTheClassPathIsNamed() {
        Payload table = Payload.serialized(
                Map.of("serializer", "dask", "type", "pyarrow.lib.Table", "sub-header", Map.of()),
                List.of(new byte[8]));

        assertThatThrownBy(() -> PythonReader.read(table))
                .isInstanceOf(ConversionException.class)
                .hasMessage("a pyarrow.lib.Table of Python has no counterpart in Java but where the module arrow is on"
                        + " the class path, which reads whole tables and record batches");
    }
}
