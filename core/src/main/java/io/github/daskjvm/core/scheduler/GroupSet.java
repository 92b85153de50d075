package io.github.daskjvm.core.scheduler;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Task groups that belong together. Of a group whose tasks are all forgotten the figures stay, summed up, and the last
/// names: Dask keeps the groups themselves for ever.
public final class GroupSet {
    /// Names kept of groups that are gone.
    static final int NAMES_MAX = 100;

    private final Set<TaskGroup> present = new LinkedHashSet<>(4);
    private final GroupFigures gone = new GroupFigures();
    private final Deque<String> goneNames = new ArrayDeque<>(1);
    private long goneCount;
    /// One that was not done when somebody last looked, and may still not be.
    private @Nullable TaskGroup open;

    void add(TaskGroup group) {
        present.add(group);
        open = group;
    }

    /// All tasks of the group are forgotten.
    void forget(TaskGroup group) {
        if (present.remove(group)) {
            gone.add(group);
            goneCount++;
            name(group.name);
        }
    }

    /// Takes over what another set, whose groups are all gone, has to tell.
    void absorb(GroupSet other) {
        gone.add(other.gone);
        goneCount += other.goneCount;
        other.goneNames.forEach(this::name);
    }

    private void name(String name) {
        if (goneNames.size() >= NAMES_MAX) {
            goneNames.removeFirst();
        }
        goneNames.addLast(name);
    }

    Set<TaskGroup> present() {
        return present;
    }

    boolean hasPresent() {
        return !present.isEmpty();
    }

    /// Whether no task of any group is still to be done.
    public boolean isDone() {
        TaskGroup candidate = open;
        if (candidate != null && present.contains(candidate) && !candidate.isDone()) {
            return false;
        }
        for (TaskGroup group : present) {
            if (!group.isDone()) {
                open = group;
                return false;
            }
        }
        open = null;
        return true;
    }

    void addTo(GroupFigures figures) {
        figures.add(gone);
        for (TaskGroup group : present) {
            figures.add(group);
        }
    }

    public GroupFigures figures() {
        var figures = new GroupFigures();
        addTo(figures);
        return figures;
    }

    /// Names of the groups: the last of those gone, then those present.
    public List<String> names() {
        List<String> names = new ArrayList<>(goneNames);
        for (TaskGroup group : present) {
            names.add(group.name);
        }
        return names;
    }

    /// Groups there ever were.
    public long count() {
        return goneCount + present.size();
    }
}
