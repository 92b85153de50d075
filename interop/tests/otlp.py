"""A receiver of traces by OTLP, `http/protobuf`: keeps the spans that arrive.

Stock Dask brings no protobuf, so the few messages are read by their wire format; the numbers are those of
opentelemetry/proto/trace/v1/trace.proto.
"""

import struct
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def _varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, at


def _fields(data):
    """The fields of a message, in order, by number: integers, or bytes."""
    fields, at = {}, 0
    while at < len(data):
        tag, at = _varint(data, at)
        kind = tag & 7
        if kind == 0:
            value, at = _varint(data, at)
        elif kind == 2:
            length, at = _varint(data, at)
            value, at = bytes(data[at : at + length]), at + length
        else:
            length = {1: 8, 5: 4}[kind]
            value, at = bytes(data[at : at + length]), at + length
        fields.setdefault(tag >> 3, []).append(value)
    return fields


def _attributes(pairs):
    attributes = {}
    for pair in map(_fields, pairs):
        kind, value = next(iter(_fields(pair[2][0]).items()))
        value = value[0]
        if kind == 1:
            value = value.decode()
        elif kind == 4:
            value = struct.unpack("<d", value)[0]
        elif kind == 5:
            value = [_fields(each)[1][0].decode() for each in _fields(value).get(1, [])]
        attributes[pair[1][0].decode()] = value
    return attributes


class Span:
    def __init__(self, data):
        fields = _fields(data)
        self.trace_id = fields[1][0]
        self.span_id = fields[2][0]
        self.parent_id = fields.get(4, [b""])[0]
        self.name = fields[5][0].decode()
        self.start, self.end = (struct.unpack("<Q", fields[number][0])[0] for number in (7, 8))
        self.attributes = _attributes(fields.get(9, []))
        self.events = [(_fields(e)[2][0].decode(), _attributes(_fields(e).get(3, []))) for e in fields.get(11, [])]
        self.links = [(_fields(link)[1][0], _fields(link)[2][0]) for link in fields.get(13, [])]
        status = _fields(fields.get(15, [b""])[0])
        self.error = status.get(2, [b""])[0].decode() if status.get(3) == [2] else None

    @property
    def ids(self):
        return self.trace_id, self.span_id

    def __repr__(self):
        return f"<{self.name} {self.attributes.get('dask.key', '')}>"


class Receiver:
    """Listens until it is closed; `spans` are those that have arrived."""

    def __init__(self):
        self.spans = []
        self.paths = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.paths.append(self.path)
                if self.path == "/v1/traces":
                    for resource in _fields(body).get(1, []):
                        for scope in _fields(resource).get(2, []):
                            receiver.spans += map(Span, _fields(scope).get(2, []))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def named(self, name):
        return [span for span in self.spans if span.name == name]

    def of(self, parent, name=None):
        """The spans below another one."""
        return [span for span in self.spans if span.parent_id == parent.span_id and name in (None, span.name)]

    def task(self, key):
        (span,) = [span for span in self.spans if span.attributes.get("dask.key") == str(key)]
        return span

    def close(self):
        self._server.shutdown()
        self._server.server_close()
