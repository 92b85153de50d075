package io.github.daskjvm.lab.simulate;

import io.github.daskjvm.core.model.Runtime;
import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.scheduler.Event;
import io.github.daskjvm.core.scheduler.GraphPlan;
import io.github.daskjvm.core.scheduler.TaskSpec;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The graphs that clients submit, good ones and bad ones.
final class Graphs {
    private static final long FIFO_NANOS = 60_000_000_000L;

    private final World world;

    Graphs(World world) {
        this.world = world;
    }

    void submit(SimClient client, Dice dice) {
        int first = dice.below(world.names);
        int count = Math.min(1 + dice.below(dice.oneIn(8) ? 40 : 10), world.names - first);
        List<TaskSpec> specs = new ArrayList<>(count);
        List<TaskKey> wanted = new ArrayList<>();
        for (int i = first; i < first + count; i++) {
            specs.add(spec(client, dice, i, first));
            if (dice.oneIn(3) || i == first + count - 1) {
                wanted.add(Names.task(i));
            }
        }
        if (dice.oneIn(12)) {
            spoil(specs, dice);
        }
        if (dice.oneIn(20)) {
            wanted.add(Names.task(dice.below(world.names))); // It may not be in the graph.
        }
        send(client, specs, wanted, dice);
    }

    private void send(SimClient client, List<TaskSpec> specs, List<TaskKey> wanted, Dice dice) {
        client.hold(wanted, SimClient.View.PENDING);
        TaskKey submitter = dice.oneIn(10) ? Names.task(dice.below(world.names)) : null;
        var graph = new Event.UpdateGraph(client.id, specs, wanted, submitter, FIFO_NANOS, "graph");
        GraphPlan plan = dice.oneIn(3) ? GraphPlan.of(graph) : null;
        client.link.sendUp(plan == null ? graph : new Event.LargeGraph(graph, plan));
    }

    private TaskSpec spec(SimClient client, Dice dice, int number, int first) {
        TaskKey key = Names.task(number);
        List<TaskKey> dependencies = new ArrayList<>(2);
        if (number % Names.PREFIXES.length > 0) {
            for (int d = 1 + dice.below(3); d > 0; d--) {
                int input = number - 1 - dice.below(Math.min(number, 8));
                boolean fromData = dice.oneIn(5);
                TaskKey dependency = fromData ? Names.data(dice) : Names.task(input);
                boolean there = !fromData && input >= first || client.futures.containsKey(dependency);
                if ((there || dice.oneIn(20)) && !dependencies.contains(dependency)) {
                    dependencies.add(dependency);
                }
            }
        }
        Runtime runtime = world.runtime(number);
        return new TaskSpec(key, "run", runtime, dependencies, number, options(dice, key, runtime));
    }

    /// Has a task depend on one after it, or on itself, has two of one key, or the inputs after what needs
    /// them.
    private static void spoil(List<TaskSpec> specs, Dice dice) {
        int at = dice.below(specs.size());
        TaskSpec spec = specs.get(at);
        switch (dice.below(4)) {
            case 0, 1 -> {
                List<TaskKey> dependencies = new ArrayList<>(spec.dependencies());
                dependencies.add(specs.get(at + dice.below(specs.size() - at)).key());
                specs.set(at, with(spec, dependencies));
            }
            case 2 -> specs.add(with(spec, List.of()));
            default -> Collections.reverse(specs);
        }
    }

    private static TaskSpec with(TaskSpec spec, List<TaskKey> dependencies) {
        return new TaskSpec(spec.key(), spec.runSpec(), spec.runtime(), dependencies, spec.order(), spec.options());
    }

    private TaskSpec.TaskOptions options(Dice dice, TaskKey key, Runtime runtime) {
        return switch (dice.below(10)) {
            case 0 -> options(0, 1 + dice.below(2), null, false, Map.of());
            case 1 -> options(dice.below(3), 0, null, false, Map.of());
            case 2 -> options(0, 0, restriction(dice, key, runtime), dice.oneIn(2), Map.of());
            case 4 -> new TaskSpec.TaskOptions(0, 0, null, false, Map.of(), dice.oneIn(2), null, null);
            case 3 -> {
                if (!world.hasResources(runtime)) {
                    world.hopeless.add(key);
                }
                if (dice.oneIn(20)) {
                    world.hopeless.add(key);
                    yield options(0, 0, null, false, Map.of("R", 9.0));
                }
                yield options(0, 0, null, false, Map.of("R", 1.0));
            }
            default -> TaskSpec.TaskOptions.NONE;
        };
    }

    private static TaskSpec.TaskOptions options(
            double priority,
            int retries,
            @Nullable List<String> workers,
            boolean allowOthers,
            Map<String, Double> resources) {
        return new TaskSpec.TaskOptions(priority, retries, workers, allowOthers, resources, false, null, null);
    }

    /// Workers by name, address, with its protocol or without, or host.
    List<String> restriction(Dice dice, TaskKey key, Runtime runtime) {
        int slot = dice.below(world.slots);
        if (world.runtimeOfWorker(slot) != runtime) {
            world.hopeless.add(key);
        }
        return switch (dice.below(16)) {
            case 0 -> {
                world.hopeless.add(key);
                yield List.of("nowhere");
            }
            case 1, 2, 3 -> List.of(SimWorker.host(slot));
            case 4, 5 -> List.of(SimWorker.address(slot));
            case 6 -> List.of(SimWorker.address(slot).substring("tcp://".length()));
            default -> List.of("w" + slot, "w" + dice.below(world.slots));
        };
    }

    // ---- shuffles ----

    /// A shuffle, or two that are joined.
    void shuffle(SimClient client, Dice dice) {
        int shuffle = dice.below(ShuffleTask.SHUFFLES);
        int inputs = 1 + dice.below(ShuffleTask.WIDTH);
        int outputs = 1 + dice.below(ShuffleTask.WIDTH);
        boolean joined = shuffle < ShuffleTask.JOINED;
        TaskSpec.TaskOptions options = TaskSpec.TaskOptions.NONE;
        if (dice.oneIn(6)) {
            options = options(0, 0, workers(dice), false, Map.of());
        }
        List<TaskSpec> specs = new ArrayList<>();
        List<TaskKey> barriers = new ArrayList<>();
        for (int side = joined ? 0 : shuffle; side < (joined ? ShuffleTask.JOINED : shuffle + 1); side++) {
            barriers.add(side(specs, side, inputs, options, dice));
        }
        List<TaskKey> wanted = new ArrayList<>();
        for (int i = 0; i < outputs; i++) {
            TaskKey output = ShuffleTask.output(shuffle, i);
            specs.add(new TaskSpec(output, "unpack", Runtime.PYTHON, barriers, specs.size(), options));
            wanted.add(output);
        }
        if (dice.oneIn(3)) {
            TaskKey sum = TaskKey.of("sum-" + shuffle);
            List<TaskKey> all = List.copyOf(wanted);
            specs.add(new TaskSpec(sum, "sum", Runtime.PYTHON, all, specs.size(), TaskSpec.TaskOptions.NONE));
            wanted.clear();
            wanted.add(sum);
        }
        send(client, specs, wanted, dice);
    }

    /// Workers of Python's that may run a shuffle; the first is there whenever there is any.
    private List<String> workers(Dice dice) {
        List<String> workers = new ArrayList<>();
        for (int slot = 0; slot < world.slots; slot++) {
            if (world.runtimeOfWorker(slot) == Runtime.PYTHON && (workers.isEmpty() || dice.oneIn(3))) {
                workers.add("w" + slot);
            }
        }
        return workers;
    }

    private static TaskKey side(List<TaskSpec> specs, int shuffle, int count, TaskSpec.TaskOptions options, Dice dice) {
        List<TaskKey> inputs = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            List<TaskKey> source = List.of();
            if (dice.oneIn(2)) {
                source = List.of(TaskKey.of("load-" + (shuffle * ShuffleTask.WIDTH + i)));
                specs.add(new TaskSpec(
                        source.getFirst(), "load", Runtime.PYTHON, List.of(), specs.size(), TaskSpec.TaskOptions.NONE));
            }
            TaskKey input = ShuffleTask.input(shuffle, i);
            inputs.add(input);
            specs.add(new TaskSpec(input, "transfer", Runtime.PYTHON, source, specs.size(), options));
        }
        TaskKey barrier = ShuffleTask.barrier(shuffle);
        specs.add(new TaskSpec(barrier, "barrier", Runtime.PYTHON, inputs, specs.size(), options));
        return barrier;
    }
}
