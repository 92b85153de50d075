"""Runs on a Python worker, in the same module: writes a dump of the cluster's state to a URL, which takes fsspec."""


async def write_dump(frames, dask_worker):
    """Has Dask's own code write what the scheduler says of the cluster; its errors are the answer."""
    return await _in_thread(_write_dump, frames, dask_worker.scheduler, asyncio.get_running_loop())


def _write_dump(frames, scheduler, loop):
    from distributed.cluster_dump import write_state
    from distributed.protocol import loads

    dump = loads(frames)

    async def state():  # the connection to the scheduler belongs to the worker's loop
        asked = scheduler.get_cluster_state(exclude=dump["exclude"])
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(asked, loop))

    asyncio.run(write_state(state, dump["url"], dump["format"], **dump["storage_options"]))
    return b""
