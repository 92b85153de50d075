package io.github.daskjvm.core.scheduler;

import io.github.daskjvm.core.model.Histogram;
import io.github.daskjvm.core.model.Runtime;
import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.model.TaskStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The whole scheduler as a function of what happened: `handle(events, now) -> commands`. Owned by one thread.
///
/// This class holds the state and the order of things; what happens is in classes named after it: [GraphUpdates],
/// [ClientEvents], [WorkerEvents] and [TaskEvents] for events, [Transitions] for what follows from them,
/// [Placement] for who gets what. They touch the fields here, which is why those are package-private.
public final class SchedulerState {
    static final String FIRE_AND_FORGET = "fire-and-forget";
    /// Tasks for which no longer time than this is configured are not worth stealing.
    private static final Duration FAST_MAX = Duration.ofMillis(1);

    final SchedulerConfig config;
    final TaskTable tasks = new TaskTable();
    final Map<String, WorkerEntry> workers = new LinkedHashMap<>();
    final Map<String, ClientEntry> clients = new LinkedHashMap<>();
    final Map<String, TaskPrefix> prefixes = new LinkedHashMap<>();
    final Map<String, TaskGroup> groups = new LinkedHashMap<>();
    final Map<Runtime, Pool> pools = new EnumMap<>(Runtime.class);

    /// Waiting tasks that wait for nothing any more, to be placed at the end of the batch. May hold one that
    /// waits again by then.
    final TaskQueue ready = new TaskQueue();
    /// Workers of whom unrunnable tasks may have become runnable.
    final LinkedHashSet<WorkerEntry> newlyRunning = new LinkedHashSet<>();

    final Unrunnable unrunnable = new Unrunnable(this);

    final ThreadsHistory threads = new ThreadsHistory();
    final Spans spans = new Spans(this);
    final Computations computations = new Computations(this);
    final Occupancy occupancy;
    final MovedBytes moved = new MovedBytes();
    final Transitions transitions;
    final Placement placement;
    final NoWorkers noWorkers;
    final Shuffles shuffles;
    final Stealing stealing;
    final Slices slices;
    final LooseEnds looseEnds = new LooseEnds(this);
    /// Clients that are gone, as long as tasks know them.
    final Set<ClientEntry> leaving = new LinkedHashSet<>();
    final Counters counters = new Counters();
    final Measured measured = new Measured();
    private final Phases phases;
    final GraphTracing tracing;
    final TransitionLog log;
    final GraphUpdates graphUpdates;
    private final ClientEvents clientEvents;
    private final WorkerEvents workerEvents;
    private final TaskEvents taskEvents;
    private final MemoryManager memoryManager;
    private final Outbox outbox = new Outbox();
    private final Validation validation = new Validation(this);

    long nowNanos;
    private long sequence;
    private long lastRunId;

    public SchedulerState(SchedulerConfig config) {
        this(config, Phases.NONE, GraphTracing.NONE, Slices.SIZE);
    }

    /// @param phases told of what is done when, by the thread that calls [#handle]
    /// @param tracing told of graphs and tasks, likewise
    public SchedulerState(SchedulerConfig config, Phases phases, GraphTracing tracing) {
        this(config, phases, tracing, Slices.SIZE);
    }

    /// @param slice tasks and inputs that may be looked at in one step, for tests; see [Slices]
    public SchedulerState(SchedulerConfig config, Phases phases, GraphTracing tracing, int slice) {
        this.config = config;
        this.phases = phases;
        this.tracing = tracing;
        for (Runtime runtime : Runtime.values()) {
            pools.put(runtime, new Pool());
        }
        log = new TransitionLog(config.transitionLogLength());
        occupancy = new Occupancy(config);
        transitions = new Transitions(this, outbox);
        placement = new Placement(this, outbox);
        noWorkers = new NoWorkers(this, outbox);
        shuffles = new Shuffles(this, outbox);
        stealing = new Stealing(this, outbox);
        slices = new Slices(this, outbox, slice);
        graphUpdates = new GraphUpdates(this, outbox);
        clientEvents = new ClientEvents(this, outbox);
        workerEvents = new WorkerEvents(this, outbox);
        taskEvents = new TaskEvents(this, outbox);
        memoryManager = new MemoryManager(this, outbox, workerEvents);
    }

    /// Applies the events in order, places what became ready, and says what to do. A graph is placed before the next
    /// one is looked at: what two graphs that come together get must not depend on how they are cut into batches.
    ///
    /// @param now monotonic nanoseconds
    /// @throws IllegalStateException if an invariant does not hold; the state is then not to be used further
    public List<Command> handle(List<? extends Event> events, long now) {
        nowNanos = now;
        measured.efficiency.advance(now, threads());
        boolean afterGraph = false;
        Class<?> kind = null;
        for (int i = 0; i < events.size(); i++) {
            Event event = events.get(i);
            if (event instanceof Event.UpdateGraph) {
                if (afterGraph) {
                    place(i);
                    kind = null;
                }
                afterGraph = true;
            }
            if (event.getClass() != kind) {
                kind = event.getClass();
                phases.events(event, i);
            }
            apply(event);
        }
        place(events.size());
        noWorkers.look();
        stealing.run();
        outbox.flushFrees();
        slices.look();
        if (config.validate()) {
            validation.batchEnds();
        }
        tracing.batchEnds();
        return outbox.take();
    }

    /// @param index of the next event
    private void place(int index) {
        phases.placementStarts(index);
        outbox.flushFrees();
        placement.run();
        phases.placementEnds();
    }

    void apply(Event event) {
        if (slices.holdsBack(event)) {
            return;
        }
        switch (event) {
            case Event.ClientConnected e -> clientEvents.connected(e);
            case Event.ClientDisconnected e -> clientEvents.disconnected(e);
            case Event.UpdateGraph e -> graphUpdates.update(e);
            case Event.LargeGraph e -> graphUpdates.begin(e);
            case Event.Marker e -> slices.mark(e);
            case Event.ClientDesiresKeys e -> clientEvents.desires(e);
            case Event.ClientReleasesKeys e -> clientEvents.releases(e);
            case Event.CancelKeys e -> clientEvents.cancel(e);
            case Event.ReportKey e -> clientEvents.report(e);
            case Event.RetryKeys e -> clientEvents.retry(e);
            case Event.DataPlaced e -> clientEvents.dataPlaced(e);
            case Event.Restart e -> clientEvents.restart(e);
            case Event.SetRestrictions e -> clientEvents.setRestrictions(e);
            case Event.WorkerJoined e -> workerEvents.joined(e);
            case Event.WorkerLeft e -> workerEvents.left(e);
            case Event.WorkerStatusChanged e -> workerEvents.statusChanged(e);
            case Event.WorkerHeartbeat e -> workerEvents.heartbeat(e);
            case Event.SetResources e -> workerEvents.setResources(e);
            case Event.TaskFinished e -> taskEvents.finished(e);
            case Event.TaskErred e -> taskEvents.erred(e);
            case Event.TaskLongRunning e -> taskEvents.longRunning(e);
            case Event.TaskRescheduled e -> taskEvents.rescheduled(e);
            case Event.ReplicasAdded e -> taskEvents.replicasAdded(e);
            case Event.ReplicasDropped e -> taskEvents.replicasDropped(e);
            case Event.WhoHasRequested e -> taskEvents.whoHasRequested(e);
            case Event.ShuffleStarted e -> shuffles.started(e);
            case Event.ShuffleJoined e -> shuffles.joined(e);
            case Event.ShuffleOutputRestricted e -> shuffles.outputRestricted(e);
            case Event.ShuffleInconsistent e -> shuffles.inconsistent(e);
            case Event.RetireWorkers e -> memoryManager.retire(e);
            case Event.MemoryManagerSwitched e -> memoryManager.started(e.on());
            case Event.MemoryManagerTriggered e -> memoryManager.run();
            case Event.StealAnswered e -> stealing.answered(e);
            case Event.TimerFired e -> timerFired(e.timer());
        }
    }

    private void timerFired(Timer timer) {
        switch (timer) {
            case UNRUNNABLE_TIMEOUT -> noWorkers.timerFired();
            case MEMORY_MANAGER -> memoryManager.timerFired();
            case RETIREMENT -> memoryManager.retirementTimerFired();
            case STEALING -> stealing.timerFired();
            case SLICE -> slices.timerFired();
        }
    }

    /// A task that was not known, in state released.
    TaskState newTask(TaskKey key, Runtime runtime) {
        String groupName = key.group();
        TaskGroup group = groups.get(groupName);
        if (group == null) {
            group = new TaskGroup(groupName, prefix(key.prefix()));
            groups.put(groupName, group);
            computations.made(group);
        }
        var task = new TaskState(key, group, runtime, sequence++);
        tasks.add(task);
        group.size++;
        int released = TaskStatus.RELEASED.ordinal();
        group.current[released]++;
        group.prefix.current[released]++;
        counters.current[released]++;
        return task;
    }

    private TaskPrefix prefix(String name) {
        TaskPrefix prefix = prefixes.get(name);
        if (prefix == null) {
            boolean own =
                    prefixes.size() < SchedulerSnapshot.PREFIXES_MAX && !name.equals(SchedulerSnapshot.OTHER_PREFIXES);
            prefix = new TaskPrefix(name, own ? new Histogram() : measured.otherDurations);
            var configured = config.defaultTaskDurations().get(name);
            if (configured != null) {
                prefix.durationSeconds = Occupancy.seconds(configured);
                prefix.fast = configured.compareTo(FAST_MAX) <= 0;
            }
            prefixes.put(name, prefix);
        }
        return prefix;
    }

    void setStatus(TaskState task, TaskStatus status) {
        TaskStatus before = task.status;
        int from = before.ordinal();
        int to = status.ordinal();
        TaskGroup group = task.group;
        group.current[from]--;
        group.current[to]++;
        group.prefix.current[from]--;
        group.prefix.current[to]++;
        group.prefix.entered[to]++;
        counters.current[from]--;
        counters.current[to]++;
        task.status = status;
        if (task.traced) {
            tracing.changed(task, before);
        }
        if (status == TaskStatus.RELEASED) {
            task.readyNanos = 0;
        }
        if (config.validate()) {
            validation.changed(task);
        }
    }

    /// The task waits for nothing any more: it is placed at the end of the batch, for the reason of the present
    /// transition.
    void ready(TaskState task) {
        task.readyStimulus = transitions.stimulus;
        if (task.readyNanos == 0) {
            task.readyNanos = nowNanos;
        }
        log.advise(task.key, TaskStatus.PROCESSING);
        ready.add(task);
    }

    /// So long nobody waits for anything: every running worker has work for longer.
    ///
    /// @return 0 if one may be out of work sooner, or none runs, or something is applied in slices
    public long leisureNanos() {
        if (isInSlices()) {
            return 0;
        }
        boolean any = false;
        int millis = Occupancy.LEISURE_MAX_MILLIS;
        for (Pool pool : pools.values()) {
            millis = Math.min(millis, pool.leisureMillis());
            any |= !pool.running.isEmpty();
        }
        return any ? millis * 1_000_000L : 0;
    }

    /// Times that a worker was out of work while root tasks were held back.
    public long ranDry() {
        long times = 0;
        for (Pool pool : pools.values()) {
            times += pool.ranDry;
        }
        return times;
    }

    /// Of all workers, whatever their status.
    int threads() {
        int threads = 0;
        for (Pool pool : pools.values()) {
            threads += pool.totalThreads;
        }
        return threads;
    }

    long nextRunId() {
        return ++lastRunId;
    }

    long nextSequence() {
        return sequence++;
    }

    Pool pool(Runtime runtime) {
        Pool pool = pools.get(runtime);
        if (pool == null) {
            throw new IllegalStateException("no pool for " + runtime);
        }
        return pool;
    }

    /// The client, or pseudo client, of this id, made if need be. It is to do something that comes after all it did.
    ClientEntry clientOrNew(String id) {
        ClientEntry known = clients.get(id);
        if (known != null) {
            slices.settle(known); // It may not be known any more.
        }
        return clients.computeIfAbsent(id, ClientEntry::new);
    }

    public @Nullable TaskState task(TaskKey key) {
        return tasks.get(key);
    }

    public Collection<TaskState> tasks() {
        return Collections.unmodifiableCollection(tasks);
    }

    public @Nullable WorkerEntry worker(String address) {
        return workers.get(address);
    }

    /// In order of joining.
    public Collection<WorkerEntry> workers() {
        return Collections.unmodifiableCollection(workers.values());
    }

    /// The pairs of workers between which most results were moved, most first.
    public List<MovedBytes.Pair> moved(int most) {
        return moved.most(workers.values(), most);
    }

    public @Nullable ClientEntry client(String id) {
        return clients.get(id);
    }

    public Collection<ClientEntry> clients() {
        return Collections.unmodifiableCollection(clients.values());
    }

    /// Prefixes ever seen, in order of appearance.
    public Collection<TaskPrefix> prefixes() {
        return Collections.unmodifiableCollection(prefixes.values());
    }

    /// Groups with tasks that are known, in order of appearance.
    public Collection<TaskGroup> groups() {
        return Collections.unmodifiableCollection(groups.values());
    }

    public Spans spans() {
        return spans;
    }

    /// The last ones, oldest first; `distributed.diagnostics.computations.max-history`.
    public List<Computation> computations() {
        return computations.kept();
    }

    /// The last transitions. To be read by the owner's thread.
    public TransitionLog log() {
        return log;
    }

    /// Peer-to-peer shuffles that are under way.
    public Shuffles shuffles() {
        return shuffles;
    }

    /// Whether nothing is queued, unrunnable or processing.
    public boolean isIdle() {
        return counters.current[TaskStatus.QUEUED.ordinal()]
                        + counters.current[TaskStatus.NO_WORKER.ordinal()]
                        + counters.current[TaskStatus.PROCESSING.ordinal()]
                        + counters.current[TaskStatus.WAITING.ordinal()]
                == 0;
    }

    /// Whether something large is applied bit by bit, see [Event.LargeGraph].
    public boolean isInSlices() {
        return !slices.isIdle();
    }

    /// How many workers the present load could use, if all of it should be done within the target duration.
    public int adaptiveTarget(double targetSeconds) {
        return AdaptiveTarget.of(this, targetSeconds);
    }

    /// How many tasks wait for a worker of each runtime, because there is none that can take them.
    public Map<Runtime, Integer> tasksWithoutWorker() {
        Map<Runtime, Integer> counts = new EnumMap<>(Runtime.class);
        pools.forEach((runtime, pool) -> counts.put(runtime, pool.tasksWithoutWorker()));
        return counts;
    }

    /// Whether the active memory manager runs by itself.
    public boolean memoryManagerStarted() {
        return memoryManager.started();
    }

    /// How far the worker is with giving away what only it holds; one that is gone is done.
    public Retirement retirement(String worker) {
        return memoryManager.retirement(workers.get(worker));
    }

    public SchedulerSnapshot snapshot() {
        return Snapshots.take(this);
    }

    /// @throws IllegalStateException naming the first invariant that does not hold
    public void checkInvariants() {
        Invariants.check(this);
    }

    /// What is to be done, gathered while events are applied. Keys to free are gathered by worker and go out
    /// before anything is placed, so that a worker is never told to free what it was given in the same batch.
    static final class Outbox {
        private List<Command> commands = new ArrayList<>();
        private final Map<String, List<TaskKey>> frees = new LinkedHashMap<>();
        private String freesStimulus = "";

        void worker(WorkerEntry worker, Command.WorkerMessage message) {
            commands.add(new Command.ToWorker(worker.address, message));
        }

        void client(ClientEntry client, Command.ClientMessage message) {
            if (client.connected) {
                commands.add(new Command.ToClient(client.id, message));
            }
        }

        void timer(Timer timer, long delayNanos) {
            commands.add(new Command.SetTimer(timer, delayNanos));
        }

        void reached(Object receipt) {
            commands.add(new Command.Reached(receipt));
        }

        void log(String topic, Object message) {
            commands.add(new Command.LogEvent(topic, message));
        }

        void steals(List<Command.Steal> steals) {
            commands.add(new Command.LogSteals(steals));
        }

        void free(String worker, TaskKey key, String stimulus) {
            frees.computeIfAbsent(worker, w -> new ArrayList<>()).add(key);
            freesStimulus = stimulus;
        }

        void flushFrees() {
            if (frees.isEmpty()) {
                return;
            }
            for (Map.Entry<String, List<TaskKey>> entry : frees.entrySet()) {
                commands.add(
                        new Command.ToWorker(entry.getKey(), new Command.FreeKeys(entry.getValue(), freesStimulus)));
            }
            frees.clear();
        }

        List<Command> take() {
            List<Command> taken = commands;
            commands = new ArrayList<>();
            return taken;
        }
    }
}
