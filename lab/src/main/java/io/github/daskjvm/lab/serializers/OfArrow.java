package io.github.daskjvm.lab.serializers;

import io.github.daskjvm.lab.serializers.Kinds.Reading;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowStreamReader;
import org.apache.arrow.vector.ipc.ArrowStreamWriter;
import org.jspecify.annotations.Nullable;

/// Arrow's stream format, for values that are columns or can be taken apart into some; from and to Java objects.
final class OfArrow implements Way {
    private final BufferAllocator memory = new RootAllocator();

    @Override
    public String name() {
        return "Arrow";
    }

    @Override
    public @Nullable List<byte[]> write(Object value) throws Exception {
        List<FieldVector> columns = switch (value) {
            case double[] numbers -> List.of(numbers(numbers));
            case List<?> list when list.getFirst() instanceof String -> List.of(texts("text", list));
            case List<?> list when list.getFirst() instanceof Reading -> readings(list);
            default -> List.of();
        };
        if (columns.isEmpty()) {
            return null;
        }
        var bytes = new ByteArrayOutputStream(1 << 16);
        try (var root = new VectorSchemaRoot(columns);
                var writer = new ArrowStreamWriter(root, null, Channels.newChannel(bytes))) {
            writer.start();
            writer.writeBatch();
            writer.end();
        }
        return List.of(bytes.toByteArray());
    }

    private Float8Vector numbers(double[] numbers) {
        var vector = new Float8Vector("number", memory);
        vector.allocateNew(numbers.length);
        for (int i = 0; i < numbers.length; i++) {
            vector.set(i, numbers[i]);
        }
        vector.setValueCount(numbers.length);
        return vector;
    }

    private VarCharVector texts(String name, List<?> texts) {
        var vector = new VarCharVector(name, memory);
        vector.allocateNew(texts.size());
        for (int i = 0; i < texts.size(); i++) {
            vector.setSafe(i, String.valueOf(texts.get(i)).getBytes(StandardCharsets.UTF_8));
        }
        vector.setValueCount(texts.size());
        return vector;
    }

    private List<FieldVector> readings(List<?> list) {
        var ids = new BigIntVector("id", memory);
        ids.allocateNew(list.size());
        var names = new ArrayList<String>(list.size());
        var values = new double[list.size()];
        for (int i = 0; i < values.length; i++) {
            Reading reading = (Reading) list.get(i);
            ids.set(i, reading.id());
            names.add(reading.sensor());
            values[i] = reading.value();
        }
        ids.setValueCount(values.length);
        return List.of(ids, texts("sensor", names), numbers(values));
    }

    @Override
    public Object read(List<byte[]> frames) throws Exception {
        try (var reader = new ArrowStreamReader(new ByteArrayInputStream(frames.getFirst()), memory)) {
            reader.loadNextBatch();
            List<FieldVector> columns = reader.getVectorSchemaRoot().getFieldVectors();
            int rows = reader.getVectorSchemaRoot().getRowCount();
            if (columns.size() == 3) {
                var ids = (BigIntVector) columns.get(0);
                var names = (VarCharVector) columns.get(1);
                var values = (Float8Vector) columns.get(2);
                var list = new ArrayList<Reading>(rows);
                for (int i = 0; i < rows; i++) {
                    list.add(new Reading(ids.get(i), text(names, i), values.get(i)));
                }
                return list;
            }
            if (columns.getFirst() instanceof VarCharVector texts) {
                var list = new ArrayList<String>(rows);
                for (int i = 0; i < rows; i++) {
                    list.add(text(texts, i));
                }
                return list;
            }
            var vector = (Float8Vector) columns.getFirst();
            var numbers = new double[rows];
            for (int i = 0; i < rows; i++) {
                numbers[i] = vector.get(i);
            }
            return numbers;
        }
    }

    private static String text(VarCharVector vector, int row) {
        return new String(vector.get(row), StandardCharsets.UTF_8);
    }
}
