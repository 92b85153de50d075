"""The stand-in for Scheduler."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import socket
import time
import weakref

import distributed.scheduler
from distributed.core import Status, rpc
from distributed.security import Security

from external_scheduler.calls import call
from external_scheduler.options import HOST
from external_scheduler.outcome import NotRemotable
from external_scheduler.processes import pool
from external_scheduler.settings import scheduler_config
from external_scheduler.views import TasksView, WorkersView

RealScheduler = distributed.scheduler.Scheduler


# Scheduler methods that are RPC handlers: method name -> op
ASYNC_METHODS = {
    "broadcast": "broadcast",
    "gather": "gather",
    "rebalance": "rebalance",
    "remove_worker": "unregister",
    "replicate": "replicate",
    "restart": "restart",
    "restart_workers": "restart_workers",
    "retire_workers": "retire_workers",
    "scatter": "scatter",
}
SYNC_METHODS = {
    "add_keys": "add_keys",
    "adaptive_target": "adaptive_target",
    "get_events": "events",
    "get_has_what": "has_what",
    "get_logs": "get_logs",
    "get_nbytes": "nbytes",
    "get_ncores": "ncores",
    "get_ncores_running": "ncores_running",
    "get_processing": "processing",
    "get_task_prefix_states": "get_task_prefix_states",
    "get_task_status": "get_task_status",
    "get_who_has": "who_has",
    "log_event": "log_event",
    "set_restrictions": "set_restrictions",
    "workers_to_close": "workers_to_close",
}

# Scheduler(...) arguments passed as configuration
KWARGS_AS_CONFIG = {
    "allowed_failures": "distributed.scheduler.allowed-failures",
    "blocked_handlers": "distributed.scheduler.blocked-handlers",
    "idle_timeout": "distributed.scheduler.idle-timeout",
    "worker_ttl": "distributed.scheduler.worker-ttl",
}
# Scheduler(...) arguments without effect on what an external scheduler offers
KWARGS_IGNORED = {"dashboard", "loop", "transition_counter_max"}


class _SchedulerMeta(type):
    def __getattr__(cls, name):
        if name.startswith(("__", "_pytest", "pytest")):
            raise AttributeError(name)
        raise NotRemotable(f"Scheduler.{name}")


class RemoteScheduler(metaclass=_SchedulerMeta):
    """Stands for ``distributed.Scheduler``; the scheduler is an external process."""

    _instances = weakref.WeakSet()
    _own = {"_process", "_security", "_kwargs", "_config", "_status", "address"}

    def __init__(self, loop=None, **kwargs):
        self._process = None
        self._security = None
        self._kwargs = kwargs
        self._config = None
        self._status = Status.init
        self.address = None
        self._check_arguments()
        type(self)._instances.add(self)

    def _check_arguments(self):
        """Set self._config and the like from the arguments, or raise NotRemotable."""
        config, scheme, port, dashboard_port = {}, "tcp", None, None
        for k, v in self._kwargs.items():
            if k in KWARGS_IGNORED or v is None or v == () or v == {} and k != "extensions":
                pass
            elif k in KWARGS_AS_CONFIG:
                config[KWARGS_AS_CONFIG[k]] = v
            elif k == "validate":
                config["distributed.scheduler.validate"] = bool(v)
            elif k == "security":
                if isinstance(v, dict):
                    v = Security(**v)
                self._security = v
                for field in ("ca_file", "scheduler_cert", "scheduler_key", "ciphers"):
                    value = getattr(v, f"tls_{field}")
                    if value:
                        name = field.replace("_", "-").replace("scheduler-", "scheduler.")
                        config[f"distributed.comm.tls.{name}"] = value
                if getattr(v, "require_encryption", None):
                    config["distributed.comm.require-encryption"] = True
                    scheme = "tls"
            elif k == "port" and isinstance(v, (int, str)) and str(v).isdigit():
                port = int(v) or None
            elif k == "host" and v in (
                "",
                "127.0.0.1",
                "localhost",
                "tcp://127.0.0.1",
                "tcp://",
                "tls://127.0.0.1",
                "tls://",
            ):
                if v.startswith("tls"):
                    scheme = "tls"
            elif k == "protocol" and v in ("tcp", "tcp://", "tls", "tls://"):
                scheme = v[:3]
            elif k == "dashboard_address" and isinstance(v, str) and v.startswith(":"):
                dashboard_port = int(v[1:]) or None
            elif k in ("jupyter", "preload", "preload_argv", "http_prefix") and not v:
                pass
            else:
                raise NotRemotable(f"Scheduler({k}={v!r})")
        self._config = (config, scheme, port, dashboard_port)

    def _launch(self):
        own, scheme, port, dashboard_port = self._config
        config = {**scheduler_config(), **own}
        if config.get("distributed.scheduler.validate") is True:
            del config["distributed.scheduler.validate"]  # in BASE_CONFIG
        if config.get("distributed.scheduler.preload"):
            raise NotRemotable("distributed.scheduler.preload")
        self._process = pool.take(config, port, dashboard_port)
        address = f"{scheme}://{HOST}:{self._process.port}"
        self._process.wait_ready(address, self._security)
        self.address = address
        self._status = Status.running

    async def start(self):
        if self._process is None:
            self._launch()
        return self

    def __await__(self):
        return self.start().__await__()

    async def __aenter__(self):
        return await self

    async def __aexit__(self, *args):
        await self.close()

    async def close(self, *args, **kwargs):
        """Ask the external scheduler to terminate; kill it if it does not"""
        before, self._status = self._status, Status.closed
        if before != Status.running:
            return
        if self._listens():
            with contextlib.suppress(Exception):
                async with rpc(self.address, connection_args=self._args) as r:
                    await asyncio.wait_for(r.terminate(reply=False), 5)
            deadline = time.monotonic() + 2
            while self._listens() and time.monotonic() < deadline:
                await asyncio.sleep(0.02)
        self._process.kill()

    def _kill(self):
        self._status = Status.closed
        if self._process is not None:
            self._process.kill()

    async def finished(self):
        while self._process.alive():
            await asyncio.sleep(0.05)

    def stop(self):
        pass

    def validate_state(self, *args, **kwargs):
        """The external scheduler validates itself, if it does"""

    # Plain information

    @property
    def status(self):
        """running for as long as the external scheduler accepts connections"""
        if self._status == Status.running and not self._listens():
            self._status = Status.closed
        return self._status

    def _listens(self):
        try:
            socket.create_connection((HOST, self.port), timeout=5).close()
        except OSError:
            return False
        return True

    @property
    def _args(self):
        if self._security is None:
            return {}
        return self._security.get_connection_args("client")

    def _call(self, op, **kwargs):
        return call(self.address, op, self._security, **kwargs)

    def _identity(self):
        return self._call("identity")

    def identity(self, **kwargs):
        return self._call("identity", **kwargs)

    @property
    def port(self):
        return self._process.port

    @property
    def ip(self):
        return HOST

    @property
    def listen_address(self):
        return self.address

    @property
    def contact_address(self):
        return self.address

    @property
    def address_safe(self):
        return self.address

    @property
    def external_address(self):
        return None

    @property
    def id(self):
        return self._identity()["id"]

    @property
    def security(self):
        return self._security or Security()

    @property
    def connection_args(self):
        return self._args

    @property
    def validate(self):
        return True

    @property
    def loop(self):
        from tornado.ioloop import IOLoop

        return IOLoop.current()

    @property
    def workers(self):
        return WorkersView(self)

    @property
    def running(self):
        return {w for w in self.workers.values() if w.status == Status.running}

    @property
    def total_nthreads(self):
        return sum(w.nthreads for w in self.workers.values())

    @property
    def tasks(self):
        return TasksView(self)

    def story(self, *keys_or_tasks_or_stimuli):
        keys = [getattr(k, "key", k) for k in keys_or_tasks_or_stimuli]
        return [tuple(x) for x in self._call("get_story", keys_or_stimuli=keys)]

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        raise NotRemotable(f"Scheduler.{name}")

    def __setattr__(self, name, value):
        if name not in self._own:
            raise NotRemotable(f"setting Scheduler.{name}")
        object.__setattr__(self, name, value)

    def __delattr__(self, name):
        raise NotRemotable(f"deleting Scheduler.{name}")

    def __repr__(self):
        return f"<RemoteScheduler {self.address}>"


def _remote_arguments(name, args, kwargs):
    signature = inspect.signature(getattr(RealScheduler, name))
    bound = signature.bind(None, *args, **kwargs).arguments
    out = {}
    for k, p in signature.parameters.items():
        if k in ("self", "comm") or k not in bound:
            continue
        if p.kind is p.VAR_KEYWORD:
            out.update(bound[k])
        elif callable(bound[k]):
            raise NotRemotable(f"callable passed to Scheduler.{name}")
        elif isinstance(bound[k], (set, frozenset, type({}.keys()))):
            out[k] = list(bound[k])
        else:
            out[k] = bound[k]
    return out


def _lists(answer):
    """Sequences arrive as tuples; the methods return lists"""
    if isinstance(answer, tuple):
        return list(answer)
    if isinstance(answer, dict):
        return {k: list(v) if isinstance(v, tuple) else v for k, v in answer.items()}
    return answer


def _make_methods():
    def make_async(name, op):
        async def method(self, *args, **kwargs):
            kwargs = _remote_arguments(name, args, kwargs)
            async with rpc(self.address, connection_args=self._args) as r:
                return _lists(await getattr(r, op)(**kwargs))

        return method

    def make_sync(name, op):
        def method(self, *args, **kwargs):
            return _lists(self._call(op, **_remote_arguments(name, args, kwargs)))

        return method

    for make, names in ((make_async, ASYNC_METHODS), (make_sync, SYNC_METHODS)):
        for name, op in names.items():
            if hasattr(RealScheduler, name):
                setattr(RemoteScheduler, name, make(name, op))


_make_methods()
