package io.github.daskjvm.lab.simulate;

import io.github.daskjvm.core.model.Runtime;
import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.scheduler.Command;
import io.github.daskjvm.core.scheduler.Event;
import io.github.daskjvm.core.scheduler.GraphTracing;
import io.github.daskjvm.core.scheduler.MemoryPolicy;
import io.github.daskjvm.core.scheduler.Phases;
import io.github.daskjvm.core.scheduler.PlacementPolicy;
import io.github.daskjvm.core.scheduler.SchedulerConfig;
import io.github.daskjvm.core.scheduler.SchedulerState;
import io.github.daskjvm.core.scheduler.Timer;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A scheduler, its workers and clients, and everything that is on its way between them. Does what a scheduler's shell
/// does around the core: streams come and go, batches are applied, commands are carried out.
final class World {
    /// At most.
    static final int WORKERS = 8;
    static final int CLIENTS = 3;
    /// Workers' invariants are checked after so many batches, in one world of so many after each event.
    private static final int WORKER_CHECKS = 16;

    private static final int THOROUGH = 8;
    private static final int SLICE_MAX = 2_000;
    /// Hardly more than the results of two tasks.
    private static final long MEMORY_LIMIT_BYTES = 2_000;

    final SchedulerState scheduler;
    /// The life that goes on in each slot; null for none.
    final @Nullable SimWorker[] workers = new SimWorker[WORKERS];
    final @Nullable SimClient[] clients = new SimClient[CLIENTS];
    /// Connections of each slot that the scheduler has not read to the end, the oldest first.
    final List<List<Link>> workerLinks = new ArrayList<>();
    final List<List<Link>> clientLinks = new ArrayList<>();
    /// Requests on connections of their own; one that gives nothing when its time comes has failed.
    final List<Call> calls = new ArrayList<>();
    /// What queues and variables hold.
    private final Map<String, Set<TaskKey>> held = new HashMap<>();
    final ShuffleShell shuffles = new ShuffleShell(this);
    /// Data that was placed for nobody in particular, and that nobody may have asked for since.
    final Set<TaskKey> unclaimed = new HashSet<>();
    /// Tasks that no worker may be able to run.
    final Set<TaskKey> hopeless = new HashSet<>();

    /// Slots of workers and names of tasks there are in this world.
    final int slots;

    final int names;
    /// Whether there are workers and tasks of both runtimes, and workers with little memory.
    private final boolean mixed;

    private final boolean tight;
    final Tampering tampering;
    private final boolean thorough;
    /// What leads to much is done bit by bit.
    private final boolean sliced;
    Tally tally = new Tally();
    private final Map<String, Link> workerStreams = new HashMap<>();
    private final Map<String, Link> clientStreams = new HashMap<>();
    private final Told told;
    private final Attempts attempts = new Attempts();
    private final Effects effects;
    private final GivenWork givenWork;
    private final Map<Timer, Long> deadlines = new EnumMap<>(Timer.class);
    private List<Event> batch = new ArrayList<>();
    private long nowNanos = 1;
    private long batches;

    @Nullable
    PrintStream trace;

    private boolean digests;
    private long digest = 0xcbf29ce484222325L;

    /// A request that is put into words when it arrives.
    @FunctionalInterface
    interface Call {
        @Nullable
        Event arrive();
    }

    World(long seed, Tampering tampering) {
        this.tampering = tampering;
        thorough = Math.floorMod(seed, THOROUGH) == 0;
        var dice = new Dice(seed);
        slots = 1 + dice.below(WORKERS);
        int[] sizes = {15, 60, 60, Names.KEYS};
        names = sizes[dice.below(sizes.length)];
        mixed = slots > 1 && dice.oneIn(4);
        tight = dice.oneIn(6);
        double[] saturations = {1.1, 1.1, 1.0, Double.POSITIVE_INFINITY};
        int allowedFailures = 1 + dice.below(3);
        var config = new SchedulerConfig(
                allowedFailures,
                saturations[dice.below(saturations.length)],
                Duration.ofMillis(500),
                Map.of(),
                Duration.ofSeconds(dice.below(3)),
                true,
                Duration.ofMillis(100),
                1e8,
                true,
                0,
                SchedulerConfig.COMPUTATION_HISTORY,
                PlacementPolicy.DEFAULT,
                MemoryPolicy.DEFAULT);
        int slice = slice(new Dice(~seed));
        sliced = slice < SLICE_MAX;
        scheduler = new SchedulerState(config, Phases.NONE, GraphTracing.NONE, slice);
        told = new Told(scheduler);
        effects = new Effects(scheduler, allowedFailures, attempts);
        givenWork = new GivenWork(scheduler, attempts);
        batch.add(new Event.MemoryManagerSwitched(dice.oneIn(2)));
        tampering.install(scheduler);
        for (int i = 0; i < WORKERS; i++) {
            workerLinks.add(new ArrayList<>());
        }
        for (int i = 0; i < CLIENTS; i++) {
            clientLinks.add(new ArrayList<>());
        }
    }

    /// Tasks and inputs that are looked at in one step: few in some worlds, more than there are in others.
    private static int slice(Dice dice) {
        return dice.oneIn(3) ? 1 + dice.below(dice.oneIn(2) ? 4 : 20) : SLICE_MAX;
    }

    void digests(boolean on) {
        digests = on;
    }

    void tally(Tally to) {
        tally = to;
        to.world(mixed);
    }

    /// Of all commands so far.
    long digest() {
        return digest;
    }

    long nowNanos() {
        return nowNanos;
    }

    boolean checksWorkers() {
        return thorough || batches % WORKER_CHECKS == 0;
    }

    /// Of the worker in the slot.
    Runtime runtimeOfWorker(int slot) {
        return mixed && slot % 3 == 1 ? Runtime.JVM : Runtime.PYTHON;
    }

    /// Of the task of the number.
    Runtime runtime(int number) {
        return mixed ? Names.runtime(number) : Runtime.PYTHON;
    }

    /// Whether a worker of the runtime has some in the end; those in odd slots have none.
    boolean hasResources(Runtime runtime) {
        for (int slot = 0; slot < slots; slot += 2) {
            if (runtimeOfWorker(slot) == runtime) {
                return true;
            }
        }
        return false;
    }

    long memoryLimitBytes(int slot) {
        return tight && slot % 2 == 0 ? MEMORY_LIMIT_BYTES : 0;
    }

    // ---- who is there ----

    @Nullable
    SimWorker alive(String address) {
        for (SimWorker worker : workers) {
            if (worker != null && worker.alive && worker.address.equals(address)) {
                return worker;
            }
        }
        return null;
    }

    /// The life at the address, if the scheduler knows it.
    @Nullable
    SimWorker registered(String address) {
        SimWorker worker = alive(address);
        return worker != null && workerStreams.get(address) == worker.link ? worker : null;
    }

    /// The life in the slot, if there is one and the scheduler knows it.
    @Nullable
    SimWorker registered(int slot) {
        SimWorker worker = workers[slot];
        return worker != null && worker.alive && workerStreams.get(worker.address) == worker.link ? worker : null;
    }

    /// The connection over which the scheduler talks to the worker's address.
    @Nullable
    Link streamOf(SimWorker worker) {
        return workerStreams.get(worker.address);
    }

    /// Whether the scheduler and the client know each other.
    boolean isConnected(SimClient client) {
        return client.alive && !client.link.isBroken() && clientStreams.get(client.id) == client.link;
    }

    /// Whether anybody has or knows the key.
    boolean isAnywhere(TaskKey key) {
        for (SimWorker worker : workers) {
            if (worker != null && worker.state().status(key) != null) {
                return true;
            }
        }
        for (SimClient client : clients) {
            if (client != null && client.futures.containsKey(key)) {
                return true;
            }
        }
        return scheduler.task(key) != null;
    }

    void join(int slot) {
        SimWorker worker = workers[slot];
        if (worker == null || !worker.alive) {
            worker = new SimWorker(this, slot);
            workers[slot] = worker;
            workerLinks.get(slot).add(worker.link);
        }
    }

    void connect(int slot) {
        SimClient client = clients[slot];
        if (client == null || !client.alive) {
            client = new SimClient("c" + slot);
            clients[slot] = client;
            clientLinks.get(slot).add(client.link);
        }
    }

    /// For a worker's stream, if the scheduler has it.
    void command(SimWorker worker, Command.WorkerMessage message) {
        worker.link.sendDown(message);
    }

    // ---- what arrives at the scheduler ----

    /// Reads from the oldest connection of the slot that has something, up to so many messages, and adds them to the
    /// batch.
    ///
    /// @return whether there was any
    boolean read(List<Link> links, int count) {
        for (Link link : links) {
            if (!link.up.isEmpty() && !waits(link)) {
                read(links, link, count);
                return true;
            }
        }
        return false;
    }

    /// Whether what is there must wait for the graph before it. When a client has gone it need not, unless somebody
    /// else is to have what is in the graph.
    private static boolean waits(Link link) {
        if (!link.waits) {
            return false;
        }
        if (link.up.peekLast() == Link.CLOSED && link.up.stream().noneMatch(World::isForOthers)) {
            link.waits = false;
            link.up.removeIf(message -> message instanceof Event.UpdateGraph || message instanceof Event.LargeGraph);
        }
        return link.waits;
    }

    private static boolean isForOthers(Object message) {
        return message instanceof Event.ClientDesiresKeys desires
                && !desires.client().startsWith("c");
    }

    private void read(List<Link> links, Link link, int count) {
        for (int i = 0; i < count && !link.up.isEmpty() && !link.waits; i++) {
            Object message = link.up.poll();
            if (message == Link.CLOSED) {
                flush();
                links.remove(link);
                closed(link);
                return;
            }
            if (message instanceof Link.Register) {
                flush();
                if (!registered(link)) {
                    links.remove(link);
                    return;
                }
            } else if (message instanceof Call late) {
                add(late);
            } else {
                batch.add((Event) message);
                if (message instanceof Event.LargeGraph) {
                    link.waits = true;
                    batch.add(new Event.Marker(link));
                }
            }
        }
    }

    private void add(Call call) {
        Event event = call.arrive();
        if (event != null) {
            batch.add(event);
        }
    }

    private boolean registered(Link link) {
        SimWorker worker = link.worker;
        if (worker != null) {
            if (workerStreams.containsKey(worker.address)) {
                worker.die(); // Refused: the address is taken.
                return false;
            }
            workerStreams.put(worker.address, link);
            batch.add(worker.registration(slot(worker)));
        }
        SimClient client = link.client;
        if (client != null) {
            Link before = clientStreams.get(client.id);
            if (before != null) {
                // It registers anew before we have seen it go; what the old stream still had is lost.
                before.up.clear();
                closed(before);
                clientLinks.forEach(links -> links.remove(before));
            }
            clientStreams.put(client.id, link);
            told.connected(client.id);
            batch.add(new Event.ClientConnected(client.id));
        }
        flush();
        return true;
    }

    private static int slot(SimWorker worker) {
        return Integer.parseInt(worker.name.substring(1));
    }

    private void closed(Link link) {
        SimWorker worker = link.worker;
        if (worker != null && workerStreams.get(worker.address) == link) {
            batch.add(new Event.WorkerLeft(worker.address, link.goodbye, "gone"));
            flush();
            workerStreams.remove(worker.address);
        }
        SimClient client = link.client;
        if (client != null && clientStreams.get(client.id) == link) {
            batch.add(new Event.ClientDisconnected(client.id));
            flush();
            clientStreams.remove(client.id);
            told.disconnected(client.id);
        }
    }

    /// The scheduler takes the worker for dead, or has it go; it learns so from the end of its connection.
    void remove(SimWorker worker, boolean expected, Dice dice) {
        if (workerStreams.get(worker.address) == worker.link) {
            worker.link.goodbye = expected;
            worker.link.cut(dice);
            worker.link.up.clear();
            workerLinks.forEach(links -> links.remove(worker.link));
            closed(worker.link);
        }
    }

    /// What queues and variables of the name hold.
    Set<TaskKey> held(String holder) {
        return held.computeIfAbsent(holder, h -> new LinkedHashSet<>());
    }

    /// A request that is answered at once: what is known afterwards.
    void ask(Event event) {
        batch.add(event);
        flush();
    }

    void call(int at) {
        add(calls.remove(at));
    }

    void pass(long nanos) {
        nowNanos += nanos;
        for (Timer timer : Timer.values()) {
            Long due = deadlines.get(timer);
            if (due != null && due <= nowNanos) {
                deadlines.remove(timer);
                batch.add(new Event.TimerFired(timer));
            }
        }
        flush();
        for (SimWorker worker : workers) {
            if (worker != null && worker.alive) {
                worker.fireTimers(nowNanos);
            }
        }
    }

    /// Has the scheduler apply the batch, and carries out what it says.
    void flush() {
        if (batch.isEmpty()) {
            return;
        }
        attempts.expect(scheduler, batch);
        effects.expect(sliced ? List.of() : batch); // Some of it comes later.
        List<Event> events = tampering.before(scheduler, batch);
        batch = new ArrayList<>();
        batches++;
        told.expect(events);
        if (trace != null) {
            events.forEach(event -> print("  > " + event));
        }
        List<Command> commands = tampering.after(scheduler, events, scheduler.handle(events, nowNanos));
        for (Command command : commands) {
            if (digests) {
                digest(command.toString());
            }
            if (trace != null) {
                print("  < " + command);
            }
            carryOut(command);
        }
        told.check(events);
        attempts.check(scheduler);
        effects.check();
        givenWork.check(events, commands);
    }

    private void print(String line) {
        if (trace != null) {
            trace.println(line);
        }
    }

    private void digest(String text) {
        for (int i = 0; i < text.length(); i++) {
            digest = (digest ^ text.charAt(i)) * 0x100000001b3L;
        }
    }

    private void carryOut(Command command) {
        switch (command) {
            case Command.ToWorker(String address, Command.WorkerMessage message) -> {
                Link link = workerStreams.get(address);
                attempts.note(message);
                if (link != null) {
                    link.sendDown(message);
                }
            }
            case Command.ToClient(String id, Command.ClientMessage message) -> {
                Link link = clientStreams.get(id);
                if (link != null) {
                    link.sendDown(message);
                    told.tell(id, message);
                }
            }
            case Command.SetTimer(Timer timer, long delayNanos) -> deadlines.put(timer, nowNanos + delayNanos);
            case Command.Reached(Object link) -> ((Link) link).waits = false;
            case Command.LogEvent ignored -> {}
            case Command.LogSteals ignored -> {}
        }
    }
}
