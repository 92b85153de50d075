package io.github.daskjvm.monitoring.status;

import io.github.daskjvm.scheduler.peers.TaskActions.Action;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Which row of the task stream a thread of a worker is drawn in: one of its own as long as there are few threads;
/// then one for each worker; then one for several workers, neighbours in order of joining.
final class Lanes {
    static final int LANES_MAX = 192;
    /// Clocks of two machines, and a heartbeat's way.
    private static final double SLACK_SECONDS = 0.2;

    /// What a lane stands for; the names are the page's.
    enum Mode {
        THREADS,
        WORKERS,
        GROUPS
    }

    private final Mode mode;
    /// Threads in each lane.
    private final List<Integer> threads;
    /// First lane of each worker.
    private final Map<String, Integer> first = new HashMap<>();
    private final Map<String, Integer> nthreads = new HashMap<>();
    private final Map<String, Map<Long, Integer>> slots = new HashMap<>();
    /// When the last thing that was done in each lane ended.
    private final double[] ended;

    Lanes(List<WorkerRow> workers) {
        long all = 0;
        for (WorkerRow worker : workers) {
            all += worker.state().nthreads();
        }
        mode = all <= LANES_MAX ? Mode.THREADS : workers.size() <= LANES_MAX ? Mode.WORKERS : Mode.GROUPS;
        int lanes = mode == Mode.THREADS ? (int) all : Math.min(workers.size(), LANES_MAX);
        Integer[] counts = new Integer[lanes];
        Arrays.fill(counts, mode == Mode.THREADS ? 1 : 0);
        int lane = 0;
        for (int i = 0; i < workers.size(); i++) {
            var worker = workers.get(i).state();
            if (mode != Mode.THREADS) {
                lane = (int) ((long) i * lanes / workers.size());
                counts[lane] += worker.nthreads();
            }
            first.put(worker.address(), lane);
            nthreads.put(worker.address(), worker.nthreads());
            if (mode == Mode.THREADS) {
                lane += worker.nthreads();
            }
        }
        threads = List.of(counts);
        ended = new double[lanes];
    }

    Mode mode() {
        return mode;
    }

    /// Threads in each lane, in order.
    List<Integer> threads() {
        return new ArrayList<>(threads);
    }

    /// The lane in which something was done; -1 if its worker is gone.
    int lane(Action action) {
        int lane = lane(action.worker(), action.thread());
        if (lane >= 0) {
            ended[lane] = Math.max(ended[lane], action.stop());
        }
        return lane;
    }

    /// The lane where something runs since then: heartbeats do not say in which thread. One that nothing else runs in
    /// and that was free then, the one that became so last; -1 if there is none.
    int openLane(String worker, double start, BitSet taken) {
        int from = first.getOrDefault(worker, -1);
        if (mode != Mode.THREADS || from < 0) {
            return from;
        }
        int found = -1;
        for (int lane = from; lane < from + nthreads.getOrDefault(worker, 1); lane++) {
            boolean free = !taken.get(lane) && ended[lane] <= start + SLACK_SECONDS;
            if (free && (found < 0 || ended[lane] > ended[found])) {
                found = lane;
            }
        }
        if (found >= 0) {
            taken.set(found);
        }
        return found;
    }

    /// The lane of a thread; -1 if its worker is gone.
    int lane(String worker, long thread) {
        Integer lane = first.get(worker);
        if (lane == null) {
            return -1;
        }
        if (mode != Mode.THREADS) {
            return lane;
        }
        int most = nthreads.getOrDefault(worker, 1);
        Map<Long, Integer> known = slots.computeIfAbsent(worker, w -> new HashMap<>());
        if (known.size() >= most && !known.containsKey(thread)) {
            if (thread == 0) {
                return lane;
            }
            // Threads that seceded or ended: whoever comes now takes their places.
            known.clear();
        }
        return lane + known.computeIfAbsent(thread, t -> known.size());
    }
}
