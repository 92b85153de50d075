"""Blocking RPC, independent of the event loop of the test."""

from __future__ import annotations

import contextlib
import pickle
import socket
import struct
import sys

from distributed.core import clean_exception
from distributed.protocol import dumps, loads
from distributed.protocol.utils import pack_frames_prelude, unpack_frames
from distributed.utils import nbytes


def _recv_exactly(sock, n):
    buf = bytearray(n)
    view = memoryview(buf)
    while view:
        got = sock.recv_into(view)
        if not got:
            raise OSError("scheduler closed the connection")
        view = view[got:]
    return memoryview(buf)


def _read_msg(sock):
    (n,) = struct.unpack("Q", _recv_exactly(sock, 8))
    frames, rest = unpack_frames(_recv_exactly(sock, n), partial=True)
    frames = list(frames) + [_recv_exactly(sock, k) for k in rest]
    return loads(frames)


def _write_msg(sock, msg):
    frames = dumps(msg)
    prelude = pack_frames_prelude(frames)
    body = b"".join([bytes(prelude), *(bytes(f) for f in frames)])
    sock.sendall(struct.pack("Q", nbytes(body)) + body)


def call(address, op, security=None, timeout=10, **kwargs):
    """Call a scheduler handler and block until it has answered."""
    scheme, loc = address.split("://")
    host, port = loc.rsplit(":", 1)
    with contextlib.ExitStack() as stack:
        sock = socket.create_connection((host, int(port)), timeout=timeout)
        stack.callback(lambda: sock.close())
        if scheme == "tls":
            context = security.get_connection_args("client")["ssl_context"]
            sock = context.wrap_socket(sock)
        _write_msg(
            sock,
            {
                "compression": None,
                "python": tuple(sys.version_info)[:3],
                "pickle-protocol": pickle.HIGHEST_PROTOCOL,
            },
        )
        _read_msg(sock)
        _write_msg(sock, {"op": op, "reply": True, **kwargs})
        answer = _read_msg(sock)
    if isinstance(answer, dict) and answer.get("status") == "uncaught-error":
        _, exc, tb = clean_exception(**answer)
        raise exc.with_traceback(tb)
    return answer
