package io.github.daskjvm.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// `distributed.Pub` and `Sub`, by their operations.
class PubSubTest extends CoordinationBench {
    private RawPeer worker(String address) throws IOException {
        RawPeer worker = peer();
        assertThat(worker.callForMap(FakeWorker.registration(address, address)).get("status"))
                .isEqualTo("OK");
        return worker;
    }

    @Test
    void whatAClientPublishesReachesWorkersAndClientsThatSubscribed() throws IOException {
        RawPeer worker = worker("tcp://127.0.0.1:1");
        worker.write(List.of(op("pubsub-add-subscriber", "name", "t")));
        until(
                Map.of("subscribers", Map.of("tcp://127.0.0.1:1", Map.of()), "publish-scheduler", false),
                peer(),
                op("pubsub_add_publisher", "name", "t", "worker", "tcp://127.0.0.1:1"));
        RawPeer client = client("c");
        client.write(List.of(op("pubsub-add-subscriber", "name", "t"), op("pubsub-msg", "name", "t", "msg", 7)));
        assertThat(client.next("pubsub-msg")).isEqualTo(op("pubsub-msg", "name", "t", "msg", 7L));
        assertThat(worker.next("pubsub-msg")).isEqualTo(op("pubsub-msg", "name", "t", "msg", 7L));
        worker.write(List.of(op("pubsub-msg", "name", "t", "msg", 8)));
        assertThat(client.next("pubsub-msg").get("msg")).isEqualTo(8L);
    }

    @Test
    void publishersLearnWhoComesAndWhoHasGone() throws IOException {
        RawPeer publisher = worker("tcp://127.0.0.1:1");
        peer().call(op("pubsub_add_publisher", "name", "t", "worker", "tcp://127.0.0.1:1"));
        RawPeer subscriber = worker("tcp://127.0.0.1:2");
        subscriber.write(List.of(op("pubsub-add-subscriber", "name", "t")));
        assertThat(publisher.next("pubsub-add-subscriber").get("address")).isEqualTo("tcp://127.0.0.1:2");
        subscriber.close();
        assertThat(publisher.next("pubsub-remove-subscriber").get("address")).isEqualTo("tcp://127.0.0.1:2");
        RawPeer client = client("c");
        client.write(List.of(op("pubsub-add-subscriber", "name", "t")));
        assertThat(publisher.next("pubsub-publish-scheduler").get("publish")).isEqualTo(true);
        client.close();
        assertThat(publisher.next("pubsub-publish-scheduler").get("publish")).isEqualTo(false);
    }

    @Test
    void whoIsNoWorkerCannotPublish() throws IOException {
        Object reply = peer().call(op("pubsub_add_publisher", "name", "t", "worker", "tcp://127.0.0.1:9"));
        assertThat(failure(reply)).contains("no worker");
    }
}
