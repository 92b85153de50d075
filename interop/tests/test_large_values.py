"""Values that pass through the scheduler, which has room for a fraction of them."""

import pytest

from dask_jvm import java
from distributed import wait
from distributed.comm import connect
from harness import Cluster

MIB = 1 << 20
SIZE = 64 * MIB


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A scheduler with little memory, two Python workers and one of the JVM."""
    memory = {"JDK_JAVA_OPTIONS": "-Xmx128m -XX:MaxDirectMemorySize=32m"}
    cluster = Cluster(tmp_path_factory.mktemp("small"), workers=2, env=memory)
    cluster.add_jvm_worker("jvm", env={"JDK_JAVA_OPTIONS": "-Xmx1g"})
    cluster.observer.wait_for_workers(3, timeout=60)
    yield cluster
    cluster.close()


def noise(i):
    return bytes([i]) * SIZE


def test_a_gigabyte_is_gathered_through_a_small_scheduler(small):
    with small.client() as client:
        values = client.gather(client.map(noise, range(16), pure=False), direct=False)
        assert [(len(v), v[0], v[-1]) for v in values] == [(SIZE, i, i) for i in range(16)]


def test_half_a_gigabyte_is_scattered_through_a_small_scheduler(small):
    with small.client() as client:
        value = noise(7)
        futures = client.scatter({f"value-{i}": value for i in range(8)}, direct=False, hash=False)
        ends = [client.submit(lambda v: (len(v), v[0], v[-1]), f) for f in futures.values()]
        assert client.gather(ends) == [(SIZE, 7, 7)] * 8
        assert len({w for workers in client.who_has(list(futures.values())).values() for w in workers}) == 2


def test_values_of_jvm_workers_pass_as_well(small):
    with small.client() as client:
        futures = [java("java.lang.String::repeat")(letter, SIZE) for letter in "abcd"]
        values = client.gather(futures, direct=False)
        assert [(len(v), v[0], v[-1]) for v in values] == [(SIZE, letter, letter) for letter in "abcd"]


def test_a_client_that_reads_nothing_takes_no_memory_of_the_scheduler(small):
    with small.client() as client, small.client() as other:
        futures = client.map(noise, range(4), pure=False)
        wait(futures)
        slow = client.sync(_asked, client, [f.key for f in futures])
        assert other.submit(sum, [1, 2]).result() == 3
        assert len(other.gather(other.submit(noise, 9), direct=False)) == SIZE
        values = client.sync(_answered, slow)
        assert len(values) == 4


async def _asked(client, keys):
    """Ask for values and leave them unread."""
    comm = await connect(client.scheduler.address)
    await comm.write({"op": "gather", "keys": keys})
    return comm


async def _answered(comm):
    answer = await comm.read()
    await comm.close()
    assert answer["status"] == "OK"
    return answer["data"]
