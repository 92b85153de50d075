package io.github.daskjvm.scheduler.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.scheduler.Command;
import io.github.daskjvm.protocol.MsgpackReader;
import io.github.daskjvm.protocol.MsgpackWriter;
import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ClientMessagesTest {
    private static final Command.KeyInMemory NEWS =
            new Command.KeyInMemory(TaskKey.of("x"), new SmallResult(new byte[] {1}, new byte[] {2, 3}));

    private static @Nullable Object written(boolean results) throws IOException {
        var out = new MsgpackWriter(64);
        ClientMessages.write(out, NEWS, results);
        return new MsgpackReader().whole(out.toByteArray());
    }

    @Test
    void aClientOfTheJvmHasASmallResultWithTheNews() throws IOException {
        assertThat(written(true))
                .usingRecursiveComparison()
                .isEqualTo(Map.of("op", "key-in-memory", "key", "x", "result", new byte[] {2, 3}));
    }

    /// Its handler takes no field that it does not know.
    @Test
    void aPythonClientHasTheTypeAlone() throws IOException {
        assertThat(written(false))
                .usingRecursiveComparison()
                .isEqualTo(Map.of("op", "key-in-memory", "key", "x", "type", new byte[] {1}));
    }
}
