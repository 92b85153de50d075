package io.github.daskjvm.core.scheduler;

import io.github.daskjvm.core.model.Runtime;
import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.model.WorkerStatus;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Which results to move so that all workers use about as much memory. A worker above the mean gives its oldest
/// results away, to whoever is farthest below, until each is near the mean. Only plans; whoever carries a plan out
/// copies first and drops then. Source: `Scheduler._rebalance_find_msgs`. Beyond it, actors stay where they live, a
/// worker that is paused takes nothing, and workers of another runtime are balanced among themselves.
public final class Rebalancing {
    /// A copy to make at `to`, and the one at `from` to drop for it.
    public record Move(TaskKey key, String from, String to) {}

    /// @param senders workers that had too much
    /// @param recipients workers that had room
    public record Plan(List<Move> moves, int senders, int recipients) {}

    private final MemoryPolicy.Rebalance policy;
    private final @Nullable Set<TaskKey> keys;
    private final List<Move> moves = new ArrayList<>();
    private int senderCount;
    private int recipientCount;

    private Rebalancing(MemoryPolicy.Rebalance policy, @Nullable Set<TaskKey> keys) {
        this.policy = policy;
        this.keys = keys;
    }

    /// A worker that is to give or take.
    private static final class Side implements Comparable<Side> {
        final WorkerEntry worker;
        final Iterator<TaskState> results;
        /// Bytes to the mean.
        long most;
        /// Bytes to where it is near enough to the mean; done at 0.
        long least;

        Side(WorkerEntry worker, long most, long least) {
            this.worker = worker;
            this.results = worker.hasWhat.iterator();
            this.most = most;
            this.least = least;
        }

        void moved(long bytes) {
            most -= bytes;
            least -= bytes;
        }

        /// Farthest from the mean first.
        @Override
        public int compareTo(Side other) {
            int byBytes = Long.compare(other.most, most);
            return byBytes != 0 ? byBytes : Long.compare(worker.sequence, other.worker.sequence);
        }
    }

    /// @param workers addresses of those that may give and take, by whom the mean is found; unknown ones are left out
    /// @param keys what may be moved; null for anything
    public static Plan plan(SchedulerState state, Collection<String> workers, @Nullable Set<TaskKey> keys) {
        var rebalancing = new Rebalancing(state.config.memory().rebalance(), keys);
        for (Runtime runtime : Runtime.values()) {
            List<WorkerEntry> peers = new ArrayList<>();
            for (WorkerEntry worker : state.pool(runtime).all) {
                if (workers.contains(worker.address)) {
                    peers.add(worker);
                }
            }
            if (!peers.isEmpty()) {
                rebalancing.among(peers);
            }
        }
        return new Plan(rebalancing.moves, rebalancing.senderCount, rebalancing.recipientCount);
    }

    private void among(List<WorkerEntry> workers) {
        long total = 0;
        for (WorkerEntry worker : workers) {
            total += worker.memoryBytes(policy.measure());
        }
        long mean = total / workers.size();
        var senders = new PriorityQueue<Side>();
        var recipients = new PriorityQueue<Side>();
        for (WorkerEntry worker : workers) {
            long used = worker.memoryBytes(policy.measure());
            long limit = worker.memoryLimitBytes;
            long halfGap = (long) (policy.gap() / 2 * limit);
            double senderMin = policy.senderMin() * limit;
            double recipientMax = limit == 0 ? Double.POSITIVE_INFINITY : policy.recipientMax() * limit;
            if (!worker.hasWhat.isEmpty() && used >= mean + halfGap && used >= senderMin) {
                senders.add(new Side(worker, used - mean, used - mean - halfGap));
            } else if (used < mean - halfGap && used < recipientMax && worker.status == WorkerStatus.RUNNING) {
                recipients.add(new Side(worker, mean - used, mean - used - halfGap));
            }
        }
        senderCount += senders.size();
        recipientCount += recipients.size();
        while (!senders.isEmpty() && !recipients.isEmpty()) {
            Side sender = senders.remove();
            if (moveOne(sender, recipients) && sender.least > 0) {
                senders.add(sender);
            }
        }
    }

    /// Finds a home for the sender's oldest result that fits anywhere; false if there is none.
    private boolean moveOne(Side sender, PriorityQueue<Side> recipients) {
        while (sender.results.hasNext()) {
            TaskState task = sender.results.next();
            // Whoever sent more than brings it to the mean could be a recipient next time.
            boolean movable = (keys == null || keys.contains(task.key))
                    && !task.options.actor()
                    && task.sizeBytes() <= sender.most;
            Side recipient = movable ? recipient(task, recipients) : null;
            if (recipient != null) {
                moves.add(new Move(task.key, sender.worker.address, recipient.worker.address));
                sender.moved(task.sizeBytes());
                recipient.moved(task.sizeBytes());
                if (recipient.least > 0) {
                    recipients.add(recipient);
                }
                return true;
            }
        }
        return false;
    }

    /// Takes out the one farthest below the mean that has room for the result and no copy of it.
    private static @Nullable Side recipient(TaskState task, PriorityQueue<Side> recipients) {
        List<Side> holders = new ArrayList<>();
        Side found = null;
        while (found == null && !recipients.isEmpty() && task.sizeBytes() <= recipients.element().most) {
            Side candidate = recipients.remove();
            if (task.whoHas.contains(candidate.worker)) {
                holders.add(candidate);
            } else {
                found = candidate;
            }
        }
        recipients.addAll(holders);
        return found;
    }
}
