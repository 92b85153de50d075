"""The part of the module in materialize.py that applies a deployment's function to workers, to tell their groups."""


async def group_workers(request):
    """For each worker the number of its group: workers of which the function says the same are one."""
    return await _in_thread(_group_workers, request)


def _group_workers(request):
    from distributed.core import Status
    from distributed.protocol.pickle import loads
    from distributed.scheduler import WorkerState

    key = loads(request["key"])
    workers = msgpack.unpackb(request["workers"], use_list=False, strict_map_key=False)
    groups, numbers, tasks = {}, [], {}
    for worker in workers:
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
            services=worker["services"],
            extra=worker["extra"],
        )
        state.nbytes = worker["nbytes"]
        state.metrics = worker["metrics"]
        state.resources = worker["resources"]
        state.last_seen = worker["last_seen"]
        state.executing = {_known_task(tasks, name): seconds for name, seconds in worker["executing"].items()}
        for name in worker["processing"]:
            task = _known_task(tasks, name)
            task.state = "processing"
            task.processing_on = state
            state.processing.add(task)
        for name, nbytes in worker["has_what"]:
            task = _known_task(tasks, name)
            task.state = "memory"
            task.nbytes = nbytes
            task.who_has = (task.who_has or set()) | {state}
            state._has_what[task] = None
        numbers.append(groups.setdefault(key(state), len(groups)))
    return msgpack.packb(numbers)


def _known_task(tasks, name):
    """A task as far as a function may want to know of it: its key, group and prefix, and where it is."""
    from dask.utils import key_split
    from distributed.scheduler import TaskGroup, TaskPrefix, TaskState
    from distributed.utils import key_split_group

    if name not in tasks:
        group = TaskGroup(key_split_group(name), TaskPrefix(key_split(name)))
        tasks[name] = TaskState(name, None, "released", group, validate=False)
    return tasks[name]
