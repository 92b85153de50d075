package io.github.daskjvm.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PayloadFramesTest {
    private static final String TEXT = "hello hello hello hello hello hello";

    private static Payload payload(Map<String, ?> header, byte[]... frames) {
        var writer = new MsgpackWriter(128);
        writer.value(header);
        return new Payload(Payload.Kind.SERIALIZED, writer.toByteArray(), List.of(frames));
    }

    private static byte[] hex(String hex) {
        return HexFormat.of().parseHex(hex);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void framesThatPythonCompressedAreRead() throws Exception {
        // zlib.compress and lz4.block.compress of Python
        var payload = payload(
                Map.of("compression", Arrays.asList("zlib", "lz4", "zstd", null)),
                hex("789ccb48cdc9c957c8c0470200eb550d19"),
                hex("230000006f68656c6c6f200600055068656c6c6f"),
                Zstd.compress(utf8(TEXT)),
                utf8(TEXT));

        assertThat(PayloadFrames.logical(payload))
                .hasSize(4)
                .allSatisfy(f -> assertThat(f).asString(StandardCharsets.UTF_8).isEqualTo(TEXT));
    }

    @Test
    void framesThatWereSplitAreJoined() throws Exception {
        var payload = payload(
                Map.of("split-num-sub-frames", List.of(2, 1), "split-offsets", List.of(0, 2)),
                utf8("ab"),
                utf8("cd"),
                utf8("e"));

        assertThat(PayloadFrames.logical(payload))
                .satisfiesExactly(
                        f -> assertThat(f).isEqualTo(utf8("abcd")),
                        f -> assertThat(f).isEqualTo(utf8("e")));
    }

    @Test
    void bytesOfPythonAreReadWithoutPython() throws Exception {
        var dask = payload(Map.of("serializer", "dask", "type", "bytes"), utf8("ab"), utf8("c"));
        var pickle = payload(Map.of("serializer", "pickle"), Pickle.of(utf8("abc")));

        assertThat(PayloadFrames.bytes(dask)).isEqualTo(utf8("abc"));
        assertThat(PayloadFrames.bytes(pickle)).isEqualTo(utf8("abc"));
    }

    @Test
    void whatIsNotAsItClaimsIsRefused() {
        List<Payload> bad = List.of(
                payload(Map.of("compression", List.of("snappy")), utf8("x")),
                payload(Map.of("compression", List.of("zlib")), utf8("x")),
                payload(Map.of("compression", List.of("zlib")), hex("789ccb48cd")),
                payload(Map.of("compression", List.of("lz4")), hex("ffffff7f6f")),
                payload(Map.of("compression", List.of("lz4")), hex("230000006f6865")),
                payload(Map.of("compression", List.of("zstd")), utf8("x")),
                payload(Map.of("split-num-sub-frames", List.of(2), "split-offsets", List.of(0)), utf8("x")),
                payload(Map.of("split-num-sub-frames", List.of("a"), "split-offsets", List.of(0)), utf8("x")),
                payload(Map.of("serializer", "error"), utf8("x")));

        assertThat(bad)
                .allSatisfy(payload ->
                        assertThatThrownBy(() -> PayloadFrames.bytes(payload)).isInstanceOf(BadMessageException.class));
    }
}
