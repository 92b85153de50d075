"""What Dask's own client can ask to find out what happened: stories, dumps, task streams, profiles, reports, progress."""

import os
import time

import distributed
import pytest
from distributed import get_task_stream, performance_report, progress, wait
from distributed.cluster_dump import DumpArtefact
from distributed.diagnostics import MemorySampler
from distributed.diagnostics.progressbar import MultiProgressBar, TextProgressBar

from harness import wait_for
from tasks import inc


def boom(x):
    raise ValueError(f"boom {x}")


def busy(seconds):
    until = time.time() + seconds
    while time.time() < until:
        sum(range(1000))
    return seconds


def test_the_story_of_a_task(client):
    x = client.submit(inc, 1, key="story-1")
    wait(x)
    steps = [row for row in client.story("story-1") if row[0] == "scheduler"]
    assert [row[2:4] for row in steps] == [
        ("released", "waiting"),
        ("waiting", "processing"),
        ("processing", "memory"),
    ]
    assert steps[0][4] == {"story-1": "processing"}
    assert abs(steps[-1][-1] - time.time()) < 60


@pytest.mark.parametrize("form, suffix", [("msgpack", ".msgpack.gz"), ("yaml", ".yaml")])
def test_a_dump_can_be_read(client, tmp_path, form, suffix):
    x = client.submit(inc, 1, key="dump-1")
    y = client.submit(boom, x, key=("dump", 2))
    wait([x, y])
    client.dump_cluster_state(str(tmp_path / "dump"), format=form)
    dump = DumpArtefact.from_url(str(tmp_path / f"dump{suffix}"))
    assert {t["key"] for t in dump.scheduler_tasks_in_state("memory")} == {"dump-1"}
    assert {t["key"] for t in dump.worker_tasks_in_state("memory")} == {"dump-1"}
    (erred,) = dump.scheduler_tasks_in_state("erred")
    assert erred["key"] == "('dump', 2)" and "boom" in erred["exception_text"]
    assert [row[1:3] for row in dump.scheduler_story("dump-1")["dump-1"]][-1] == ("processing", "memory")
    assert dump.missing_workers() == []
    dump.to_yamls(tmp_path / "yamls")
    assert (tmp_path / "yamls" / "scheduler" / "transition_log.yaml").stat().st_size > 0


@pytest.mark.parametrize("form, suffix", [("msgpack", ".msgpack.gz"), ("yaml", ".yaml")])
def test_a_dump_to_a_url_can_be_read(client, tmp_path, form, suffix):
    x = client.submit(inc, 1, key="dump-1")
    wait(x)
    client.dump_cluster_state(f"file://{tmp_path}/new/dump", exclude=["nbytes"], format=form, auto_mkdir=True)
    dump = DumpArtefact.from_url(str(tmp_path / "new" / f"dump{suffix}"))
    assert {t["key"] for t in dump.scheduler_tasks_in_state("memory")} == {"dump-1"}
    assert {t["key"] for t in dump.worker_tasks_in_state("memory")} == {"dump-1"}
    assert not any("nbytes" in task for task in dump.dump["scheduler"]["tasks"].values())


def test_what_is_wrong_with_a_dump_to_a_url_is_said(client, tmp_path):
    with pytest.raises(ValueError, match="Unsupported format 'json'"):
        client.dump_cluster_state(f"file://{tmp_path}/dump", format="json")
    with pytest.raises(ValueError, match="nosuchprotocol"):
        client.dump_cluster_state("nosuchprotocol://dump")
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file"):
        client.dump_cluster_state(f"file://{tmp_path}/file/dump")


def test_a_dump_to_a_url_needs_a_python_worker(new_cluster, tmp_path):
    client = new_cluster(workers=0).client()
    try:
        client.dump_cluster_state(f"file://{tmp_path}/dump")
    except RuntimeError as e:  # Python's scheduler writes it
        assert "write_from_scheduler=False" in str(e)
    client.dump_cluster_state(f"file://{tmp_path}/by-client", write_from_scheduler=False)
    assert (tmp_path / "by-client.msgpack.gz").exists()


def test_the_task_stream_has_what_ran_meanwhile(client):
    client.gather(client.map(inc, range(3)))
    with get_task_stream() as stream:
        wait(client.map(busy, [0.01] * 5, pure=False))
    assert len(stream.data) == 5
    assert {record["status"] for record in stream.data} == {"OK"}
    assert all(record["startstops"][0]["action"] == "compute" for record in stream.data)


def test_the_profile_has_the_function_that_took_the_time(client):
    wait(client.map(busy, [0.5] * 4, pure=False))
    profile = wait_for(lambda: (p := client.profile())["count"] and p, "the workers have taken samples")
    assert "busy" in repr(profile)
    assert client.profile(scheduler=True)["children"] == {}


def test_a_memory_sampler_samples(client):
    sampler = MemorySampler()
    with sampler.sample("mine", client=client, interval=0.02):
        wait(client.submit(busy, 0.2))
    assert len(sampler.samples["mine"]) > 1
    assert all(bytes_ > 0 for _, bytes_ in sampler.samples["mine"])


def test_a_performance_report_has_its_parts(client, tmp_path):
    with performance_report(filename=str(tmp_path / "report.html")):
        wait(client.map(busy, [0.05] * 4, pure=False))
    html = (tmp_path / "report.html").read_text()
    for part in ("<h2>Summary", "<h2>Task stream", "<h2>Worker profile", "<h2>Bandwidth", "<h2>Calling code"):
        assert part in html
    assert "number of tasks" in html and "busy" in html
    assert "test_a_performance_report_has_its_parts" in html
    drawn = html[: html.index("<h2>Calling code")]
    assert drawn.count("<rect") >= 4  # one for each task, and more where a worker unpacked the function first
    assert "src=" not in drawn and "href=" not in drawn


def test_a_progress_bar_ends_with_the_tasks(client, capsys):
    futures = client.map(busy, [0.05] * 6, pure=False)
    TextProgressBar(futures, loop=client.loop)
    assert all(f.done() for f in futures)
    assert "100% Completed" in capsys.readouterr().out


def test_a_progress_bar_tells_of_an_error(client):
    future = client.submit(boom, 1)
    bar = TextProgressBar([future], loop=client.loop)
    assert bar.status == "error"


def test_progress_bars_by_prefix(client):
    import asyncio

    x = client.map(inc, range(3))
    y = client.map(busy, [0.02] * 2, pure=False)

    class Bars(MultiProgressBar):
        def _draw_bar(self, **response):
            self.last = response

        def _draw_stop(self, **response):
            self.stopped = True

    bars = Bars(x + y, complete=True)
    asyncio.run(bars.listen())
    assert bars.last["all"] == {"inc": 3, "busy": 2}
    assert bars.last["remaining"] == {"inc": 0, "busy": 0}
    assert bars.stopped


def test_a_function_for_the_scheduler_runs_on_a_worker(client, cluster):
    workers = set(client.run(os.getpid).values())
    assert client.run_on_scheduler(os.getpid) in workers
    assert client.run_on_scheduler(lambda a, b=0: a + b, 1, b=2) == 3

    async def later():
        return 42

    assert client.run_on_scheduler(later) == 42
    with pytest.raises(ValueError, match="boom 7"):
        client.run_on_scheduler(boom, 7)


def test_a_function_that_asks_for_the_scheduler_is_refused_with_the_reason(client):
    with pytest.raises(RuntimeError, match="asks for dask_scheduler.*client.scheduler_info"):
        client.run_on_scheduler(lambda dask_scheduler: dask_scheduler.tasks)


def test_a_scheduler_plugin_is_refused_with_the_reason(client):
    class Plugin(distributed.SchedulerPlugin):
        name = "mine"

    with pytest.raises(Exception, match="plugin"):
        client.register_plugin(Plugin())


def test_a_failed_task_is_run_again_here(client):
    future = client.submit(boom, client.submit(inc, 1))
    wait(future)
    with pytest.raises(ValueError, match="boom 2"):
        client.recreate_error_locally(future)


def test_the_hardware_is_benchmarked(client):
    result = client.benchmark_hardware()
    assert set(result) == {"memory", "disk", "network"}
    assert all(result["memory"].values())
