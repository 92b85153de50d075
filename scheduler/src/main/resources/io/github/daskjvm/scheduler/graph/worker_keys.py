"""The part of the module in materialize.py that applies a deployment's function to workers, to tell their groups."""


async def group_workers(request):
    """For each worker the number of its group: workers of which the function says the same are one."""
    return await _in_thread(_group_workers, request)


def _group_workers(request):
    from distributed.core import Status
    from distributed.protocol.pickle import loads
    from distributed.scheduler import WorkerState

    key = loads(request["key"])
    groups, numbers = {}, []
    for worker in request["workers"]:
        state = WorkerState(
            address=worker["address"],
            status=Status.lookup[worker["status"]],
            pid=worker["pid"],
            name=worker["name"],
            nthreads=worker["nthreads"],
            memory_limit=worker["memory_limit"],
            local_directory=worker["local_directory"],
            nanny=worker["nanny"],
            server_id=worker["server_id"],
        )
        numbers.append(groups.setdefault(key(state), len(groups)))
    return msgpack.packb(numbers)
