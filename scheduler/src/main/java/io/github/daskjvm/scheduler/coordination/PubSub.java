package io.github.daskjvm.scheduler.coordination;

import io.github.daskjvm.comm.Connection;
import io.github.daskjvm.comm.RpcFailure;
import io.github.daskjvm.comm.RpcHandler;
import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.protocol.BadMessageException;
import io.github.daskjvm.protocol.Fields;
import io.github.daskjvm.scheduler.peers.ClientConnections;
import io.github.daskjvm.scheduler.peers.ClientConnections.StreamHandler;
import io.github.daskjvm.scheduler.peers.Wire;
import io.github.daskjvm.scheduler.peers.WorkerInfo;
import io.github.daskjvm.scheduler.peers.Workers;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// `distributed.Pub` and `Sub`, which 2024.12.1 still has. Workers that publish send to workers that subscribe by
/// themselves; the scheduler tells publishers who subscribes, and takes messages to and from clients. Whoever goes is
/// unsubscribed. The methods wait for nothing, as the loop's own thread calls them for workers.
final class PubSub implements Workers.Listener {
    private static final int TOPICS_MAX = 100_000;

    private static final class Topic {
        final Set<String> publishers = new LinkedHashSet<>();
        final Set<String> subscribers = new LinkedHashSet<>();
        final Set<String> clients = new LinkedHashSet<>();

        boolean isUnused() {
            return publishers.isEmpty() && subscribers.isEmpty() && clients.isEmpty();
        }
    }

    private final Workers workers;
    private final ClientConnections clients;
    private final Map<TaskKey, Topic> topics = new HashMap<>();

    PubSub(Workers workers, ClientConnections clients) {
        this.workers = workers;
        this.clients = clients;
    }

    /// @param ofWorkers takes the operations of workers' streams
    void register(Map<String, RpcHandler> handlers, Map<String, StreamHandler> ofWorkers) {
        handlers.put("pubsub_add_publisher", this::addPublisher);
        ofWorkers.put("pubsub-add-subscriber", this::addSubscriber);
        ofWorkers.put("pubsub-remove-subscriber", (worker, message) -> removeSubscriber(name(message), worker));
        ofWorkers.put("pubsub-remove-publisher", (worker, message) -> removePublisher(name(message), worker));
        ofWorkers.put("pubsub-msg", (worker, message) -> toClients(name(message), message));
        clients.extend("pubsub-add-subscriber", this::addClient);
        clients.extend("pubsub-remove-subscriber", (client, message) -> removeClient(name(message), client));
        clients.extend("pubsub-remove-publisher", (client, message) -> {
            // Clients are no publishers that anybody is told of.
        });
        clients.extend("pubsub-msg", (client, message) -> {
            toClients(name(message), message);
            toWorkers(name(message), message);
        });
        clients.onLeave(this::clientLeft);
        workers.listen(this);
    }

    private static TaskKey name(Fields message) throws BadMessageException {
        return Wire.key(message, "name");
    }

    private Topic topic(TaskKey name, Fields message) throws BadMessageException {
        Topic topic = topics.get(name);
        if (topic == null) {
            if (topics.size() >= TOPICS_MAX) {
                throw message.wrong("name", "that of a topic in use, as there are " + TOPICS_MAX + " already");
            }
            topic = new Topic();
            topics.put(name, topic);
        }
        return topic;
    }

    private void dropUnused(TaskKey name, Topic topic) {
        if (topic.isUnused()) {
            topics.remove(name);
        }
    }

    // ---- workers ----

    private synchronized Object addPublisher(Fields request, Connection connection)
            throws BadMessageException, RpcFailure {
        String worker = request.string("worker");
        if (workers.get(worker) == null) {
            throw RpcFailure.valueError("no worker " + worker + " is known");
        }
        Topic topic = topic(name(request), request);
        topic.publishers.add(worker);
        Map<String, Object> subscribers = new LinkedHashMap<>();
        for (String subscriber : topic.subscribers) {
            subscribers.put(subscriber, Map.of());
        }
        return Map.of("subscribers", subscribers, "publish-scheduler", !topic.clients.isEmpty());
    }

    private synchronized void addSubscriber(String worker, Fields message) throws BadMessageException {
        TaskKey name = name(message);
        if (workers.get(worker) == null) {
            return; // It has gone meanwhile.
        }
        Topic topic = topic(name, message);
        topic.subscribers.add(worker);
        tell(topic, Map.of("op", "pubsub-add-subscriber", "address", worker, "name", name.value()));
    }

    private synchronized void removeSubscriber(TaskKey name, String worker) {
        Topic topic = topics.get(name);
        if (topic != null && topic.subscribers.remove(worker)) {
            tell(topic, Map.of("op", "pubsub-remove-subscriber", "address", worker, "name", name.value()));
            dropUnused(name, topic);
        }
    }

    private synchronized void removePublisher(TaskKey name, String worker) {
        Topic topic = topics.get(name);
        if (topic != null && topic.publishers.remove(worker)) {
            dropUnused(name, topic);
        }
    }

    private void tell(Topic topic, Map<String, ?> message) {
        for (String publisher : topic.publishers) {
            workers.send(publisher, message);
        }
    }

    @Override
    public void added(WorkerInfo worker) {
        // It says itself what it wants.
    }

    @Override
    public synchronized void removed(String address) {
        for (TaskKey name : Set.copyOf(topics.keySet())) {
            removePublisher(name, address);
            removeSubscriber(name, address);
        }
    }

    // ---- clients ----

    private synchronized void addClient(String client, Fields message) throws BadMessageException {
        TaskKey name = name(message);
        Topic topic = topic(name, message);
        topic.clients.add(client);
        publish(name, topic, true);
    }

    private synchronized void removeClient(TaskKey name, String client) {
        Topic topic = topics.get(name);
        if (topic != null && topic.clients.remove(client)) {
            if (topic.clients.isEmpty()) {
                publish(name, topic, false);
            }
            dropUnused(name, topic);
        }
    }

    /// Publishers send to the scheduler as long as a client subscribes.
    private void publish(TaskKey name, Topic topic, boolean wanted) {
        tell(topic, Map.of("op", "pubsub-publish-scheduler", "name", name.value(), "publish", wanted));
    }

    private synchronized void clientLeft(String client) {
        for (TaskKey name : Set.copyOf(topics.keySet())) {
            removeClient(name, client);
        }
    }

    // ---- messages ----

    private static Map<String, @Nullable Object> message(TaskKey name, Fields message) {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        map.put("op", "pubsub-msg");
        map.put("name", name.value());
        map.put("msg", message.get("msg"));
        return map;
    }

    private synchronized void toClients(TaskKey name, Fields message) {
        Topic topic = topics.get(name);
        if (topic != null) {
            for (String client : topic.clients) {
                clients.send(client, message(name, message));
            }
        }
    }

    private synchronized void toWorkers(TaskKey name, Fields message) {
        Topic topic = topics.get(name);
        if (topic != null) {
            for (String subscriber : topic.subscribers) {
                workers.send(subscriber, message(name, message));
            }
        }
    }
}
