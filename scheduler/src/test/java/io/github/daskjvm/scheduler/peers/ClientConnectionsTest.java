package io.github.daskjvm.scheduler.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.daskjvm.comm.Address;
import io.github.daskjvm.comm.Connection;
import io.github.daskjvm.comm.RpcPool;
import io.github.daskjvm.core.scheduler.SchedulerConfig;
import io.github.daskjvm.protocol.Fields;
import io.github.daskjvm.scheduler.Scheduler;
import io.github.daskjvm.scheduler.SchedulerOptions;
import io.github.daskjvm.scheduler.graph.MaterializerPool;
import io.github.daskjvm.scheduler.loop.EventLoop;
import io.github.daskjvm.scheduler.loop.Outbox;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ClientConnectionsTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    private final EventLog events = new EventLog(client -> null, 10, Duration.ofHours(1));
    private final Outbox outbox = new Outbox(events::log);
    private final EventLoop loop = new EventLoop(SchedulerConfig.DEFAULT, outbox, failure -> {});

    @Test
    void aClientWhoseConnectionBreaksBeforeItIsAnsweredIsToldToHaveLeft() throws IOException {
        try (var rpc = new RpcPool(null, TIMEOUT);
                var server = Scheduler.start(
                        SchedulerOptions.builder().host("127.0.0.1").port(0).build())) {
            Connection broken = Connection.open(Address.parse(server.address()), null, TIMEOUT);
            broken.close();
            var workers = new Workers(loop, outbox, rpc, events);
            var graphs = new MaterializerPool(rpc, worker -> 0, Duration.ZERO);
            var clients = new ClientConnections(loop, outbox, workers, graphs, events, new JvmPeers(workers), false);

            assertThatThrownBy(
                            () -> clients.register(Fields.of(Map.of("op", "register-client", "client", "c")), broken))
                    .isInstanceOf(IOException.class);

            assertThat(events.events("c").stream().<Object>map(event -> event.get(1)))
                    .containsExactly(
                            Map.of("action", "add-client", "client", "c"),
                            Map.of("action", "remove-client", "client", "c"));
            assertThat(clients.ids()).isEmpty();
        }
    }
}
