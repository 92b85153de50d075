"""Plugins of workers and nannies, and what else is said to workers as such: logs, pausing."""

import os

import pytest
from distributed import NannyPlugin, WorkerPlugin

from harness import wait_for
from tasks import inc, worker_name


class Marks(WorkerPlugin):
    name = "marks"

    def __init__(self, mark, idempotent=False):
        self.mark = mark
        self.idempotent = idempotent

    def setup(self, worker):
        worker.mark = self.mark

    def teardown(self, worker):
        worker.mark = "torn down"


class SetsVariable(NannyPlugin):
    name = "sets-variable"
    restart = True

    def __init__(self, value):
        self.value = value

    def setup(self, nanny):
        nanny.env["MARK_OF_A_NANNY"] = self.value


def mark(dask_worker):
    return getattr(dask_worker, "mark", None)


def marks(client):
    return sorted(set(client.run(mark).values()), key=str)


def test_a_worker_plugin_reaches_workers_that_are_there_and_that_come(new_cluster):
    cluster = new_cluster(workers=1)
    client = cluster.client()
    client.register_plugin(Marks("first"))
    assert marks(client) == ["first"]
    cluster.add_worker("later")
    client.wait_for_workers(2, timeout=30)
    assert marks(client) == ["first"]
    client.unregister_worker_plugin("marks")
    assert marks(client) == ["torn down"]
    cluster.add_worker("last")
    client.wait_for_workers(3, timeout=30)
    assert marks(client) == [None, "torn down"]


def test_a_worker_plugin_replaces_the_one_of_its_name_unless_it_is_idempotent(new_cluster):
    client = new_cluster(workers=1).client()
    client.register_plugin(Marks("first"))
    client.register_plugin(Marks("second"))
    assert marks(client) == ["second"]
    client.register_plugin(Marks("third", idempotent=True))
    assert marks(client) == ["second"]
    with pytest.raises(Exception, match="nobody"):
        client.unregister_worker_plugin("nobody")


def test_a_plugin_of_nannies_sets_up_their_workers(new_cluster):
    cluster = new_cluster(workers=1, nanny=True)
    client = cluster.client()
    client.register_plugin(SetsVariable("set"))
    wait_for(
        lambda: list(client.run(os.getenv, "MARK_OF_A_NANNY", on_error="ignore").values()) == ["set"],
        "the worker that was started again has it",
    )
    client.unregister_worker_plugin("sets-variable", nanny=True)
    assert client.submit(inc, 1).result(timeout=20) == 2


def test_a_paused_worker_gets_nothing_until_it_runs_again(new_cluster):
    cluster = new_cluster(workers=2)
    client = cluster.client()
    addresses = cluster.addresses()

    def switch(dask_worker, status):
        from distributed.core import Status

        dask_worker.status = Status[status]

    def status():
        return client.scheduler_info()["workers"][addresses["w0"]]["status"]

    client.run(switch, status="paused", workers=[addresses["w0"]])
    wait_for(lambda: status() == "paused", "the scheduler knows")
    names = client.gather([client.submit(worker_name, pure=False) for _ in range(10)])
    assert set(names) == {"w1"}
    waits = client.submit(worker_name, workers=["w0"], pure=False)
    wait_for(lambda: cluster.scheduler.tasks("no-worker") == 1, "it waits for its worker")
    client.run(switch, status="running", workers=[addresses["w0"]])
    assert waits.result(timeout=20) == "w0"


def test_logs_of_scheduler_and_workers_can_be_read(new_cluster):
    cluster = new_cluster(workers=1)
    client = cluster.client()
    assert any("Register worker" in line for _, line in client.get_scheduler_logs())
    [(address, lines)] = client.get_worker_logs().items()
    assert address == cluster.addresses()["w0"]
    assert any("Registered to" in line for _, line in lines)
    assert len(client.get_worker_logs(n=2)[address]) == 2
