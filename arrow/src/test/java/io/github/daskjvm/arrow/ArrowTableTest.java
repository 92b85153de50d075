package io.github.daskjvm.arrow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.daskjvm.protocol.Payload;
import io.github.daskjvm.worker.python.PythonReader;
import io.github.daskjvm.worker.python.PythonWriter;
import io.github.daskjvm.worker.python.Table;
import io.github.daskjvm.worker.task.JavaCodec;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.DictionaryEncoding;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.junit.jupiter.api.Test;

/// Without Python; with it see `ArrowTablesTest` of the module interop.
class ArrowTableTest {
    private static ArrowTable table() {
        return ArrowTable.of(new Table(Map.of("a", new long[] {1, 2, 3}), List.of("x", "y", "z"), null));
    }

    @Test
    void vectorsAndTablesBecomeOneAnother() throws IOException {
        try (var memory = new RootAllocator();
                VectorSchemaRoot vectors = table().vectors(memory)) {
            assertThat(((BigIntVector) vectors.getVector("a")).get(2)).isEqualTo(3);
            Table back = ArrowColumns.table(vectors);
            assertThat(back.longs("a")).containsExactly(1, 2, 3);
            assertThat(back.index()).isEqualTo(List.of("x", "y", "z"));
            assertThat(back.indexName()).isNull();
            assertThat(ArrowTable.of(vectors)).isEqualTo(table()).hasSameHashCodeAs(table());
            assertThat(ArrowTable.batchOf(vectors)).isNotEqualTo(table());
        }
    }

    @Test
    void pythonsFormIsTheStreamAsItIs() throws IOException {
        ArrowTable table = table();
        Payload payload = PythonWriter.write(table);

        assertThat(payload.frames()).hasSize(1);
        assertThat(payload.frames().getFirst()).isSameAs(table.streamBytes());
        assertThat(PythonReader.read(payload)).isEqualTo(table);
        assertThat(PythonReader.read(PythonWriter.write(List.of(table, 1)))).isEqualTo(List.of(table, 1L));
        assertThat(JavaCodec.value(JavaCodec.payload(table), getClass().getClassLoader()))
                .isEqualTo(table);
    }

    @Test
    void dictionariesOfJavaVectorsAreReadRowByRow() throws IOException {
        var encoding = new DictionaryEncoding(7, false, new ArrowType.Int(32, true));
        try (var memory = new RootAllocator();
                var words = new VarCharVector("words", memory);
                var codes = new IntVector("c", new FieldType(true, new ArrowType.Int(32, true), encoding), memory)) {
            words.allocateNew();
            words.setSafe(0, new byte[] {'n', 'o'});
            words.setSafe(1, new byte[] {'y', 'e', 's'});
            words.setValueCount(2);
            codes.allocateNew(3);
            codes.set(0, 1);
            codes.setNull(1);
            codes.set(2, 0);
            codes.setValueCount(3);
            ArrowTable table = ArrowTable.of(
                    VectorSchemaRoot.of(codes),
                    new DictionaryProvider.MapDictionaryProvider(new Dictionary(words, encoding)));

            assertThat(table.toTable().list("c")).isEqualTo(Arrays.asList("yes", null, "no"));
            assertThatThrownBy(() -> table.vectors(memory)).hasMessageContaining("use reader, and its dictionaries");
        }
    }

    @Test
    void damagedStreamsAreAnIOException() {
        long seed = System.nanoTime();
        var random = new Random(seed);
        byte[] good = table().streamBytes();
        for (int i = 0; i < 40; i++) {
            byte[] bad = Arrays.copyOf(good, 1 + random.nextInt(good.length));
            bad[random.nextInt(bad.length)] = (byte) random.nextInt();
            try {
                ArrowTable.ofStream(bad).toTable();
            } catch (IOException e) {
                assertThat(e.getMessage()).as("seed %d, round %d", seed, i).isNotBlank();
            }
        }
    }
}
