"""Makes the recordings in this folder: update-graph messages of a real client, framed as they go over the wire, and
the pages that materialize.py answers them with. Run it inside stock Dask, with interop/tests on the PYTHONPATH:

    python3 record.py FOLDER
"""

import asyncio
import operator
import struct
import sys
from pathlib import Path

from distributed.protocol.core import dumps

from unpacking import Recorder, _pages, load_module, request_of

folder = Path(sys.argv[1])


def framed(message):
    frames = [bytes(frame) for frame in dumps([message])]
    head = struct.pack(f"<{len(frames) + 1}Q", len(frames), *map(len, frames))
    return struct.pack("<Q", len(head) + sum(map(len, frames))) + head + b"".join(frames)


def chain(c):
    f = c.submit(operator.neg, 1, key="future")
    return f, c.get({"x": 1, ("y", 0): (operator.neg, "x"), ("y", 1): (operator.add, ("y", 0), f)}, [("y", 1)], sync=False)


def options(c):
    return c.submit(
        divmod, 7, 2, key="d", priority=3, retries=4, workers=["alice", "tcp://127.0.0.1:1"],
        allow_other_workers=True, resources={"GPU": 2}, fifo_timeout="60s",
    )  # fmt: skip


async def pages(module, request):
    found = []
    original = module.materialize, module.more

    async def keep(answer):
        found.append(await answer)
        return found[-1]

    module.materialize, module.more = (lambda r: keep(original[0](r))), (lambda t: keep(original[1](t)))
    async for _ in _pages(module, request):
        pass
    module.materialize, module.more = original
    return found


recorder = Recorder()
for name, build in {
    "submit": options,
    "chain": chain,
    "actor": lambda c: c.submit(list, key="a", actor=True),
}.items():
    _, messages = recorder.submit(build)
    (folder / f"{name}.message").write_bytes(framed(messages[-1]))
    request, _ = request_of(messages[-1], 1)
    for number, page in enumerate(asyncio.run(pages(load_module(), request))):
        (folder / f"{name}.page-{number}").write_bytes(page)
recorder.close()
