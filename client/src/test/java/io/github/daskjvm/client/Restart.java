package io.github.daskjvm.client;

import java.net.BindException;

/// A cluster in the place of one that was closed.
final class Restart {
    private Restart() {}

    static int port(LocalCluster cluster) {
        return Integer.parseInt(cluster.schedulerAddress().replaceAll(".*:", ""));
    }

    /// With one worker. The port is free a moment after the cluster that had it is closed.
    static LocalCluster at(int port) throws Exception {
        LocalCluster[] started = new LocalCluster[1];
        Await.until("port " + port + " is free", () -> {
            try {
                started[0] = LocalCluster.builder().port(port).workers(1).start();
                return true;
            } catch (BindException e) {
                return false;
            }
        });
        return started[0];
    }
}
