"""`dask-jvm monitor` in front of a scheduler that runs in another process, on which nothing is installed."""

import os
import re
import shlex
import signal
import urllib.request

import pytest

from harness import Process, dask_jvm, free_port, scheduler_command, wait_for
from tasks import inc
from test_tls import make_certificates, options_of, security_of

BOTH = pytest.mark.parametrize(
    "command", [["dask", "scheduler"], scheduler_command()], ids=["python", "as-given"]
)


class Monitor(Process):
    def __init__(self, address, folder, options=()):
        self.port = free_port()
        self.pid_file = folder / "monitor.pid"
        super().__init__(
            [dask_jvm(), "monitor", address, "--interval", "200 ms", "--dashboard-address", f"127.0.0.1:{self.port}",
             "--pid-file", str(self.pid_file), *options],
            folder / "monitor.log",
        )  # fmt: skip
        wait_for(lambda: self.running and self._listens(), "the monitor listens", 30)

    def _listens(self):
        try:
            return self.get("/health") == "ok"
        except OSError:
            return False

    def get(self, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as reply:
            return reply.read().decode()

    def value(self, sample, path="/metrics"):
        found = re.search(rf"^{re.escape(sample)} (\S+)$", self.get(path), re.M)
        return float(found[1]) if found else None

    def wait_for(self, sample, value, path="/metrics"):
        wait_for(lambda: self.value(sample, path) == value, f"{sample} is {value} in {self.output()}", 40)


@pytest.fixture
def monitor(tmp_path):
    made = []

    def make(address, options=()):
        made.append(Monitor(address, tmp_path, options))
        return made[-1]

    yield make
    for process in made:
        process.kill()


@pytest.fixture
def cluster_of(new_cluster, monkeypatch):
    def make(command, **arguments):
        monkeypatch.setenv("SCHEDULER_CMD", shlex.join(command))
        return new_cluster(**arguments)

    return make


@BOTH
def test_scheduler_and_workers_are_measured(command, cluster_of, monitor):
    cluster = cluster_of(command)
    measured = monitor(cluster.address)
    measured.wait_for("dask_scheduler_up", 1)
    measured.wait_for('dask_scheduler_workers{state="idle"}', 0)
    measured.wait_for("dask_scheduler_clients", 1)
    cluster.add_worker("alice", nthreads=3, options=["--memory-limit", "1 GB"])
    measured.wait_for('dask_scheduler_workers{state="idle"}', 1)
    alice = wait_for(lambda: cluster.addresses().get("alice"), "alice has come")
    measured.wait_for(f'dask_worker_threads{{worker="{alice}"}}', 3, "/metrics/workers")
    measured.wait_for("dask_scheduler_threads", 3)
    measured.wait_for("dask_scheduler_workers_memory_limit_bytes", 1e9)
    wait_for(lambda: measured.value("dask_scheduler_workers_memory_bytes") > 0, "alice's memory is known")
    assert 0 < measured.value("dask_scheduler_worker_memory_ratio_maximum") < 1
    client = cluster.client()
    measured.wait_for("dask_scheduler_clients", 2)
    futures = client.map(inc, range(10))
    client.gather(futures)
    measured.wait_for('dask_scheduler_tasks{state="memory"}', 10)
    measured.wait_for("dask_scheduler_received_tasks", 10)
    measured.wait_for("dask_scheduler_task_groups", 1)
    measured.wait_for(f'dask_worker_tasks{{worker="{alice}",state="memory"}}', 10, "/metrics/workers")
    unrunnable = client.submit(inc, 1, resources={"GPU": 1})
    measured.wait_for("dask_scheduler_unrunnable_tasks", 1)
    del futures, unrunnable
    measured.wait_for("dask_scheduler_received_tasks", 0)


@BOTH
def test_a_busy_worker_is_saturated(command, cluster_of, monitor):
    cluster = cluster_of(command, workers=2, nthreads=1)
    measured = monitor(cluster.address)
    address = cluster.addresses()["w0"]
    client = cluster.client()
    gate = client.submit(inc, 0, workers=cluster.addresses()["w1"])
    client.gather(gate)
    from distributed import Event

    event = Event("gate", client=client)
    # Tasks that are bound to a worker are not queued on the scheduler.
    futures = [client.submit(wait_and_inc, i, "gate", workers=[address]) for i in range(30)]
    measured.wait_for('dask_scheduler_workers{state="saturated"}', 1)
    measured.wait_for('dask_scheduler_workers{state="idle"}', 1)
    event.set()
    client.gather(futures)
    measured.wait_for('dask_scheduler_workers{state="idle"}', 2)


def wait_and_inc(x, name):
    from distributed import Event

    Event(name).wait()
    return x + 1


@BOTH
def test_a_scheduler_that_is_restarted_comes_back(command, cluster_of, monitor, tmp_path):
    port = free_port()

    def start(name):
        return Process([*command, "--host", "127.0.0.1", "--port", str(port), "--dashboard-address", "127.0.0.1:0"],
                       tmp_path / f"{name}.log")  # fmt: skip

    measured = monitor(f"tcp://127.0.0.1:{port}")
    measured.wait_for("dask_scheduler_up", 0)
    first = start("first")
    try:
        measured.wait_for("dask_scheduler_up", 1)
        ids = re.findall(r"Scheduler-[\w-]+", measured.get("/prometheus/sd"))
    finally:
        first.kill()
    measured.wait_for("dask_scheduler_up", 0)
    assert measured.value("dask_scheduler_clients") is None
    assert measured.get("/health") == "ok"
    second = start("second")
    try:
        measured.wait_for("dask_scheduler_up", 1)
        assert measured.value("dask_monitor_connects_total") == 2
        assert ids and re.findall(r"Scheduler-[\w-]+", measured.get("/prometheus/sd")) != ids
    finally:
        second.kill()


@BOTH
def test_a_scheduler_behind_tls(command, cluster_of, monitor, tmp_path):
    certificates = make_certificates(tmp_path / "certificates")
    options = options_of(certificates)
    cluster = cluster_of(
        command, scheduler_options=["--protocol", "tls", *options], security=security_of(certificates)
    )
    monitor(cluster.address, options).wait_for("dask_scheduler_clients", 1)


def test_the_end_is_in_order(monitor):
    measured = monitor(f"tcp://127.0.0.1:{free_port()}")
    assert int(measured.pid_file.read_text()) == measured.popen.pid
    os.kill(measured.popen.pid, signal.SIGTERM)
    assert measured.popen.wait(20) == 0
    assert not measured.pid_file.exists()
