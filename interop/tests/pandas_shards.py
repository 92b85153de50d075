"""Peer-to-peer shuffles of dataframes without pyarrow, which Debian does not have: pieces travel as pickles of pandas.

Imported by workers (`dask worker --preload pandas_shards`) and by the test. Replaces what Dask does with Arrow tables
inside one worker; who sends what where, and when, is Dask's own. Does nothing where there is a pyarrow.
"""

import importlib.util
import pickle

import pandas as pd
from distributed.shuffle import _merge, _shuffle

INPUT = "__input_partition_id__"


def split_by_worker(df, column, meta, worker_for):
    # By a dict: the index of a series, here shared by threads, is built at its first use, and not safe for threads.
    workers = df[column].map(dict(zip(worker_for.index.tolist(), worker_for.tolist())))
    return {worker: df[(workers == worker).values] for worker in workers.dropna().unique()}


def split_by_partition(df, column, drop_column):
    groups = {partition: group for partition, group in df.groupby(column, sort=True)}
    return {p: g.drop(columns=column) if drop_column else g for p, g in groups.items()}


def buffers_to_table(data):
    return pd.concat([pickle.loads(buffer).assign(**{INPUT: partition}) for partition, buffer in data])


def convert_shards(shards, meta, partition_column, drop_column):
    return pd.concat(shards).sort_values(INPUT, kind="stable").drop(columns=INPUT)


def read_from_disk(path):
    shards = []
    with open(path, "rb") as f:
        size = path.stat().st_size
        while f.tell() < size:
            shards.append(pickle.load(f))
    return shards, size


if importlib.util.find_spec("pyarrow") is None:
    for function in (split_by_worker, split_by_partition, buffers_to_table, convert_shards, read_from_disk):
        assert hasattr(_shuffle, function.__name__)
        setattr(_shuffle, function.__name__, function)
    _shuffle.serialize_table = pickle.dumps
    _shuffle.deserialize_table = pickle.loads
    for module in (_shuffle, _merge):
        module.check_minimal_arrow_version = lambda: None
