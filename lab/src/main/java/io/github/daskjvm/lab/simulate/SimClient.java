package io.github.daskjvm.lab.simulate;

import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.scheduler.Command;
import io.github.daskjvm.core.scheduler.Event;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A client from its connection to its end: the futures that its user holds, and what it was told of them.
final class SimClient {
    /// What is known of a future.
    enum View {
        PENDING,
        FINISHED,
        ERRED,
        LOST,
        CANCELLED
    }

    final String id;
    final Link link;
    final Map<TaskKey, View> futures = new LinkedHashMap<>();
    /// It asked what became of these, whether it still wants them or not.
    final Set<TaskKey> asked = new HashSet<>();
    boolean alive = true;

    SimClient(String id) {
        this.id = id;
        this.link = new Link(null, this);
    }

    void receive(int count) {
        for (int i = 0; i < count && !link.down.isEmpty(); i++) {
            Object message = link.down.poll();
            if (message == Link.CLOSED) {
                alive = false;
                return;
            }
            if (message instanceof Command.Restarted) {
                List<TaskKey> all = new ArrayList<>(futures.keySet());
                futures.clear();
                link.sendUp(new Event.ClientReleasesKeys(id, all, "restarted"));
            } else {
                told((Command.ClientMessage) message, futures);
            }
        }
    }

    /// The key that is said to have a result or an error; null for other messages.
    static @Nullable TaskKey done(Command.ClientMessage message) {
        return switch (message) {
            case Command.KeyInMemory in -> in.key();
            case Command.TaskErred erred -> erred.key();
            case Command.TaskKilledWorkers killed -> killed.key();
            case Command.NoWorker none -> none.key();
            case Command.NoValidWorker none -> none.key();
            case Command.TaskRejected rejected -> rejected.key();
            case Command.ActorLost lost -> lost.key();
            case Command.InputsTooLarge large -> large.key();
            case Command.LostData lost -> null;
            case Command.CancelledKeys cancelled -> null;
            case Command.TaskRetried retried -> null;
            case Command.Restarted restarted -> null;
        };
    }

    /// Notes what a message says of keys that are in the map.
    static void told(Command.ClientMessage message, Map<TaskKey, View> views) {
        switch (message) {
            case Command.KeyInMemory in -> views.replace(in.key(), View.FINISHED);
            case Command.TaskErred erred -> views.replace(erred.key(), View.ERRED);
            case Command.TaskKilledWorkers killed -> views.replace(killed.key(), View.ERRED);
            case Command.NoWorker none -> views.replace(none.key(), View.ERRED);
            case Command.NoValidWorker none -> views.replace(none.key(), View.ERRED);
            case Command.TaskRejected rejected -> views.replace(rejected.key(), View.ERRED);
            case Command.ActorLost lost -> views.replace(lost.key(), View.ERRED);
            case Command.InputsTooLarge large -> views.replace(large.key(), View.ERRED);
            case Command.LostData lost -> views.replace(lost.key(), View.LOST);
            case Command.TaskRetried retried -> views.replace(retried.key(), View.PENDING);
            case Command.CancelledKeys cancelled -> cancelled.keys().forEach(k -> views.replace(k, View.CANCELLED));
            case Command.Restarted ignored -> views.clear();
        }
    }

    /// The user has a future of each from now on.
    void hold(List<TaskKey> keys, View view) {
        for (TaskKey key : keys) {
            View before = futures.get(key);
            if (before == null || before == View.CANCELLED || before == View.LOST) {
                futures.put(key, view);
            }
        }
    }

    void letGo(List<TaskKey> keys) {
        for (TaskKey key : keys) {
            futures.remove(key);
        }
        link.sendUp(new Event.ClientReleasesKeys(id, keys, "release"));
    }
}
