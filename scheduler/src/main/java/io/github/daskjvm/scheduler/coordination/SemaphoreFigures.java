package io.github.daskjvm.scheduler.coordination;

/// A semaphore or lock at one moment.
///
/// @param leasesMax that can be held at once
/// @param active leases held
/// @param pending calls that wait for one
/// @param acquired leases given since it was made
/// @param released leases given back, or taken back since they timed out
/// @param waitSeconds moving average of what calls waited, half of it the latest
public record SemaphoreFigures(
        String name, long leasesMax, long active, long pending, long acquired, long released, double waitSeconds) {

    /// The sums, under this one's name.
    SemaphoreFigures plus(SemaphoreFigures other) {
        return new SemaphoreFigures(
                name,
                leasesMax + other.leasesMax,
                active + other.active,
                pending + other.pending,
                acquired + other.acquired,
                released + other.released,
                waitSeconds);
    }

    SemaphoreFigures negated() {
        return new SemaphoreFigures(name, -leasesMax, -active, -pending, -acquired, -released, waitSeconds);
    }

    /// As of one that was closed: what was counted stays.
    SemaphoreFigures closed() {
        return new SemaphoreFigures(name, 0, 0, 0, acquired, released, 0);
    }
}
