"""How a scheduler starts, what its options and settings do, and how it ends."""

import json
import os
import re
import signal
import time
import urllib.request

import pytest
from distributed import Client

from harness import free_port, scheduler_command, wait_for
from tasks import inc, slowinc


def test_a_scheduler_file_leads_clients_and_workers_to_the_scheduler(new_cluster, tmp_path):
    path = tmp_path / "scheduler.json"
    cluster = new_cluster(scheduler_options=["--scheduler-file", str(path)])
    wait_for(path.exists, "the file is there")
    said = json.loads(path.read_text())
    assert said["type"] == "Scheduler" and said["address"] == cluster.address
    assert said["services"]["dashboard"] == cluster.scheduler.dashboard_port
    with Client(scheduler_file=str(path), set_as_default=False) as client:
        cluster.add_worker("w0")
        assert client.submit(inc, 1).result(timeout=30) == 2


def test_a_scheduler_without_a_dashboard(new_cluster):
    cluster = new_cluster(workers=1, scheduler_options=["--no-dashboard"])
    assert cluster.client().submit(inc, 1).result() == 2


def test_an_idle_scheduler_ends_itself_if_told_to(new_cluster):
    cluster = new_cluster(scheduler_options=["--idle-timeout", "1s"])
    cluster.observer.close()
    wait_for(lambda: not cluster.scheduler.running, "it ends", seconds=20)
    assert cluster.scheduler.popen.returncode == 0


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_a_scheduler_ends_when_told_to_and_workers_with_it(new_cluster, sent):
    cluster = new_cluster(workers=1)
    os.kill(cluster.scheduler.popen.pid, sent)
    wait_for(lambda: not cluster.scheduler.running, "the scheduler ends", seconds=15)
    wait_for(lambda: not cluster.workers["w0"].running, "its worker ends", seconds=15)


def test_a_client_can_end_the_cluster(new_cluster):
    cluster = new_cluster(workers=1)
    client = cluster.client()
    client.shutdown()
    wait_for(lambda: not cluster.scheduler.running, "the scheduler ends", seconds=15)
    wait_for(lambda: not cluster.workers["w0"].running, "its worker ends", seconds=15)


def test_settings_are_read_from_the_yaml_files_of_dask(new_cluster, tmp_path):
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "distributed.yaml").write_text("distributed:\n  scheduler:\n    worker-saturation: 1.0\n")
    cluster = new_cluster(workers=1, nthreads=1, env={"DASK_CONFIG": str(tmp_path / "config")})
    client = cluster.client()
    futures = client.map(slowinc, range(20), delay=0.02)
    wait_for(lambda: cluster.scheduler.tasks("queued") > 5, "tasks are queued")
    while not all(f.done() for f in futures):
        [on_worker] = client.processing().values()
        assert len(on_worker) <= 1
    assert client.gather(futures) == list(range(1, 21))


def test_a_port_that_is_taken_is_said_to_be(new_cluster):
    import harness

    cluster = new_cluster()
    second = harness.Process(
        [*harness.scheduler_command(), "--host", "127.0.0.1", "--port", str(cluster.scheduler.port),
         "--dashboard-address", f"127.0.0.1:{free_port()}"],
        cluster.folder / "second.log",
    )  # fmt: skip
    try:
        wait_for(lambda: not second.running, "the second scheduler gives up", seconds=20)
        assert second.popen.returncode != 0
        assert "in use" in second.output()
    finally:
        second.kill()


def test_a_worker_that_stops_talking_is_given_up(new_cluster):
    cluster = new_cluster(workers=2, nthreads=1, env={"DASK_DISTRIBUTED__SCHEDULER__WORKER_TTL": "2s"})
    client = cluster.client()
    os.kill(cluster.workers["w0"].popen.pid, signal.SIGSTOP)
    start = time.monotonic()
    wait_for(lambda: set(cluster.addresses()) == {"w1"}, "the silent worker is given up", seconds=30)
    assert time.monotonic() - start > 1
    assert client.gather(client.map(inc, range(10))) == list(range(1, 11))


def collectors(cluster):
    """Seconds that each of the scheduler's collectors has taken, and those that count as spent collecting."""
    url = f"http://127.0.0.1:{cluster.scheduler.dashboard_port}/metrics"
    page = urllib.request.urlopen(url, timeout=20).read().decode()
    spent = re.search(r"^dask_scheduler_gc_collection_seconds_total (\S+)", page, re.M)[1]
    each = re.findall(r'^jvm_gc_collection_seconds_sum{gc="([^"]+)"} (\S+)', page, re.M)
    return {name: float(seconds) for name, seconds in each}, float(spent)


@pytest.mark.skipif(not scheduler_command()[0].endswith("dask-jvm"), reason="Dask's scheduler has no JVM")
def test_the_collector_works_beside_the_scheduler_and_only_its_pauses_are_time_spent(new_cluster):
    cluster = new_cluster(workers=1, env={"JDK_JAVA_OPTIONS": "-Xmx64m"})  # small, so that it is collected often
    client = cluster.client()

    def collected():
        client.gather(client.map(inc, range(500), pure=False))
        each, spent = collectors(cluster)
        return (each, spent) if sum(each.values()) > 0.1 else None

    each, spent = wait_for(collected, "memory is collected", seconds=40)
    if "Shenandoah Cycles" in each:
        assert spent < each["Shenandoah Cycles"]
    else:  # a JDK that has no such collector
        assert each.keys() == {"PS Scavenge", "PS MarkSweep"} and spent > 0.05


@pytest.mark.skipif(not scheduler_command()[0].endswith("dask-jvm"), reason="Dask's scheduler has no JVM")
def test_the_collector_is_the_one_that_the_user_names(new_cluster):
    each, _ = collectors(new_cluster(env={"JDK_JAVA_OPTIONS": "-XX:+UseSerialGC"}))
    assert each.keys() == {"Copy", "MarkSweepCompact"}
