"""Clusters on this machine whose scheduler is dask-jvm's."""

from __future__ import annotations

import math
import os
import shutil
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from dask.utils import parse_bytes
from distributed.core import Status
from distributed.deploy.adaptive import Adaptive
from distributed.deploy.spec import NoOpAwaitable, SpecCluster
from distributed.security import Security

from dask_jvm.credentials import security_of, tls_options, tls_settings
from dask_jvm.kinds import KINDS, AdaptiveKinds, Shares
from dask_jvm.processes import SchedulerProcess, WorkerProcess


class JvmCluster(SpecCluster):
    """A cluster on this machine: dask-jvm's scheduler, and workers of stock Python Dask, of the JVM, or both.

    >>> cluster = JvmCluster(python=1, jvm=1, class_path="my.jar")    # doctest: +SKIP
    >>> client = Client(cluster)                                      # doctest: +SKIP

    Parameters
    ----------
    python, jvm : int
        How many workers of each kind.
    threads_per_worker : int
        Threads of each worker.
    memory_limit : str or int
        Memory of each worker, such as "2 GB"; by default as each kind has it.
    class_path : str or list of str
        Jars and folders with the functions of Java tasks, for the JVM workers.
    command : str
        The launcher `dask-jvm`. By default what the variable DASK_JVM names, or the one on the PATH, or the one in the
        repository that has this package.
    host : str
        Where all of them listen.
    scheduler_port : int
        The scheduler's port; 0 for any.
    dashboard_address : str
        Where the scheduler serves its page and metrics; port 0 for any.
    nanny : bool
        Whether Python workers have a nanny, which starts them again when they die.
    scheduler_options, python_options, jvm_options : list of str
        Further options for the command lines of `dask-jvm scheduler`, `dask worker` and `dask-jvm worker`.
    jvm_env : dict
        Variables for JVM workers, such as {"JDK_JAVA_OPTIONS": "-Xmx4g"}.
    security : Security or bool
        For TLS: certificates, as files or as text; True makes some, which needs the package cryptography.
    **kwargs
        For SpecCluster: `name`, `asynchronous`, `loop`.
    """

    def __init__(
        self,
        python: int = 1,
        jvm: int = 1,
        threads_per_worker: int = 1,
        memory_limit: str | int | None = None,
        class_path: str | Iterable[str | os.PathLike[str]] | None = None,
        command: str | None = None,
        host: str = "127.0.0.1",
        scheduler_port: int = 0,
        dashboard_address: str = "127.0.0.1:0",
        nanny: bool = True,
        scheduler_options: Iterable[str] = (),
        python_options: Iterable[str] = (),
        jvm_options: Iterable[str] = (),
        jvm_env: Mapping[str, str] | None = None,
        security: Security | bool | None = None,
        **kwargs: Any,
    ) -> None:
        launcher = [_launcher(command)]
        security = security_of(security)
        self._folder = tempfile.TemporaryDirectory(prefix="dask-jvm-", ignore_cleanup_errors=True)
        folder = Path(self._folder.name)
        tls, settings = tls_options(security, "worker", folder), tls_settings(security)
        common = {"nthreads": threads_per_worker, "memory_limit": memory_limit, "log": folder}
        classes = class_path if isinstance(class_path, str) or class_path is None else os.pathsep.join(map(str, class_path))
        self._specs = {
            "python": {
                "cls": WorkerProcess,
                "options": common
                | {
                    "command": [sys.executable, "-m", "distributed.cli.dask_worker"],
                    "options": ["--host", host, "--nanny" if nanny else "--no-nanny", "--local-directory", folder,
                                "--dashboard-address", f"{host}:0", *tls, *python_options],
                    "env": settings | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
                },
            },
            "jvm": {
                "cls": WorkerProcess,
                "options": common
                | {
                    "command": [*launcher, "worker"],
                    "options": ["--host", host, *tls, *jvm_options],
                    "env": settings | ({"CLASSPATH": classes} if classes else {}) | dict(jvm_env or {}),
                },
            },
        }  # fmt: skip
        self._numbers = dict.fromkeys(KINDS, 0)
        self.shares = Shares({"python": python, "jvm": jvm})
        scheduler_line = ["--host", host, "--port", scheduler_port, "--dashboard-address", dashboard_address]
        super().__init__(
            scheduler={
                "cls": SchedulerProcess,
                "options": {
                    "command": launcher,
                    "options": [*scheduler_line, *tls_options(security, "scheduler", folder), *scheduler_options],
                    "log": folder / "scheduler.log",
                    "env": settings,
                },
            },
            workers=dict(self._new("python") for _ in range(python)) | dict(self._new("jvm") for _ in range(jvm)),
            worker=self._specs["python" if self.has_kind("python") else "jvm"],
            security=security,
            **kwargs,
        )

    def _new(self, kind: str) -> tuple[str, dict[str, Any]]:
        name = f"{kind}-{self._numbers[kind]}"
        self._numbers[kind] += 1
        return name, self._specs[kind]

    def new_worker_spec(self) -> dict[str, dict[str, Any]]:
        return dict([self._new(self.shares.next_kind(self.counts()))])

    def has_kind(self, kind: str) -> bool:
        """Whether workers of that kind come and go when the cluster is scaled as a whole."""
        return self.shares.by_kind[kind] > 0

    def counts(self) -> dict[str, int]:
        """How many workers of each kind there are to be."""
        return {kind: len(self._names(kind)) for kind in KINDS}

    def _names(self, kind: str) -> list[str]:
        return [name for name in self.worker_spec if name.startswith(f"{kind}-")]

    def _memory_per_worker(self) -> int:
        if self._specs["jvm"]["options"]["memory_limit"] is None:
            raise ValueError("to scale by memory= the cluster must have been made with a memory_limit")
        return super()._memory_per_worker()

    def scale(
        self,
        n: int | None = None,
        memory: str | int | None = None,
        cores: int | None = None,
        *,
        python: int | None = None,
        jvm: int | None = None,
        keep_shares: bool = False,
    ) -> Any:
        """Have as many workers: `n` in all, in the proportion that there is now or was last asked for, or as many of a
        kind. What workers hold that are to go is moved to others first.

        Parameters
        ----------
        n : int
            Workers of both kinds together.
        memory, cores
            In place of `n`: that much memory, so many threads.
        python, jvm : int
            Workers of that kind; the other kind stays as it is.
        keep_shares : bool
            Whether `python` and `jvm` leave the proportion as it is for the next time.
        """
        counts = self.counts()
        if python is not None or jvm is not None:
            if n is not None:
                raise TypeError("scale(n) is for both kinds together; give either n or python= and jvm=")
            wanted = {"python": counts["python"] if python is None else python, "jvm": counts["jvm"] if jvm is None else jvm}
            if sum(wanted.values()) and not keep_shares:
                self.shares = Shares(wanted)
        else:
            n = n or 0
            if memory is not None:
                n = max(n, math.ceil(parse_bytes(memory) / self._memory_per_worker()))
            if cores is not None:
                n = max(n, math.ceil(cores / self._threads_per_worker()))
            wanted = self.shares.filled(dict.fromkeys(KINDS, 0), n)
        there = {info["name"] for info in self.scheduler_info["workers"].values()}
        for kind in KINDS:
            names = sorted(self._names(kind), key=lambda name: name not in there)
            for name in names[wanted[kind] :]:
                del self.worker_spec[name]
            if self.status not in (Status.closing, Status.closed):
                for _ in range(wanted[kind] - counts[kind]):
                    self.worker_spec.update([self._new(kind)])
        self.loop.add_callback(self._correct_state)
        return NoOpAwaitable() if self.asynchronous else None

    scale_up = scale

    def adapt(self, Adaptive: type[Adaptive] = AdaptiveKinds, **kwargs: Any) -> Adaptive:
        """Have as many workers as there is work for, at least one of each kind that tasks wait for: see SpecCluster.

        With a `maximum` of 1 tasks of both kinds do not go together: those of the kind that is not there wait.
        """
        return super().adapt(Adaptive=Adaptive, **kwargs)

    async def _close(self) -> None:
        await super()._close()
        self._folder.cleanup()


def _launcher(command: str | None) -> str:
    repository = Path(__file__).resolve().parent.parent.parent / "dask-jvm"
    found = command or os.environ.get("DASK_JVM") or shutil.which("dask-jvm") or (repository.exists() and repository)
    if not found:
        raise FileNotFoundError("dask-jvm is not on the PATH; say where it is with command= or the variable DASK_JVM")
    if not (os.path.isfile(found) or shutil.which(found)):
        raise FileNotFoundError(f"the launcher {found} is not there; command= or the variable DASK_JVM names it")
    return str(found)
