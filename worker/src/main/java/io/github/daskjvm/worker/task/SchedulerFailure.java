package io.github.daskjvm.worker.task;

import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.pickle.PickleFormatException;
import io.github.daskjvm.pickle.PickleParser;
import io.github.daskjvm.pickle.PyNode;
import java.io.Serializable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What a scheduler says of a task that it has given up itself: Dask's exceptions `KilledWorker`, `NoWorkerError` and
/// `NoValidWorkerError`, read from their pickles as structure. The task is the one that was given up, which need not
/// be the one that was asked for.
public sealed interface SchedulerFailure extends Serializable {
    /// More workers died while they ran it than are allowed.
    ///
    /// @param lastWorker the address of the last of them; empty if it can't be told
    /// @param allowedFailures how many may die, one less than have
    record KilledWorker(String task, String lastWorker, int allowedFailures) implements SchedulerFailure {
        @Override
        public String describe() {
            int workers = allowedFailures + 1;
            return "KilledWorker: task " + task + " was given up, as " + workers
                    + (workers == 1 ? " worker" : " workers") + " died while running it"
                    + (lastWorker.isEmpty() ? "" : ", the last was " + lastWorker);
        }
    }

    /// There was no worker at all.
    ///
    /// @param waited how long
    record NoWorker(String task, Duration waited) implements SchedulerFailure {
        @Override
        public String describe() {
            return "NoWorkerError: there was no worker for task " + task + " for " + seconds(waited);
        }
    }

    /// There was no worker that may run it.
    ///
    /// @param hosts that it may run on; empty for any
    /// @param workers addresses that it may run on; empty for any
    /// @param resources that it needs, how much of each
    /// @param waited how long
    record NoValidWorker(
            String task, List<String> hosts, List<String> workers, Map<String, Double> resources, Duration waited)
            implements SchedulerFailure {
        @Override
        public String describe() {
            var needs = new ArrayList<String>();
            if (!hosts.isEmpty()) {
                needs.add("hosts " + hosts);
            }
            if (!workers.isEmpty()) {
                needs.add("workers " + workers);
            }
            if (!resources.isEmpty()) {
                needs.add("resources " + resources);
            }
            return "NoValidWorkerError: no worker could run task " + task + " for " + seconds(waited)
                    + (needs.isEmpty() ? "" : "; it is restricted to " + String.join(", ", needs));
        }
    }

    /// The key of the task that was given up.
    String task();

    /// One sentence.
    String describe();

    private static String seconds(Duration waited) {
        return waited.toMillis() / 1e3 + " s";
    }

    /// @return null if the pickle is none of these
    static @Nullable SchedulerFailure read(byte[] pickle) {
        try {
            return PickleParser.parse(pickle) instanceof PyNode.Call call ? of(call) : null;
        } catch (PickleFormatException | IllegalArgumentException e) {
            // Described by other means.
            return null;
        }
    }

    private static @Nullable SchedulerFailure of(PyNode.Call call) {
        List<@Nullable Object> args = call.argumentItems();
        if (call.isOf("distributed.scheduler", "KilledWorker")
                && args.size() == 3
                && args.get(2) instanceof Number allowed) {
            String address = PythonFailure.attribute(args.get(1), "address") instanceof String text ? text : "";
            return new KilledWorker(key(args.getFirst()), address, allowed.intValue());
        }
        if (call.isOf("distributed.scheduler", "NoWorkerError")
                && args.size() == 2
                && args.get(1) instanceof Number seconds) {
            return new NoWorker(key(args.getFirst()), duration(seconds));
        }
        if (call.isOf("distributed.scheduler", "NoValidWorkerError")
                && args.size() == 5
                && args.get(4) instanceof Number seconds) {
            return new NoValidWorker(
                    key(args.getFirst()),
                    texts(args.get(1)),
                    texts(args.get(2)),
                    amounts(args.get(3)),
                    duration(seconds));
        }
        return null;
    }

    private static Duration duration(Number seconds) {
        return Duration.ofNanos((long) (seconds.doubleValue() * 1e9));
    }

    private static String key(@Nullable Object key) {
        return TaskKey.of(value(key)).toString();
    }

    private static @Nullable Object value(@Nullable Object key) {
        if (!(key instanceof PyNode.Tuple tuple)) {
            return key;
        }
        List<@Nullable Object> items = new ArrayList<>();
        tuple.items().forEach(item -> items.add(value(item)));
        return items;
    }

    /// Sorted. A set is an object of its own, or `set` of a list.
    private static List<String> texts(@Nullable Object set) {
        Object items = set instanceof PyNode.Call call && call.isOf("builtins", "set")
                ? call.argumentItems().isEmpty() ? null : call.argumentItems().getFirst()
                : set;
        List<@Nullable Object> all = switch (items) {
            case PyNode.PySet each -> each.items();
            case PyNode.FrozenSet each -> each.items();
            case PyNode.PyList each -> each.items();
            case null, default -> List.of();
        };
        var texts = new ArrayList<String>();
        all.forEach(item -> texts.add(String.valueOf(item)));
        Collections.sort(texts);
        return Collections.unmodifiableList(texts);
    }

    private static Map<String, Double> amounts(@Nullable Object dict) {
        Map<String, Double> amounts = new TreeMap<>();
        if (dict instanceof PyNode.Dict all) {
            for (int i = 0; i < all.size(); i++) {
                if (all.value(i) instanceof Number amount) {
                    amounts.put(String.valueOf(all.key(i)), amount.doubleValue());
                }
            }
        }
        return Collections.unmodifiableMap(amounts);
    }
}
