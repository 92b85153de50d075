"""A stock Dask client that runs one workload for each line it reads, and prints one line of JSON when it is done.

    python3 workloads.py SCHEDULER WORKERS      then on standard input:   map 10000
"""

import json
import sys
import time

import dask
import dask.array as da
from dask.distributed import Client, wait


def noop(x):
    return x


def add(x, y):
    return x + y


def run_map(client, n):
    """n independent tasks that do nothing, in one call."""
    futures = client.map(noop, range(n), pure=False)
    wait(futures)
    assert all(future.status == "finished" for future in futures[:: max(1, n // 100)])
    return n


def run_tree(client, n):
    """A reduction tree: n / 2 leaves and about as many sums."""
    level = [dask.delayed(noop)(i) for i in range(n // 2)]
    tasks, leaves = len(level), len(level)
    while len(level) > 1:
        pairs = [dask.delayed(add)(a, b) for a, b in zip(level[::2], level[1::2])]
        tasks += len(pairs)
        level = pairs + level[len(level) - len(level) % 2 :]
    assert client.compute(level[0]).result() == leaves * (leaves - 1) // 2
    return tasks


def run_sum(client, n):
    """The sum of an array of so many blocks that the graph has about n tasks."""
    side = max(2, int((n / 1.35) ** 0.5))
    array = da.ones((side * 4, side * 4), chunks=(4, 4)) + 1
    total = array.sum()
    tasks = len(dict(dask.optimize(total)[0].dask))
    assert client.compute(total).result() == 2 * (side * 4) ** 2
    return tasks


def settle(client):
    """Wait until the scheduler has forgotten the workload, so that its end belongs to it and not to the next."""
    deadline = time.time() + 60
    while client.who_has() and time.time() < deadline:
        time.sleep(0.05)


def main():
    address, workers = sys.argv[1:]
    with Client(address) as client:
        client.wait_for_workers(int(workers), timeout=60)
        print(json.dumps({"ready": True}), flush=True)
        for line in sys.stdin:
            name, n = line.split()
            start = time.perf_counter()
            tasks = globals()["run_" + name](client, int(n))
            seconds = time.perf_counter() - start
            settle(client)
            print(json.dumps({"tasks": tasks, "seconds": seconds}), flush=True)


if __name__ == "__main__":
    main()
