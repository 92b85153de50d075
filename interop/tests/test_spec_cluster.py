"""Dask's own deployment: a SpecCluster that starts the scheduler process, and stock workers scaled by hand and by Adaptive."""

import asyncio
import contextlib
import os
import signal

import dask
import pytest
from distributed import Client, Nanny, SpecCluster, Worker
from distributed.core import Status
from distributed.deploy.spec import ProcessInterface

from harness import Scheduler, wait_for
from tasks import double, inc, slowinc

WORKER = {"nthreads": 1, "memory_limit": "1 GB", "dashboard": False}


class SchedulerProcess(ProcessInterface):
    """The scheduler under test as SpecCluster wants it: a process with an address, which ends when told to."""

    def __init__(self, log, options=()):
        super().__init__()
        self.log, self.options = log, options

    async def start(self):
        self.process = await asyncio.to_thread(Scheduler, self.log, self.options)
        self.address = self.process.address
        await super().start()

    async def close(self):
        """SpecCluster has sent `terminate` before."""
        if self.status == Status.running:
            try:
                self.exit_code = await asyncio.to_thread(self.process.popen.wait, 20)
            finally:
                self.process.kill()
        await super().close()


@pytest.fixture
def spec_cluster(tmp_path):
    made = []

    def make(workers=0, cls=Worker, options=(), **arguments):
        cluster = SpecCluster(
            scheduler={
                "cls": SchedulerProcess,
                "options": {"log": tmp_path / f"scheduler{len(made)}.log", "options": options},
            },
            worker={"cls": cls, "options": WORKER | {"local_directory": str(tmp_path)}},
            **arguments,
        )
        made.append(cluster)
        cluster.scale(workers)
        return cluster

    # Dask tries so long to reach a scheduler that has ended.
    with dask.config.set({"distributed.comm.timeouts.connect": "3 s"}):
        yield make
        for cluster in made:
            # With its scheduler gone, a SpecCluster closes its workers and then says that it could not reach it.
            with contextlib.suppress(*[] if cluster.scheduler.process.running else [OSError]):
                cluster.close(timeout=20)


def workers_of(cluster):
    """Names of workers, as the cluster hears them from the scheduler."""
    return {info["name"] for info in cluster.scheduler_info["workers"].values()}


def test_workers_are_scaled_by_hand(spec_cluster):
    cluster = spec_cluster(workers=2)
    with Client(cluster) as client:
        client.wait_for_workers(2, timeout=20)
        assert client.gather(client.map(inc, range(20))) == list(range(1, 21))
        cluster.scale(4)
        client.wait_for_workers(4, timeout=20)
        wait_for(lambda: len(workers_of(cluster)) == 4, "the cluster object sees four workers")
        futures = client.map(double, range(20))
        assert sum(client.gather(futures)) == 380
        cluster.scale(1)
        wait_for(lambda: len(workers_of(cluster)) == 1, "three workers are gone")
        assert sum(client.gather(futures)) == 380, "results of workers that were retired have moved"
        assert len(client.scheduler_info()["workers"]) == 1


def test_adaptive_brings_workers_for_work_and_takes_them_away_again(spec_cluster):
    cluster = spec_cluster()
    cluster.adapt(minimum=0, maximum=3, interval="50 ms", wait_count=3, target_duration="200 ms")
    with Client(cluster) as client:
        futures = client.map(slowinc, range(60), delay=0.1)
        wait_for(lambda: len(workers_of(cluster)) == 3, "work brings as many workers as there may be")
        assert client.gather(futures) == list(range(1, 61))
        kept = futures[0]
        del futures
        wait_for(lambda: len(workers_of(cluster)) == 1, "workers without work are gone, but for one with data", 60)
        assert kept.result() == 1
        del kept
        wait_for(lambda: not workers_of(cluster), "without data the last one goes, too")
        assert client.submit(inc, 1).result(timeout=20) == 2, "work brings workers again"


def test_adaptive_keeps_the_minimum(spec_cluster):
    cluster = spec_cluster()
    cluster.adapt(minimum=2, maximum=4, interval="50 ms", wait_count=2)
    wait_for(lambda: len(workers_of(cluster)) == 2, "the minimum is there without any work")
    with Client(cluster) as client:
        assert sum(client.gather(client.map(slowinc, range(20), delay=0.02))) == 210


def test_adaptive_takes_away_all_workers_of_a_group_or_none(spec_cluster, tmp_path):
    cluster = spec_cluster()

    async def four_workers():
        for name in ("a-1", "a-2", "b-1", "b-2"):
            cluster.worker_spec[name] = {"cls": Worker, "options": WORKER | {"local_directory": str(tmp_path)}}
        await cluster._correct_state()

    cluster.sync(four_workers)
    wait_for(lambda: len(workers_of(cluster)) == 4, "four workers are there")
    cluster.adapt(minimum=1, interval="50 ms", wait_count=2, worker_key=lambda worker: worker.name.split("-")[0])
    wait_for(lambda: len(workers_of(cluster)) == 2, "one group is gone")
    assert workers_of(cluster) in ({"a-1", "a-2"}, {"b-1", "b-2"})


def test_a_nanny_restarts_a_worker_that_is_killed(spec_cluster):
    cluster = spec_cluster(workers=2, cls=Nanny)
    with Client(cluster) as client:
        client.wait_for_workers(2, timeout=30)
        before = client.run(os.getpid)
        futures = client.map(slowinc, range(40), delay=0.05)
        wait_for(lambda: sum(f.done() for f in futures) > 5, "some of it is done")
        os.kill(next(iter(before.values())), signal.SIGKILL)
        assert sum(client.gather(futures)) == 820
        wait_for(lambda: len(set(client.run(os.getpid).values()) - set(before.values())) == 1, "a new worker is there")


def test_closing_the_cluster_ends_scheduler_and_workers(spec_cluster):
    cluster = spec_cluster(workers=2)
    with Client(cluster) as client:
        client.wait_for_workers(2, timeout=20)
    workers = list(cluster.workers.values())
    cluster.close(timeout=20)
    assert cluster.scheduler.exit_code == 0
    assert {worker.status for worker in workers} == {Status.closed}


def test_an_idle_scheduler_ends_and_so_do_its_workers(spec_cluster):
    cluster = spec_cluster(workers=1, options=["--idle-timeout", "500 ms"])
    [worker] = wait_for(lambda: list(cluster.workers.values()), "the worker is there")
    assert cluster.scheduler.process.popen.wait(20) == 0
    wait_for(lambda: worker.status == Status.closed, "the worker has closed")
