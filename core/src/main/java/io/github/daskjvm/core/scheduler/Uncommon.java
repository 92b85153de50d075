package io.github.daskjvm.core.scheduler;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What few tasks have, so that the others have no room for it: limits to where they may run, retries, and what went
/// wrong. 48 bytes for a task that has any of it.
final class Uncommon {
    /// Of all other tasks; is only read.
    static final Uncommon NONE = new Uncommon();

    /// Addresses, names or hosts; null for any.
    @Nullable
    List<String> workerRestrictions;

    boolean looseRestrictions;
    /// False for what must not be held back as a root task, whatever it looks like.
    boolean queueable = true;
    int retries;
    int suspicious;

    /// What failed: this task or one it depends on.
    @Nullable
    TaskState blame;

    /// Why the task to blame failed.
    @Nullable
    Failure failure;

    /// Workers on which it failed; null for none.
    @Nullable
    Set<String> erredOn;

    void erredOn(String worker) {
        if (erredOn == null) {
            erredOn = new LinkedHashSet<>(2);
        }
        erredOn.add(worker);
    }
}
