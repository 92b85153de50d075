package io.github.daskjvm.core.scheduler;

import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.model.TaskStatus;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// The last transitions, by which people and tests see what became of a task and why. Dask's `transition_log`.
///
/// Two rings of plain fields: transitions, and what they recommended for other tasks. Noting one writes a few array
/// elements and allocates nothing, since it happens several times for every task; entries are made when
/// somebody asks. The rings begin small and double until they have their full length.
public final class TransitionLog {
    /// Longest log there is, also where none is set: about 40 MB.
    public static final int LENGTH_MAX = 1 << 20;

    private static final int INITIAL_LENGTH = 1 << 10;
    private static final TaskStatus[] STATUSES = TaskStatus.values();

    /// One transition.
    ///
    /// @param start where the task was, and `finish` where it came to, which may differ from where it was sent
    /// @param recommendations where the transition sent other tasks, or the same
    /// @param nanos when, by the clock of the events
    public record Entry(
            TaskKey key,
            TaskStatus start,
            TaskStatus finish,
            Map<TaskKey, TaskStatus> recommendations,
            String stimulusId,
            long nanos) {}

    private final int length;

    private @Nullable TaskKey[] keys;
    private String[] stimuli;
    private byte[] starts;
    private byte[] finishes;
    private long[] nanos;
    /// Index of the first recommendation of each transition; those of the next one begin where its own end.
    private long[] firstAdvice;
    private long total;

    private @Nullable TaskKey[] adviceKeys;
    private byte[] adviceStatuses;
    private long adviceTotal;

    /// @param length transitions to keep; 0 for none
    TransitionLog(int length) {
        this.length = Math.clamp(length, 0, LENGTH_MAX);
        int initial = Math.min(this.length, INITIAL_LENGTH);
        keys = new TaskKey[initial];
        stimuli = new String[initial];
        starts = new byte[initial];
        finishes = new byte[initial];
        nanos = new long[initial];
        firstAdvice = new long[initial];
        adviceKeys = new TaskKey[2 * initial];
        adviceStatuses = new byte[2 * initial];
    }

    /// Notes what the transition under way recommends. To be called before its [#add].
    void advise(TaskKey key, TaskStatus status) {
        if (length == 0) {
            return;
        }
        int at = (int) (adviceTotal++ % adviceKeys.length);
        adviceKeys[at] = key;
        adviceStatuses[at] = (byte) status.ordinal();
    }

    /// Index of the recommendation that is noted next: the first of the transition that now begins.
    long nextAdvice() {
        return adviceTotal;
    }

    void add(TaskKey key, TaskStatus start, TaskStatus finish, String stimulus, long now, long advice) {
        if (length == 0) {
            return;
        }
        if (total == keys.length && keys.length < length) {
            grow();
        }
        int at = (int) (total++ % keys.length);
        keys[at] = key;
        stimuli[at] = stimulus;
        starts[at] = (byte) start.ordinal();
        finishes[at] = (byte) finish.ordinal();
        nanos[at] = now;
        firstAdvice[at] = advice;
    }

    /// Called when the ring of transitions is full for the first time, so that nothing has to change its place there.
    private void grow() {
        int longer = Math.min(length, 2 * keys.length);
        keys = Arrays.copyOf(keys, longer);
        stimuli = Arrays.copyOf(stimuli, longer);
        starts = Arrays.copyOf(starts, longer);
        finishes = Arrays.copyOf(finishes, longer);
        nanos = Arrays.copyOf(nanos, longer);
        firstAdvice = Arrays.copyOf(firstAdvice, longer);
        int before = adviceKeys.length;
        @Nullable TaskKey[] widerKeys = new TaskKey[2 * longer];
        byte[] widerStatuses = new byte[2 * longer];
        for (long i = Math.max(0, adviceTotal - before); i < adviceTotal; i++) {
            widerKeys[(int) (i % widerKeys.length)] = adviceKeys[(int) (i % before)];
            widerStatuses[(int) (i % widerStatuses.length)] = adviceStatuses[(int) (i % before)];
        }
        adviceKeys = widerKeys;
        adviceStatuses = widerStatuses;
    }

    /// Transitions ever noted.
    public long total() {
        return total;
    }

    /// All that is kept, oldest first. Recommendations that are no longer kept are left out.
    public List<Entry> entries() {
        return entries(entry -> true);
    }

    /// The transitions of these keys, those that recommended something for one of them, and those that one of these
    /// stimuli led to. Oldest first.
    public List<Entry> story(Collection<TaskKey> wanted, Set<String> stimulusIds) {
        Set<TaskKey> keySet = new HashSet<>(wanted);
        return entries(entry -> keySet.contains(entry.key)
                || stimulusIds.contains(entry.stimulusId)
                || entry.recommendations.keySet().stream().anyMatch(keySet::contains));
    }

    /// The last transitions of one task, oldest first. Only those are made into entries, so that this costs little in a
    /// long log.
    ///
    /// @param most no more than so many
    public List<Entry> last(TaskKey key, int most) {
        List<Entry> found = new ArrayList<>();
        for (long i = total - 1; i >= Math.max(0, total - keys.length) && found.size() < most; i--) {
            int at = (int) (i % keys.length);
            if (key.equals(keys[at])) {
                found.addFirst(new Entry(
                        key, STATUSES[starts[at]], STATUSES[finishes[at]], advice(i), stimuli[at], nanos[at]));
            }
        }
        return found;
    }

    private List<Entry> entries(Predicate<Entry> wanted) {
        List<Entry> found = new ArrayList<>();
        for (long i = Math.max(0, total - keys.length); i < total; i++) {
            int at = (int) (i % keys.length);
            TaskKey key = keys[at];
            if (key == null) {
                throw new IllegalStateException("no transition at " + i + " of " + total);
            }
            var entry = new Entry(key, STATUSES[starts[at]], STATUSES[finishes[at]], advice(i), stimuli[at], nanos[at]);
            if (wanted.test(entry)) {
                found.add(entry);
            }
        }
        return found;
    }

    private Map<TaskKey, TaskStatus> advice(long index) {
        long first = firstAdvice[(int) (index % keys.length)];
        long end = index + 1 == total ? adviceTotal : firstAdvice[(int) ((index + 1) % keys.length)];
        Map<TaskKey, TaskStatus> advice = new LinkedHashMap<>();
        for (long i = Math.max(first, adviceTotal - adviceKeys.length); i < end; i++) {
            TaskKey key = adviceKeys[(int) (i % adviceKeys.length)];
            if (key != null) {
                advice.put(key, STATUSES[adviceStatuses[(int) (i % adviceKeys.length)]]);
            }
        }
        return advice;
    }
}
