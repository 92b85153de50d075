package io.github.daskjvm.examples.etl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.daskjvm.client.Client;
import io.github.daskjvm.client.LocalCluster;
import io.github.daskjvm.client.TaskFailedException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class CsvEtlTest {
    @TempDir
    Path folder;

    @Test
    void ordersOfManyFilesBecomeAFileForEachCountry() throws Exception {
        Path input = Files.createDirectory(folder.resolve("in"));
        Path output = folder.resolve("out");
        for (int i = 0; i < 20; i++) {
            Files.writeString(input.resolve("orders-" + i + ".csv"), """
                    country,product,quantity,price
                    de,"Tea, green",2,3.50
                    FR,Bread,1,2.25
                    de,Bread,many,2.25
                    """);
        }
        try (LocalCluster cluster = LocalCluster.builder().workers(2).start();
                Client client = cluster.client()) {
            CsvEtl.Report report = CsvEtl.run(client, input, output);

            assertThat(report.rows()).isEqualTo(60);
            assertThat(report.bad()).isEqualTo(20);
            assertThat(output.resolve("DE.csv")).content().isEqualToNormalizingNewlines("""
                    product,revenue
                    "Tea, green",140.00
                    """);
            assertThat(output.resolve("FR.csv")).content().isEqualToNormalizingNewlines("""
                    product,revenue
                    Bread,45.00
                    """);
        }
    }

    @Test
    void aFileWithoutTheColumnsFailsWithItsTask() throws Exception {
        Files.writeString(folder.resolve("bad.csv"), "a,b\n1,2\n");
        try (LocalCluster cluster = LocalCluster.builder().workers(1).start();
                Client client = cluster.client()) {
            assertThatThrownBy(() -> CsvEtl.run(client, folder, folder.resolve("out")))
                    .isInstanceOfSatisfying(
                            TaskFailedException.class,
                            failure -> assertThat(failure.function()).isEqualTo("extract"))
                    .hasMessageContaining("quantity");
        }
    }
}
