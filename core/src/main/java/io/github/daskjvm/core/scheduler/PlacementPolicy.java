package io.github.daskjvm.core.scheduler;

/// What decides which tasks are root tasks, and which are refused, by Dask's configuration keys.
///
/// @param rootishTaskGroup `distributed.scheduler.rootish-taskgroup`: a group that depends on so many others has no
///     root tasks
/// @param rootishTaskGroupDependencies `distributed.scheduler.rootish-taskgroup-dependencies`: nor has one whose
///     dependencies have so many tasks together
/// @param refusesLargeInputs whether a task fails whose inputs are more than the memory limit of the worker chosen for
///     it; off where `distributed.worker.memory.terminate` is
public record PlacementPolicy(int rootishTaskGroup, int rootishTaskGroupDependencies, boolean refusesLargeInputs) {
    /// Dask's own defaults.
    public static final PlacementPolicy DEFAULT = new PlacementPolicy(5, 5, true);

    boolean hasRootTasks() {
        return rootishTaskGroup > 0 && rootishTaskGroupDependencies > 0;
    }
}
