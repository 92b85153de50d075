"""JVM workers that retire, restart and end, as stock clients ask for it."""

import pytest
from distributed import wait

from dask_jvm import java
from harness import scheduler_command, wait_for
from tasks import inc

pytestmark = pytest.mark.skipif(
    not scheduler_command()[0].endswith("dask-jvm"), reason="Dask's scheduler has no JVM workers"
)

FUNCTIONS = "crossing.Functions"


@pytest.fixture
def cluster(new_cluster, class_path):
    cluster = new_cluster(workers=1)
    for name in ("j0", "j1"):
        cluster.add_jvm_worker(name, nthreads=2, class_path=class_path)
    cluster.observer.wait_for_workers(3, timeout=60)
    return cluster


def test_a_jvm_worker_retires_under_load_and_nothing_is_lost(cluster, tmp_path):
    client = cluster.client()
    addresses = cluster.addresses()
    noted = java(f"{FUNCTIONS}::noted")
    kept = [noted(str(tmp_path / "kept"), i, workers=["j0", "j1"][i % 2], pure=False) for i in range(40)]
    wait(kept)
    there = [f for f in kept if client.who_has([f])[f.key] == (addresses["j0"],)]
    assert len(there) == 20
    copied = java(f"{FUNCTIONS}::half")(8, workers="j0", pure=False)
    client.replicate([copied], n=2, workers=[addresses["j0"], addresses["j1"]])
    # Much that runs and waits on all workers, each of the second half with a result that moves.
    load = noted.map([str(tmp_path / "load")] * 200, range(100, 300), pure=False)
    chained = [client.submit(inc, noted(str(tmp_path / "load"), f, pure=False), pure=False) for f in kept]
    assert list(client.retire_workers([addresses["j0"]])) == [addresses["j0"]]
    assert addresses["j0"] not in client.scheduler_info()["workers"]
    wait_for(lambda: not cluster.workers["j0"].running, "its process ends", 60)
    assert client.gather(kept) == list(range(40))
    assert client.gather(load) == list(range(100, 300))
    assert client.gather(chained) == list(range(1, 41))
    assert copied.result() == 4
    holders = client.who_has(kept + [copied])
    assert all(where and addresses["j0"] not in where for where in holders.values())
    assert client.who_has([copied])[copied.key] == (addresses["j1"],)
    made = (tmp_path / "kept").read_text().split()
    assert sorted(map(int, made)) == list(range(40)), "what was there has moved, and was not made again"
    moved = {row["action"] for _, row in client.get_events(addresses["j0"])}
    assert {"retire-workers", "remove-worker"} & moved


def test_retiring_while_submits_go_on_loses_nothing(cluster, tmp_path):
    client = cluster.client()
    half = java(f"{FUNCTIONS}::half")
    results = []
    for turn in range(4):
        results += half.map(range(0, 200, 2), pure=False)
        results += half.map(client.map(inc, range(1, 201, 2), pure=False), pure=False)
        if turn == 1:
            retired = client.retire_workers(names=["j1"], close_workers=True, asynchronous=False)
    assert len(retired) == 1
    assert client.gather(results) == (list(range(100)) + list(range(1, 101))) * 4
    assert set(cluster.addresses()) == {"w0", "j0"}


def test_jvm_workers_stay_with_data_that_no_other_can_take(cluster):
    client = cluster.client()
    kept = java(f"{FUNCTIONS}::half").map(range(0, 20, 2), pure=False)
    wait(kept)
    assert client.retire_workers(names=["j0", "j1"]) == {}, "a Python worker can not run what made it again"
    assert set(cluster.addresses()) == {"w0", "j0", "j1"}
    assert "unique data could not be moved to any other worker" in cluster.scheduler.output()
    assert client.gather(kept) == list(range(10))
    kept.clear()
    wait_for(lambda: client.retire_workers(names=["j0", "j1"]), "without data they go", 60)
    wait_for(lambda: set(cluster.addresses()) == {"w0"}, "both are gone", 60)


def test_restart_under_nannies_makes_both_kinds_anew(new_cluster, class_path):
    cluster = new_cluster(workers=1, nanny=True)
    cluster.add_jvm_worker("jvm", class_path=class_path, nanny=True)
    cluster.observer.wait_for_workers(2, timeout=60)
    client = cluster.client()
    before = cluster.addresses()
    assert all(worker["nanny"] for worker in client.scheduler_info()["workers"].values())
    lost = java(f"{FUNCTIONS}::half")(8)
    assert lost.result() == 4
    client.restart()
    wait_for(lost.cancelled, "the client is told, by its stream, that all is released", 60)
    after = cluster.addresses()
    assert set(after) == {"w0", "jvm"} and not set(after.values()) & set(before.values())
    assert java(f"{FUNCTIONS}::half")(client.submit(inc, 9)).result() == 5
    assert set(client.get_worker_logs(nanny=True)) == set(after.values())
    assert client.restart_workers([after["jvm"]]) == {after["jvm"]: "OK"}
    wait_for(lambda: cluster.addresses().get("jvm") not in (None, after["jvm"]), "it is anew", 60)
    assert cluster.addresses()["w0"] == after["w0"]


def test_restart_without_nannies_ends_the_workers(cluster):
    client = cluster.client()
    lost = java(f"{FUNCTIONS}::half")(8)
    assert lost.result() == 4
    with pytest.raises(ValueError, match="nanny"):
        client.restart_workers([cluster.addresses()["j0"]])
    client.restart(wait_for_workers=False)
    wait_for(lost.cancelled, "the client is told, by its stream, that all is released", 60)
    wait_for(lambda: not any(worker.running for worker in cluster.workers.values()), "the workers' processes end", 60)
    wait_for(lambda: cluster.addresses() == {}, "the scheduler knows of no worker", 60)
