package io.github.daskjvm.monitoring;

import io.github.daskjvm.scheduler.coordination.SemaphoreFigures;
import java.util.List;

/// Semaphores and locks, as Dask's families of the subsystem `semaphore`. The abbreviated unit of the last one is
/// Dask's; `promtool` objects to it.
final class SemaphoreFamilies {
    private SemaphoreFamilies() {}

    static void add(Families families, List<SemaphoreFigures> semaphores) {
        Families.Samples most = families.gauges("max_leases", "Leases that can be held at once, for each semaphore");
        Families.Samples active = families.gauges("active_leases", "Leases held now, for each semaphore");
        Families.Samples pending = families.gauges("pending_leases", "Calls that wait for a lease, for each semaphore");
        Families.Samples acquired = families.counters("acquire", "Total number of leases given, for each semaphore");
        Families.Samples released = families.counters(
                "release", "Total number of leases given back, or taken back as timed out, for each semaphore");
        Families.Samples waits = families.gauges(
                "average_pending_lease_time_s",
                "Moving average of the seconds that calls waited for a lease, half of it the latest");
        for (SemaphoreFigures semaphore : semaphores) {
            String name = semaphore.name();
            most.add(semaphore.leasesMax(), LabelNames.SEMAPHORE, name);
            active.add(semaphore.active(), LabelNames.SEMAPHORE, name);
            pending.add(semaphore.pending(), LabelNames.SEMAPHORE, name);
            acquired.add(semaphore.acquired(), LabelNames.SEMAPHORE, name);
            released.add(semaphore.released(), LabelNames.SEMAPHORE, name);
            if (!Double.isNaN(semaphore.waitSeconds())) {
                waits.add(semaphore.waitSeconds(), LabelNames.SEMAPHORE, name);
            }
        }
    }
}
