package io.github.daskjvm.core.scheduler;

import io.github.daskjvm.core.model.Priority;
import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.model.TaskStatus;
import io.github.daskjvm.core.scheduler.SchedulerState.Outbox;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A large graph on its way to become tasks, slice by slice. First it only looks: which of the tasks are known already,
/// which can't be since they need what nobody knows, and which of the others are needed. Then it makes tasks of those,
/// with inputs, priorities and those who want them; then they begin to wait, in the order of their priority, and the
/// first of them run while the last do not yet wait.
///
/// What it has made or found is [TaskState#held] until the end: nobody else's release takes it away in
/// between. By force it may go all the same, as after a cancellation that comes right after the graph; then
/// what needs it is cancelled, as with any input that is not there.
final class GraphIntake implements Slices.Job {
    private enum Phase {
        FIND_INPUTS,
        FIND_TASKS,
        FIND_NEEDED,
        RESERVE,
        CREATE,
        START,
        LET_GO,
        LET_INPUTS_GO,
        OVER
    }

    /// Room for so many tasks is made in the time of a look at one.
    private static final int RESERVED_IN_A_LOOK = 500;

    // What becomes of the task of a number.
    private static final byte UNDECIDED = 0;
    private static final byte NEEDED = 1;
    private static final byte KNOWN = 2;
    private static final byte HOPELESS = 3;

    private final SchedulerState state;
    private final Outbox outbox;
    private final ClientEntry client;
    private final Event.UpdateGraph graph;
    private final GraphPlan plan;
    private final double generation;
    private final byte[] fates;
    private final @Nullable TaskState[] tasks;
    private final @Nullable TaskState[] inputs;
    private Phase phase = Phase.FIND_INPUTS;
    /// The number that is next in this phase.
    private int next;
    /// What the present slice may still do.
    private int left;

    private boolean begun;
    private @Nullable Priority lastPriority;
    private @Nullable Computation computation;
    private @Nullable Span defaultSpan;
    private final List<TaskKey> cancelled = new ArrayList<>();

    GraphIntake(SchedulerState state, Outbox outbox, ClientEntry client, Event.LargeGraph event, double generation) {
        this.state = state;
        this.outbox = outbox;
        this.client = client;
        this.graph = event.graph();
        this.plan = event.plan();
        this.generation = generation;
        fates = new byte[plan.size()];
        tasks = new TaskState[plan.size()];
        inputs = new TaskState[plan.outside.size()];
    }

    boolean isOf(ClientEntry owner) {
        return client == owner;
    }

    /// Nobody wants the graph any more: what there is of it is let go in the slices to come.
    void drop() {
        if (phase.compareTo(Phase.LET_GO) < 0) {
            enter(Phase.LET_GO);
        }
    }

    @Override
    public boolean step() {
        left = state.slices.size;
        while (left > 0 && phase != Phase.OVER) {
            switch (phase) {
                case FIND_INPUTS -> findInputs();
                case FIND_TASKS -> findTasks();
                case FIND_NEEDED -> findNeeded();
                case RESERVE -> reserve();
                case CREATE -> create();
                case START -> start();
                case LET_GO -> letGo(tasks, Phase.LET_INPUTS_GO);
                case LET_INPUTS_GO -> letGo(inputs, Phase.OVER);
                case OVER -> {}
            }
        }
        return phase == Phase.OVER;
    }

    private void enter(Phase following) {
        phase = following;
        next = following == Phase.FIND_NEEDED ? plan.size() - 1 : 0;
    }

    // ---- looking ----

    private void findInputs() {
        for (; next < inputs.length && left > 0; next++, left--) {
            inputs[next] = found(plan.outside.get(next));
        }
        if (next == inputs.length) {
            enter(Phase.FIND_TASKS);
        }
    }

    private @Nullable TaskState found(TaskKey key) {
        TaskState known = GraphUpdates.known(state, key);
        if (known != null && !isUnclaimed(known)) {
            known.held = true;
        }
        return known;
    }

    /// Data that nobody wants yet stays without being held, and after it.
    private static boolean isUnclaimed(TaskState task) {
        return task.status == TaskStatus.MEMORY && task.isUseless();
    }

    private void findTasks() {
        for (; next < plan.size() && left > 0; next++) {
            left -= plan.weight(next);
            TaskState known = state.tasks.get(plan.specs[next].key());
            if (known != null) {
                known = found(plan.specs[next].key());
            }
            if (known != null && GraphUpdates.hasAResult(known)) {
                tasks[next] = known;
                fates[next] = KNOWN;
            } else {
                tasks[next] = known;
                fates[next] = lacksAnInput(next) ? HOPELESS : UNDECIDED;
            }
        }
        if (next == plan.size()) {
            enter(Phase.FIND_NEEDED);
        }
    }

    private boolean lacksAnInput(int number) {
        int end = plan.endOfInputs(number);
        for (int i = plan.firstInput[number]; i < end; i++) {
            int input = plan.inputs[i];
            if (input < 0 ? inputs[~input] == null : fates[input] == HOPELESS) {
                return true;
            }
        }
        return false;
    }

    private void findNeeded() {
        for (; next >= 0 && left > 0; next--) {
            left -= plan.weight(next);
            if (fates[next] == UNDECIDED && plan.wanted.get(next)) {
                fates[next] = NEEDED;
            }
            if (fates[next] == NEEDED) {
                int end = plan.endOfInputs(next);
                for (int i = plan.firstInput[next]; i < end; i++) {
                    int input = plan.inputs[i];
                    if (input >= 0 && fates[input] == UNDECIDED) {
                        fates[input] = NEEDED;
                    }
                }
            }
        }
        if (next < 0) {
            enter(Phase.RESERVE);
        }
    }

    // ---- making ----

    private void create() {
        resume();
        for (; next < plan.size() && left > 0; next++) {
            left -= plan.weight(next);
            create(next);
        }
        boolean all = next == plan.size();
        if (all) {
            wantOthers();
        }
        state.computations.end();
        defaultSpan = state.spans.ofGraph();
        if (!cancelled.isEmpty()) {
            outbox.client(client, new Command.CancelledKeys(List.copyOf(cancelled)));
            cancelled.clear();
        }
        if (all) {
            enter(Phase.START);
            if (state.tracing != GraphTracing.NONE) {
                state.tracing.submitted(graph, created());
            }
        }
    }

    /// Room for a million takes as long as a slice: memory that is touched for the first time.
    private void reserve() {
        if (next++ == 0) {
            state.tasks.reserve(plan.size());
        } else {
            client.wants.reserve(plan.wanted.cardinality());
            enter(Phase.CREATE);
        }
        left -= plan.size() / RESERVED_IN_A_LOOK;
    }

    private void resume() {
        if (begun) {
            state.computations.resume(computation);
            state.spans.resume(graph.origin(), defaultSpan);
        } else {
            begun = true;
            state.computations.begin(graph.origin());
            computation = state.computations.current();
            state.spans.begin(graph.origin());
        }
    }

    private void create(int number) {
        byte fate = fates[number];
        boolean wanted = plan.wanted.get(number);
        TaskState task = null;
        if (fate == NEEDED || fate == KNOWN) {
            task = present(number);
            if (task == null || !GraphUpdates.hasAResult(task)) {
                task = make(number);
            } else if (!isUnclaimed(task)) {
                task.held = true;
            }
        }
        if (task == null) {
            if (fate != UNDECIDED) {
                fates[number] = HOPELESS;
            }
            if (wanted) {
                cancelled.add(plan.specs[number].key());
            }
        } else {
            tasks[number] = task;
            if (wanted) {
                state.graphUpdates.want(client, task);
            }
        }
    }

    /// The task of the number, if it is known by now.
    private @Nullable TaskState present(int number) {
        TaskState task = tasks[number];
        return task == null || task.status == TaskStatus.FORGOTTEN
                ? GraphUpdates.known(state, plan.specs[number].key())
                : task;
    }

    /// @return null if one of its inputs is gone
    private @Nullable TaskState make(int number) {
        int first = plan.firstInput[number];
        int end = plan.endOfInputs(number);
        for (int i = first; i < end; i++) {
            settle(plan.inputs[i]);
        }
        for (int i = first; i < end; i++) {
            if (input(plan.inputs[i]) == null) {
                return null;
            }
        }
        TaskSpec spec = plan.specs[number];
        TaskState task = state.graphUpdates.create(spec);
        task.held = true;
        for (int i = first; i < end; i++) {
            TaskState input = input(plan.inputs[i]);
            if (input != null) {
                GraphUpdates.link(task, input);
            }
        }
        lastPriority = GraphUpdates.prioritise(task, spec, generation, lastPriority);
        state.spans.observe(task);
        return task;
    }

    private void settle(int input) {
        if (!state.looseEnds.isEmpty()) {
            GraphUpdates.known(state, input >= 0 ? plan.specs[input].key() : plan.outside.get(~input));
        }
    }

    private @Nullable TaskState input(int number) {
        if (number >= 0 && fates[number] == HOPELESS) {
            return null;
        }
        TaskState input = number >= 0 ? tasks[number] : inputs[~number];
        return input == null || input.status == TaskStatus.FORGOTTEN
                ? state.tasks.get(number >= 0 ? plan.specs[number].key() : plan.outside.get(~number))
                : input;
    }

    /// Keys that the client wants and the graph does not have.
    private void wantOthers() {
        for (TaskKey key : plan.wantedOutside) {
            TaskState task = GraphUpdates.known(state, key);
            if (task == null) {
                cancelled.add(key);
            } else {
                state.graphUpdates.want(client, task);
                startIfReleased(task);
            }
        }
    }

    private List<TaskState> created() {
        List<TaskState> created = new ArrayList<>(plan.size());
        for (int i = 0; i < tasks.length; i++) {
            TaskState task = tasks[i];
            if (task != null && fates[i] == NEEDED) {
                created.add(task);
            }
        }
        return created;
    }

    // ---- letting them run ----

    private void start() {
        for (; next < plan.size() && left > 0; next++) {
            left -= plan.weight(next);
            TaskState task = tasks[next];
            if (task != null && (fates[next] == NEEDED || plan.wanted.get(next))) {
                startIfReleased(task);
            }
        }
        if (next == plan.size()) {
            enter(Phase.LET_GO);
        }
    }

    private void startIfReleased(TaskState task) {
        Recommendations recommendations = state.transitions.borrow();
        GraphUpdates.recommend(task, recommendations);
        state.transitions.run(recommendations, graph.stimulusId());
        state.transitions.giveBack(recommendations);
    }

    private void letGo(@Nullable TaskState[] all, Phase following) {
        var recommendations = new Recommendations();
        for (; next < all.length && left > 0; next++) {
            left--;
            TaskState task = all[next];
            if (task != null && task.held) {
                task.held = false;
                release(task, recommendations);
            }
            all[next] = null;
        }
        if (next == all.length) {
            enter(following);
        }
        state.transitions.run(recommendations, graph.stimulusId());
    }

    private static void release(TaskState task, Recommendations recommendations) {
        switch (task.status) {
            case FORGOTTEN -> {}
            case RELEASED, ERRED -> {
                if (task.isUseless()) {
                    recommendations.add(task, TaskStatus.FORGOTTEN);
                } else if (task.isNeeded()) {
                    // Others want what a client that has gone brought.
                    GraphUpdates.recommend(task, recommendations);
                }
            }
            case WAITING, NO_WORKER, QUEUED, PROCESSING, MEMORY -> {
                if (task.isUseless()) {
                    recommendations.add(task, TaskStatus.FORGOTTEN);
                } else if (!task.isNeeded()) {
                    recommendations.add(task, TaskStatus.RELEASED);
                }
            }
        }
    }
}
