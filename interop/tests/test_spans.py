"""Spans, computations and fine performance metrics, as stock clients and workers see them.

What Dask's users read from the scheduler's objects, by a function that runs there, is asked for here with an operation
of its own. `spans` and `computations` say the same of either scheduler, so every test holds for Python's too.
"""

import asyncio
import time

import dask
import dask.array as da
import pytest
from distributed import get_worker, performance_report, span, wait
from distributed.diagnostics.eventstream import eventstream
from distributed.diagnostics.progress_stream import progress_stream
from distributed.diagnostics.progressbar import MultiProgressBar

from harness import scheduler_command, wait_for
from tasks import inc, slowinc, wait_for_file

OURS = scheduler_command()[0].endswith("dask-jvm")


def ask(client, op, **arguments):
    async def call():
        return await getattr(client.scheduler, op)(**arguments)

    return client.sync(call)


def _read_spans(dask_scheduler):
    def rows(metrics):
        return tuple((*name, value) for name, value in metrics.items())

    return {
        s.id: {
            "id": s.id,
            "name": s.name,
            "parent": s.parent.id if s.parent else None,
            "children": tuple(child.id for child in s.children),
            "enqueued": s.enqueued,
            "start": s.start,
            "stop": s.stop,
            "done": s.done,
            "groups": tuple(tg.name for tg in s.groups),
            "states": s.states,
            "all_durations": s.all_durations,
            "duration": s.duration,
            "nbytes_total": s.nbytes_total,
            "code": tuple(tuple(c._asdict() for c in place) for place in s.code),
            "metadata": s.metadata,
            "nthreads_intervals": tuple(s.nthreads_intervals),
            "active_cpu_seconds": s.active_cpu_seconds,
            "cumulative_worker_metrics": rows(s.cumulative_worker_metrics),
        }
        for s in dask_scheduler.extensions["spans"].spans.values()
    }


def _read_computations(dask_scheduler):
    return tuple(
        {
            "start": c.start,
            "stop": c.stop,
            "groups": tuple(tg.name for tg in c.groups),
            "states": c.states,
            "code": tuple(tuple(s._asdict() for s in place) for place in c.code),
            "annotations": c.annotations,
        }
        for c in dask_scheduler.computations
    )


def _read_metrics(dask_scheduler):
    return tuple(
        (*(name if isinstance(name, tuple) else (name,)), value)
        for name, value in dask_scheduler.cumulative_worker_metrics.items()
    )


def spans(client):
    return ask(client, "get_spans") if OURS else client.run_on_scheduler(_read_spans)


def computations(client):
    return ask(client, "get_computations") if OURS else client.run_on_scheduler(_read_computations)


def worker_metrics(client):
    return ask(client, "get_worker_metrics") if OURS else client.run_on_scheduler(_read_metrics)


def dump(client):
    return ask(client, "get_cluster_state", exclude=["transition_log", "log", "events"])["scheduler"]


def seen_by_task(_=None):
    """The span that a task's worker was told of: its id, and the annotation."""
    task = get_worker().state.tasks[get_worker().get_current_task()]
    return task.span_id, dask.get_annotations().get("span")



def test_a_task_knows_its_span_and_those_around_it(client):
    with span("outer", "middle") as middle:
        with span("inner") as inner:
            future = client.submit(seen_by_task, key="spanone_a")
    id_, annotation = future.result()
    assert id_ == inner
    assert annotation["name"] == ("outer", "middle", "inner")
    assert annotation["ids"][1:] == (middle, inner)


def test_tasks_outside_of_spans_have_a_default_span(client):
    id_, annotation = client.submit(seen_by_task, key="spantwo_a").result()
    assert isinstance(id_, str) and annotation is None
    assert spans(client)[id_]["name"] == ("default",)


def test_a_default_span_ends_with_its_tasks(client, tmp_path):
    gate = client.submit(wait_for_file, str(tmp_path / "go"), key="spanthree_gate")
    one = client.submit(seen_by_task, key="spanthree_one").result()[0]
    two = client.submit(seen_by_task, key="spanthree_two").result()[0]
    assert one == two
    (tmp_path / "go").touch()
    wait(gate)
    assert client.submit(seen_by_task, key="spanthree_three").result()[0] != one


def test_all_tasks_of_a_group_have_the_span_of_the_first(client):
    with span("first") as first:
        a = client.submit(seen_by_task, key="spansfour-00000000000000000000000000000001")
    with span("second"):
        b = client.submit(seen_by_task, key="spansfour-00000000000000000000000000000002")
    with dask.annotate(priority=3):
        c = client.submit(seen_by_task, key="spansfour-00000000000000000000000000000003")
    d = client.submit(seen_by_task, key="spansfour-00000000000000000000000000000004")
    with span("second"), dask.annotate(mine=[object]):  # what only the worker can unpickle
        e = client.submit(seen_by_task, key="spansfour-00000000000000000000000000000005")
    expected = (first, {"name": ("first",), "ids": (first,)})
    assert client.gather([a, b, c, d, e]) == [expected] * 5


def test_a_group_of_the_default_span_takes_the_annotation_away(client):
    a = client.submit(seen_by_task, key="spansfive-00000000000000000000000000000001")
    id_, annotation = a.result()
    with span("late"), dask.annotate(mine=3):
        b = client.submit(seen_by_task, key="spansfive-00000000000000000000000000000002")
    assert b.result() == (id_, None) and annotation is None


def submit_one_more():
    from distributed import worker_client

    with worker_client() as client:
        return client.submit(seen_by_task, key="spansix_inner").result()


def test_what_a_task_submits_belongs_to_its_span(client):
    with span("around") as around:
        future = client.submit(submit_one_more, key="spansix_outer")
    assert future.result()[0] == around


def test_what_a_span_holds(client):
    before = time.time()
    with span("holds") as outer:
        with span("inside") as inner:
            x = client.map(slowinc, range(4), delay=0.05, key=[f"spanseven-{i}" for i in range(4)])
        y = client.submit(sum, x, key="spanseven_sum")
        wait(y)
    found = spans(client)
    o, i = found[outer], found[inner]
    assert (o["name"], o["parent"], o["children"]) == (("holds",), None, (inner,))
    assert (i["name"], i["parent"], i["children"]) == (("holds", "inside"), outer, ())
    assert set(o["groups"]) == {"spanseven_sum"} and set(i["groups"]) == {"spanseven"}
    assert o["states"]["memory"] == 5 and i["states"]["memory"] == 4
    assert o["done"] and i["done"]
    assert before - 1 < o["enqueued"] <= o["start"] <= o["stop"] < time.time() + 1
    assert i["duration"] >= 0.2 and o["duration"] >= i["duration"]
    assert i["all_durations"]["compute"] == pytest.approx(i["duration"], abs=1e-4)
    assert i["nbytes_total"] == 4 * 28
    assert {n for _, _, n in o["nthreads_intervals"]} == {4}  # two workers of two threads
    assert o["active_cpu_seconds"] == pytest.approx(4 * (o["stop"] - o["enqueued"]), abs=1e-3)
    assert i["metadata"]["collections"] == ({"type": "Future"},) or i["metadata"]["collections"] == [{"type": "Future"}]


def test_a_span_outlives_its_tasks(client):
    with span("brief") as id_:
        future = client.submit(inc, 1, key="spaneight-1")
    assert future.result() == 2
    future.release()
    wait_for(lambda: spans(client)[id_]["states"]["forgotten"] == 1, "the task is forgotten")
    found = spans(client)[id_]
    assert found["groups"] == ("spaneight",) and found["duration"] > 0 and found["done"]


def test_an_unfinished_span_goes_on(client, tmp_path):
    with span("long") as id_:
        future = client.submit(wait_for_file, str(tmp_path / "go"), key="spannine-1")
        wait_for(lambda: spans(client).get(id_, {}).get("states", {}).get("processing"), "the task runs")
    one = spans(client)[id_]
    assert not one["done"] and one["start"] == 0
    assert spans(client)[id_]["stop"] > one["stop"]
    (tmp_path / "go").touch()
    wait(future)
    assert spans(client)[id_]["done"]


def fine_metrics(client, id_, prefix):
    found = {}
    for *name, value in spans(client)[id_]["cumulative_worker_metrics"]:
        if name[:2] == ["execute", prefix]:
            found[tuple(name[2:])] = value
    return found


def test_workers_tell_what_spans_spend_their_time_on(client):
    with span("metered") as id_:
        wait(client.map(slowinc, range(4), delay=0.05, key=[f"spanten-{i}" for i in range(4)]))
    metrics = wait_for(lambda: fine_metrics(client, id_, "spanten"), "a heartbeat brings the metrics")
    wait_for(
        lambda: fine_metrics(client, id_, "spanten")[("thread-noncpu", "seconds")] >= 0.19, "all of them have come"
    )
    assert ("thread-cpu", "seconds") in metrics
    *_, (context, prefix, activity, unit, idle) = spans(client)[id_]["cumulative_worker_metrics"]
    assert (context, prefix, activity, unit) == ("execute", "N/A", "idle or other spans", "seconds") and idle >= 0
    total = {name: value for *name, value in worker_metrics(client) for name in [tuple(name)]}
    assert total[("execute", "spanten", "thread-noncpu", "seconds")] >= 0.19
    assert total[("latency",)] > 0
    assert len(client.scheduler_info()["workers"]) == 2  # and nobody minded


def test_the_metrics_of_all_workers_and_of_the_scheduler_agree(client):
    with span("agree") as id_:
        wait(client.map(inc, range(20), key=[f"spaneleven-{i}" for i in range(20)]))

    def of_workers():
        of_each = client.run(
            lambda dask_worker: {k: v for k, v in dask_worker.digests_total.items() if k[:2] == ("execute", id_)}
        )
        total = {}
        for metrics in of_each.values():
            for (_, _, _, *name), value in metrics.items():
                total[tuple(name)] = total.get(tuple(name), 0) + value
        return total

    def agree():
        here, there = fine_metrics(client, id_, "spaneleven"), of_workers()
        return here and here.keys() == there.keys() and all(here[k] == pytest.approx(there[k]) for k in here)

    wait_for(agree, "the scheduler has all that the workers measured")


def test_peer_to_peer_transfers_are_metered_by_span(client):
    with span("shuffled") as id_, dask.config.set({"array.rechunk.method": "p2p"}):
        x = da.random.random((400, 400), chunks=(400, 50)).rechunk((50, 400))
        wait(client.persist(x))

    def contexts():
        return {row[0] for row in spans(client)[id_]["cumulative_worker_metrics"]}

    wait_for(lambda: "p2p" in contexts(), "the metrics of the shuffle have come")


def test_a_dump_has_the_spans_of_groups_and_tasks(client):
    with span("dumped") as id_:
        x = client.submit(inc, 1, key="spantwelve-1")
        wait(x)
    state = dump(client)
    group = state["task_groups"]["spantwelve"]
    assert group["span_id"] == id_
    assert group["states"]["memory"] == 1 and group["done"] and group["nbytes_total"] == 28
    assert group["types"] == ("int",) and group["all_durations"]["compute"] == pytest.approx(group["duration"])
    assert 0 < group["start"] < group["stop"]
    assert state["tasks"]["spantwelve-1"]["annotations"] == {"span": {"name": ("dumped",), "ids": (id_,)}}


@pytest.mark.skipif(not OURS, reason="Dask's dumps have no spans and no computations")
def test_a_dump_has_spans_and_computations(client):
    with span("whole") as id_:
        wait(client.submit(inc, 1, key="spanthirteen-1"))
    state = dump(client)
    assert state["extensions"]["spans"][id_]["groups"] == ("spanthirteen",)
    assert "spanthirteen" in state["computations"][-1]["groups"]
    assert any(row[0] == "latency" for row in state["cumulative_worker_metrics"])
    assert set(ask(client, "get_spans", ids=[id_, "nobody"])) == {id_}


def test_graphs_that_come_while_something_runs_are_one_computation(client, tmp_path):
    gate = client.submit(wait_for_file, str(tmp_path / "go"), key="compuone_gate")
    wait(client.submit(inc, 1, key="compuone_a-1"))
    b = client.submit(inc, 1, key="compuone_b-1")
    wait(b)
    running = computations(client)[-1]
    assert {"compuone_gate", "compuone_a", "compuone_b"} <= set(running["groups"])
    assert running["states"]["processing"] == 1
    (tmp_path / "go").touch()
    wait(gate)
    with dask.annotate(priority=7):
        c = client.submit(inc, 1, key="computwo-1")
    wait(c)
    *_, before, last = computations(client)
    assert set(last["groups"]) == {"computwo"} and {"compuone_gate", "compuone_a", "compuone_b"} <= set(before["groups"])
    assert last["annotations"] == {"priority": 7}
    assert before["start"] < last["start"]
    assert abs(last["stop"] - time.time()) < 60


def test_code_comes_with_the_computation_and_the_span(client):
    with span("coded") as id_, dask.config.set({"distributed.diagnostics.computations.nframes": 1}):
        future = client.submit(inc, 1, key="computhree-1")
    wait(future)
    last = computations(client)[-1]
    ((frame,),) = last["code"]
    assert "def test_code_comes_with_the_computation_and_the_span" in frame["code"]
    assert frame["filename"] == __file__ and frame["lineno_frame"] > 0 and frame["lineno_relative"] > 0
    assert spans(client)[id_]["code"] == last["code"]


@pytest.mark.skipif(not OURS, reason="Dask's report is made of Bokeh's plots")
def test_a_performance_report_tells_of_spans_and_computations(client, tmp_path):
    with performance_report(filename=str(tmp_path / "report.html")):
        with span("reported"):
            futures = client.map(slowinc, range(3), delay=0.01, key=[f"spanreport-{i}" for i in range(3)])
            wait(futures)
            wait_for(
                lambda: any("spanreport" in row for row in worker_metrics(client)), "a heartbeat brings the metrics"
            )
    html = (tmp_path / "report.html").read_text()
    part = html[html.index("<h2>Computations") : html.index("<h2>Worker profile")]
    for text in ("<h2>Spans", "reported", "memory 3", "<h2>Fine performance metrics", "execute, spanreport, thread-"):
        assert text in part


class Bars(MultiProgressBar):
    def _draw_bar(self, **response):
        self.last = response

    def _draw_stop(self, **response):
        self.stopped = True


def test_progress_bars_by_span(client):
    with span("bars"):
        with span("one") as one:
            x = client.map(inc, range(3), key=[f"barone-{i}" for i in range(3)])
        with span("two") as two:
            y = client.map(slowinc, x, delay=0.02, key=[f"bartwo-{i}" for i in range(3)])
    bars = Bars(y, group_by="spans", complete=True)
    asyncio.run(bars.listen())
    assert bars.last["all"] == {("bars, one", one): 3, ("bars, two", two): 3}
    assert bars.last["remaining"] == {("bars, one", one): 0, ("bars, two", two): 0}
    assert bars.status == "finished" and bars.stopped


def test_progress_bars_by_span_without_any(client):
    x = client.map(inc, range(3), key=[f"barthree-{i}" for i in range(3)])
    bars = Bars(x, group_by="spans", complete=True)
    asyncio.run(bars.listen())
    ((name, id_),) = bars.last["all"]
    assert name == "default" and spans(client)[id_]["groups"]


def boom(x):
    raise ValueError(x)


def test_the_stream_of_progress(client, cluster):
    wait(client.map(inc, range(4), key=[f"streamone-{i}" for i in range(4)]) + [(e := client.submit(boom, 1, key="streamtwo-1"))])
    x = client.map(inc, range(4), key=[f"streamthree-{i}" for i in range(4)])
    y = client.submit(sum, x, key="streamfour-1")
    del x
    wait(y)

    async def first():
        comm = await progress_stream(cluster.address, 0.01)
        message = await comm.read()
        await comm.close()
        return message

    message = asyncio.run(first())
    assert set(message) == {"all", "nbytes", "memory", "erred", "released", "processing", "queued"}
    assert message["erred"].get("streamtwo") == 1 and "streamtwo" not in message["memory"]
    assert message["all"]["streamthree"] == 4 and message["released"]["streamthree"] == 4
    assert message["all"]["streamfour"] == 1 and message["memory"]["streamfour"] == 1
    assert message["nbytes"]["streamfour"] == 28
    assert not message["processing"] and not message["queued"]
    assert e.status == "error"


def test_the_stream_of_events(client, cluster):
    from distributed.diagnostics.progress_stream import task_stream_append

    async def events(submit, count):
        comm = await eventstream(cluster.address, 0.01)
        await comm.read()  # it listens now
        submit()
        found = []
        while len(found) < count:
            batch = await comm.read()
            assert isinstance(batch, tuple)
            found += batch
        await comm.close()
        return found

    futures = []

    def submit():
        futures.extend(client.map(inc, range(4), key=[f"eventone-{i}" for i in range(4)]))
        futures.append(client.submit(boom, 1, key="eventtwo-1"))

    found = {message["key"]: message for message in asyncio.run(events(submit, 5))}
    assert set(found) == {f.key for f in futures}
    workers = set(client.scheduler_info()["workers"])
    for key, message in found.items():
        assert message["worker"] in workers and message["thread"]
        assert message["status"] == ("error" if key == "eventtwo-1" else "OK")
        assert message["startstops"][0]["action"] == "compute"
    assert found["eventone-0"]["nbytes"] == 28 and found["eventone-0"]["typename"] == "int"
    lists = {name: [] for name in ("start", "duration", "key", "name", "color", "worker", "worker_thread", "y", "alpha")}
    for message in found.values():
        task_stream_append(lists, message, {})
    assert set(lists["name"]) == {"eventone", "eventtwo"}


def test_a_span_that_is_none_fails_its_tasks_alone(client):
    with dask.annotate(span="nonsense"):
        bad = client.submit(inc, 1, key="nospan-1")
    with pytest.raises(TypeError):
        bad.result()
    assert client.submit(inc, 1, key="aspan-1").result() == 2
