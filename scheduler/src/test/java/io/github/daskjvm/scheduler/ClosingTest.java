package io.github.daskjvm.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.RepeatedTest;

/// A scheduler that is told to end. Who told it to is answered once workers know and nothing listens any more.
class ClosingTest extends CoordinationBench {
    private Socket asking = new Socket();

    @AfterEach
    void hangUp() throws IOException {
        asking.close();
    }

    private void endsAndHasTold(RawPeer worker) throws IOException {
        assertThat(peer().call(op("terminate", "reason", "enough"))).isNull();
        assertThat(worker.socket.getInputStream().available())
                .as("bytes of what the worker is told")
                .isPositive();
        assertThatThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), worker.socket.getPort()).close())
                .isInstanceOf(ConnectException.class);
        assertThat(worker.next("close").get("reason")).isEqualTo("scheduler-close");
    }

    @RepeatedTest(5)
    void aWorkerIsTold() throws IOException {
        RawPeer worker = peer();
        String address = "tcp://127.0.0.1:" + worker.socket.getLocalPort();
        worker.callForMap(FakeWorker.registration(address, "told"));
        while (scheduler.query(state -> state.worker(address)) == null) {
            Thread.onSpinWait();
        }
        endsAndHasTold(worker);
    }

    /// A Python worker that has registered and does not answer when it is asked which fields it wants.
    private RawPeer asked(ServerSocket listening) throws IOException {
        RawPeer worker = peer();
        Map<String, Object> registration = FakeWorker.registration(address(listening), "early");
        registration.remove("extra");
        worker.callForMap(registration);
        asking = listening.accept();
        return worker;
    }

    private static String address(ServerSocket listening) {
        return "tcp://127.0.0.1:" + listening.getLocalPort();
    }

    @RepeatedTest(5)
    void aWorkerIsToldWhileItIsAskedWhatItSpeaks() throws IOException {
        try (var silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            endsAndHasTold(asked(silent));
        }
    }

    @RepeatedTest(5)
    void aWorkerThatIsAskedWhatItSpeaksIsToldToLeave() throws IOException {
        try (var silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            RawPeer worker = asked(silent);
            assertThat(peer().call(op("unregister", "address", address(silent))))
                    .isEqualTo("OK");
            assertThat(worker.next("close").get("reason")).isEqualTo("scheduler-remove-worker");
        }
    }
}
