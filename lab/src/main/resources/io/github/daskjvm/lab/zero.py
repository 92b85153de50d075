"""A stock Dask client that has graphs run for each line it reads, and prints one line of JSON when they are done.

    python3 zero.py SCHEDULER WORKERS      then on standard input:   map 10000

Nobody has results: they are waited for, not fetched. `ingest` graphs are only submitted: done is when the scheduler
knows their tasks. `hold` is a map whose futures are kept. The graphs are those of graphs.py, which is put before this.
"""

import json
import sys
import time

from dask.distributed import Client, wait

FAN_IN = 100


def graph(name, n):
    """About n tasks: most of them inputs, the others sums of a hundred."""
    dsk = {(name, i): (noop, i) for i in range(n - n // FAN_IN)}
    level, depth = list(dsk), 0
    while len(level) > 1:
        depth += 1
        parts = [level[i : i + FAN_IN] for i in range(0, len(level), FAN_IN)]
        level = [(f"{name}-sum-{depth}", i) for i in range(len(parts))]
        dsk |= {key: (add, *part) for key, part in zip(level, parts)}
    return dsk, level[0]


held = []


def ingest(client, count, n):
    """How many tasks in so many graphs, and how long until the scheduler knows them all."""
    graphs = [graph(f"ingest-{len(held)}-{i}", n // count) for i in range(count)]
    start = time.perf_counter()
    finals = [final for _, final in graphs]
    for dsk, final in graphs:
        held.append(client.get(dsk, final, sync=False))
    missing = finals
    while missing:
        time.sleep(0.02)
        states = client.sync(client.scheduler.get_task_status, keys=missing)
        missing = [key for key in missing if states[key] is None]
    return sum(len(dsk) for dsk, _ in graphs), time.perf_counter() - start


def main():
    address, workers = sys.argv[1:]
    with Client(address) as client:
        if int(workers):
            client.wait_for_workers(int(workers), timeout=60)
        print(json.dumps({"ready": True}), flush=True)
        for line in sys.stdin:
            name, n = line.split()
            start = time.perf_counter()
            if name == "workers":
                client.wait_for_workers(int(n), timeout=600)
                tasks, seconds = int(n), time.perf_counter() - start
            elif name.startswith("ingest"):
                tasks, seconds = ingest(client, int(name.removeprefix("ingest")), int(n))
            elif name == "hold":
                held.append(client.map(noop, range(int(n)), pure=False))
                wait(held[-1])
                tasks, seconds = int(n), time.perf_counter() - start
            else:
                work = Work(name, int(n))
                start = time.perf_counter()
                futures = work.submit(client)
                wait(futures)
                tasks, seconds = work.tasks, time.perf_counter() - start
                assert all(future.status == "finished" for future in futures[:: max(1, len(futures) // 100)])
                del futures
                work.settle(client)
            print(json.dumps({"tasks": tasks, "seconds": seconds}), flush=True)


if __name__ == "__main__":
    main()
