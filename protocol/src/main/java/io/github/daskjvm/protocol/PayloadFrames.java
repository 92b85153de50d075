package io.github.daskjvm.protocol;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdException;
import java.io.ByteArrayOutputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import net.jpountz.lz4.LZ4Exception;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4SafeDecompressor;
import org.jspecify.annotations.Nullable;

/// The inside of a payload, for the few values that are read here rather than forwarded: frames decompressed,
/// and joined where the sender split them.
public final class PayloadFrames {
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    /// What one frame may unpack to.
    private static final int FRAME_MAX_BYTES = Integer.MAX_VALUE - 64;

    private PayloadFrames() {}

    /// The header as a map.
    public static Map<?, ?> header(Payload payload) throws BadMessageException {
        if (new MsgpackReader().whole(payload.header()) instanceof Map<?, ?> map) {
            return map;
        }
        throw new BadMessageException("a payload's header must be a map");
    }

    /// The frames as they were before they were compressed and split.
    ///
    /// @throws BadMessageException for a compression that is not read here, or data that is not what it claims
    public static List<byte[]> logical(Payload payload) throws BadMessageException {
        Map<?, ?> header = header(payload);
        List<byte[]> plain = plain(payload.frames(), header.get("compression"));
        if (!(header.get("split-num-sub-frames") instanceof List<?> counts)) {
            return plain;
        }
        List<?> offsets = header.get("split-offsets") instanceof List<?> list ? list : List.of();
        var joined = new ArrayList<byte[]>(counts.size());
        for (int i = 0; i < counts.size(); i++) {
            if (i >= offsets.size()
                    || !(counts.get(i) instanceof Long count)
                    || !(offsets.get(i) instanceof Long offset)
                    || count < 0
                    || offset < 0
                    || offset + count > plain.size()) {
                throw new BadMessageException("a payload's split-offsets do not fit its " + plain.size() + " frames");
            }
            joined.add(join(plain.subList((int) (long) offset, (int) (offset + count))));
        }
        return joined;
    }

    /// The value of a payload that is a Python `bytes`, which can be read without Python.
    ///
    /// @throws BadMessageException if it is something else
    public static byte[] bytes(Payload payload) throws BadMessageException {
        Map<?, ?> header = header(payload);
        if ("dask".equals(header.get("serializer"))
                && header.get("type") instanceof String type
                && (type.equals("bytes") || type.equals("builtins.bytes"))) {
            return join(logical(payload));
        }
        if ("pickle".equals(header.get("serializer"))
                && logical(payload) instanceof List<byte[]> frames
                && frames.size() == 1
                && PickleReader.read(frames.getFirst()) instanceof byte[] bytes) {
            return bytes;
        }
        throw new BadMessageException(
                "a payload of type bytes is wanted, this is " + header.get("serializer") + " " + header.get("type"));
    }

    private static byte[] join(List<byte[]> frames) throws BadMessageException {
        if (frames.size() == 1) {
            return frames.getFirst();
        }
        long total = 0;
        for (byte[] frame : frames) {
            total += frame.length;
        }
        if (total > FRAME_MAX_BYTES) {
            throw new BadMessageException("a payload of " + total + " bytes is too large to be read as one value");
        }
        byte[] joined = new byte[(int) total];
        int at = 0;
        for (byte[] frame : frames) {
            System.arraycopy(frame, 0, joined, at, frame.length);
            at += frame.length;
        }
        return joined;
    }

    private static List<byte[]> plain(List<byte[]> frames, @Nullable Object compression) throws BadMessageException {
        if (!(compression instanceof List<?> names) || names.stream().allMatch(name -> name == null)) {
            return frames;
        }
        var plain = new ArrayList<byte[]>(frames.size());
        for (int i = 0; i < frames.size(); i++) {
            plain.add(decompress(i < names.size() ? names.get(i) : null, frames.get(i)));
        }
        return plain;
    }

    private static byte[] decompress(@Nullable Object name, byte[] frame) throws BadMessageException {
        if (name == null) {
            return frame;
        }
        try {
            return switch (name.toString()) {
                case "lz4" -> lz4(frame);
                case "zlib" -> zlib(frame);
                case "zstd" -> zstd(frame);
                default -> throw new BadMessageException("the compression " + name + " is not read here");
            };
        } catch (DataFormatException | LZ4Exception | ZstdException e) {
            throw new BadMessageException("a frame is no " + name + " data: " + e.getMessage(), e);
        }
    }

    private static byte[] lz4(byte[] frame) throws BadMessageException {
        int size = frame.length < 4 ? -1 : (int) INT.get(frame, 0);
        if (size < 0 || size > FRAME_MAX_BYTES || size > 255L * frame.length) {
            throw new BadMessageException("an lz4 frame of " + frame.length + " bytes claims a size of " + size);
        }
        byte[] plain = new byte[size];
        LZ4SafeDecompressor decompressor = LZ4Factory.safeInstance().safeDecompressor();
        int length = decompressor.decompress(frame, 4, frame.length - 4, plain, 0, size);
        if (length != size) {
            throw new BadMessageException("an lz4 frame holds " + length + " bytes and claims " + size);
        }
        return plain;
    }

    private static byte[] zlib(byte[] frame) throws DataFormatException, BadMessageException {
        try (var inflater = new Inflater()) {
            inflater.setInput(frame);
            var out = new ByteArrayOutputStream(frame.length * 2);
            byte[] chunk = new byte[1 << 16];
            while (!inflater.finished()) {
                int n = inflater.inflate(chunk);
                if (n == 0 && (inflater.needsInput() || inflater.needsDictionary())) {
                    throw new BadMessageException("a zlib frame is cut off after " + frame.length + " bytes");
                }
                if ((long) out.size() + n > FRAME_MAX_BYTES) {
                    throw new BadMessageException("a zlib frame holds more than " + FRAME_MAX_BYTES + " bytes");
                }
                out.write(chunk, 0, n);
            }
            return out.toByteArray();
        }
    }

    private static byte[] zstd(byte[] frame) throws BadMessageException {
        long size = Zstd.getFrameContentSize(frame);
        if (size < 0 || size > FRAME_MAX_BYTES) {
            throw new BadMessageException("a zstd frame claims a size of " + size);
        }
        return Zstd.decompress(frame, (int) size);
    }
}
