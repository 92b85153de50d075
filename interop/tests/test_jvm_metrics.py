"""What JVM workers measure of themselves, beside what a stock worker does: fine performance metrics and `/metrics`."""

import re
import urllib.request

import pytest
from distributed import span, wait

from dask_jvm import java
from harness import scheduler_command, wait_for
from tasks import div

pytestmark = pytest.mark.skipif(
    not scheduler_command()[0].endswith("dask-jvm"), reason="Dask's scheduler has no JVM workers"
)

FUNCTIONS = "crossing.Functions"
MEMORY = "DASK_DISTRIBUTED__WORKER__MEMORY__"
# Results go to disk by their size alone; what the processes take besides decides nothing.
SETTINGS = {MEMORY + "TARGET": "0.6", MEMORY + "SPILL": "False", MEMORY + "PAUSE": "False"}
LIMIT = ("--memory-limit", "50 MB")


@pytest.fixture(scope="module")
def cluster(both_kinds, class_path):
    """With a worker of each kind that has little memory, besides those that have much."""
    both_kinds.add_worker("small", options=LIMIT, env=SETTINGS)
    both_kinds.add_jvm_worker("small-jvm", nthreads=2, class_path=class_path, options=LIMIT, env=SETTINGS)
    both_kinds.observer.wait_for_workers(4, timeout=60)
    yield both_kinds
    retired = both_kinds.observer.retire_workers(names=["small", "small-jvm"])
    assert len(retired) == 2
    for name in ("small", "small-jvm"):
        worker = both_kinds.workers.pop(name)
        wait_for(lambda: not worker.running, "it ends", 60)


def block(size):
    return bytes(size)


def size_of(value):
    return len(value)


def spilling_load(client):
    """Blocks on either small worker that do not fit into its memory, each of which is read on either."""
    blocks = [
        client.submit(block, 10_000_000, workers="small", pure=False) if i % 2 else
        java(f"{FUNCTIONS}::block")(10_000_000, workers="small-jvm", pure=False)
        for i in range(12)
    ]  # fmt: skip
    wait(blocks)
    # What somebody still refers to need not be read.
    java("java.lang.System::gc")(workers="small-jvm", pure=False).result()
    sizes = [client.submit(size_of, b, workers="small", pure=False) for b in blocks]
    kinds = [java(f"{FUNCTIONS}::kind")(b, workers="small-jvm", pure=False) for b in blocks]
    assert client.gather(sizes) == [10_000_000] * 12
    assert set(client.gather(kinds)) == {"byte[]"}
    small = [client.submit(abs, client.submit(abs, -3, workers="small", pure=False), workers="small", pure=False)]
    half = java(f"{FUNCTIONS}::half")
    small.append(half(half(8, workers="small-jvm", pure=False), workers="small-jvm", pure=False))
    assert client.gather(small) == [3, 2]
    failed = [client.submit(div, 1, 0, workers="small", pure=False)]
    failed.append(half(1, workers="small-jvm", pure=False))
    wait(failed)
    return blocks


# By context and activity: what stock workers have that JVM workers have not, and why.
LESS = {
    ("execute", "other", "seconds"): "there is no event loop between activities",
    ("gather-dep", "other", "seconds"): "likewise",
    ("get-data", "other", "seconds"): "likewise",
    ("execute", "offload", "seconds"): "nor one whose work other threads could do",
    ("gather-dep", "offload", "seconds"): "likewise",
    ("get-data", "offload", "seconds"): "likewise",
    ("gather-dep", "deserialize", "seconds"): "values stay as they came until a task reads them, which counts for it",
    ("gather-dep", "decompress", "seconds"): "likewise; and what is read from the network is in `network`",
    ("get-data", "compress", "seconds"): "what is sent is not compressed",
    ("gather-dep", "serialize", "seconds"): "what a transfer drives out of memory the monitor writes",
    ("gather-dep", "compress", "seconds"): "likewise",
    ("gather-dep", "disk-write", "seconds"): "likewise",
    ("gather-dep", "disk-write", "bytes"): "likewise",
    ("gather-dep", "disk-write", "count"): "likewise",
    ("get-data", "deserialize", "seconds"): "what a peer wants is sent as it is on disk, and stays there",
    ("get-data", "disk-write", "seconds"): "so that it drives out nothing",
    ("get-data", "disk-write", "bytes"): "likewise",
    ("get-data", "disk-write", "count"): "likewise",
}
MORE = {
    ("gather-dep", "network", "bytes"),
    ("memory-monitor", "serialize", "seconds"),
    ("memory-monitor", "compress", "seconds"),
    ("memory-monitor", "disk-write", "seconds"),
    ("memory-monitor", "disk-write", "bytes"),
    ("memory-monitor", "disk-write", "count"),
    ("execute", "deserialize", "seconds"),
}
# What both have by the same names, when it happens.
RARE = {("gather-dep", outcome, "seconds") for outcome in ("busy", "failed", "missing", "cancelled")}
RARE |= {("execute", "cancelled", "seconds")}
COMMON = {("execute", name, unit) for name in ("disk-read", "disk-write") for unit in ("seconds", "bytes", "count")}
COMMON |= {("execute", "memory-read", "count"), ("execute", "failed", "seconds"), ("get-data", "network", "seconds")}
COMMON |= {("get-data", "disk-read", "count"), ("get-data", "decompress", "seconds"), ("execute", "decompress", "seconds")}
COMMON |= {("get-data", "memory-read", "count")}


def digests(client, address):
    found = client.scheduler_info()["workers"][address]["metrics"]["digests_total_since_heartbeat"]
    return {(name[0], *name[-2:]) if isinstance(name, tuple) else name for name in found}


def test_fine_performance_metrics_have_the_names_of_stock_workers(client, cluster):
    addresses = cluster.addresses()
    seen = {name: set() for name in ("small", "small-jvm")}
    rates = {name: {} for name in seen}

    def all_seen():
        for name in seen:
            seen[name] |= digests(client, addresses[name])
            rates[name] |= client.scheduler_info()["workers"][addresses[name]]["metrics"]["bandwidth"]["workers"]
        return all(COMMON <= names for names in seen.values()) and all(rates.values())

    def load_until_all_seen():
        spilling_load(client)
        try:
            return wait_for(all_seen, "heartbeats bring them", 3)
        except AssertionError:
            print({name: COMMON - names for name, names in seen.items()})
            return False

    wait_for(load_until_all_seen, f"both kinds have measured {COMMON}", 60)
    stock, jvm = seen["small"] - RARE, seen["small-jvm"] - RARE
    assert stock - jvm <= set(LESS), "each has a reason"
    assert jvm - stock <= MORE
    assert not jvm & set(LESS), "a reason that is none"
    for name, peer in (("small", "small-jvm"), ("small-jvm", "small")):
        total, count = rates[name][addresses[peer]]
        assert total > 0 and count >= 1, "of transfers from the other, in bytes a second"


def test_the_default_span_of_java_tasks_has_what_they_measured(client):
    wait(java(f"{FUNCTIONS}::spin").map([0.05] * 4, pure=False, key="measuredspin"))

    def measured():
        spans = client.sync(client.scheduler.get_spans).values()
        rows = [row for one in spans for row in one["cumulative_worker_metrics"] if row[1] == "measuredspin"]
        spun = {row[2]: row[-1] for row in rows}
        return spun.get("thread-cpu", 0) + spun.get("thread-noncpu", 0) >= 4 * 0.05 and spun

    spun = wait_for(measured, "heartbeats bring what the tasks measured")
    assert set(spun) <= {"thread-cpu", "thread-noncpu", "executor", "deserialize"}


def test_a_span_has_what_its_java_tasks_measured(client):
    with span("outer"), span("measured") as id_:
        futures = java(f"{FUNCTIONS}::spin").map([0.05] * 4, pure=False, key="spannedspin")
        futures.append(java(f"{FUNCTIONS}::half")(4, pure=False, priority=3))
        futures += client.map(abs, range(4), key="spannedabs")
    wait(futures)

    def measured():
        one = client.sync(client.scheduler.get_spans)[id_]
        rows = {tuple(row[:-1]): row[-1] for row in one["cumulative_worker_metrics"]}
        wanted = [("execute", prefix, "thread-cpu", "seconds") for prefix in ("spannedspin", "spannedabs", "half")]
        return all(name in rows for name in wanted) and one

    one = wait_for(measured, "heartbeats bring what the tasks of both kinds measured")
    assert one["name"] == ("outer", "measured") and one["done"]
    assert {name.split("-")[0] for name in one["groups"]} == {"spannedspin", "spannedabs", "half"}
    assert one["states"]["memory"] == 9
    assert one["all_durations"]["compute"] >= 4 * 0.05


def page(client, address):
    """Of `/metrics`: type and label names by family, and the text."""
    port = client.scheduler_info()["workers"][address]["services"]["dashboard"]
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=60) as reply:
        text = reply.read().decode()
    types = dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.M))
    labels = {}
    for name, inside in re.findall(r"^([a-zA-Z_]\w*)(?:\{(.*)\})? \S+$", text, re.M):
        labels.setdefault(name, set()).add(tuple(sorted(re.findall(r"(\w+)=\"", inside))))
    return {name: (kind, labels.get(name)) for name, kind in types.items()}, text


def values(text, name):
    """By the values of the labels."""
    rows = re.findall(rf"^{name}(?:\{{(.*)\}})? (\S+)$", text, re.M)
    return {tuple(re.findall(r"=\"([^\"]*)\"", inside)): float(value) for inside, value in rows}


PYTHONS_OWN = {"python_info", "python_gc_objects_collected_total", "python_gc_objects_uncollectable_total"}
PYTHONS_OWN |= {"python_gc_collections_total"}  # the JVM's are jvm_gc_collection_seconds and jvm_info
# `promtool check metrics` objects to gauges of such names.
UNTYPED = {"dask_worker_transfer_incoming_count", "dask_worker_transfer_outgoing_count"}


def test_metrics_pages_have_the_families_of_stock_workers(client, cluster):
    addresses = cluster.addresses()
    kept = spilling_load(client)
    stock, stock_text = page(client, addresses["small"])
    jvm, jvm_text = page(client, addresses["small-jvm"])
    assert len(stock) > 20
    missing = {name for name in stock if name not in jvm}
    assert missing <= PYTHONS_OWN, missing
    for name in set(stock) - missing:
        (kind, labels), (our_kind, our_labels) = stock[name], jvm[name]
        assert our_kind == ("untyped" if name in UNTYPED else kind), name
        assert our_labels == labels or labels is None, f"{name}: without a sample it tells nothing of its labels"
    assert values(jvm_text, "dask_worker_threads") == values(stock_text, "dask_worker_threads") == {(): 2}
    for name in ("dask_worker_memory_bytes", "dask_worker_spill_bytes_total", "dask_worker_spill_count_total"):
        assert set(values(jvm_text, name)) == set(values(stock_text, name)), name
    times = set(values(stock_text, "dask_worker_spill_time_seconds_total"))
    assert times <= set(values(jvm_text, "dask_worker_spill_time_seconds_total"))
    assert set(values(stock_text, "dask_worker_tasks")) <= set(values(jvm_text, "dask_worker_tasks"))
    assert values(jvm_text, "dask_worker_spill_count_total")[("disk-write",)] > 0
    del kept
