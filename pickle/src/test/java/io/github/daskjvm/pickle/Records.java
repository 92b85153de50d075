package io.github.daskjvm.pickle;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The files of `random_pickles.py`: pickles, each followed by its buffers.
final class Records {
    private Records() {}

    static List<List<byte[]>> read(Path file) throws IOException {
        ByteBuffer in = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        List<List<byte[]>> records = new ArrayList<>();
        while (in.hasRemaining()) {
            List<byte[]> blobs = new ArrayList<>();
            int count = in.getInt();
            for (int i = 0; i < count; i++) {
                byte[] blob = new byte[in.getInt()];
                in.get(blob);
                blobs.add(blob);
            }
            records.add(blobs);
        }
        return records;
    }

    static void write(Path file, List<List<byte[]>> records) throws IOException {
        var out = new ByteArrayOutputStream();
        for (List<byte[]> blobs : records) {
            out.writeBytes(number(blobs.size()));
            for (byte[] blob : blobs) {
                out.writeBytes(number(blob.length));
                out.writeBytes(blob);
            }
        }
        Files.write(file, out.toByteArray());
    }

    private static byte[] number(int value) {
        return ByteBuffer.allocate(4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(value)
                .array();
    }

    /// The same, each parsed and written again.
    static List<List<byte[]>> again(List<List<byte[]>> records) throws PickleFormatException {
        List<List<byte[]>> written = new ArrayList<>();
        for (List<byte[]> blobs : records) {
            PickleWriter.Written again = PickleWriter.write(PickleParser.parse(blobs.getFirst()));
            List<byte[]> blobsAgain = new ArrayList<>(List.of(again.pickle()));
            for (int buffer : again.buffers()) {
                blobsAgain.add(blobs.get(1 + buffer));
            }
            written.add(blobsAgain);
        }
        return written;
    }
}
