"""What does not belong on port 8786, and graphs, workers and clients that lie: each is answered, and nobody else notices.

These speak to the scheduler's socket directly. Framing: u64 length of the rest, u64 number of frames, u64 length of each
frame, then the frames, the first of which is msgpack.
"""

import os
import socket
import struct
import time

import msgpack
import pytest

from harness import wait_for
from tasks import inc

HELLO = {"compression": None, "python": [3, 13, 0], "pickle-protocol": 4}


class Connection:
    """A connection that has shaken hands, unless told not to."""

    def __init__(self, cluster, handshake=True):
        self.socket = socket.create_connection(("127.0.0.1", cluster.scheduler.port), timeout=10)
        if handshake:
            self.send(HELLO)
            assert "pickle-protocol" in self.receive()

    def send(self, *frames):
        frames = [f if isinstance(f, bytes) else msgpack.packb(f) for f in frames]
        lengths = struct.pack(f"<{1 + len(frames)}Q", len(frames), *map(len, frames))
        body = lengths + b"".join(frames)
        self.socket.sendall(struct.pack("<Q", len(body)) + body)

    def _exactly(self, n):
        data = b""
        while len(data) < n:
            piece = self.socket.recv(n - len(data))
            if not piece:
                raise EOFError
            data += piece
        return data

    def receive(self):
        [size] = struct.unpack("<Q", self._exactly(8))
        body = self._exactly(size)
        [count] = struct.unpack_from("<Q", body)
        lengths = struct.unpack_from(f"<{count}Q", body, 8)
        start = 8 * (1 + count)
        return msgpack.unpackb(body[start : start + lengths[0]], strict_map_key=False, use_list=False)

    def call(self, **message):
        self.send(message)
        return self.receive()

    def is_ended(self):
        """Whether the other side ends the connection; what it may say before is read and dropped."""
        try:
            while self.socket.recv(65536):
                pass
            return True
        except ConnectionError:
            return True
        except TimeoutError:
            return False

    def close(self):
        self.socket.close()


@pytest.fixture
def connect(cluster):
    opened = []

    def connect(**arguments):
        opened.append(Connection(cluster, **arguments))
        return opened[-1]

    yield connect
    for c in opened:
        c.close()


@pytest.fixture(autouse=True)
def everyone_else_goes_on(client, cluster):
    kept = client.submit(inc, 1, key="accepted-before")
    assert kept.result() == 2
    workers = set(client.nthreads())
    yield
    assert client.submit(inc, 10, pure=False).result(timeout=10) == 11
    assert client.submit(inc, kept, pure=False).result(timeout=10) == 3
    assert set(client.nthreads()) == workers
    assert cluster.scheduler.running


def test_a_well_formed_call_is_answered(connect):
    """So that the others fail for the reason they are about."""
    identity = connect().call(op="identity", reply=True)
    assert identity["type"] == "Scheduler"


def test_an_http_request(connect):
    c = connect(handshake=False)
    c.socket.sendall(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n\r\n")
    c.socket.shutdown(socket.SHUT_WR)
    assert c.is_ended()


def test_random_bytes(connect):
    for seed in range(5):
        c = connect(handshake=False)
        c.socket.sendall(os.urandom(1000 + seed))
        c.socket.shutdown(socket.SHUT_WR)
        assert c.is_ended()


@pytest.mark.parametrize("part", [0, 5, 8, 12, 20], ids=lambda n: f"after-{n}-bytes")
def test_a_message_that_ends_too_early(connect, part):
    c = connect()
    body = msgpack.packb({"op": "identity"})
    whole = struct.pack("<QQQ", 16 + len(body), 1, len(body)) + body
    c.socket.sendall(whole[:part])
    c.socket.shutdown(socket.SHUT_WR)
    assert c.is_ended()


def test_a_frame_that_claims_to_be_enormous(connect):
    c = connect()
    c.socket.sendall(struct.pack("<QQQ", 2**62, 1, 2**62 - 16) + b"x" * 100)
    c.socket.shutdown(socket.SHUT_WR)
    assert c.is_ended()


def test_a_message_of_enormously_many_frames(connect):
    c = connect()
    c.socket.sendall(struct.pack("<QQ", 2**62, 2**59) + b"\0" * 100)
    c.socket.shutdown(socket.SHUT_WR)
    assert c.is_ended()


def test_bytes_that_are_no_msgpack(connect):
    c = connect()
    c.send(b"\xc1\xc1\xc1")


@pytest.mark.parametrize("message", [17, "text", None, {"no": "op"}], ids=repr)
def test_a_message_that_is_no_call(connect, message):
    c = connect()
    c.send(message)
    assert c.is_ended()


def test_an_unknown_operation_is_answered_with_nothing(connect):
    c = connect()
    c.send({"op": "no-such-operation", "reply": True})
    assert c.receive() is None
    assert c.call(op="identity", reply=True)["type"] == "Scheduler"


def test_a_call_with_an_argument_nobody_knows_is_answered_with_an_error(connect):
    c = connect()
    answer = c.call(op="who_has", reply=True, keys=[], surprise=1)
    assert answer["status"] == "uncaught-error"
    assert "surprise" in answer["exception_text"]


def test_a_call_without_an_argument_it_needs_is_answered_with_an_error(connect):
    answer = connect().call(op="get_metadata", reply=True)
    assert answer["status"] == "uncaught-error"
    assert "keys" in answer["exception_text"]


def test_a_call_with_an_argument_of_the_wrong_type_is_answered_with_an_error(connect):
    answer = connect().call(op="gather", reply=True, keys=17)
    assert answer["status"] in ("uncaught-error", "error")


def test_a_heartbeat_from_a_worker_nobody_knows(connect):
    answer = connect().call(
        op="heartbeat_worker", reply=True, address="tcp://127.0.0.1:9", now=time.time(), metrics={}, executing={}, extensions={}
    )
    assert answer["status"] == "missing"


def register_client(connect, name):
    c = connect()
    c.send({"op": "register-client", "client": name, "reply": False, "versions": {"host": {}, "packages": {}}})
    [start] = c.receive()
    assert start["op"] == "stream-start"
    return c


@pytest.mark.parametrize(
    "message",
    [
        {"op": "no-such-operation"},
        {"op": "client-releases-keys"},
        {"op": "client-releases-keys", "keys": 17},
        {"op": "update-graph", "surprise": 1},
        {"op": "heartbeat-client", "surprise": 1},
        {"keys": ["no-op-at-all"]},
    ],
    ids=str,
)
def test_a_client_that_sends_nonsense_harms_only_itself(connect, cluster, message):
    c = register_client(connect, f"Client-nonsense-{time.time()}")
    c.send([message])
    c.close()


def test_a_client_that_releases_what_it_never_had(connect):
    c = register_client(connect, "Client-liar")
    c.send([{"op": "client-releases-keys", "keys": ["accepted-before", "nobody-has-this"]}])
    assert connect().call(op="identity", reply=True)["type"] == "Scheduler"


def test_a_graph_that_is_no_graph(connect):
    c = register_client(connect, "Client-no-graph")
    c.send([{
        "op": "update-graph", "graph_header": {"serializer": "pickle", "writeable": []}, "graph_frames": [b"no pickle"],
        "keys": {"__Set__": True, "as-list": ["wanted"]}, "internal_priority": None, "submitting_task": None,
        "fifo_timeout": "100 ms", "actors": None, "code": [], "annotations": {}, "span_metadata": {},
    }])  # fmt: skip
    answer = wait_for(lambda: [m for m in c.receive() if m["op"] == "task-erred"], "the error arrives")
    assert answer[0]["key"] == "wanted"


METRICS = {
    "task_counts": {}, "bandwidth": {"total": 1e8, "workers": {}, "types": {}}, "digests_total_since_heartbeat": {},
    "managed_bytes": 0, "spilled_bytes": {"memory": 0, "disk": 0}, "event_loop_interval": 0.02, "cpu": 0.0,
    "transfer": {
        "incoming_bytes": 0, "incoming_count": 0, "incoming_count_total": 0,
        "outgoing_bytes": 0, "outgoing_count": 0, "outgoing_count_total": 0,
    },
    "memory": 100_000_000, "time": 0.0, "num_fds": 10,
    "host_net_io": {"read_bps": 0.0, "write_bps": 0.0}, "host_disk_io": {"read_bps": 0.0, "write_bps": 0.0},
}  # fmt: skip


def register_worker(connect, address, **changes):
    c = connect()
    message = {
        "op": "register-worker", "address": address, "status": "init", "nthreads": 0, "name": address, "now": time.time(),
        "resources": {}, "memory_limit": 0, "local_directory": "/tmp", "services": {}, "nanny": None, "pid": 1,
        "versions": {"host": {}, "packages": {}}, "metrics": METRICS, "extra": {}, "stimulus_id": "test",
        "server_id": "Worker-test", "reply": False,
    }  # fmt: skip
    c.send(message | changes)
    return c, c.receive()


def test_a_worker_whose_name_is_taken_is_refused(connect):
    c, answer = register_worker(connect, "tcp://127.0.0.1:9", name="w0")
    assert answer["status"] == "error" and "name taken" in answer["message"]


def test_news_of_tasks_that_nobody_knows_changes_nothing(connect, cluster, client):
    c, answer = register_worker(connect, "tcp://127.0.0.1:9", nthreads=1, resources={"NOTHING": 1})
    assert answer["status"] == "OK"
    finished = {
        "op": "task-finished", "key": "nobody-knows", "status": "OK", "nbytes": 1, "type": b"", "typename": "int",
        "run_id": 1, "metadata": {}, "thread": 1, "startstops": [], "stimulus_id": "test",
    }  # fmt: skip
    c.send([finished])
    c.send([{"op": "release-worker-data", "key": "nobody-knows", "stimulus_id": "test"}])
    c.send([{"op": "add-keys", "keys": ["nobody-knows-either"], "stimulus_id": "test"}])
    c.send([{"op": "long-running", "key": "nobody-knows", "compute_duration": 1.0, "stimulus_id": "test"}])
    c.send([{"op": "reschedule", "key": "nobody-knows", "stimulus_id": "test"}])
    c.send([{"op": "worker-status-change", "status": "running", "stimulus_id": "test"}])
    assert connect().call(op="identity", reply=True)["type"] == "Scheduler"
    c.close()
    wait_for(lambda: set(cluster.addresses()) == {"w0", "w1"}, "the worker that left is forgotten")


def test_connections_that_come_and_go_without_a_word(connect):
    for _ in range(50):
        connect(handshake=False).close()
    for _ in range(20):
        connect().close()
