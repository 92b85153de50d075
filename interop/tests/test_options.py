"""Where and when a task runs: priority=, workers=, allow_other_workers=, resources=."""

import dask
import pytest
from dask import delayed
from distributed import wait

from harness import wait_for
from tasks import add, count_concurrent, inc, note, wait_for_file, worker_name

ABSENT = "tcp://127.0.0.1:9"


def test_priority_decides_what_runs_first(new_cluster, tmp_path):
    cluster = new_cluster(workers=1, nthreads=1)
    client = cluster.client()
    blocker = client.submit(wait_for_file, tmp_path / "go", priority=100)
    wait_for(lambda: any(client.processing().values()), "the blocker is on the worker")
    # Keys of different prefixes, so that the scheduler does not take them for root tasks and keeps some back.
    keys = {"low": -5, "middle": 0, "highest": 10, "lowest": -10, "high": 5}
    futures = [client.submit(note, tmp_path / "log", key, key=key, priority=p) for key, p in keys.items()]
    wait_for(lambda: len(cluster.known_tasks()) == 6, "all are submitted")
    (tmp_path / "go").touch()
    wait([blocker, *futures])
    assert (tmp_path / "log").read_text().split() == ["highest", "high", "middle", "low", "lowest"]


def test_what_was_submitted_earlier_runs_earlier(new_cluster, tmp_path):
    cluster = new_cluster(workers=1, nthreads=1)
    client = cluster.client()
    blocker = client.submit(wait_for_file, tmp_path / "go")
    wait_for(lambda: any(client.processing().values()), "the blocker is on the worker")
    futures = [client.submit(note, tmp_path / "log", key, key=key, fifo_timeout="0s") for key in "abcde"]
    wait_for(lambda: len(cluster.known_tasks()) == 6, "all are submitted")
    (tmp_path / "go").touch()
    wait([blocker, *futures])
    assert (tmp_path / "log").read_text().split() == list("abcde")


def test_workers_are_chosen_by_address_and_by_name(client, cluster):
    address = cluster.addresses()["w1"]
    by_address = client.map(lambda _: worker_name(), range(8), workers=[address], pure=False)
    assert set(client.gather(by_address)) == {"w1"}
    by_name = client.map(lambda _: worker_name(), range(8), workers="w0", pure=False)
    assert set(client.gather(by_name)) == {"w0"}
    either = client.submit(worker_name, workers=["w0", "w1"], pure=False)
    assert either.result() in {"w0", "w1"}


def test_workers_are_chosen_by_host(client):
    assert client.submit(inc, 1, workers=["127.0.0.1"]).result() == 2


def test_workers_are_chosen_for_collections(client):
    x = delayed(worker_name)()
    assert client.compute(x, workers="w1").result() == "w1"
    with dask.annotate(workers="w0"):
        y = delayed(worker_name)()
    assert client.compute(y, optimize_graph=False).result() == "w0"


def test_a_task_for_an_absent_worker_waits(client, cluster):
    future = client.submit(inc, 1, workers=[ABSENT])
    wait_for(lambda: cluster.scheduler.tasks("no-worker") == 1, "the task is in state no-worker")
    assert future.status == "pending"
    assert client.submit(inc, 2).result() == 3


def test_a_task_may_be_allowed_other_workers(client):
    assert client.submit(inc, 1, workers=[ABSENT], allow_other_workers=True).result(timeout=20) == 2


def test_dependencies_move_to_where_a_task_must_run(client):
    x = client.submit(inc, 1, workers="w0")
    y = client.submit(inc, 10, workers="w1")
    assert client.submit(add, x, y, workers="w1").result() == 13
    assert client.submit(add, x, y, workers="w0", pure=False).result() == 13


@pytest.fixture(scope="module")
def with_resources(tmp_path_factory):
    from harness import Cluster

    cluster = Cluster(tmp_path_factory.mktemp("resources"), workers=1)
    cluster.add_worker("rich", nthreads=4, options=["--resources", "GPU=2,MEM=10.5"])
    cluster.observer.wait_for_workers(2, timeout=30)
    yield cluster
    cluster.close()


def test_tasks_run_where_their_resources_are(with_resources):
    client = with_resources.client()
    names = client.gather(client.map(lambda _: worker_name(), range(10), resources={"GPU": 1}))
    assert set(names) == {"rich"}
    client.close()


def test_no_more_tasks_run_at_once_than_resources_allow(with_resources):
    client = with_resources.client()
    assert max(client.gather(client.map(count_concurrent, range(8), delay=0.05, resources={"GPU": 1}))) == 2
    client.close()


def test_resources_are_fractions_too(with_resources):
    client = with_resources.client()
    assert client.submit(inc, 1, resources={"MEM": 10.25, "GPU": 0.5}).result() == 2
    client.close()


def test_resources_reach_the_tasks_of_a_collection(with_resources):
    client = with_resources.client()
    x = delayed(worker_name)()
    assert client.compute(x, resources={"GPU": 1}).result() == "rich"
    with dask.annotate(resources={"GPU": 2}):
        y = delayed(worker_name)()
    assert client.compute(y, optimize_graph=False).result() == "rich"
    client.close()


def test_a_task_that_asks_for_too_much_waits(with_resources):
    client = with_resources.client()
    future = client.submit(inc, 1, resources={"GPU": 3})
    wait_for(lambda: with_resources.scheduler.tasks("no-worker") == 1, "the task is in state no-worker")
    assert future.status == "pending"
    client.close()
    wait_for(lambda: with_resources.scheduler.tasks("no-worker") == 0, "it is forgotten with its client")


def test_a_task_for_a_resource_nobody_has_runs_once_a_worker_with_it_joins(new_cluster):
    cluster = new_cluster(workers=1)
    client = cluster.client()
    special = client.submit(worker_name, resources={"NOBODY-HAS-THIS": 1})
    child = client.submit(lambda name: f"ran on {name}", special)
    wait_for(lambda: cluster.scheduler.tasks("no-worker") == 1, "the task is in state no-worker")
    assert client.submit(inc, 1).result() == 2
    assert special.status == "pending"
    cluster.add_worker("newcomer", options=["--resources", "NOBODY-HAS-THIS=1"])
    assert child.result(timeout=30) == "ran on newcomer"
    wait_for(lambda: cluster.scheduler.tasks("no-worker") == 0, "no task is in state no-worker any more")
