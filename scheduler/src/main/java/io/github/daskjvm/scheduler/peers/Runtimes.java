package io.github.daskjvm.scheduler.peers;

import io.github.daskjvm.core.model.Runtime;
import java.util.Collection;
import java.util.List;

/// For which runtime data is: that of the workers which hold it.
public final class Runtimes {
    private Runtimes() {}

    public static Runtime of(Workers workers, Collection<List<String>> holders) {
        for (List<String> addresses : holders) {
            for (String address : addresses) {
                WorkerInfo worker = workers.get(address);
                if (worker != null) {
                    return worker.runtime();
                }
            }
        }
        return Runtime.PYTHON;
    }
}
