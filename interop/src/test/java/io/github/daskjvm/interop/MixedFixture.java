package io.github.daskjvm.interop;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.daskjvm.client.Client;
import io.github.daskjvm.client.LocalCluster;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/// A cluster of both kinds of workers for all tests of a class, which need stock Dask.
abstract class MixedFixture {
    @TempDir
    static Path folder;

    static MixedCluster mixed;
    static LocalCluster cluster;
    static Client client;

    @BeforeAll
    static void bothKinds() throws Exception {
        assumeTrue(StockDask.isThere(), "stock Dask is not there");
        mixed = MixedCluster.start(folder);
        cluster = mixed.cluster();
        client = mixed.client();
    }

    @AfterAll
    static void end() throws InterruptedException {
        if (mixed != null) {
            mixed.close();
            mixed = null;
        }
    }
}
