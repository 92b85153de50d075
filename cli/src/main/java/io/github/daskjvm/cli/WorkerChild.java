package io.github.daskjvm.cli;

import io.github.daskjvm.worker.nanny.NannyLink;
import java.io.IOException;
import java.util.List;

/// The process of a worker that a nanny watches. Its arguments are those of the nanny's `dask-jvm worker`, its
/// standard input is the nanny's.
final class WorkerChild {
    private WorkerChild() {}

    public static void main(String[] args) throws InterruptedException {
        NannyLink link;
        try {
            link = NannyLink.open(System.in);
        } catch (IOException e) {
            System.err.println("dask-jvm worker: " + e.getMessage());
            System.exit(1);
            return;
        }
        System.exit(DaskJvm.executeChild(System.err, link, List.of(args)));
    }
}
