"""Makes the recordings in this folder: what a stock scheduler and a stock worker of one thread send one another, framed
as it goes over the wire. Run it inside stock Dask:

    python3 record.py FOLDER

finished.message   the longest batch of a worker that ran a map of no-op tasks
compute.message    the longest batch of tasks that it was sent
heartbeat.message  its last heartbeat
"""

import asyncio
import struct
import sys
from pathlib import Path

from distributed import Client, Scheduler, Worker
from distributed.comm import tcp
from distributed.protocol.core import dumps

folder = Path(sys.argv[1])
longest = {}


def noop(x):
    return x


def framed(message):
    frames = [bytes(frame) for frame in dumps(message)]
    head = struct.pack(f"<{len(frames) + 1}Q", len(frames), *map(len, frames))
    return struct.pack("<Q", len(head) + sum(map(len, frames))) + head + b"".join(frames)


def keep(message):
    if isinstance(message, dict) and message.get("op") == "heartbeat_worker":
        longest["heartbeat"] = message
    if isinstance(message, (list, tuple)) and message and isinstance(message[0], dict):
        for name, op in {"finished": "task-finished", "compute": "compute-task"}.items():
            several = [m for m in message if m.get("op") == op]
            if len(several) > len(longest.get(name, ())):
                longest[name] = several


write = tcp.TCP.write


async def recorded(self, message, *rest, **more):
    keep(message)
    return await write(self, message, *rest, **more)


tcp.TCP.write = recorded


async def main():
    async with Scheduler(host="127.0.0.1", port=0, dashboard_address=":0") as scheduler:
        async with Worker(scheduler.address, nthreads=1, host="127.0.0.1", dashboard_address=":0"):
            async with Client(scheduler.address, asynchronous=True) as client:
                for _ in range(3):
                    await client.gather(client.map(noop, range(1000), pure=False))
                await asyncio.sleep(2)
    for name, message in longest.items():
        (folder / f"{name}.message").write_bytes(framed(message))
        print(name, len(message), "values")


asyncio.run(main())
