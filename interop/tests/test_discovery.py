"""A Prometheus server that is told of a scheduler and nothing else finds, scrapes and forgets its workers."""

import json
import os
import re

import pytest

from harness import JvmWorker, Prometheus, scheduler_command, wait_for
from tasks import inc

pytestmark = [
    pytest.mark.skipif("PROMETHEUS" not in os.environ, reason="no Prometheus server"),
    pytest.mark.skipif(scheduler_command()[0] == "dask", reason="Dask's scheduler has no service discovery"),
]

DASHBOARD = ["--dashboard-address", "127.0.0.1:0"]

# As behind a private address: whoever asks for /metrics gets none.
HIDDEN = {"DASK_DISTRIBUTED__WORKER__HTTP__ROUTES": "['distributed.http.health']"}


def discovery(cluster, query=""):
    return {
        "job_name": "dask",
        "http_sd_configs": [
            {
                "url": f"http://127.0.0.1:{cluster.scheduler.dashboard_port}/prometheus/sd{query}",
                "refresh_interval": "1s",
            }
        ],
    }


@pytest.fixture
def prometheus(tmp_path):
    made = []

    def make(*scrape_configs):
        made.append(Prometheus(tmp_path, list(scrape_configs)))
        return made[-1]

    yield make
    for process in made:
        process.kill()


def test_workers_are_found_scraped_and_forgotten(new_cluster, prometheus, tmp_path):
    cluster = new_cluster()
    server = prometheus(discovery(cluster))
    server.wait_for('up{kind="scheduler"}', 1)
    assert server.value('count(up{kind="worker"})') is None

    cluster.add_worker("alice", nthreads=3, options=[*DASHBOARD, "--host", "127.0.0.1"])
    jvm = JvmWorker(cluster.address, "james", tmp_path / "james.log", nthreads=2)
    try:
        server.wait_for('sum(up{kind="worker"})', 2)
        server.wait_for("sum(dask_scheduler_workers)", 2)
        addresses = cluster.addresses()
        server.wait_for(f'dask_worker_threads{{worker="{addresses["alice"]}"}}', 3)
        server.wait_for(f'dask_worker_threads{{worker="{addresses["james"]}"}}', 2)
        labels = {t.get("__meta_dask_worker_name", ""): t for t in server.targets()}
        assert set(labels) == {"", "alice", "james"}
        assert labels["alice"]["__meta_dask_runtime"] == "python"
        assert labels["james"]["__meta_dask_runtime"] == "jvm"
        for target in labels.values():
            assert target["__meta_dask_cluster"] == cluster.address
            assert target["health"] == "up"

        client = cluster.client()
        futures = client.map(inc, range(20))
        client.gather(futures)
        server.wait_for(f'dask_worker_tasks{{worker="{addresses["alice"]}",state="memory"}}', 20)

        cluster.workers.pop("alice").kill()
        server.wait_for('count(up{kind="worker"})', 1)
        server.wait_for("sum(dask_scheduler_workers)", 1)
        assert {t.get("__meta_dask_worker_name", "") for t in server.targets()} == {"", "james"}
    finally:
        jvm.kill()


def test_workers_that_can_not_be_reached_are_seen_through_the_scheduler(new_cluster, prometheus):
    cluster = new_cluster()
    cluster.add_worker("hidden", nthreads=3, env=HIDDEN)
    cluster.add_worker("open", nthreads=2, options=DASHBOARD)
    cluster.observer.wait_for_workers(2, timeout=30)
    server = prometheus(discovery(cluster, "?via=scheduler"))
    addresses = cluster.addresses()
    hidden, opened = addresses["hidden"], addresses["open"]
    server.wait_for(f'dask_worker_up{{worker="{opened}"}}', 1)
    server.wait_for(f'dask_worker_up{{worker="{hidden}"}}', 0)
    server.wait_for(f'dask_worker_threads{{worker="{hidden}"}}', 3)
    server.wait_for(f'dask_worker_threads{{worker="{opened}"}}', 2)
    server.wait_for('count(up{kind="worker"})', 1)
    server.wait_for("sum(up)", 2)
    client = cluster.client()
    futures = client.map(inc, range(10), workers=hidden)
    client.gather(futures)
    server.wait_for(f'dask_worker_tasks{{worker="{hidden}",state="memory"}}', 10)
    assert server.value(f'dask_worker_memory_bytes{{worker="{hidden}",type="unmanaged"}}') > 1e6
    cluster.workers.pop("open").kill()
    server.wait_for("count(dask_worker_up)", 1)


def test_heartbeats_say_what_the_worker_itself_says(new_cluster):
    """Families that come from heartbeats have the names and labels of those that a stock worker exports."""
    cluster = new_cluster()
    cluster.add_worker("hidden", env=HIDDEN)
    cluster.add_worker("open", options=DASHBOARD)
    cluster.observer.wait_for_workers(2, timeout=30)
    addresses = cluster.addresses()
    client = cluster.client()
    client.gather([client.submit(inc, 1, workers=a, pure=False) for a in addresses.values()])

    def of(name):
        page = cluster.scheduler.get("/metrics/workers")
        lines = re.findall(rf'^(\w+){{worker="{re.escape(addresses[name])}",?(.*)}} \S+$', page, re.M)
        return set(lines)

    assert 'dask_worker_up{worker="%s"} 0.0' % addresses["hidden"] in cluster.scheduler.get("/metrics/workers")
    heartbeat = {sample for sample in of("hidden") if sample[0].startswith("dask_worker_")}
    own = {"up", "info", "last_seen_timestamp_seconds", "memory_limit_bytes", "cpu_cores", "bandwidth_bytes_per_second",
           "event_loop_interval_seconds"}  # fmt: skip
    shared = {s for s in heartbeat if s[0][len("dask_worker_") :] not in own and "_host_" not in s[0]}
    assert len(shared) >= 9
    wait_for(lambda: shared <= of("open"), f"{shared} are exported by a stock worker too")


def test_discovery_is_an_array_of_targets(new_cluster):
    cluster = new_cluster(workers=1)
    targets = json.loads(cluster.scheduler.get("/prometheus/sd"))
    identity = cluster.observer.sync(cluster.observer.scheduler.identity)
    ports = [cluster.scheduler.dashboard_port, *(w["services"]["dashboard"] for w in identity["workers"].values())]
    assert [t["targets"] for t in targets] == [[f"127.0.0.1:{port}"] for port in ports]
    assert all(isinstance(v, str) for t in targets for v in t["labels"].values())
