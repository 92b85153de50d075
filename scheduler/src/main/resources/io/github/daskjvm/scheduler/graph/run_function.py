"""Runs on a Python worker, in the same module: functions that a client sends to the scheduler."""

import asyncio
import inspect

_RUN_BACKGROUND = set()

_ASKS_FOR_THE_SCHEDULER = (
    "run_on_scheduler: the function asks for {}, but this scheduler runs on the JVM: it has no"
    " Python object to give, and never runs user code. A function that does not ask for it is"
    " run on a Python worker; what the scheduler knows is to be had by client.scheduler_info(),"
    " client.who_has(), client.story(), client.get_task_stream(), client.dump_cluster_state()"
    " and client.get_events()"
)


async def run_for_scheduler(function, args, kwargs, wait):
    from distributed.protocol import pickle as dask_pickle
    from distributed.utils import has_arg

    function = dask_pickle.loads(function)
    args = dask_pickle.loads(args) if args else ()
    kwargs = dask_pickle.loads(kwargs) if kwargs else {}
    for name in ("dask_scheduler", "dask_worker"):
        if has_arg(function, name) and name not in kwargs:
            raise RuntimeError(_ASKS_FOR_THE_SCHEDULER.format(name))
    result = function(*args, **kwargs)
    if not inspect.isawaitable(result):
        return result
    if wait:
        return await result
    task = asyncio.ensure_future(result)
    _RUN_BACKGROUND.add(task)
    task.add_done_callback(_RUN_BACKGROUND.discard)
    return None
