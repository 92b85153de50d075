package io.github.daskjvm.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.daskjvm.protocol.Payload;
import io.github.daskjvm.worker.spill.SpillCompression;
import io.github.daskjvm.worker.spill.SpillFolder;
import io.github.daskjvm.worker.task.JavaCodec;
import io.github.daskjvm.worker.task.RejectedClassException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.apache.commons.collections.functors.InvokerTransformer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Values on disk that are not usual: of classes that the filter refuses of others, and noise.
class SpilledFormTest {
    private static final ClassLoader LOADER = SpilledFormTest.class.getClassLoader();

    @TempDir
    private Path folder;

    private SpillFolder files;

    @BeforeEach
    void open() {
        files = new SpillFolder(folder, SpillCompression.LZ4, Long.MAX_VALUE);
    }

    @Test
    void whatDoesNotCompressComesBackToo() throws Exception {
        byte[] noise = new byte[300_000];
        new Random(1).nextBytes(noise);
        for (SpillCompression compression : SpillCompression.values()) {
            var folderOfIt = new SpillFolder(folder, compression, Long.MAX_VALUE);
            for (byte[] value : List.of(noise, new byte[300_000])) {
                SpilledForm spilled = SpilledForm.ofObject(value, value.length, folderOfIt);
                assertThat(spilled.value(LOADER)).as("%s", compression).isEqualTo(value);
                spilled.file().delete();
            }
        }
    }

    @Test
    void whatATaskMadeComesBackWhateverItsClass() throws Exception {
        int made = InvokerTransformer.MADE.get();

        Object small = SpilledForm.ofObject(List.of(new InvokerTransformer()), 100, files)
                .value(LOADER);
        Object large = SpilledForm.ofObject(new Object[] {new InvokerTransformer(), new byte[2 << 20]}, 2 << 20, files)
                .value(LOADER);

        assertThat((List<?>) small).hasOnlyElementsOfType(InvokerTransformer.class);
        assertThat((Object[]) large).hasSize(2);
        assertThat(InvokerTransformer.MADE).hasValue(made + 2);
    }

    @Test
    void whatCameFromOthersIsRefusedFromDiskAsFromMemory() throws Exception {
        int made = InvokerTransformer.MADE.get();
        Payload received = JavaCodec.payload(new InvokerTransformer());
        SpilledForm spilled = SpilledForm.ofPayload(received, files);

        assertThatThrownBy(() -> JavaCodec.value(received, LOADER)).isInstanceOf(RejectedClassException.class);
        assertThatThrownBy(() -> spilled.value(LOADER)).isInstanceOf(RejectedClassException.class);
        assertThat(InvokerTransformer.MADE).hasValue(made);
    }
}
