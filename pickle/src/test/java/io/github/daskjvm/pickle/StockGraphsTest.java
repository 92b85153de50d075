package io.github.daskjvm.pickle;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What real graphs are made of: functions and classes by name and by value, cycles among them, arrays and data frames.
class StockGraphsTest {
    @TempDir
    private Path folder;

    @Test
    void graphsAndTasksWrittenAgainMakeTheSame() throws Exception {
        Python.assumeThere();
        Python.put(folder, "random_pickles.py");
        Path pickles = folder.resolve("pickles");
        Path again = folder.resolve("again");
        Python.run(folder, "stock_graphs.py", "write", pickles.toString());
        List<List<byte[]>> records = Records.read(pickles);
        assertThat(records.size()).isGreaterThan(500);
        Records.write(again, Records.again(records));
        List<String> expected = digests(pickles);
        assertThat(expected).hasSameSizeAs(records);
        assertThat(digests(again)).isEqualTo(expected);
    }

    private List<String> digests(Path file) throws Exception {
        return Python.run(folder, "stock_graphs.py", "digests", file.toString())
                .lines()
                .toList();
    }
}
