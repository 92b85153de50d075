package io.github.daskjvm.core.scheduler;

/// All tasks by their keys, which only the tasks themselves hold.
final class TaskTable extends DenseTable<TaskState> {
    TaskTable() {
        super(false);
    }

    @Override
    Object keyOf(Object element) {
        return ((TaskState) element).key;
    }
}
