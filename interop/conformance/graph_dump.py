"""Keeps the graphs that the suite's clients send, where the variable CONFORMANCE_GRAPHS names a folder: a file for each process, in the
form of `cut_graphs.py` beside the tests of the module `pickle`, which check what such graphs are cut into."""

from __future__ import annotations

import os
import pickle
import struct

from distributed import Client

_send = Client._send_to_scheduler


def _send_and_keep(self, message):
    if message["op"] == "update-graph":
        try:
            _keep(message)
        except Exception:
            pass  # the suite must not notice
    return _send(self, message)


def _keep(message):
    test = os.environ.get("PYTEST_CURRENT_TEST", "?").split("::")[-1].split(" ")[0]
    info = {
        "name": test,
        "keys": list(message["keys"]),
        "writeable": list(message["graph_header"]["writeable"]),
    }
    blobs = [pickle.dumps(info), *map(bytes, message["graph_frames"])]
    with open(os.path.join(os.environ["CONFORMANCE_GRAPHS"], str(os.getpid())), "ab") as file:
        file.write(struct.pack("<I", len(blobs)) + b"".join(struct.pack("<I", len(b)) + b for b in blobs))


Client._send_to_scheduler = _send_and_keep
