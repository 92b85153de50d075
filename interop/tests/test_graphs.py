"""Where graphs are unpacked: on workers, by a scheduler that has no Python of its own."""

import os
import time

import pytest
from dask._task_spec import Task
from dask.highlevelgraph import HighLevelGraph
from distributed import CancelledError

from harness import wait_for

# By value, as in a program's main module: the workers have no module of this name.
MAIN = {"__name__": "__main__"}
exec(
    """
import os, time
from pathlib import Path
from dask.highlevelgraph import MaterializedLayer

def unpickle_slowly(folder, client):
    if os.getpid() == client:  # which does so to find the key
        return Slow(folder)
    (Path(folder) / f"unpickled-by-{os.getpid()}").touch()
    while not (Path(folder) / "go-on").exists():
        time.sleep(0.01)
    return Slow(folder)

class Slow:
    def __init__(self, folder):
        self.folder = folder

    def __reduce__(self):
        return unpickle_slowly, (self.folder, os.getpid())

class Layer(MaterializedLayer):
    pass

def inc(x):
    return x + 1
""",
    MAIN,
)
inc = MAIN["inc"]


def submit_slowly(client, function, folder):
    """A task in a layer that only Python can make sense of."""
    layer = MAIN["Layer"]({"slow": Task("slow", function, MAIN["Slow"](str(folder)))})
    return client.get(HighLevelGraph({"slow": layer}, {"slow": set()}), "slow", sync=False)


def _unpicklers(folder):
    return [int(path.name.rpartition("-")[2]) for path in folder.glob("unpickled-by-*")]


def test_a_graph_that_comes_before_any_worker_waits_for_one(new_cluster):
    cluster = new_cluster()
    client = cluster.client()
    futures = client.map(inc, range(10))
    later = client.submit(sum, futures)
    cluster.add_worker("w0")
    assert later.result(timeout=30) == 55


def test_a_graph_whose_worker_dies_is_unpacked_on_another(new_cluster, tmp_path):
    cluster = new_cluster(workers=2)
    pids = {name: worker.popen.pid for name, worker in cluster.workers.items()}
    client = cluster.client()
    future = submit_slowly(client, lambda slow: slow.folder, tmp_path)
    wait_for(lambda: _unpicklers(tmp_path), "a graph is being unpacked")
    [first] = _unpicklers(tmp_path)
    victims = [name for name, pid in pids.items() if pid == first]
    if not victims:
        (tmp_path / "go-on").touch()
        pytest.skip("this scheduler unpacks graphs itself")
    cluster.workers[victims[0]].kill()
    wait_for(lambda: set(_unpicklers(tmp_path)) - {first}, "another worker unpacks it")
    (tmp_path / "go-on").touch()
    assert future.result(timeout=30) == str(tmp_path)


def test_a_client_is_served_while_the_graph_of_another_is_unpacked(new_cluster, tmp_path):
    cluster = new_cluster(workers=1)
    first, second = cluster.client(), cluster.client(set_as_default=False)
    slow = submit_slowly(first, lambda slow: slow.folder, tmp_path)
    wait_for(lambda: _unpicklers(tmp_path), "a graph is being unpacked")
    if set(_unpicklers(tmp_path)) & {worker.popen.pid for worker in cluster.workers.values()}:
        start = time.monotonic()
        assert second.submit(inc, 1).result(timeout=30) == 2
        assert second.run(os.getpid)
        assert time.monotonic() - start < 20
        assert not slow.done()
    (tmp_path / "go-on").touch()
    assert slow.result(timeout=30) == str(tmp_path)


def test_a_graph_that_needs_a_future_of_another_client_waits_for_its_graph(new_cluster, tmp_path):
    cluster = new_cluster(workers=1)
    first, second = cluster.client(), cluster.client(set_as_default=False)
    slow = submit_slowly(first, lambda slow: 1, tmp_path)
    wait_for(lambda: _unpicklers(tmp_path), "a graph is being unpacked")
    if set(_unpicklers(tmp_path)) & {worker.popen.pid for worker in cluster.workers.values()}:
        upon_it = second.submit(inc, slow)
        assert cluster.client(set_as_default=False).submit(inc, 1).result(timeout=30) == 2
        assert upon_it.status == "pending"
    (tmp_path / "go-on").touch()
    assert second.submit(inc, slow).result(timeout=30) == 2


def test_a_graph_that_needs_a_future_of_a_client_that_leaves_is_cancelled(new_cluster, tmp_path):
    cluster = new_cluster(workers=1)
    first, second = cluster.client(), cluster.client(set_as_default=False)
    slow = submit_slowly(first, lambda slow: 1, tmp_path)
    wait_for(lambda: _unpicklers(tmp_path), "a graph is being unpacked")
    upon_it = second.submit(inc, slow)
    if set(_unpicklers(tmp_path)) & {worker.popen.pid for worker in cluster.workers.values()}:
        first.close()
        with pytest.raises(CancelledError):
            upon_it.result(timeout=30)
    (tmp_path / "go-on").touch()
    assert second.submit(inc, 1).result(timeout=30) == 2


def test_a_worker_that_runs_nothing_for_others_still_gets_tasks(new_cluster):
    cluster = new_cluster()
    cluster.add_worker("blocked", nthreads=1, env={"DASK_DISTRIBUTED__WORKER__BLOCKED_HANDLERS": "['run']"})
    cluster.add_worker("open", nthreads=1)
    cluster.observer.wait_for_workers(2, timeout=30)
    client = cluster.client()
    for name in ("blocked", "open"):
        assert client.submit(inc, 1, workers=name, pure=False).result(timeout=30) == 2
