package io.github.daskjvm.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// `distributed.Queue`, by its operations.
class QueuesTest extends CoordinationBench {
    private void create(int itemsMax) throws IOException {
        assertThat(peer().call(op("queue_create", "name", "q", "maxsize", itemsMax)))
                .isNull();
    }

    private static Map<String, Object> put(Object data) {
        return op("queue_put", "name", "q", "data", data, "timeout", null);
    }

    private static Map<String, Object> get(Object timeout) {
        return op("queue_get", "name", "q", "timeout", timeout, "batch", false);
    }

    private static final Map<String, Object> SIZE = op("queue_qsize", "name", "q");

    private static Map<String, Object> data(Object value) {
        return Map.of("type", "msgpack", "value", value);
    }

    @Test
    void itemsComeOutInTheOrderTheyWentInAndWhoWaitsGetsTheNext() throws IOException {
        create(0);
        RawPeer peer = peer();
        peer.call(put("a"));
        peer.call(put("b"));
        assertThat(peer.call(get(null))).isEqualTo(data("a"));
        assertThat(peer.call(get(null))).isEqualTo(data("b"));
        RawPeer waiting = peer();
        waiting.write(get(null));
        peer.call(put("c"));
        assertThat(waiting.read()).isEqualTo(data("c"));
    }

    @Test
    void severalItemsComeTogether() throws IOException {
        create(0);
        RawPeer peer = peer();
        peer.call(put("a"));
        peer.call(put("b"));
        peer.call(put("c"));
        assertThat(peer.call(op("queue_get", "name", "q", "batch", 2))).isEqualTo(List.of(data("a"), data("b")));
        assertThat(peer.call(op("queue_get", "name", "q", "batch", true))).isEqualTo(List.of(data("c")));
        assertThat(peer.call(op("queue_get", "name", "q", "batch", true))).isEqualTo(List.of());
        assertThat(failsWith(peer.call(op("queue_get", "name", "q", "batch", 2, "timeout", 1)), "NotImplementedError"))
                .isTrue();
    }

    @Test
    void aFullQueueMakesWaitAndATimeoutTakesTheItemBack() throws IOException {
        create(1);
        RawPeer peer = peer();
        peer.call(put("a"));
        Object late = peer.call(op("queue_put", "name", "q", "data", "late", "timeout", 0.01));
        assertThat(failsWith(late, "TimeoutError")).isTrue();
        RawPeer waiting = peer();
        waiting.write(put("b"));
        assertThat(peer.call(get(null))).isEqualTo(data("a"));
        assertThat(waiting.read()).isNull();
        assertThat(peer.call(get(null))).isEqualTo(data("b"));
        assertThat(failsWith(peer.call(get(0.01)), "TimeoutError")).isTrue();
    }

    @Test
    void whatACallerThatHasGoneHadTakenIsThereAgain() throws IOException {
        create(0);
        RawPeer peer = peer();
        peer.call(put("a"));
        RawPeer goes = peer();
        goes.write(op("queue_get", "name", "q", "batch", 2));
        until(0L, peer, SIZE);
        goes.close();
        until(1L, peer, SIZE);
        assertThat(peer.call(get(null))).isEqualTo(data("a"));
    }

    @Test
    void aFutureInAQueueKeepsItsTaskUntilWhoTakesItWantsItItself() throws IOException {
        create(0);
        RawPeer first = client("first");
        compute(first, "x");
        RawPeer peer = peer();
        assertThat(peer.call(op("queue_put", "name", "q", "key", "x", "timeout", null)))
                .isNull();
        first.close();
        untilNoClient();
        assertThat(status("x")).isEqualTo("memory");
        assertThat(peer.call(get(null))).isEqualTo(Map.of("type", "Future", "value", "x", "state", "memory"));
        RawPeer second = client("second");
        second.write(List.of(op("queue-future-release", "name", "q", "key", "x")));
        assertThat(second.next("key-in-memory").get("key")).isEqualTo("x");
        second.write(List.of(op("client-releases-keys", "keys", List.of("x"), "client", "second")));
        untilStatus(null, "x");
    }

    @Test
    void aQueueThatEveryoneReleasedLetsGoOfItsFutures() throws IOException {
        create(0);
        create(0);
        RawPeer client = client("c");
        compute(client, "x");
        RawPeer peer = peer();
        peer.call(op("queue_put", "name", "q", "key", "x", "timeout", null));
        RawPeer waiting = peer();
        client.write(List.of(op("client-releases-keys", "keys", List.of("x"), "client", "c")));
        client.write(List.of(op("queue_release", "name", "q")));
        assertThat(peer.call(SIZE)).isEqualTo(1L);
        assertThat(status("x")).isEqualTo("memory");
        client.write(List.of(op("queue_release", "name", "q")));
        untilStatus(null, "x");
        assertThat(failsWith(waiting.call(get(null)), "KeyError")).isTrue();
    }

    @Test
    void aFutureOfAnUnknownTaskIsATimeoutError() throws IOException {
        create(0);
        Object reply = peer().call(op("queue_put", "name", "q", "key", "nothing", "timeout", 0.01));
        assertThat(failure(reply)).isEqualTo("Task nothing unknown to scheduler.");
        assertThat(failsWith(reply, "TimeoutError")).isTrue();
        assertThat(peer().call(SIZE)).isEqualTo(0L);
    }
}
