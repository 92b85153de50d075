"""Dask's collections, each computed by the cluster and compared with the same thing computed without it."""

import numpy as np
import pandas as pd
import pytest
import xarray

import dask.array as da
import dask.bag as db
import dask.dataframe as dd
from dask import delayed
from distributed import wait

from tasks import add, inc

pytestmark = pytest.mark.usefixtures("client")


@pytest.fixture(autouse=True)
def shuffle_by_tasks():
    import dask

    with dask.config.set({"dataframe.shuffle.method": "tasks", "array.rechunk.method": "tasks"}):
        yield


def test_delayed_reduction_tree():
    layer = [delayed(inc)(i) for i in range(64)]
    while len(layer) > 1:
        layer = [delayed(add)(a, b) for a, b in zip(layer[::2], layer[1::2])]
    assert layer[0].compute() == sum(range(65))


def test_delayed_with_attributes_items_and_several_outputs():
    pair = delayed(lambda x: (x, x * x), nout=2)(7)
    a, b = pair
    assert (a + b).compute() == 56
    assert delayed("text").upper().compute() == "TEXT"
    assert delayed({"k": [1, 2]})["k"][1].compute() == 2


def test_delayed_in_nested_arguments():
    assert delayed(lambda d: d["a"] + d["b"][0])({"a": delayed(inc)(1), "b": [delayed(inc)(2)]}).compute() == 5


def test_bag_map_filter_fold():
    bag = db.from_sequence(range(100), npartitions=8)
    assert bag.map(inc).filter(lambda x: x % 2).sum().compute() == sum(x for x in range(1, 101) if x % 2)
    assert bag.fold(add).compute() == 4950
    assert bag.topk(3).compute() == [99, 98, 97]


def test_bag_frequencies_and_groupby():
    words = db.from_sequence("the quick brown fox and the lazy dog and the end".split(), npartitions=3)
    assert dict(words.frequencies().compute())["the"] == 3
    by_length = dict(words.groupby(len, shuffle="tasks").compute())
    assert sorted(by_length[5]) == ["brown", "quick"]


def test_bag_of_text_files(tmp_path):
    for i in range(4):
        (tmp_path / f"{i}.txt").write_text("a b c\n" * (i + 1))
    assert db.read_text(str(tmp_path / "*.txt")).str.split().flatten().count().compute() == 30


@pytest.fixture
def numbers():
    return np.random.default_rng(1).random((60, 80))


def test_array_elementwise(numbers):
    x = da.from_array(numbers, chunks=(20, 20))
    np.testing.assert_allclose(((x + 1) * x - da.sin(x)).compute(), (numbers + 1) * numbers - np.sin(numbers))


def test_array_reductions(numbers):
    x = da.from_array(numbers, chunks=(20, 20))
    np.testing.assert_allclose(x.sum().compute(), numbers.sum())
    np.testing.assert_allclose(x.mean(axis=0).compute(), numbers.mean(axis=0))
    np.testing.assert_allclose(x.std(axis=1).compute(), numbers.std(axis=1))
    assert x.argmax().compute() == numbers.argmax()


def test_array_rechunk(numbers):
    x = da.from_array(numbers, chunks=(10, 80)).rechunk((60, 10)).rechunk((25, 33))
    np.testing.assert_array_equal(x.compute(), numbers)


def test_array_transpose(numbers):
    x = da.from_array(numbers, chunks=(15, 40))
    np.testing.assert_allclose((x.T[:, :30] + x[:30, :60].T[:60].sum()).compute(), numbers.T[:, :30] + numbers[:30, :60].sum())
    square = x[:60, :60]
    np.testing.assert_allclose((square + square.T).compute(), numbers[:60, :60] + numbers[:60, :60].T)


def test_array_matmul(numbers):
    x = da.from_array(numbers, chunks=(20, 20))
    np.testing.assert_allclose((x @ x.T).compute(), numbers @ numbers.T)


def test_array_slicing_stacking_and_boolean_masks(numbers):
    x = da.from_array(numbers, chunks=(17, 23))
    np.testing.assert_array_equal(x[5:50:3, ::-1].compute(), numbers[5:50:3, ::-1])
    np.testing.assert_array_equal(da.concatenate([x, x], axis=1).compute(), np.hstack([numbers, numbers]))
    np.testing.assert_array_equal(x[x > 0.5].compute(), numbers[numbers > 0.5].ravel())


def test_array_random_numbers_are_the_same_each_time():
    x = da.random.default_rng(3).random((100, 100), chunks=(25, 25))
    assert x.sum().compute() == x.sum().compute()


def test_array_map_overlap_and_cumsum(numbers):
    x = da.from_array(numbers, chunks=(20, 20))
    np.testing.assert_allclose(x.cumsum(axis=0).compute(), numbers.cumsum(axis=0))
    np.testing.assert_allclose(x.map_overlap(lambda b: b, depth=2, boundary="reflect").compute(), numbers)


def test_array_linear_algebra(numbers):
    x = da.from_array(numbers, chunks=(30, 80))
    q, r = da.linalg.qr(x.T.rechunk((40, 60)))
    np.testing.assert_allclose((q @ r).compute(), numbers.T, atol=1e-9)


def test_persisted_array_is_worked_on(client, numbers):
    x = client.persist(da.from_array(numbers, chunks=(20, 20)) + 1)
    wait(x)
    np.testing.assert_allclose(x.sum().compute(), (numbers + 1).sum())
    np.testing.assert_allclose(x[3, 5].compute(), numbers[3, 5] + 1)


@pytest.fixture
def people(tmp_path):
    """The same table as CSV files and in pandas."""
    rng = np.random.default_rng(2)
    whole = pd.DataFrame(
        {
            "id": rng.permutation(400),
            "name": rng.choice(["ann", "bob", "cy", "dee"], 400),
            "x": rng.random(400),
            "y": rng.integers(0, 10, 400),
        }
    )
    for i in range(5):
        whole[i * 80 : (i + 1) * 80].to_csv(tmp_path / f"part{i}.csv", index=False)
    return dd.read_csv(str(tmp_path / "part*.csv")), whole


def test_dataframe_read_from_csv_files(people):
    frame, whole = people
    assert len(frame) == 400
    pd.testing.assert_frame_equal(frame.compute().reset_index(drop=True), whole, check_dtype=False)
    assert frame.x.mean().compute() == pytest.approx(whole.x.mean())


def test_dataframe_written_to_csv_files(people, tmp_path):
    frame, whole = people
    frame[frame.y > 4].to_csv(str(tmp_path / "out-*.csv"), index=False)
    assert sum(len(pd.read_csv(f)) for f in tmp_path.glob("out-*.csv")) == (whole.y > 4).sum()


def test_dataframe_groupby(people):
    frame, whole = people
    result = frame.groupby("name").agg({"x": ["mean", "max"], "y": "sum"}).compute().sort_index()
    pd.testing.assert_frame_equal(result, whole.groupby("name").agg({"x": ["mean", "max"], "y": "sum"}), check_dtype=False)


def test_dataframe_groupby_apply_by_shuffle(people):
    frame, whole = people
    result = frame.groupby("y").x.apply(lambda s: s.max() - s.min(), meta=("x", float)).compute().sort_index()
    pd.testing.assert_series_equal(result, whole.groupby("y").x.apply(lambda s: s.max() - s.min()))


def test_dataframe_merge(people):
    frame, whole = people
    other = pd.DataFrame({"id": range(0, 400, 2), "z": range(200)})
    result = frame.merge(dd.from_pandas(other, npartitions=3), on="id").compute().sort_values("id", ignore_index=True)
    expected = whole.merge(other, on="id").sort_values("id", ignore_index=True)
    pd.testing.assert_frame_equal(result, expected, check_dtype=False)


def test_dataframe_set_index(people):
    frame, whole = people
    result = frame.set_index("id")
    assert result.known_divisions
    pd.testing.assert_frame_equal(result.compute(), whole.set_index("id").sort_index(), check_dtype=False)
    assert result.loc[17].y.compute().iloc[0] == whole.set_index("id").loc[17].y


def test_dataframe_shuffle(people):
    frame, whole = people
    shuffled = frame.shuffle("name", npartitions=6)
    assert shuffled.map_partitions(len).compute().sum() == 400
    names = [set(p) for p in shuffled.map_partitions(lambda p: pd.Series([tuple(p.name.unique())]), meta=(None, object)).compute()]
    assert sum(len(n) for n in names) == whole.name.nunique()  # each name is in one partition


def test_dataframe_rolling_and_repartition(people):
    frame, whole = people
    result = frame.repartition(npartitions=2).x.rolling(5).sum().compute().reset_index(drop=True)
    pd.testing.assert_series_equal(result, whole.x.rolling(5).sum())


def test_dataframe_persisted(client, people):
    frame, whole = people
    kept = client.persist(frame)
    wait(kept)
    assert kept.y.sum().compute() == whole.y.sum()
    assert len(kept.head(7)) == 7


def test_dataframe_from_delayed():
    parts = [delayed(pd.DataFrame)({"a": [i, i + 1]}) for i in range(5)]
    assert dd.from_delayed(parts, meta={"a": int}).a.sum().compute() == 25


def test_xarray():
    data = xarray.DataArray(
        np.arange(240.0).reshape(12, 20), dims=("month", "place"), coords={"month": range(12), "place": range(20)}
    )
    chunked = data.chunk({"month": 3, "place": 5})
    xarray.testing.assert_allclose(chunked.mean("month").compute(), data.mean("month"))
    xarray.testing.assert_allclose((chunked - chunked.mean("place")).compute(), data - data.mean("place"))
    xarray.testing.assert_allclose(chunked.groupby(chunked.month % 4).sum().compute(), data.groupby(data.month % 4).sum())
    dataset = xarray.Dataset({"a": chunked, "b": 2 * chunked})
    xarray.testing.assert_allclose((dataset.a + dataset.b).persist().load(), 3 * data)
