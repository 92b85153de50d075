package io.github.daskjvm.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// `distributed.Variable`, by its operations.
class VariablesTest extends CoordinationBench {
    private static Map<String, Object> get(Object timeout, String client) {
        return op("variable_get", "name", "v", "timeout", timeout, "client", client);
    }

    private static Map<String, Object> set(Object data) {
        return op("variable_set", "name", "v", "data", data, "timeout", 10);
    }

    private static Map<String, Object> setFuture(String key) {
        return op("variable_set", "name", "v", "key", key, "timeout", "10 s");
    }

    private static Map<String, Object> data(Object value) {
        return Map.of("type", "msgpack", "value", value);
    }

    @Test
    void whoWaitsForAVariableGetsItsFirstValue() throws IOException {
        RawPeer waiting = peer();
        waiting.write(get(null, "c"));
        RawPeer peer = peer();
        assertThat(peer.call(set("a"))).isNull();
        assertThat(waiting.read()).isEqualTo(data("a"));
        peer.call(set("b"));
        assertThat(peer.call(get(null, "c"))).isEqualTo(data("b"));
    }

    @Test
    void aVariableWithoutValueIsATimeoutError() throws IOException {
        assertThat(failsWith(peer().call(get(0.01, "c")), "TimeoutError")).isTrue();
        Object reply = peer().call(op("variable_set", "name", "v", "key", "nothing", "timeout", 0.01));
        assertThat(failure(reply)).isEqualTo("Task nothing unknown to scheduler.");
    }

    @Test
    void aReplacedFutureKeepsItsTaskUntilItHasArrivedWhereItWent() throws IOException {
        RawPeer first = client("first");
        compute(first, "x");
        RawPeer peer = peer();
        peer.call(setFuture("x"));
        first.write(List.of(op("client-releases-keys", "keys", List.of("x"), "client", "first")));
        Map<?, ?> record = peer.callForMap(get(null, "second"));
        assertThat(record.get("value")).isEqualTo("x");
        assertThat(record.get("state")).isEqualTo("memory");
        peer.call(set("data"));
        assertThat(status("x")).isEqualTo("memory");
        RawPeer second = client("second");
        second.write(
                List.of(op("variable-future-received-confirm", "name", "v", "key", "x", "token", record.get("token"))));
        assertThat(second.next("key-in-memory").get("key")).isEqualTo("x");
        assertThat(status("x")).isEqualTo("memory");
        second.write(List.of(op("client-releases-keys", "keys", List.of("x"), "client", "second")));
        untilStatus(null, "x");
    }

    @Test
    void aFutureThatWentToAClientWhichHasGoneIsNotKeptForIt() throws IOException {
        RawPeer first = client("first");
        compute(first, "x");
        RawPeer second = client("second");
        RawPeer peer = peer();
        peer.call(setFuture("x"));
        first.write(List.of(op("client-releases-keys", "keys", List.of("x"), "client", "first")));
        peer.call(get(null, "second"));
        first.write(List.of(op("variable_delete", "name", "v")));
        second.close();
        untilStatus(null, "x");
    }

    @Test
    void aDeletedVariableLetsGoOfItsFuture() throws IOException {
        RawPeer client = client("c");
        compute(client, "x");
        peer().call(setFuture("x"));
        client.write(List.of(op("client-releases-keys", "keys", List.of("x"), "client", "c")));
        client.write(List.of(op("variable_delete", "name", "v"), op("variable_delete", "name", "never-set")));
        untilStatus(null, "x");
        assertThat(failsWith(peer().call(get(0.01, "c")), "TimeoutError")).isTrue();
    }
}
