package io.github.daskjvm.client;

import io.github.daskjvm.comm.RpcPool;
import java.util.Map;

/// What a client's locks, semaphores, events, queues, variables, datasets and actors have in common.
final class Coordination implements AutoCloseable {
    private final Client client;
    private final SchedulerCalls calls;
    private final Leases leases;
    private final SharedValues values;
    private final Datasets datasets;
    private final ActorClient actors;

    Coordination(Client client, RpcPool pool) {
        this.client = client;
        this.calls = new SchedulerCalls(pool, client.schedulerAddress());
        this.leases = new Leases(calls);
        this.values = new SharedValues(client);
        this.datasets = new Datasets(client, calls);
        this.actors = new ActorClient(client, pool);
    }

    SchedulerCalls calls() {
        return calls;
    }

    Leases leases() {
        return leases;
    }

    SharedValues values() {
        return values;
    }

    Datasets datasets() {
        return datasets;
    }

    ActorClient actors() {
        return actors;
    }

    String clientId() {
        return client.id();
    }

    /// On the client's stream, after all that was said before.
    void tell(Map<String, ?> message) {
        client.keys().tell(message);
    }

    /// Gives back all leases; calls of actors that are under way fail.
    @Override
    public void close() {
        leases.close();
        actors.close();
    }
}
