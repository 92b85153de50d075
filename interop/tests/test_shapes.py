"""The same work on clusters of different shapes, and work of different sizes."""

import time

import dask.array as da
import numpy as np
import pytest
from dask import delayed

from harness import wait_for
from tasks import add, count_concurrent, inc, slowinc, worker_name


@pytest.mark.parametrize(
    ("workers", "nthreads", "nanny"),
    [(1, 1, False), (1, 4, False), (3, 1, False), (1, 2, True), (2, 2, True)],
    ids=["1-worker-1-thread", "1-worker-4-threads", "3-workers", "1-worker-with-nanny", "2-workers-with-nannies"],
)
def test_a_cluster_of_this_shape(new_cluster, workers, nthreads, nanny):
    cluster = new_cluster(workers=workers, nthreads=nthreads, nanny=nanny)
    client = cluster.client()
    assert sum(client.nthreads().values()) == workers * nthreads
    assert client.gather(client.map(inc, range(100))) == list(range(1, 101))
    assert delayed(sum)([delayed(add)(i, delayed(inc)(i)) for i in range(30)]).compute() == 900
    x = da.arange(1000, chunks=50)
    assert ((x + 1).sum() + x[::7].max()).compute() == 500500 + 994
    assert max(client.gather(client.map(count_concurrent, range(8 * workers), delay=0.05))) == nthreads
    info = client.scheduler_info()["workers"].values()
    assert all(bool(w["nanny"]) == nanny for w in info)


@pytest.mark.parametrize("kind", ["bytes", "array"])
def test_large_results(client, kind):
    if kind == "bytes":
        future = client.submit(lambda: b"x" * 50_000_000)
        assert client.submit(len, future).result() == 50_000_000
        assert future.result() == b"x" * 50_000_000
    else:
        future = client.submit(np.arange, 6_250_000, dtype=float)
        assert client.submit(np.sum, future).result() == pytest.approx(6_250_000 * 6_249_999 / 2)
        np.testing.assert_array_equal(future.result(), np.arange(6_250_000, dtype=float))


def test_large_data_moves_between_workers(client):
    x = client.submit(np.ones, 2_000_000, workers="w0")
    y = client.submit(np.ones, 2_000_000, workers="w1")
    assert client.submit(lambda a, b: float((a + b).sum()), x, y, workers="w1").result() == 4_000_000


def test_large_scattered_data(client):
    data = np.random.default_rng(0).random(2_000_000)
    future = client.scatter(data)
    assert client.submit(np.sum, future).result() == pytest.approx(data.sum())
    np.testing.assert_array_equal(future.result(), data)


@pytest.mark.filterwarnings("ignore:Sending large graph")
def test_large_data_inside_a_graph(client):
    data = np.random.default_rng(0).random((1000, 1000))
    x = da.from_array(data, chunks=(250, 1000))
    assert x.sum().compute() == pytest.approx(data.sum())
    assert client.submit(len, b"x" * 20_000_000).result() == 20_000_000


def test_many_small_tasks(client):
    futures = client.map(inc, range(5000))
    assert sum(client.gather(futures)) == sum(range(1, 5001))


def test_many_small_tasks_joined_in_a_tree(client):
    layer = client.map(inc, range(1024))
    while len(layer) > 1:
        layer = client.map(add, layer[::2], layer[1::2])
    assert layer[0].result() == sum(range(1, 1025))


def test_many_submits_one_by_one(client):
    futures = [client.submit(inc, i) for i in range(500)]
    assert client.gather(futures) == list(range(1, 501))


def test_a_graph_that_comes_before_any_worker_is_run_when_one_arrives(new_cluster):
    cluster = new_cluster(workers=0)
    client = cluster.client()
    x = client.submit(inc, 1)
    total = client.compute(delayed(sum)([delayed(inc)(i) for i in range(10)]))
    chained = client.submit(add, x, total)
    time.sleep(0.3)  # nothing to wait for: nothing must happen
    assert not chained.done()
    cluster.add_worker("first")
    assert chained.result(timeout=30) == 57


def test_a_graph_that_comes_before_any_worker_can_be_cancelled(new_cluster):
    cluster = new_cluster(workers=0)
    client = cluster.client()
    x, y = client.submit(inc, 1), client.submit(inc, 2)
    client.cancel([x])
    wait_for(x.cancelled, "the future knows that it is cancelled")
    cluster.add_worker("first")
    assert y.result(timeout=30) == 3


def test_a_graph_larger_than_the_slots_is_queued(new_cluster):
    cluster = new_cluster(workers=1, nthreads=2, env={"DASK_DISTRIBUTED__SCHEDULER__WORKER_SATURATION": "1.0"})
    client = cluster.client()
    futures = client.map(slowinc, range(100), delay=0.02)
    wait_for(lambda: cluster.scheduler.tasks("queued") > 50, "tasks are queued")
    while not all(f.done() for f in futures):
        [on_worker] = client.processing().values()
        assert len(on_worker) <= 2
    assert client.gather(futures) == list(range(1, 101))
    wait_for(lambda: cluster.scheduler.tasks("queued") == 0, "no task is queued any more")


def test_queued_tasks_go_to_workers_that_join(new_cluster):
    cluster = new_cluster(workers=1, nthreads=1)
    client = cluster.client()
    futures = client.map(lambda _: (time.sleep(0.1), worker_name())[1], range(60))
    wait_for(lambda: cluster.scheduler.tasks("queued") > 30, "tasks are queued")
    cluster.add_worker("second")
    assert set(client.gather(futures)) == {"w0", "second"}


def test_without_queuing_all_root_tasks_go_to_the_workers(new_cluster):
    cluster = new_cluster(workers=1, nthreads=2, env={"DASK_DISTRIBUTED__SCHEDULER__WORKER_SATURATION": "inf"})
    client = cluster.client()
    futures = client.map(slowinc, range(60), delay=0.05)
    wait_for(lambda: len(*client.processing().values()) > 30, "all are on the worker")
    wait_for(lambda: cluster.scheduler.tasks("queued") == 0, "no task is queued any more")
    assert client.gather(futures) == list(range(1, 61))


def test_results_already_there_are_not_computed_again(client):
    first = client.submit(time.time, key="now")
    assert client.submit(time.time, key="now").result() == first.result()
