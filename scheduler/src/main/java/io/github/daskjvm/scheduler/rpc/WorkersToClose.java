package io.github.daskjvm.scheduler.rpc;

import io.github.daskjvm.comm.Address;
import io.github.daskjvm.comm.RpcFailure;
import io.github.daskjvm.core.model.Runtime;
import io.github.daskjvm.core.scheduler.SchedulerState;
import io.github.daskjvm.core.scheduler.WorkerEntry;
import io.github.daskjvm.protocol.BadMessageException;
import io.github.daskjvm.protocol.Fields;
import io.github.daskjvm.protocol.MsgpackReader;
import io.github.daskjvm.protocol.MsgpackWriter;
import io.github.daskjvm.scheduler.graph.PythonCalls;
import io.github.daskjvm.scheduler.peers.WorkerInfo;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Which workers can go at little cost: idle groups before busy ones, those with little data first, and as long as
/// twice the memory that the data takes is left (`memory_ratio`), or down to `n` or `target`. Never one that runs a
/// task that has seceded, or that takes part in a peer-to-peer shuffle. Source: `Scheduler.workers_to_close`.
///
/// A worker is a group of its own unless there is a `key`: a pickled function of a worker's state, which a Python
/// worker applies, since no user code runs here. Workers of which it says the same go or stay together.
final class WorkersToClose {
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    private final Cluster cluster;

    WorkersToClose(Cluster cluster) {
        this.cluster = cluster;
    }

    private record Candidate(String address, boolean busy, long storedBytes, long limitBytes) {}

    /// What the request leaves to decide by.
    ///
    /// @param count how many to close; null to go by memory
    /// @param target workers that stay, where a count is given
    private record Aim(@Nullable Long count, long target, boolean byMemory, double ratio, long minimum) {}

    private static final class Group {
        final List<String> addresses = new ArrayList<>();
        boolean busy;
        long storedBytes;
        long limitBytes;

        boolean busy() {
            return busy;
        }

        long storedBytes() {
            return storedBytes;
        }
    }

    /// @param attribute what is told of each, by its name in Dask's `WorkerState`
    List<Object> choose(Fields request, String attribute) throws BadMessageException, RpcFailure {
        List<Candidate> candidates = cluster.loop().query(WorkersToClose::candidates);
        int total = cluster.workers().count();
        Aim aim = aim(request, total);
        if (candidates.isEmpty()
                || ((aim.count == null || aim.count == 0)
                        && candidates.stream().allMatch(Candidate::busy)
                        && candidates.size() == total)) {
            return List.of();
        }
        byte[] key = request.get("key") == null ? null : Opaque.bytes(request.get("key"));
        if (key == null && request.get("key") != null) {
            throw request.wrong("key", "a pickled function");
        }
        var close = new ArrayList<Object>();
        for (String address : choose(groups(candidates, key), aim, total)) {
            WorkerInfo worker = cluster.workers().get(address);
            if (worker != null) {
                close.add(attribute(worker, attribute));
            }
        }
        return close;
    }

    private static Object attribute(WorkerInfo worker, String name) throws RpcFailure {
        return switch (name) {
            case "address" -> worker.address();
            case "name" -> worker.name();
            case "host" -> Address.parse(worker.address()).host();
            case "nthreads" -> worker.nthreads();
            case "memory_limit" -> worker.memoryLimitBytes();
            default ->
                throw RpcFailure.python(
                        "builtins",
                        "AttributeError",
                        "workers_to_close can not tell the attribute '" + name
                                + "' of a worker; it can tell address, name, host, nthreads and memory_limit");
        };
    }

    private static Aim aim(Fields request, int total) throws BadMessageException {
        Long n = request.get("n") == null ? null : (Long) request.integer("n");
        if (n == null && request.get("target") != null) {
            n = total - request.integer("target");
        }
        Long count = n == null ? null : (Long) Math.max(0, n);
        return new Aim(
                count,
                count == null ? 0 : total - count,
                count == null || request.get("memory_ratio") != null,
                request.number("memory_ratio", 2),
                request.integer("minimum", 0));
    }

    private static List<String> choose(List<Group> groups, Aim aim, int total) {
        long limit = 0;
        long stored = 0;
        for (Group group : groups) {
            limit += group.limitBytes;
            stored += group.storedBytes;
        }
        List<String> close = new ArrayList<>();
        int remain = total;
        for (Group group : groups) {
            int left = remain - group.addresses.size();
            if ((aim.count == null && group.busy) || left < aim.minimum) {
                break;
            }
            limit -= group.limitBytes;
            if (!((aim.count != null && left >= aim.target) || (aim.byMemory && limit >= aim.ratio * stored))) {
                break;
            }
            close.addAll(group.addresses);
            remain = left;
        }
        return close;
    }

    private static List<Candidate> candidates(SchedulerState state) {
        var candidates = new ArrayList<Candidate>();
        for (WorkerEntry worker : state.workers()) {
            if (!worker.hasLongRunning() && !state.shuffles().needs(worker.address())) {
                candidates.add(new Candidate(
                        worker.address(),
                        !worker.processing().isEmpty(),
                        worker.storedBytes(),
                        worker.memoryLimitBytes()));
            }
        }
        return candidates;
    }

    /// In the order in which they should go.
    private List<Group> groups(List<Candidate> candidates, byte @Nullable [] key) throws RpcFailure {
        List<Object> numbers = key == null ? List.of() : numbers(candidates, key);
        Map<Object, Group> groups = new LinkedHashMap<>();
        for (int i = 0; i < candidates.size(); i++) {
            Candidate candidate = candidates.get(i);
            Object number = key == null ? candidate.address : numbers.get(i);
            Group group = groups.computeIfAbsent(number, g -> new Group());
            group.addresses.add(candidate.address);
            group.busy |= candidate.busy;
            group.storedBytes += candidate.storedBytes;
            group.limitBytes += candidate.limitBytes;
        }
        List<Group> ordered = new ArrayList<>(groups.values());
        ordered.sort(Comparator.comparing(Group::busy).thenComparingLong(Group::storedBytes));
        return ordered;
    }

    /// Has a Python worker apply the function.
    private List<Object> numbers(List<Candidate> candidates, byte[] key) throws RpcFailure {
        List<WorkerInfo> known = new ArrayList<>();
        for (Candidate candidate : candidates) {
            WorkerInfo worker = cluster.workers().get(candidate.address);
            if (worker == null) {
                throw RpcFailure.python("builtins", "RuntimeError", "worker " + candidate.address + " has just gone");
            }
            known.add(worker);
        }
        var workers = new MsgpackWriter(1 << 12);
        workers.value(cluster.loop().query(state -> DescribedWorkers.of(known, state)));
        Map<String, Object> request = new LinkedHashMap<>();
        request.put("key", key);
        request.put("workers", workers.toByteArray());
        String failure = "there is none";
        for (WorkerInfo worker : cluster.workers().all()) {
            if (worker.runtime() != Runtime.PYTHON) {
                continue;
            }
            try {
                byte[] answer =
                        new PythonCalls(cluster.rpc()).call(worker.address(), "group_workers", TIMEOUT, request);
                if (new MsgpackReader().whole(answer) instanceof List<?> numbers
                        && numbers.size() == candidates.size()) {
                    return List.copyOf(numbers);
                }
                failure = "worker " + worker.address() + " answered with something else";
            } catch (IOException e) {
                failure = "worker " + worker.address() + ": " + e.getMessage();
            }
        }
        throw RpcFailure.python(
                "builtins", "RuntimeError", "the function `key` must be applied by a Python worker: " + failure);
    }
}
