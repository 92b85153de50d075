"""The part of the module in materialize.py that makes the runs of peer-to-peer shuffles.

The specification of a shuffle is a pickle inside its barrier task. It alone knows the output partitions and which worker
each is best put on; that is asked here, on the worker that needs the run.
"""


async def create_shuffle_run(request):
    """A table of which worker holds which output partition, and the run that workers make their part of it from."""
    return await _in_thread(_create_shuffle_run, request)


def _create_shuffle_run(request):
    from distributed.shuffle._core import ShuffleRunSpec

    barrier = pickle.loads(request["barrier"])
    spec = getattr(barrier, "spec", None)
    if spec is None:
        raise RuntimeError(
            f"the task {getattr(barrier, 'key', barrier)!r} is no barrier of a P2P shuffle; it may have been fused with "
            "others when its graph was made"
        )
    workers = request["workers"]
    numbers = {address: i for i, address in enumerate(workers)}
    chosen = {_partition(partition): address for partition, address in request["chosen"]}
    partitions, holders, worker_for = [], [], {}
    for partition in spec.output_partitions:
        address = chosen.get(partition)
        if address is None:
            address = spec.pick_worker(partition, workers)
        worker_for[partition] = address
        partitions.append(partition)
        holders.append(numbers.setdefault(address, len(numbers)))
    run = ShuffleRunSpec(spec=spec, worker_for=worker_for, span_id=request["span_id"])
    object.__setattr__(run, "run_id", request["run_id"])
    return msgpack.packb(
        {
            "run_spec": dumps_by_dask(run),
            "partitions": partitions,
            "holders": holders,
            "workers": list(numbers),
        },
        default=_plain_number,
    )


def _partition(value):
    return tuple(value) if isinstance(value, list) else value
