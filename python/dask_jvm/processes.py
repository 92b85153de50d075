"""Processes of a JvmCluster, as SpecCluster wants them."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from distributed.core import Status
from distributed.deploy.spec import ProcessInterface

START_SECONDS = 120
END_SECONDS = 10


class Process(ProcessInterface):
    """A command in a process group of its own, its output in a file. It has started when that has a certain line."""

    def __init__(
        self, command: Iterable[Any], started: str, log: str | os.PathLike[str], env: Mapping[str, str] | None = None
    ) -> None:
        super().__init__()
        self.command = [str(part) for part in command]
        self.started, self.log, self.env = started, Path(log), dict(env or {})
        self.process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
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

    async def _wait_for_line(self) -> str:
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

    def output(self) -> str:
        return self.log.read_text(errors="replace")

    async def close(self) -> None:
        """End it, and what it started: by a signal, and after a while by force."""
        if self.process is not None and self.status != Status.closed:
            self._signal(signal.SIGTERM)
            deadline = time.monotonic() + END_SECONDS
            while self.process.poll() is None and time.monotonic() < deadline:
                await asyncio.sleep(0.02)
            self._signal(signal.SIGKILL)
            self.process.wait()
        await super().close()

    def _signal(self, number: int) -> None:
        try:
            os.killpg(self.process.pid, number)
        except ProcessLookupError:
            pass


class SchedulerProcess(Process):
    """`dask-jvm scheduler`."""

    def __init__(
        self,
        command: Iterable[str],
        options: Iterable[Any],
        log: str | os.PathLike[str],
        env: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__([*command, "scheduler", *options], r"Scheduler at:\s*(\S+)\s", log, env)

    async def start(self) -> None:
        await super().start()
        self.address = self.found

    async def close(self) -> None:
        """The cluster has told it to end before."""
        if self.process is not None and self.status == Status.running:
            deadline = time.monotonic() + END_SECONDS
            while self.process.poll() is None and time.monotonic() < deadline:
                await asyncio.sleep(0.02)
        await super().close()


class WorkerProcess(Process):
    """A worker of either kind."""

    def __init__(
        self,
        scheduler: str,
        command: Iterable[str],
        options: Iterable[Any],
        log: str | os.PathLike[str],
        name: str,
        nthreads: int,
        memory_limit: str | int | None = None,
        env: Mapping[str, str] | None = None,
    ) -> None:
        self.name = name
        line = [*command, scheduler, "--name", name, "--nthreads", nthreads, "--death-timeout", START_SECONDS, *options]
        line += [] if memory_limit is None else ["--memory-limit", memory_limit]
        super().__init__(line, r"Start worker at:\s*(\S+)\s[\s\S]*Registered to:", Path(log) / f"{name}.log", env)
