"""Replacing parts of distributed."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import inspect
import time

import distributed
import distributed.deploy.local
import distributed.deploy.spec
import distributed.scheduler
import distributed.utils_test as utils_test
from distributed.comm import tcp as _tcp
from distributed.core import Status

from external_scheduler.options import HOST, OPTIONS
from external_scheduler.outcome import note_not_remotable
from external_scheduler.remote_scheduler import RemoteScheduler


async def start_cluster(
    nthreads,
    scheduler_addr,
    security=None,
    Worker=distributed.Worker,
    scheduler_kwargs=None,
    worker_kwargs=None,
    timeout=10,
):
    """As utils_test.start_cluster, with an external scheduler"""
    worker_kwargs = worker_kwargs or {}
    s = await RemoteScheduler(
        security=security, port=0, host=scheduler_addr, **(scheduler_kwargs or {})
    )
    workers = [
        Worker(
            s.address,
            nthreads=spec[1],
            name=i,
            security=security,
            host=spec[0],
            **({**worker_kwargs, **spec[2]} if len(spec) > 2 else worker_kwargs),
        )
        for i, spec in enumerate(nthreads)
    ]
    await asyncio.gather(*workers)
    deadline = time.monotonic() + max(timeout, 10)
    while True:
        found = s.workers.values()
        if len(found) >= len(nthreads) and all(
            w.status == Status.running for w in found
        ):
            return s, workers
        await asyncio.sleep(0.01)
        if time.monotonic() > deadline:
            await asyncio.gather(*(w.close(timeout=1) for w in workers))
            s._kill()
            raise TimeoutError("Cluster creation timeout")


async def end_cluster(s, workers):
    """As utils_test.end_cluster, with an external scheduler"""

    async def end_worker(w):
        with contextlib.suppress(asyncio.TimeoutError, OSError):
            await w.close()

    await asyncio.gather(*(end_worker(w) for w in workers))
    try:
        if s.status == Status.running:
            for topic in (
                "invalid-worker-transition",
                "invalid-worker-task-state",
                "worker-fail-hard",
            ):
                try:
                    events = s.get_events(topic)
                except Exception:
                    break
                if events:
                    raise AssertionError(f"{topic}: {events}")
    finally:
        s._kill()


class SchedulerMultiprocess:
    """Stands for the multiprocessing.Process running utils_test.run_scheduler"""

    def __init__(self, args, kwargs):
        self.queue, self.nputs, self.config = args
        self.kwargs = kwargs or {}
        self.scheduler = None

    def start(self):
        with utils_test.config_for_cluster_tests(**self.config):
            self.scheduler = RemoteScheduler(**{"host": HOST, **self.kwargs})
            self.scheduler._launch()
        for _ in range(self.nputs):
            self.queue.put(self.scheduler.address)

    def kill(self):
        if self.scheduler is not None:
            self.scheduler._kill()

    terminate = kill

    def join(self, timeout=None):
        pass

    def close(self):
        pass


class MultiprocessingContext:
    """multiprocessing context that runs run_scheduler as the external command"""

    def __init__(self, context):
        self._context = context

    def __getattr__(self, name):
        return getattr(self._context, name)

    def Process(self, *args, **kwargs):
        if kwargs.get("target") is utils_test.run_scheduler:
            return SchedulerMultiprocess(kwargs["args"], kwargs.get("kwargs"))
        return self._context.Process(*args, **kwargs)


# Handlers of the scheduler that run Python code sent to it. A scheduler that is not
# written in Python cannot have them, so tests which use them do not apply.
PYTHON_OPS = {"feed", "run_function", "register_scheduler_plugin"}


def patch():
    """Put the stand-in where upstream uses its own scheduler; keep the stand-in's limits."""
    for module in (
        distributed,
        distributed.scheduler,
        distributed.deploy.local,
        distributed.deploy.spec,
        utils_test,
    ):
        module.Scheduler = RemoteScheduler

    utils_test.start_cluster = start_cluster
    utils_test.end_cluster = end_cluster

    get_mp_context = utils_test.get_mp_context
    utils_test.get_mp_context = lambda: MultiprocessingContext(get_mp_context())

    # Time limits in upstream's decorators that are longer than ours
    limit = OPTIONS["timeout"] * 0.8
    for function in (utils_test.gen_cluster, utils_test.gen_test):
        function.__defaults__ = tuple(
            min(d, limit) if d == utils_test._TEST_TIMEOUT and d is not True else d
            for d in function.__defaults__
        )

    # LocalCluster and Client(processes=False) would use the inproc protocol, which
    # does not reach another process
    cluster_init = distributed.deploy.local.LocalCluster.__init__
    signature = inspect.signature(cluster_init)

    @functools.wraps(cluster_init)
    def local_cluster_init(self, *args, **kwargs):
        given = signature.bind(self, *args, **kwargs).arguments
        security, host = given.get("security"), given.get("host")
        if not (given.get("protocol") or security or "://" in (host or "")):
            kwargs["protocol"] = "tcp://"
        cluster_init(self, *args, **kwargs)

    distributed.deploy.local.LocalCluster.__init__ = local_cluster_init

    write = _tcp.TCP.write

    async def checked_write(self, msg, *args, **kwargs):
        if isinstance(msg, dict) and msg.get("op") in PYTHON_OPS:
            note_not_remotable(f"runs Python code in the scheduler (op {msg['op']})")
        return await write(self, msg, *args, **kwargs)

    _tcp.TCP.write = checked_write
