"""Statements that are not in memory: every engine and every stream gives what pandas gives."""

import itertools
import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest
from conftest import sizes
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

import camdata as cam
from camdata.analysis.measures import MEASURES

pa = pytest.importorskip("pyarrow")
ds = pytest.importorskip("pyarrow.dataset")
duckdb = pytest.importorskip("duckdb")
# Ibis 12 asks DuckDB 2 for Arrow by a name that DuckDB has given up
pytestmark = pytest.mark.filterwarnings("ignore:fetch_arrow_table:DeprecationWarning")

DUPLICATES = ("once", "document", "all")
SCALES = ((1, -1), (1, 0, -1), (5, 1, 2, 3))


def table_of(rows, scale, seed=0):
    """Draw statements: some repeated, some of several levels, some without stance or document."""
    rng = np.random.default_rng(seed)
    who = np.array(["Zoe", "Ana", "Mara", "Ünal", "o'Hara"])
    what = np.array([f"code {i:02d}" for i in range(23)])
    stance = rng.choice([*scale, np.nan], rows, p=[*[0.95 / len(scale)] * len(scale), 0.05])
    return pd.DataFrame(
        {
            "actor": pd.Series(who[rng.integers(len(who), size=rows)], dtype="str"),
            "code": pd.Series(what[rng.integers(len(what), size=rows)], dtype="str"),
            "stance": pd.Series(stance).astype("Int64"),
            "document": pd.Series(rng.choice(["monday", "tuesday", None], rows), dtype="str"),
        }
    )


TABLE = table_of(400, (1, -1))


def arrow(frame):
    return pa.Table.from_pandas(frame, preserve_index=False)


def of_duckdb(frame, folder):
    table = arrow(frame)
    return duckdb.connect().from_arrow(table)


def of_parquet_by_duckdb(frame, folder):
    frame.to_parquet(folder / "votes.parquet")
    return duckdb.connect().read_parquet(str(folder / "votes.parquet"))


def of_polars(frame, folder):
    return pl.from_arrow(arrow(frame)).lazy()


def of_polars_categories(frame, folder):
    return pl.from_arrow(arrow(frame)).lazy().with_columns(pl.col("actor").cast(pl.Categorical))


def of_ibis(frame, folder):
    ibis = pytest.importorskip("ibis")
    frame.to_parquet(folder / "votes.parquet")
    return ibis.duckdb.connect().read_parquet(str(folder / "votes.parquet"))


def of_dask(frame, folder):
    dask = pytest.importorskip("dask.dataframe")
    return dask.from_pandas(frame, npartitions=3)


def of_dataset(frame, folder):
    parts = np.array_split(np.arange(len(frame)), 3)
    for i, part in enumerate(parts):
        frame.iloc[part].to_parquet(folder / f"votes {i}.parquet")
    return ds.dataset([folder / f"votes {i}.parquet" for i in range(3)])


def of_dictionaries(frame, folder):
    """Batches that share a dictionary with values that no row has, in an order of its own."""
    names = sorted({*frame["actor"].dropna(), "Nobody"}, reverse=True)
    coded = frame.assign(actor=pd.Categorical(frame["actor"], names))
    coded["code"] = coded["code"].astype("category")
    table = arrow(coded)
    return ds.dataset(pa.Table.from_batches(table.to_batches(max_chunksize=70), table.schema))


def of_reader(frame, folder):
    table = arrow(frame)
    return pa.RecordBatchReader.from_batches(table.schema, table.to_batches(max_chunksize=64))


ENGINES = {
    function.__name__.removeprefix("of_"): function
    for function in (
        of_duckdb,
        of_parquet_by_duckdb,
        of_polars,
        of_polars_categories,
        of_ibis,
        of_dask,
        of_dataset,
        of_dictionaries,
        of_reader,
    )
}
engines = pytest.mark.parametrize("make", ENGINES.values(), ids=list(ENGINES))
COMBINATIONS = list(itertools.product(SCALES, DUPLICATES))
every_combination = pytest.mark.parametrize(
    ("make", "scale", "duplicates"),
    # one combination for each engine; each scale and each way to count once for Polars
    [
        pytest.param(
            make,
            scale,
            how,
            marks=[] if i == 0 or (i % 4 == 0 and name == "polars") else pytest.mark.slow,
            id=f"{name}-{scale}-{how}",
        )
        for name, make in ENGINES.items()
        for i, (scale, how) in enumerate(COMBINATIONS)
    ],
)


@pytest.fixture
def without_threads():
    """Run Dask in this thread: what it gives on workers has a test of its own."""
    dask = pytest.importorskip("dask")
    with dask.config.set(scheduler="synchronous"):
        yield


def expected_of(frame, **options):
    """Count in memory, actors and codes in the order that lazy sources have."""
    frame = frame.sort_values("code", kind="stable")
    actors = options.pop("actors", sorted(frame["actor"].dropna().unique()))
    return cam.tally(frame, actors=actors, **options)


def assert_same_tally(found, expected):
    for name in ("actors", "keys", "labels", "stances", "by", "duplicates"):
        assert getattr(found, name) == getattr(expected, name), name
    pd.testing.assert_series_equal(found.statements, expected.statements)
    for name in ("actor", "key", "stance", "count", "statements"):
        assert_array_equal(getattr(found.cells, name), getattr(expected.cells, name), name)


def assert_same_dyads(found, expected):
    pd.testing.assert_frame_equal(
        cam.dyads(found, list(MEASURES)), cam.dyads(expected, list(MEASURES)), check_exact=True
    )


# tallies


@every_combination
def test_every_engine_counts_what_pandas_counts(make, scale, duplicates, tmp_path, without_threads):
    frame = table_of(400, scale, seed=len(scale))
    options = {"stances": scale, "duplicates": duplicates}
    found = cam.tally(make(frame, tmp_path), **options)
    expected = expected_of(frame, **options)
    assert_same_tally(found, expected)
    assert repr(found) == repr(expected)
    tables = cam.analysis.pair_tables(make(frame, tmp_path), **options)
    assert tables.actors == expected.actors
    assert tables.n_statements == expected.n_statements
    assert_same_dyads(tables, expected)
    assert cam.agreement(tables).tally is None


@engines
def test_actors_are_taken_in_the_order_that_is_given(make, tmp_path, without_threads):
    actors = ["Zoe", "Nobody", "Ana"]
    found = cam.tally(make(TABLE, tmp_path), actors=actors)
    assert_same_tally(found, expected_of(TABLE, actors=actors))
    assert found.statements["Nobody"] == 0


@engines
def test_codes_may_be_whole_numbers_and_columns_have_any_name(make, tmp_path, without_threads):
    frame = TABLE.assign(code=TABLE["code"].str[5:].astype("int64"))
    frame = frame.rename(columns={"actor": "who", "code": "on what", "stance": "vote"})
    if make is of_polars_categories or make is of_dictionaries:
        return  # these name columns themselves
    found = cam.tally(make(frame, tmp_path), actor="who", code="on what", stance="vote")
    names = frame["on what"].astype("str")
    expected = cam.tally(
        frame.assign(**{"on what": names}).sort_values("on what", kind="stable"),
        actor="who",
        code="on what",
        stance="vote",
        actors=sorted(frame["who"].unique()),
    )
    assert_same_tally(found, expected)


@engines
def test_without_a_column_of_stances_everyone_supports(make, tmp_path, without_threads):
    found = cam.tally(make(TABLE.drop(columns="stance"), tmp_path))
    assert_same_tally(found, expected_of(TABLE.drop(columns="stance")))


@engines
def test_a_table_without_rows_is_an_empty_tally(make, tmp_path, without_threads):
    if make is of_reader:
        return  # refused, see the next test
    found = cam.tally(make(TABLE.iloc[:0], tmp_path))
    assert (found.actors, found.keys, len(found.cells.actor)) == ((), (), 0)


def test_a_reader_that_was_read_or_is_empty_is_refused():
    for ask in (cam.tally, cam.analysis.pair_tables):
        reader = of_reader(TABLE, None)
        assert ask(reader).n_statements > 0
        for nothing in (reader, of_reader(TABLE.iloc[:0], None)):
            with pytest.raises(ValueError, match="gives no rows: it is empty or was read before"):
                ask(nothing)


@engines
def test_an_actor_without_any_stance_is_there(make, tmp_path, without_threads):
    frame = TABLE.assign(stance=TABLE["stance"].where(TABLE["actor"] != "Mara"))
    found = cam.tally(make(frame, tmp_path))
    assert_same_tally(found, expected_of(frame))
    assert found.statements["Mara"] == 0


@engines
def test_one_error_lists_everything_that_is_wrong(make, tmp_path, without_threads):
    frame = TABLE.copy()
    frame.loc[[3, 5, 7], "actor"] = None
    frame.loc[[5, 11], "code"] = None
    frame.loc[20:30, "stance"] = 7
    for ask in (cam.tally, cam.analysis.pair_tables):
        with pytest.raises(ValueError, match="row") as caught:
            ask(make(frame, tmp_path))
        assert str(caught.value) == (
            "3 rows of the table without a value in 'actor'. 2 rows of the table without a value "
            "in 'code'. The stances in 'stance' must be among (1, -1), but these were found: "
            "7 (11 rows). Another scale is given with stances=; words are made numbers first."
        )


@pytest.mark.parametrize("value", [b"a", True, ["a"], {"a": 1}])
def test_bytes_truth_values_and_lists_name_nobody(value):
    frame = pd.DataFrame({"actor": ["A", "B", None], "code": [value] * 3})
    table = arrow(frame)
    sources = [frame, table, pl.from_arrow(table), ds.dataset(table), table.to_reader()]
    sources += [duckdb.connect().from_arrow(table)] * isinstance(value, list)
    for source in sources:
        with pytest.raises(ValueError, match=r"^1 row .* 'actor'. Actors and codes are") as caught:
            cam.tally(source)
        assert "'code' holds " in str(caught.value)
        assert str(caught.value).endswith("(3 rows).")


def test_values_of_many_kinds_are_each_listed_with_their_rows():
    frame = pd.DataFrame(
        {
            "actor": ["A", True, b"x", "B", True],
            "code": ["x", "x", "x", 1.0, 1],
            "stance": ["yes", 1, 2.5, True, np.nan],
        }
    )
    with pytest.raises(ValueError, match="Actors and codes") as caught:
        cam.tally(frame)
    for part in ("True (2 rows), b'x' (1 row)", "'yes' (1 row), 2.5 (1 row), True (1 row)"):
        assert part in str(caught.value)


def test_a_connection_of_duckdb_is_free_again_whatever_happens():
    connection = duckdb.connect()
    connection.execute(
        "create table votes as select 'A' as actor, range as code, 7 as stance from range(100000)"
    )
    votes = connection.table("votes")
    with pytest.raises(ValueError, match=r"7 \(100,000 rows\)"):
        cam.analysis.pair_tables(votes)
    assert votes.aggregate("count(*)").fetchall() == [(100_000,)]
    assert cam.analysis.pair_tables(votes, stances=[7, 1]).n_statements == 100_000


@engines
def test_a_column_that_is_not_there_is_named(make, tmp_path, without_threads):
    with pytest.raises(ValueError, match=r"no column 'vote'; it has actor, code, stance, document"):
        cam.tally(make(TABLE, tmp_path), stance="vote")


def test_empty_text_is_missing_in_every_stream_too():
    frame = TABLE.assign(actor=TABLE["actor"].where(TABLE.index > 1, ""))
    for make in (of_duckdb, of_reader):
        with pytest.raises(ValueError, match=r"^2 rows of the table without a value in 'actor'\.$"):
            cam.tally(make(frame, None))


def test_documents_without_a_name_are_one_document():
    rows = [("A", "x", ""), ("A", "x", None), ("A", "x", "monday"), ("A", "y", None)]
    frame = pd.DataFrame(rows, columns=["actor", "code", "document"])
    expected = cam.tally(frame, duplicates="document")
    assert expected.cells.count.tolist() == [2, 1]
    for make in (of_duckdb, of_polars, of_reader):
        assert_same_tally(cam.tally(make(frame, None), duplicates="document"), expected)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    rows=st.lists(
        st.tuples(
            st.sampled_from("ABCD"),
            st.sampled_from(["x", "y", "z", "ß", "é"]),
            st.sampled_from([1, 0, -1, None]),
            st.sampled_from(["d", "e", None]),
        ),
        max_size=40,
    ),
    duplicates=st.sampled_from(DUPLICATES),
    size=st.integers(1, 9),
)
def test_any_statements_give_the_same_in_memory_lazily_and_streamed(rows, duplicates, size):
    frame = pd.DataFrame(rows, columns=["actor", "code", "stance", "document"])
    frame = frame.astype({"actor": "str", "code": "str", "stance": "Int64", "document": "str"})
    expected = expected_of(frame, stances=(1, 0, -1), duplicates=duplicates)
    table = arrow(frame)
    stream = pa.RecordBatchReader.from_batches(table.schema, table.to_batches(max_chunksize=size))
    streams = [stream] * bool(rows)  # a reader without rows is refused
    for source in (*streams, of_polars(frame, None), ds.dataset(table)):
        found = cam.tally(source, stances=(1, 0, -1), duplicates=duplicates)
        assert_same_tally(found, expected)
    tables = cam.analysis.pair_tables(ds.dataset(table), stances=(1, 0, -1), duplicates=duplicates)
    assert tables.actors == expected.actors
    assert_same_dyads(tables, expected)


# pair tables


def test_a_frame_in_memory_is_compared_as_its_tally_is():
    tally = cam.tally(TABLE)
    assert cam.analysis.pair_tables(TABLE).actors == tally.actors
    assert_same_dyads(cam.analysis.pair_tables(TABLE), tally)


# paths


def test_the_path_of_a_file_or_of_a_folder_is_a_source(tmp_path):
    for i, part in enumerate(np.array_split(np.arange(len(TABLE)), 3)):
        TABLE.iloc[part].to_parquet(tmp_path / f"votes {i}.parquet")
    for path in (tmp_path, str(tmp_path)):
        assert_same_tally(cam.tally(path), expected_of(TABLE))
        assert_same_dyads(cam.analysis.pair_tables(path), expected_of(TABLE))
    one = TABLE.iloc[np.array_split(np.arange(len(TABLE)), 3)[0]]
    assert_same_tally(cam.tally(tmp_path / "votes 0.parquet"), expected_of(one))


def test_other_files_and_absent_ones_are_refused(tmp_path):
    TABLE.to_csv(tmp_path / "votes.csv")
    with pytest.raises(ValueError, match=r"holds something else: .* camdata.io.read_table"):
        cam.tally(tmp_path / "votes.csv")
    with pytest.raises(ValueError, match=r"no file 'absent\.parquet'"):
        cam.tally("absent.parquet")


# tables that add up


@settings(deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(DUPLICATES))
def test_tables_over_parts_of_the_codes_add_up_to_the_whole(seed, duplicates):
    frame = table_of(40, (2, 0, -1), seed)
    options = {"stances": (2, 0, -1), "duplicates": duplicates}
    part = frame["code"].map(hash) % 3
    tables = [
        cam.analysis.pair_tables(ds.dataset(arrow(frame[part == i])), **options) for i in range(3)
    ]
    whole = expected_of(frame, **options)
    for total in (tables[0] + tables[1] + tables[2], tables[2] + (tables[1] + tables[0])):
        assert total.actors == whole.actors
        assert total.n_statements == whole.n_statements
        assert_same_dyads(total, whole)


def test_tables_of_given_actors_keep_their_order():
    actors = ["Zoe", "Nobody", "Ana"]
    first, second = (
        cam.analysis.pair_tables(TABLE[TABLE["code"].str.endswith("7") == side], actors=actors)
        for side in (True, False)
    )
    assert (first + second).actors == tuple(actors)
    assert_same_dyads(first + second, cam.tally(TABLE, actors=actors))


def test_tables_that_count_differently_are_not_added():
    tables = cam.analysis.pair_tables(TABLE)
    with pytest.raises(ValueError, match="different duplicates cannot be added: 'once' and 'all'"):
        tables + cam.analysis.pair_tables(TABLE, duplicates="all")
    with pytest.raises(ValueError, match="different scales cannot be added"):
        tables + cam.analysis.pair_tables(TABLE, stances=(1, 0, -1))


# straight to dyads


def test_dyads_take_a_source():
    assert_same_dyads(of_duckdb(TABLE, None), expected_of(TABLE))


def test_dyads_of_a_source_have_no_attributes():
    with pytest.raises(ValueError, match="no attribute 'iso3'; they have none"):
        cam.dyads(of_duckdb(TABLE, None), attributes=["iso3"])


def test_agreement_of_pair_tables_is_clustered_like_any_other():
    tables, tally = cam.analysis.pair_tables(of_polars(TABLE, None)), expected_of(TABLE)
    found = cam.cluster(cam.agreement(tables, "matching"), 2)
    expected = cam.cluster(cam.agreement(tally, "matching"), 2)
    pd.testing.assert_series_equal(found.labels, expected.labels)


# scales that need wider sets, and actors that come late


@sizes("levels", 9, 62)
def test_long_scales_are_kept_in_wider_numbers(levels):
    scale = tuple(range(levels))
    frame = table_of(600, scale, seed=levels)
    expected = expected_of(frame, stances=scale)
    found = cam.analysis.pair_tables(ds.dataset(arrow(frame)), stances=scale)
    assert_same_dyads(found, expected)


def test_a_scale_that_is_too_long_is_refused_before_anything_is_read():
    reader = of_reader(TABLE, None)
    with pytest.raises(ValueError, match="at most 62 levels"):
        cam.analysis.pair_tables(reader, stances=range(63))
    assert cam.analysis.pair_tables(reader).n_statements > 0


def test_actors_and_codes_that_come_late_find_room():
    numbers = np.arange(3_000)
    frame = pd.DataFrame({"actor": numbers // 40, "code": numbers % 37 + numbers // 300})
    table = arrow(frame)
    stream = pa.RecordBatchReader.from_batches(table.schema, table.to_batches(max_chunksize=90))
    found = cam.analysis.pair_tables(stream)
    actors = sorted(map(str, range(75)))
    assert found.actors == tuple(actors)
    assert_same_dyads(found, cam.tally(frame, actors=actors))


# what is refused


@pytest.mark.parametrize(
    "thing", [None, {"actor": ["A"]}, [("A", "x")], TABLE["actor"], cam.tally(TABLE)]
)
def test_what_is_no_table_is_refused(thing):
    for ask in (cam.tally, cam.analysis.pair_tables):
        with pytest.raises(TypeError, match=f"Expected a table .* got {type(thing).__name__}"):
            ask(thing)


def test_without_pyarrow_the_extra_is_named(monkeypatch):
    source = of_polars(TABLE, None)
    import camdata._display.checks as checks

    def absent(name):
        raise ModuleNotFoundError(name=name)

    monkeypatch.setattr(checks.importlib, "import_module", absent)
    with pytest.raises(ImportError, match=r"pip install 'camdata\[engines\]'"):
        cam.tally(source)


ODD = {"actor": ["A", "B"] * 3, "code": ["mid", "mid", "high", "high", "low", "low"]}


def test_frames_of_polars_and_pyarrow_go_into_dyads():
    expected = cam.dyads(cam.tally(TABLE), ["jaccard"])
    for frame in (pl.from_arrow(arrow(TABLE)), arrow(TABLE)):
        pd.testing.assert_frame_equal(cam.dyads(frame, ["jaccard"]), expected)


def test_views_of_strings_are_text(tmp_path):
    pl.DataFrame(ODD).write_ipc(tmp_path / "odd.arrow")
    dataset = ds.dataset(tmp_path / "odd.arrow", format="ipc")
    assert cam.analysis.pair_tables(dataset).frame.loc["A", "B"] == 3
    assert cam.tally(dataset).keys == ("high", "low", "mid")


@pytest.mark.parametrize("kind", ["HUGEINT", "DECIMAL(5,0)", "UTINYINT", "DOUBLE", "VARCHAR"])
def test_codes_of_duckdb_are_the_same_whatever_their_type(kind):
    votes = duckdb.connect().sql(
        f"select actor, cast(code as {kind}) as code, cast(1 as HUGEINT) as stance "
        "from (values ('A', 1), ('B', 1), ('B', 2)) as t(actor, code)"
    )
    tables = cam.analysis.pair_tables(votes)
    assert tables.frame.loc["A", "B"] == 1
    assert cam.tally(votes).keys == ("1", "2")


# workers


@pytest.fixture
def cluster():
    """Two workers of Dask's, each a process of its own, that nothing but tables leaves."""
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=":0"
        ) as workers,
        distributed.Client(workers) as client,
    ):
        yield client


@pytest.mark.slow
@pytest.mark.parametrize("duplicates", DUPLICATES)
def test_workers_of_dask_give_what_pandas_gives(cluster, duplicates, tmp_path):
    expected = expected_of(TABLE, duplicates=duplicates)
    found = cam.analysis.pair_tables(of_dask(TABLE, tmp_path), duplicates=duplicates)
    assert found.n_statements == expected.n_statements
    assert_same_dyads(found, expected)
    assert len(cluster.scheduler_info()["workers"]) == 2
    assert_same_tally(cam.tally(of_dask(TABLE, tmp_path), duplicates=duplicates), expected)


def test_workers_say_what_is_wrong_over_all_partitions(tmp_path, without_threads):
    frame = TABLE.copy()
    frame.loc[::10, "actor"] = None
    frame.loc[4, "stance"] = 3
    with pytest.raises(ValueError, match=r"^40 rows .* these were found: 3 \(1 row\)"):
        cam.analysis.pair_tables(of_dask(frame, tmp_path))


@pytest.mark.slow
def test_the_warning_about_where_narwhals_keeps_dask_does_not_reach_the_user(
    tmp_path, without_threads
):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        cam.tally(of_dask(TABLE, tmp_path))
    assert [w for w in caught if "Dask support" in str(w.message)] == []


@pytest.fixture(scope="module")
def spark():
    """Start Spark with two workers in this process."""
    import os
    import sys

    pyspark = pytest.importorskip("pyspark.sql")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYSPARK_PYTHON", sys.executable)
        patch.setitem(os.environ, "SPARK_LOCAL_IP", "127.0.0.1")
        session = (
            pyspark.SparkSession.builder.master("local[2]")
            .config("spark.ui.enabled", "false")
            .config("spark.sql.shuffle.partitions", "3")
            .getOrCreate()
        )
        yield session
        session.stop()


# PySpark 4.3 warns that pandas 3 is newer than it knows
FROM_SPARK = pytest.mark.filterwarnings("ignore::UserWarning", "ignore::FutureWarning")


@pytest.mark.spark
@FROM_SPARK
@pytest.mark.parametrize("duplicates", DUPLICATES)
def test_spark_gives_what_pandas_gives(spark, duplicates, tmp_path):
    TABLE.to_parquet(tmp_path / "votes.parquet")
    source = spark.read.parquet(str(tmp_path / "votes.parquet"))
    expected = expected_of(TABLE, duplicates=duplicates)
    assert_same_tally(cam.tally(source, duplicates=duplicates), expected)
    found = cam.analysis.pair_tables(source, duplicates=duplicates)
    assert found.n_statements == expected.n_statements
    assert_same_dyads(found, expected)


@pytest.mark.spark
@FROM_SPARK
def test_spark_says_what_is_wrong_over_all_partitions(spark, tmp_path):
    frame = TABLE.copy()
    frame.loc[::10, "actor"] = None
    frame.to_parquet(tmp_path / "votes.parquet")
    source = spark.read.parquet(str(tmp_path / "votes.parquet"))
    for ask in (cam.tally, cam.analysis.pair_tables):
        with pytest.raises(ValueError, match=r"^40 rows of the table without a value in 'actor'"):
            ask(source)


# what the README shows

SNIPPETS = {
    "duckdb": """
import duckdb

votes = duckdb.read_parquet("votes/*.parquet")
tally = cam.tally(votes, actor="country", code="resolution", stance="vote", stances=(1, 0, -1))
clusters = cam.cluster(cam.agreement(tally, "matching"))
""",
    "polars": """
import polars as pl

votes = pl.scan_parquet("votes/*.parquet").filter(pl.col("year") >= 1990)
named = {"actor": "country", "code": "resolution", "stance": "vote"}
tables = cam.analysis.pair_tables(votes, **named, stances=(1, 0, -1))
pairs = cam.dyads(tables, ["matching", "s", "kappa"])
""",
    "spark": """
from pyspark.sql import SparkSession

votes = SparkSession.builder.getOrCreate().read.parquet("votes")
named = {"actor": "country", "code": "resolution", "stance": "vote"}
tables = cam.analysis.pair_tables(votes, **named, stances=(1, 0, -1))
clusters = cam.cluster(cam.agreement(tables, "matching"))
""",
}


@pytest.fixture
def votes(tmp_path, monkeypatch):
    """Write votes into two files in the working folder, and return them."""
    frame = table_of(400, (1, 0, -1), seed=7).drop(columns="document")
    frame = frame.rename(columns={"actor": "country", "code": "resolution", "stance": "vote"})
    frame["year"] = 1985 + np.arange(len(frame)) % 20
    (tmp_path / "votes").mkdir()
    frame.iloc[:150].to_parquet(tmp_path / "votes" / "a.parquet")
    frame.iloc[150:].to_parquet(tmp_path / "votes" / "b.parquet")
    monkeypatch.chdir(tmp_path)
    return frame


def in_memory(frame):
    return cam.tally(
        frame,
        actor="country",
        code="resolution",
        stance="vote",
        stances=(1, 0, -1),
        actors=sorted(frame["country"].unique()),
    )


def test_the_snippet_for_duckdb(votes):
    made = {"cam": cam}
    exec(SNIPPETS["duckdb"], made)
    expected = cam.cluster(cam.agreement(in_memory(votes), "matching"))
    pd.testing.assert_series_equal(made["clusters"].labels, expected.labels)


def test_the_snippet_for_polars(votes):
    made = {"cam": cam}
    exec(SNIPPETS["polars"], made)
    later = in_memory(votes[votes["year"] >= 1990])
    expected = cam.dyads(later, ["matching", "s", "kappa"])
    pd.testing.assert_frame_equal(made["pairs"], expected, check_exact=True)


@pytest.mark.spark
@FROM_SPARK
def test_the_snippet_for_spark(spark, votes, tmp_path):
    made = {"cam": cam}
    # Spark is a process of its own, and stays in the folder in which it was started
    exec(SNIPPETS["spark"].replace('"votes"', repr(str(tmp_path / "votes"))), made)
    expected = cam.cluster(cam.agreement(in_memory(votes), "matching"))
    pd.testing.assert_series_equal(made["clusters"].labels, expected.labels)
