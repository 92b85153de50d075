"""Clusters on this machine whose scheduler is dask-jvm's."""

import math
import os
import shutil
import sys
import tempfile
from pathlib import Path

from dask.utils import parse_bytes
from distributed.deploy.spec import NoOpAwaitable, SpecCluster
from distributed.core import Status

from dask_jvm.processes import SchedulerProcess, WorkerProcess

KINDS = ("python", "jvm")


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
    **kwargs
        For SpecCluster: `name`, `asynchronous`, `loop`.
    """

    def __init__(
        self,
        python=1,
        jvm=1,
        threads_per_worker=1,
        memory_limit=None,
        class_path=None,
        command=None,
        host="127.0.0.1",
        scheduler_port=0,
        dashboard_address="127.0.0.1:0",
        nanny=True,
        scheduler_options=(),
        python_options=(),
        jvm_options=(),
        jvm_env=None,
        **kwargs,
    ):
        launcher = [_launcher(command)]
        self._folder = tempfile.TemporaryDirectory(prefix="dask-jvm-", ignore_cleanup_errors=True)
        folder = Path(self._folder.name)
        common = {"nthreads": threads_per_worker, "memory_limit": memory_limit, "log": folder}
        classes = class_path if isinstance(class_path, str) or class_path is None else os.pathsep.join(map(str, class_path))
        self._specs = {
            "python": {
                "cls": WorkerProcess,
                "options": common
                | {
                    "command": [sys.executable, "-m", "distributed.cli.dask_worker"],
                    "options": ["--host", host, "--nanny" if nanny else "--no-nanny", "--local-directory", folder,
                                "--dashboard-address", f"{host}:0", *python_options],
                    "env": {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
                },
            },
            "jvm": {
                "cls": WorkerProcess,
                "options": common
                | {
                    "command": [*launcher, "worker"],
                    "options": ["--host", host, *jvm_options],
                    "env": ({"CLASSPATH": classes} if classes else {}) | (jvm_env or {}),
                },
            },
        }  # fmt: skip
        self._numbers = dict.fromkeys(KINDS, 0)
        self._share = {"python": python, "jvm": jvm} if python + jvm else dict.fromkeys(KINDS, 1)
        scheduler_line = ["--host", host, "--port", scheduler_port, "--dashboard-address", dashboard_address]
        super().__init__(
            scheduler={
                "cls": SchedulerProcess,
                "options": {
                    "command": launcher,
                    "options": [*scheduler_line, *scheduler_options],
                    "log": folder / "scheduler.log",
                },
            },
            workers=dict(self._new("python") for _ in range(python)) | dict(self._new("jvm") for _ in range(jvm)),
            worker=self._specs["python" if self._share["python"] else "jvm"],
            **kwargs,
        )

    def _new(self, kind):
        name = f"{kind}-{self._numbers[kind]}"
        self._numbers[kind] += 1
        return name, self._specs[kind]

    def new_worker_spec(self):
        counts = {kind: len(self._names(kind)) for kind in KINDS}
        return dict([self._new(self._next_kind(counts))])

    def _names(self, kind):
        return [name for name in self.worker_spec if name.startswith(f"{kind}-")]

    def _next_kind(self, counts):
        """Of which kind one more has to be for the shares to stay."""
        return min((kind for kind in KINDS if self._share[kind]), key=lambda kind: (counts[kind] + 1) / self._share[kind])

    def scale(self, n=None, memory=None, cores=None, *, python=None, jvm=None):
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
        """
        counts = {kind: len(self._names(kind)) for kind in KINDS}
        if python is not None or jvm is not None:
            if n is not None:
                raise TypeError("scale(n) is for both kinds together; give either n or python= and jvm=")
            wanted = {"python": counts["python"] if python is None else python, "jvm": counts["jvm"] if jvm is None else jvm}
            if sum(wanted.values()):
                self._share = dict(wanted)
        else:
            n = n or 0
            if memory is not None:
                n = max(n, math.ceil(parse_bytes(memory) / self._memory_per_worker()))
            if cores is not None:
                n = max(n, math.ceil(cores / self._threads_per_worker()))
            wanted = dict.fromkeys(KINDS, 0)
            for _ in range(n):
                wanted[self._next_kind(wanted)] += 1
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

    async def _close(self):
        await super()._close()
        self._folder.cleanup()


def _launcher(command):
    repository = Path(__file__).resolve().parent.parent.parent / "dask-jvm"
    found = command or os.environ.get("DASK_JVM") or shutil.which("dask-jvm") or (repository.exists() and repository)
    if not found:
        raise FileNotFoundError("dask-jvm is not on the PATH; say where it is with command= or the variable DASK_JVM")
    if not (os.path.isfile(found) or shutil.which(found)):
        raise FileNotFoundError(f"the launcher {found} is not there; command= or the variable DASK_JVM names it")
    return str(found)
