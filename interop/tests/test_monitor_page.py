"""The live page of `dask-jvm monitor`, in front of a scheduler that runs in another process, by HTTP."""

import json
import re
import urllib.error
import urllib.parse
import urllib.request

import pytest
from distributed import wait

from harness import Process, free_port, wait_for
from tasks import inc
from test_monitor import BOTH, cluster_of, monitor  # noqa: F401: fixtures

STATES = ("released", "waiting", "no-worker", "queued", "processing", "memory", "erred")


class Page:
    """What a browser does with the stream: it asks again when it ends, and keeps what it was told."""

    def __init__(self, monitor):
        self.monitor = monitor
        self.table = None
        self.last_id = None
        self.hellos = 0

    def messages(self):
        """Names and contents for as long as somebody takes them."""
        while True:
            request = urllib.request.Request(f"http://127.0.0.1:{self.monitor.port}/status/stream")
            if self.last_id:
                request.add_header("Last-Event-ID", self.last_id)
            with urllib.request.urlopen(request, timeout=30) as reply:
                name = None
                for line in reply:
                    field, _, value = line.decode().rstrip("\n").partition(": ")
                    if field == "event":
                        name = value
                    elif field == "id":
                        self.last_id = value
                    elif field == "data":
                        self.hellos += name == "hello"
                        yield name, json.loads(value)

    def wait_for(self, condition, what):
        """The first frame for which the condition holds, with all that came until then put together."""
        seen = {"spans": [], "failures": [], "events": [], "table": self.table}
        messages = self.messages()
        stopped = []

        def next_frame():
            name, message = next(messages)
            if name == "table":
                seen["table"] = self.table = message
            for kind in ("spans", "failures", "events"):
                seen[kind] += message.get(kind, [])
            if name == "frame" and condition(message, seen):
                stopped.append(message)
            return stopped

        wait_for(next_frame, what, 60)
        messages.close()
        return stopped[0], seen


def no(x):
    raise ValueError(f"no {x}")


def tasks_of(monitor, state):
    return monitor.value(f'dask_scheduler_tasks{{state="{state}"}}')


@BOTH
def test_the_page_shows_what_the_scheduler_has(command, cluster_of, monitor):  # noqa: F811
    cluster = cluster_of(command, workers=2, nthreads=2)
    measured = monitor(cluster.address)
    page = Page(measured)
    page.wait_for(lambda frame, seen: frame["totals"][0] == 2, "the page shows both workers")
    client = cluster.client()
    futures = client.map(inc, range(20), key=[("inc-1", i) for i in range(20)])
    total = client.submit(sum, futures, key="sum-1")
    failed = client.submit(no, 1, key="no-1")
    wait([total, failed, *futures])

    def at_rest(frame, seen):
        counts = dict(zip(STATES, frame["counts"]))
        return counts["memory"] == 21 and counts["erred"] == 1 and any(name == "sum" for name, *_ in frame["prefixes"])

    frame, seen = page.wait_for(at_rest, "the page shows the results")
    assert "notice" not in frame
    for state, count in zip(STATES, frame["counts"]):
        measured.wait_for(f'dask_scheduler_tasks{{state="{state}"}}', count)
    info = client.scheduler_info()
    addresses = {row[0]: row for row in seen["table"]["workers"]}
    assert set(addresses) == set(info["workers"])
    for address, worker in info["workers"].items():
        assert addresses[address][1] == worker["name"] and addresses[address][3] == worker["nthreads"] == 2
    assert frame["totals"][1] == 4
    rows = {name: values for name, *values in frame["prefixes"]}
    assert rows["inc"][STATES.index("memory")] == 20 and rows["no"][STATES.index("erred")] == 1
    assert rows["inc"][len(STATES) + 3] == 20, "results that were seen"

    status, _ = page.wait_for(lambda f, s: "stored" in f["workers"] and sum(f["workers"]["stored"]) >= 21, "heartbeats")
    assert measured.value('dask_scheduler_prefix_tasks{state="memory",task_prefix_name="inc"}') == 20
    assert measured.value('dask_scheduler_tasks_output_bytes{task_prefix_name="inc"}') == 20 * 28

    counts = json.loads(measured.get("/json/counts.json"))
    assert (counts["tasks"], counts["erred"], counts["workers"], counts["cores"]) == (22, 1, 2, 4)
    assert json.loads(measured.get("/json/identity.json"))["id"] == info["id"]
    assert all(address in measured.get("/info/main/workers.html") for address in addresses)
    paths = json.loads(measured.get("/sitemap.json"))["paths"]
    assert {"/status", "/metrics", "/json/counts.json", "/individual-task-stream"} <= set(paths)
    with urllib.request.urlopen(f"http://127.0.0.1:{measured.port}/individual-task-stream") as reply:
        assert urllib.parse.urlparse(reply.url).path == "/status"


@BOTH
def test_what_workers_do_is_streamed_and_told_in_detail(command, cluster_of, monitor):  # noqa: F811
    cluster = cluster_of(command, workers=2, nthreads=1)
    measured = monitor(cluster.address)
    page = Page(measured)
    client = cluster.client()

    def ask(path, **parameters):
        return json.loads(measured.get(f"/status/{path}?" + urllib.parse.urlencode(parameters)))

    # From when the page is open the scheduler records what is done.
    page.wait_for(
        lambda frame, seen: frame["totals"][0] == 2 and any(event[2] == "all" for event in seen["events"]),
        "the page is open, and has events",
    )
    futures = []

    def worked(frame, seen):
        futures.append(client.map(inc, range(5), key=[("inc-1", len(futures), i) for i in range(5)]))
        client.submit(no, len(futures), key=f"no-{len(futures)}", pure=False).exception()
        keys = [span[5] for span in seen["spans"]]
        failures = [f for f in seen["failures"] if "no" in f["key"]]
        return any("inc-1" in key for key in keys) and failures

    _, seen = page.wait_for(worked, "the stream shows tasks")
    lanes = len(seen["table"]["lanes"])
    assert lanes == 2 and all(0 <= span[0] < lanes and span[2] >= 0 for span in seen["spans"])
    if command[0] == "dask":
        failure = next(f for f in seen["failures"] if "no" in f["key"])
        assert "ValueError('no " in failure["exception"] and "raise ValueError" in failure["traceback"]

    key = futures[0][0].key
    task = ask("task.json", key=str(key))
    assert task["status"] == "memory" and task["bytes"] == 28 and task["prefix"] == "inc"
    assert set(task["whoHas"]) == set(client.who_has(futures[0][:1])[key])
    assert [row[1:3] for row in task["story"]][-1] == ["processing", "memory"]
    address = next(iter(client.has_what()))
    held = wait_for(lambda: (w := ask("worker.json", address=address))["stored"] and w, "the worker's results are told")
    assert {row[0] for row in held["stored"]} <= {str(k) for k in client.has_what()[address]}
    graph = wait_for(lambda: (g := ask("graph.json"))["kind"] == "groups" and g, "groups are told")
    total = client.submit(sum, futures[0], key=("total-1", 0))
    total.result()
    graph = wait_for(lambda: (g := ask("graph.json"))["edges"] and g, "what depends on what is told")
    names = [node[0] for node in graph["nodes"]]
    assert [names.index("inc-1"), names.index("total-1")] in graph["edges"]
    for path, parameters in (("task.json", {"key": "never"}), ("worker.json", {"address": "tcp://nowhere:1"})):
        with pytest.raises(urllib.error.HTTPError, match="404"):
            ask(path, **parameters)
    trace = json.loads(measured.get("/status/trace.json"))["traceEvents"]
    assert {event["pid"] for event in trace if event["ph"] == "X" and event["name"] == "inc"}
    assert "hello" in measured.get("/status/report.html")


@BOTH
def test_the_page_survives_a_restart(command, monitor, tmp_path):  # noqa: F811
    port = free_port()

    def start(name):
        return Process([*command, "--host", "127.0.0.1", "--port", str(port), "--dashboard-address", "127.0.0.1:0"],
                       tmp_path / f"{name}.log")  # fmt: skip

    def worker(name):
        return Process(["dask", "worker", f"tcp://127.0.0.1:{port}", "--name", name, "--no-nanny", "--no-dashboard",
                        "--nthreads", "1"], tmp_path / f"{name}.log")  # fmt: skip

    measured = monitor(f"tcp://127.0.0.1:{port}")
    page = Page(measured)
    away, _ = page.wait_for(lambda f, s: "does not answer" in f.get("notice", ""), "the page says it is away")
    assert away["totals"][0] == 0
    with pytest.raises(urllib.error.HTTPError, match="503"):
        measured.get("/json/counts.json")
    processes = [start("first"), worker("w0")]
    try:
        page.wait_for(lambda f, s: f["totals"][0] == 1 and "notice" not in f, "the page shows the worker")
        hellos = page.hellos
        processes.pop(0).kill()
        processes.pop(0).kill()
        page.wait_for(lambda f, s: "does not answer" in f.get("notice", "") and f["totals"][0] == 0, "it is away")
        assert page.hellos == hellos, "the page goes on while the scheduler is away"
        processes += [start("second"), worker("w1"), worker("w2")]
        back, seen = page.wait_for(lambda f, s: f["totals"][0] == 2 and "notice" not in f, "it is back by itself")
        assert page.hellos == hellos + 1, "the page began anew"
        assert {row[1] for row in seen["table"]["workers"]} == {"w1", "w2"}
        assert back["totals"][14] == 0, "results are counted anew"
    finally:
        for process in processes:
            process.kill()
    assert re.search(r"Connected to the scheduler", measured.output())
