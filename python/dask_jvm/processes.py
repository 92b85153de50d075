"""Processes of a JvmCluster, as SpecCluster wants them."""

import asyncio
import os
import re
import signal
import subprocess
import time
from pathlib import Path

from distributed.core import Status
from distributed.deploy.spec import ProcessInterface

START_SECONDS = 120
END_SECONDS = 10


class Process(ProcessInterface):
    """A command in a process group of its own, its output in a file. It has started when that has a certain line."""

    def __init__(self, command, started, log, env=None):
        super().__init__()
        self.command = [str(part) for part in command]
        self.started, self.log, self.env = started, Path(log), env or {}
        self.process = None

    async def start(self):
        with open(self.log, "wb") as out:
            self.process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                env=os.environ | self.env,
                start_new_session=True,  # Ctrl-C is for the notebook
            )
        try:
            self.found = await self._wait_for_line()
        except BaseException:
            await self.close()
            raise
        await super().start()

    async def _wait_for_line(self):
        deadline = time.monotonic() + START_SECONDS
        while True:
            ended = self.process.poll() is not None
            output = self.output()
            if said := re.search(self.started, output):
                return said[1]
            if ended:
                raise RuntimeError(f"{' '.join(self.command)} ended with {self.process.returncode}: {output[-2000:]}")
            if time.monotonic() > deadline:
                raise TimeoutError(f"{' '.join(self.command)} has not started in {START_SECONDS} s: {output[-2000:]}")
            await asyncio.sleep(0.05)

    def output(self):
        return self.log.read_text(errors="replace")

    async def close(self):
        """End it, and what it started: by a signal, and after a while by force."""
        if self.process is not None and self.status != Status.closed:
            self._signal(signal.SIGTERM)
            deadline = time.monotonic() + END_SECONDS
            while self.process.poll() is None and time.monotonic() < deadline:
                await asyncio.sleep(0.02)
            self._signal(signal.SIGKILL)
            self.process.wait()
        await super().close()

    def _signal(self, number):
        try:
            os.killpg(self.process.pid, number)
        except ProcessLookupError:
            pass


class SchedulerProcess(Process):
    """`dask-jvm scheduler`."""

    def __init__(self, command, options, log):
        super().__init__([*command, "scheduler", *options], r"Scheduler at:\s*(\S+)\s", log)

    async def start(self):
        await super().start()
        self.address = self.found

    async def close(self):
        """The cluster has told it to end before."""
        if self.process is not None and self.status == Status.running:
            deadline = time.monotonic() + END_SECONDS
            while self.process.poll() is None and time.monotonic() < deadline:
                await asyncio.sleep(0.02)
        await super().close()


class WorkerProcess(Process):
    """A worker of either kind."""

    def __init__(self, scheduler, command, options, log, name, nthreads, memory_limit=None, env=None):
        self.name = name
        line = [*command, scheduler, "--name", name, "--nthreads", nthreads, "--death-timeout", START_SECONDS, *options]
        line += [] if memory_limit is None else ["--memory-limit", memory_limit]
        super().__init__(line, r"Start worker at:\s*(\S+)\s[\s\S]*Registered to:", Path(log) / f"{name}.log", env)
