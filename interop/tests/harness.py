"""Clusters made of processes: a scheduler of either kind, and stock `dask worker` processes.

The scheduler is whatever the command line in SCHEDULER_CMD starts; it gets the options `dask scheduler` has, and it is up
when it prints `Scheduler at: ADDRESS`, the line that Dask's own deployers wait for.
"""

import ctypes
import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from pathlib import Path

import distributed

HERE = Path(__file__).resolve().parent
PYTHON = HERE.parent.parent / "python"  # the package dask_jvm
PYTHONPATH = f"{HERE}{os.pathsep}{PYTHON}"
START_SECONDS = 30


def wait_for(condition, what, seconds=20):
    """Return what `condition()` returns as soon as that is true; after `seconds`, fail naming what never came about."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"within {seconds} s it never came about that {what}; at last: {value!r}")
        time.sleep(0.02)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def _die_with_parent():
    """Runs in the child: should pytest be killed, no cluster stays behind. Ctrl-C works even where the shell that
    runs the tests ignores it, as it does in the background."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Process:
    """A command in a process group of its own, with its output in a file."""

    def __init__(self, command, log, env=None):
        self.command = command
        self.log = log
        environment = os.environ | {"PYTHONPATH": PYTHONPATH, "PYTHONUNBUFFERED": "1"} | (env or {})
        with open(log, "wb") as out:
            self.popen = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                env=environment,
                start_new_session=True,
                preexec_fn=_die_with_parent,
            )

    @property
    def running(self):
        return self.popen.poll() is None

    def output(self):
        return self.log.read_text(errors="replace")

    def kill(self):
        """SIGKILL to the whole group: no goodbye to anyone."""
        try:
            os.killpg(self.popen.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.popen.wait()


def scheduler_command():
    return shlex.split(os.environ.get("SCHEDULER_CMD", "dask scheduler"))


class Scheduler(Process):
    def __init__(self, log, options=(), env=None):
        self.port, self.dashboard_port = free_port(), free_port()
        command = [*scheduler_command(), "--host", "127.0.0.1", "--port", str(self.port)]
        command += ["--dashboard-address", f"127.0.0.1:{self.dashboard_port}", *options]
        # Invariants are checked as it runs: a scheduler that lost its head says so instead of giving a lucky right answer.
        super().__init__(command, log, {"DASK_DISTRIBUTED__SCHEDULER__VALIDATE": "True"} | (env or {}))
        self.address = wait_for(self._announced, f"{shlex.join(command)} says `Scheduler at:`", START_SECONDS)

    def _announced(self):
        assert self.running, f"the scheduler ended: {self.output()}"
        said = re.search(r"Scheduler at:\s*(\S+)\n", self.output())
        return said and said[1]

    def get(self, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.dashboard_port}{path}", timeout=10) as reply:
            return reply.read().decode()

    def tasks(self, state):
        """How many tasks are in a state, as `/metrics` has it."""
        return int(float(re.search(rf'^dask_scheduler_tasks{{state="{state}"}} (\S+)$', self.get("/metrics"), re.M)[1]))


class Worker(Process):
    """A stock `dask worker`. Without a nanny, its process is the worker itself."""

    def __init__(self, scheduler, name, log, nthreads=2, nanny=False, options=(), env=None):
        self.name = name
        command = ["dask", "worker", scheduler, "--name", name, "--nthreads", str(nthreads)]
        command += ["--nanny" if nanny else "--no-nanny", "--no-dashboard", "--memory-limit", "0"]
        command += ["--local-directory", str(log.with_suffix("")), "--death-timeout", "30", *options]
        super().__init__(command, log, env)


def dask_jvm():
    """The launcher of our own commands."""
    return str(HERE.parent.parent / "dask-jvm")


class JvmWorker(Process):
    def __init__(self, scheduler, name, log, nthreads=1, class_path=None, nanny=False, options=(), env=None):
        self.name = name
        super().__init__(
            [dask_jvm(), "worker", scheduler, "--name", name, "--nthreads", str(nthreads), "--host", "127.0.0.1",
             "--nanny" if nanny else "--no-nanny", "--death-timeout", "30", *options],
            log,
            ({"CLASSPATH": class_path} if class_path else {}) | (env or {}),
        )  # fmt: skip


class Prometheus(Process):
    """A Prometheus server, whose binary PROMETHEUS names, and what its API answers."""

    def __init__(self, folder, scrape_configs):
        self.port = free_port()
        configuration = folder / "prometheus.yml"
        configuration.write_text(json.dumps({"global": {"scrape_interval": "1s"}, "scrape_configs": scrape_configs}))
        super().__init__(
            [os.environ["PROMETHEUS"], f"--config.file={configuration}", f"--storage.tsdb.path={folder / 'data'}",
             f"--web.listen-address=127.0.0.1:{self.port}", "--log.level=warn"],
            folder / "prometheus.log",
        )  # fmt: skip
        wait_for(self._ready, "Prometheus is ready", START_SECONDS)

    def _ready(self):
        assert self.running, f"Prometheus ended: {self.output()}"
        try:
            return "Ready" in self._get("/-/ready")
        except OSError:
            return False

    def _get(self, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as reply:
            return reply.read().decode()

    def query(self, expression):
        """The series that an instant query gives: their labels and values."""
        reply = json.loads(self._get("/api/v1/query?query=" + urllib.parse.quote(expression)))
        return [(series["metric"], float(series["value"][1])) for series in reply["data"]["result"]]

    def value(self, expression):
        """The value of the one series that a query gives; None where there is none."""
        series = self.query(expression)
        assert len(series) < 2, f"{expression} gives {series}"
        return series[0][1] if series else None

    def wait_for(self, expression, value):
        wait_for(lambda: self.value(expression) == value, f"{expression} is {value}", 40)

    def targets(self):
        """The labels of the active targets, those that go before samples are stored included."""
        return [
            target["discoveredLabels"] | {"health": target["health"]}
            for target in json.loads(self._get("/api/v1/targets?state=active"))["data"]["activeTargets"]
        ]


class Cluster:
    """A scheduler, its workers, and the clients a test opened; `close` ends all of them."""

    def __init__(self, folder, workers=0, nthreads=2, nanny=False, scheduler_options=(), env=None, security=None):
        self.folder = folder
        self.security = security
        self.workers = {}
        self._clients = []
        folder.mkdir(parents=True, exist_ok=True)
        self.scheduler = Scheduler(folder / "scheduler.log", scheduler_options, env)
        self.address = self.scheduler.address
        try:
            for number in range(workers):
                self.add_worker(f"w{number}", nthreads=nthreads, nanny=nanny)
            self.observer = self.client(set_as_default=False)  # wants nothing; asks how things are
            if workers:
                self.observer.wait_for_workers(workers, timeout=START_SECONDS)
        except BaseException:
            self.close()
            raise

    def add_worker(self, name, **arguments):
        """Start a worker; it joins when it joins."""
        worker = self.workers[name] = Worker(self.address, name, self.folder / f"{name}.log", **arguments)
        return worker

    def add_jvm_worker(self, name, **arguments):
        """Start a JVM worker; it joins when it joins."""
        worker = self.workers[name] = JvmWorker(self.address, name, self.folder / f"{name}.log", **arguments)
        return worker

    def client(self, **arguments):
        client = distributed.Client(self.address, security=self.security, **arguments)
        self._clients.append(client)
        return client

    def addresses(self):
        """Worker addresses by worker name."""
        info = self.observer.sync(self.observer.scheduler.identity)["workers"]
        return {worker["id"]: address for address, worker in info.items()}

    def known_tasks(self):
        """The keys of all tasks that the scheduler knows, in whatever state."""
        return set(self.observer.who_has())

    def stored_tasks(self):
        """The keys of those tasks of which some worker holds the result."""
        return {key for key, workers in self.observer.who_has().items() if workers}

    def close(self):
        for client in self._clients:
            try:
                client.close(timeout=2)
            except Exception as e:  # the test has made its point already, perhaps by killing the other side
                print(f"closing {client}: {e!r}", file=sys.stderr)
        for process in [*self.workers.values(), self.scheduler]:
            process.kill()
