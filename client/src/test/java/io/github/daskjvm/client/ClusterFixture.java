package io.github.daskjvm.client;

import io.github.daskjvm.core.scheduler.SchedulerConfig;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

/// A scheduler and two workers of two threads in this process for all tests of a class, and a client for each, after
/// which nothing is left on the scheduler.
abstract class ClusterFixture {
    static LocalCluster cluster;
    Client client;

    @BeforeAll
    static void startCluster() throws Exception {
        cluster = LocalCluster.builder()
                .workers(2)
                .threadsPerWorker(2)
                .schedulerConfig(SchedulerConfig.DEFAULT.withValidate(true))
                .start();
    }

    @AfterAll
    static void closeCluster() {
        cluster.close();
    }

    @BeforeEach
    void connect() throws Exception {
        client = cluster.client();
    }

    @AfterEach
    void disconnect() throws Exception {
        client.close();
        Await.until(
                "the scheduler forgets the tasks of " + client.id(),
                () -> cluster.scheduler().snapshot().knownTasks() == 0
                        && cluster.scheduler().snapshot().clients() == 0);
    }
}
