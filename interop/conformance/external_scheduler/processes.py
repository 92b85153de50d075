"""External scheduler processes."""

from __future__ import annotations

import collections
import contextlib
import itertools
import json
import os
import shlex
import signal
import socket
import subprocess
import time

import pytest

from external_scheduler.calls import call
from external_scheduler.options import HERE, HOST, OPTIONS
from external_scheduler.outcome import record
from external_scheduler.settings import BASE_CONFIG, config_to_env


class SchedulerFailed(pytest.fail.Exception):
    """The external scheduler did not come up."""


def _port_is_free(port):
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind(("", port))
        except OSError:
            return False
    return True


# Below the ephemeral range, so that nobody's outgoing connection takes the port
# between our looking and the scheduler's listening
_ports = itertools.cycle(range(20011 + os.getpid() % 97 * 100, 32000))


def free_port():
    return next(p for p in _ports if _port_is_free(p))


class Zygote:
    """Forks Python schedulers from a process that has imported distributed.

    Only an accelerator for running the upstream Python scheduler.
    """

    def __init__(self, python):
        self.proc = subprocess.Popen(
            [python, os.path.join(HERE, "python_zygote.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def spawn(self, argv, env, log):
        request = {"argv": argv, "env": env, "log": log}
        try:
            self.proc.stdin.write(json.dumps(request) + "\n")
            self.proc.stdin.flush()
            return int(self.proc.stdout.readline())
        except (OSError, ValueError):
            raise SchedulerFailed("python_zygote.py has ended") from None

    def close(self):
        self.proc.stdin.close()
        self.proc.wait()


class SchedulerProcess:
    zygote = None
    counter = itertools.count()

    def __init__(self, config=None, port=None, dashboard_port=None):
        self.port = port or free_port()
        self.dashboard_port = dashboard_port or free_port()
        self.log = os.path.join(
            OPTIONS["log_dir"], f"scheduler-{os.getpid()}-{next(self.counter)}.log"
        )
        self.popen = None
        self.dead = False
        argv = [
            word.format(host=HOST, port=self.port, dashboard_port=self.dashboard_port)
            for word in shlex.split(OPTIONS["scheduler_cmd"])
        ]
        env = config_to_env({**BASE_CONFIG, **(config or {})})
        if OPTIONS["python_zygote"]:
            cls = type(self)
            if cls.zygote is None:
                cls.zygote = Zygote(argv[0])
            assert argv[1:3] == ["-m", "distributed.cli.dask_scheduler"], argv
            self.pid = cls.zygote.spawn(argv[3:], env, self.log)
        else:
            with open(self.log, "wb") as log:
                self.popen = subprocess.Popen(
                    argv,
                    env={**os.environ, **env},
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    process_group=0,
                )
            self.pid = self.popen.pid

    def alive(self):
        if self.dead:
            return False
        if self.popen is not None:
            return self.popen.poll() is None
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        return True

    def wait_ready(self, address, security=None):
        deadline = time.monotonic() + OPTIONS["start_timeout"]
        while True:
            try:
                call(address, "identity", security, timeout=2)
                return
            except Exception as e:
                problem = e
            if not self.alive():
                raise SchedulerFailed(f"scheduler exited at start\n{self.log_tail()}")
            if time.monotonic() > deadline:
                raise SchedulerFailed(
                    f"scheduler did not answer 'identity' within "
                    f"{OPTIONS['start_timeout']}s: {problem!r}\n{self.log_tail()}"
                )
            time.sleep(0.02)

    def wait_gone(self, timeout):
        deadline = time.monotonic() + timeout
        while self.alive() and time.monotonic() < deadline:
            time.sleep(0.01)
        return not self.alive()

    def kill(self):
        if not self.dead:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)
            if self.popen is not None:
                self.popen.wait()
            self.dead = True

    def log_tail(self, size=3000):
        try:
            with open(self.log, "rb") as f:
                f.seek(0, os.SEEK_END)
                f.seek(max(0, f.tell() - size))
                return f.read().decode(errors="replace")
        except OSError:
            return ""


class Pool:
    """Started schedulers with the default configuration, each used only once."""

    def __init__(self, size):
        self.size = size
        self.ready = collections.deque()

    def fill(self):
        while len(self.ready) < self.size:
            self.ready.append(SchedulerProcess())

    def take(self, config, port, dashboard_port):
        if config or port or dashboard_port:
            proc = SchedulerProcess(config, port, dashboard_port)
        else:
            self.fill()
            proc = self.ready.popleft()
            if not proc.alive():
                proc = SchedulerProcess()
        record.schedulers.append(proc)
        self.fill()
        return proc

    def close(self):
        while self.ready:
            proc = self.ready.popleft()
            proc.kill()
            with contextlib.suppress(OSError):
                os.unlink(proc.log)
        if SchedulerProcess.zygote is not None:
            SchedulerProcess.zygote.close()


pool = Pool(OPTIONS["prestart"])
