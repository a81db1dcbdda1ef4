"""Statements are counted into a tally, and the tally is read as positions."""

import itertools
from collections import Counter

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from pandas.testing import assert_frame_equal, assert_series_equal
from strategies import CODES, DIMENSIONS, SCALES, STANCES, positions, statements, tallies, tally_of

import camdata as cam
from camdata import Tally

SETTINGS = settings(deadline=None)
CODEBOOK = pd.DataFrame({"code": CODES, "dimension": [DIMENSIONS[code] for code in CODES]})
KEYS = {"code": list(CODES), "dimension": ["money", "rules"]}
DUPLICATES = ("once", "document", "all")

STATEMENTS = pd.DataFrame(
    [
        ("Beto", "tax", 1, "monday"),
        ("Beto", "tax", 1, "monday"),
        ("Beto", "tax", 1, "tuesday"),
        ("Beto", "tax", -1, "tuesday"),
        ("Beto", "aid", 1, "monday"),
        ("Ana", "quota", -1, "monday"),
    ],
    columns=["actor", "code", "stance", "document"],
)


def meeting_of(drawn, stances=STANCES):
    names, table = drawn
    actors = pd.DataFrame({"actor": names})
    return cam.Meeting(table, actors=actors, codebook=CODEBOOK, stances=stances)


def naive_tally(names, table, by, stances, duplicates):
    """Count by looking at one statement after the other."""
    counts = {(name, key, stance): 0 for name in names for key in KEYS[by] for stance in stances}
    seen = set()
    for row in table.to_dict("records"):
        key = row["code"] if by == "code" else DIMENSIONS[row["code"]]
        if key is None:
            continue
        cell = (row["actor"], key, row["stance"])
        memory = {
            "once": cell,
            "document": (*cell, row["document"]),
            "all": (*cell, len(seen)),
        }[duplicates]
        if memory not in seen:
            seen.add(memory)
            counts[cell] += 1
    return counts


def cells(tally):
    """Return the frame of a tally as a mapping of actor, key and stance to a count."""
    frame = tally.frame
    return {
        (actor, key, stance): int(frame.at[actor, (key, stance)])
        for actor in frame.index
        for key, stance in frame.columns
    }


def assert_same_tally(first, second):
    """Check that two tallies count the same, whatever they were made from."""
    for name in ("actors", "keys", "stances", "by", "duplicates", "n_statements"):
        assert getattr(first, name) == getattr(second, name), name
    for name in ("actor", "key", "stance", "count", "statements"):
        one, other = getattr(first.cells, name), getattr(second.cells, name)
        assert_array_equal(one, other)
        assert one.dtype == other.dtype
    assert_series_equal(first.statements, second.statements)
    assert_frame_equal(first.frame, second.frame)
    assert_frame_equal(first.positions, second.positions)


# from statements to counts


@pytest.mark.slow
@SETTINGS
@given(
    scale=st.sampled_from(SCALES),
    by=st.sampled_from(("code", "dimension")),
    duplicates=st.sampled_from(DUPLICATES),
    data=st.data(),
)
def test_a_tally_is_what_a_loop_over_statements_counts(scale, by, duplicates, data):
    drawn = names, table = data.draw(statements(scale))
    tally = meeting_of(drawn, scale).tally(by, duplicates=duplicates)
    assert cells(tally) == naive_tally(names, table, by, scale, duplicates)
    assert tally.actors == tuple(names)
    frame = tally.frame
    assert frame.columns.tolist() == list(itertools.product(KEYS[by], scale))
    assert frame.index.name == "actor"
    assert frame.columns.names == [by, "stance"]
    assert (frame.dtypes == "int64").all()


@pytest.mark.slow
@SETTINGS
@given(statements())
def test_a_tally_knows_how_many_statements_stand_behind_each_actor(drawn):
    names, table = drawn
    said = Counter(table["actor"])
    for duplicates in DUPLICATES:
        tally = meeting_of(drawn).tally("code", duplicates=duplicates)
        assert tally.statements.to_dict() == {name: said[name] for name in names}
        assert tally.statements.index.name == "actor"
        assert tally.n_statements == len(table)


@pytest.mark.slow
@SETTINGS
@given(drawn=statements(), by=st.sampled_from(("code", "dimension")))
def test_the_order_of_statements_changes_nothing(drawn, by):
    names, table = drawn
    turned = meeting_of((names, table.iloc[::-1].reset_index(drop=True)))
    assert_same_tally(meeting_of(drawn).tally(by), turned.tally(by))


@pytest.mark.parametrize(
    ("duplicates", "counts"), [("once", [1, 1]), ("document", [2, 1]), ("all", [3, 1])]
)
def test_repeated_statements_count_once_or_once_a_document_or_always(duplicates, counts):
    tally = cam.Meeting(STATEMENTS).tally("code", duplicates=duplicates)
    assert tally.frame.loc["Beto", "tax"].tolist() == counts
    assert tally.duplicates == duplicates


def test_duplicates_change_no_position_and_no_number_of_statements():
    tallies = [cam.Meeting(STATEMENTS).tally(duplicates=d) for d in DUPLICATES]
    for tally in tallies:
        assert_frame_equal(tally.positions, tallies[0].positions)
        assert tally.statements.to_dict() == {"Beto": 5, "Ana": 1}


def test_where_cells_are_few_among_very_many_they_count_the_same():
    rng = np.random.default_rng(1)
    table = pd.DataFrame(
        {
            "actor": rng.integers(0, 300, 2_000),
            "code": rng.integers(0, 5_000, 2_000),
            "stance": rng.choice([1, -1], 2_000),
        }
    )
    table = pd.concat([table, table.head(100)])
    found = cam.tally(table, duplicates="all").cells
    expected = Counter(table.itertuples(index=False, name=None))
    assert len(found.count) == len(expected)
    assert sorted(found.count.tolist()) == sorted(expected.values())
    assert_array_equal(cam.tally(table).cells.statements, found.count)


# codes and dimensions


@pytest.mark.slow
@SETTINGS
@given(statements())
def test_dimensions_hold_what_their_codes_hold(drawn):
    meeting = meeting_of(drawn)
    by_code = meeting.tally("code", duplicates="all").frame
    for duplicates in ("once", "all"):
        tally = meeting.tally("dimension", duplicates=duplicates)
        assert tally.groups == tally.keys
        for dimension, stance in tally.frame.columns:
            inside = [code for code in CODES if DIMENSIONS[code] == dimension]
            total = by_code[[(code, stance) for code in inside]].sum(axis="columns")
            expected = total if duplicates == "all" else total.clip(upper=1)
            assert tally.frame[dimension, stance].tolist() == expected.tolist()


def test_positions_of_a_dimension_join_those_of_its_codes():
    rows = [("Ana", "tax", 1), ("Ana", "aid", -1), ("Beto", "tax", 1), ("Zoe", "data", 1)]
    table = pd.DataFrame(rows, columns=["actor", "code", "stance"])
    meeting = cam.Meeting(table, codebook=CODEBOOK)
    tally = meeting.tally()
    assert tally.by == "dimension"
    assert tally.positions["money"].tolist() == [0, 1, pd.NA]
    assert tally.positions["rules"].isna().all()
    assert tally.statements.to_dict() == {"Ana": 2, "Beto": 1, "Zoe": 0}
    codes = meeting.tally("code")
    assert codes.positions.loc["Ana", ["tax", "aid"]].tolist() == [1, -1]
    assert codes.groups == ("money", "rules", "rules", "money", "")


def test_every_code_and_dimension_of_the_codebook_has_its_column_in_its_order(meeting):
    codebook = meeting.codebook
    codes, dimensions = meeting.tally("code"), meeting.tally("dimension")
    assert list(codes.keys) == codebook["code"].tolist()
    assert list(codes.labels) == codebook["label"].tolist()
    assert list(codes.groups) == codebook["dimension"].tolist()
    assert (
        list(dimensions.keys) == list(dimensions.labels) == codebook["dimension"].unique().tolist()
    )
    for tally in (codes, dimensions):
        assert tally.positions.columns.tolist() == list(tally.keys)
        assert tally.positions.columns.name == tally.by


def test_without_dimensions_codes_are_counted_in_the_order_of_first_appearance():
    tally = cam.Meeting(STATEMENTS).tally()
    assert (tally.by, tally.keys, tally.groups) == ("code", ("tax", "aid", "quota"), None)
    assert tally.labels == tally.keys


def test_the_attributes_are_the_meetings_table_of_actors(meeting):
    tally = meeting.tally()
    expected = meeting.actors.set_index("actor").loc[list(tally.actors)]
    assert_frame_equal(tally.attributes, expected)


# from counts to positions


@SETTINGS
@given(tallies())
def test_positions_read_what_is_recorded(tally):
    table, counts = tally.positions, tally.frame
    assert (table.dtypes == "Int8").all()
    for actor in tally.actors:
        for code in tally.keys:
            support, oppose = (counts.at[actor, (code, stance)] > 0 for stance in STANCES)
            expected = {
                (True, False): 1,
                (False, True): -1,
                (True, True): 0,
                (False, False): pd.NA,
            }[support, oppose]
            cell = table.at[actor, code]
            assert cell is pd.NA if expected is pd.NA else cell == expected
            assert tally.several.at[actor, code] == (support and oppose)


@SETTINGS
@given(positions())
def test_positions_to_tally_and_back_are_the_same(table):
    tally = Tally.from_positions(table)
    assert_frame_equal(tally.positions, table)
    assert tally.statements is None
    assert tally.n_statements is None
    assert repr(tally).startswith("positions of ")


@SETTINGS
@given(tallies())
def test_a_tally_to_positions_and_back_holds_what_is_recorded(tally):
    back = Tally.from_positions(tally.positions)
    assert_frame_equal(back.frame, (tally.frame > 0).astype("int64"))


@SETTINGS
@given(scale=st.sampled_from(SCALES), data=st.data())
def test_the_dense_array_is_the_frame(scale, data):
    tally = data.draw(tallies(stances=scale))
    dense = tally.dense()
    assert dense.shape == (len(tally.actors), len(tally.keys), len(scale))
    assert_array_equal(dense.reshape(len(tally.actors), -1), tally.frame.to_numpy())


def test_positions_may_have_any_number_type_and_no_names():
    expected = Tally.from_positions(pd.DataFrame({"tax": [1, -1], "aid": [0, pd.NA]}, dtype="Int8"))
    assert expected.actors == ("0", "1")
    assert expected.by == "code"
    for table in (
        pd.DataFrame({"tax": [1.0, -1.0], "aid": [0.0, np.nan]}),
        pd.DataFrame({"tax": [1, -1], "aid": [0, None]}, dtype="object"),
        pd.DataFrame({"tax": [1, -1], "aid": [0, None]}, dtype="int64[pyarrow]"),
    ):
        assert_frame_equal(Tally.from_positions(table).frame, expected.frame)


def test_what_the_columns_are_is_what_their_axis_is_called_unless_said(meeting):
    table = meeting.positions()
    assert Tally.from_positions(table).by == "dimension"
    assert Tally.from_positions(table, by="code").by == "code"
    assert Tally.from_positions(table.rename_axis(columns=None)).by == "code"


def test_silence_is_missing_in_the_bundled_meeting(meeting):
    table = meeting.tally().positions
    assert len(table) == 14
    assert table.loc["Bolivia"].isna().all()
    assert table.index[4] == "Bolivia"
    assert table.drop(index="Bolivia").notna().any(axis="columns").all()


# an ordinal scale


VOTES = pd.DataFrame(
    [
        ("Ana", "tax", 1),
        ("Ana", "aid", 0),
        ("Beto", "tax", -1),
        ("Beto", "tax", 1),
        ("Zoe", "aid", -1),
        ("Zoe", "tax", 0),
        ("Zoe", "tax", 1),
    ],
    columns=["actor", "code", "stance"],
)


@pytest.mark.parametrize("door", ["meeting", "table"])
def test_abstaining_is_a_level_and_several_levels_are_marked_and_rated_by_their_mean(door):
    scale = (1, 0, -1)
    if door == "meeting":
        tally = cam.Meeting(VOTES, stances=scale).tally()
    else:
        tally = cam.tally(VOTES, stances=scale)
    assert tally.ordinal
    table = tally.positions
    assert (table.dtypes == "Float64").all()
    assert table["tax"].tolist() == [1, 0, 0.5]
    assert table["aid"].tolist() == [0, pd.NA, -1]
    several = tally.several
    assert several["tax"].tolist() == [False, True, True]
    assert not several["aid"].any()
    assert tally.frame.loc["Ana", ("aid", 0)]
    assert "2 cells with several levels, rated by their mean" in tally.summary


def test_cells_with_several_levels_are_counted_once_however_many():
    rows = [("Ana", "tax", level) for level in (1, 2, 3, 4)] + [("Beto", "tax", 2)]
    rows += [("Beto", "aid", level) for level in (4, 5)] + [("Ana", "aid", 1)]
    table = pd.DataFrame(rows, columns=["actor", "code", "stance"])
    tally = cam.tally(table, stances=(1, 2, 3, 4, 5))
    assert tally.positions.loc["Ana", "tax"] == 2.5
    assert "2 cells with several levels" in repr(tally)


def test_zero_means_both_unless_the_scale_has_it():
    table = pd.DataFrame({"tax": [1, 0, None]}, index=["Ana", "Beto", "Zoe"])
    both = Tally.from_positions(table)
    assert both.frame["tax"].to_numpy().tolist() == [[1, 0], [1, 1], [0, 0]]
    assert both.several["tax"].tolist() == [False, True, False]
    level = Tally.from_positions(table, stances=(1, 0, -1))
    assert level.frame["tax"].to_numpy().tolist() == [[1, 0, 0], [0, 1, 0], [0, 0, 0]]
    assert not level.several.any(axis=None)
    assert "several" not in level.summary
    with pytest.raises(ValueError, match=r"Positions are 1, 2 or missing.*found: 0\."):
        Tally.from_positions(table, stances=(1, 2))


def test_an_ordinal_scale_goes_through_every_step():
    tally = cam.tally(VOTES, stances=(1, 0, -1))
    agreement = cam.agreement(tally, "s").rescaled()
    clusters = cam.cluster(agreement, n_clusters=2)
    assert clusters.n_clusters == 2
    profile = cam.profile(clusters)
    assert set(profile.frame["stance"]) == {1, 0, -1}
    assert "tax: 0" in profile.summary


# straight from a table


ENGINES = {
    "pandas": lambda table: table,
    "pandas object": lambda table: table.astype("object"),
    "pandas category": lambda table: table.astype({"actor": "category", "code": "category"}),
    "pandas arrow": lambda table: table.convert_dtypes(dtype_backend="pyarrow"),
    "polars": lambda table: pl.DataFrame(
        {
            name: table[name].astype("object").where(table[name].notna(), None).tolist()
            for name in table
        },
        schema={"actor": pl.String, "code": pl.String, "stance": pl.Int64, "document": pl.String},
    ),
    "polars category": lambda table: ENGINES["polars"](table).with_columns(
        pl.col("actor", "code").cast(pl.Categorical)
    ),
    "pyarrow": lambda table: ENGINES["polars"](table).to_arrow(),
    "pyarrow dictionary": lambda table: dictionaries(ENGINES["pyarrow"](table)),
}


def dictionaries(table):
    """Return a table of pyarrow whose text is numbered, with values that no row has."""
    columns = {}
    for name in table.column_names:
        column = table[name]
        if name != "stance":
            values = ["nobody", *sorted({v for v in column.to_pylist() if v is not None})]
            index = [None if v is None else values.index(v) for v in column.to_pylist()]
            column = pa.DictionaryArray.from_arrays(
                pa.array(index, pa.int32()), pa.array(values, pa.string())
            )
        columns[name] = column
    return pa.table(columns)


@st.composite
def tables(draw, stances=STANCES):
    """Draw a table of statements, some without a stance or a document."""
    _, table = draw(statements(stances))
    for name in ("stance", "document"):
        gone = draw(st.lists(st.booleans(), min_size=len(table), max_size=len(table)))
        table[name] = table[name].mask(np.array(gone, dtype=bool))
    return table.astype({"document": "str"})


@settings(deadline=None, max_examples=8)
@given(scale=st.sampled_from(SCALES), duplicates=st.sampled_from(DUPLICATES), data=st.data())
def test_a_meeting_and_every_engine_give_the_same_tally(scale, duplicates, data):
    table = data.draw(tables(scale))
    expected = cam.Meeting(table, stances=scale).tally(duplicates=duplicates)
    for make in ENGINES.values():
        assert_same_tally(cam.tally(make(table), stances=scale, duplicates=duplicates), expected)


def test_both_doors_give_the_same_tally_of_the_bundled_meeting(meeting):
    expected = meeting.tally("code")
    found = cam.tally(meeting.statements, actors=expected.actors)
    order = [code for code in found.keys if code in expected.keys]
    assert_frame_equal(
        found.positions[order], expected.positions[order].rename_axis(columns="code")
    )
    assert_series_equal(found.statements, expected.statements)
    assert_frame_equal(cam.agreement(found).frame, cam.agreement(expected).frame, check_exact=True)


def test_columns_may_have_other_names():
    table = STATEMENTS.set_axis(["who", "what", "how", "when"], axis="columns")
    found = cam.tally(
        table, actor="who", code="what", stance="how", document="when", duplicates="document"
    )
    assert_same_tally(found, cam.tally(STATEMENTS, duplicates="document"))


def test_without_a_column_of_stances_every_statement_supports():
    table = STATEMENTS[["actor", "code"]]
    assert cam.tally(table).positions["tax"].tolist() == [1, pd.NA]
    levels = cam.tally(table, stances=range(200))
    assert levels.positions["tax"].tolist() == [1, pd.NA]
    with pytest.raises(ValueError, match=r"every statement is 1, not on \(2, 3\)"):
        cam.tally(table, stances=(2, 3))


def test_a_statement_without_a_stance_is_counted_nowhere():
    table = STATEMENTS.assign(stance=[1, None, None, None, None, None])
    tally = cam.tally(table)
    assert tally.actors == ("Beto", "Ana")
    assert tally.keys == ("tax", "aid", "quota")
    assert tally.n_statements == 1
    assert "nothing is recorded of: Ana" in repr(tally)


@pytest.mark.parametrize("actors", [["Ana", "Zoe"], ("Ana", "Zoe"), pd.Series(["Ana", "Zoe"])])
def test_only_the_actors_asked_for_are_counted_in_their_order(actors):
    tally = cam.tally(STATEMENTS, actors=actors)
    assert tally.actors == ("Ana", "Zoe")
    assert tally.statements.to_dict() == {"Ana": 1, "Zoe": 0}
    assert tally.frame.to_numpy().sum() == 1


def test_one_actor_may_be_asked_for_and_nobody():
    assert cam.tally(STATEMENTS, actors="Ana").statements.to_dict() == {"Ana": 1}
    nobody = cam.tally(STATEMENTS, actors=[])
    assert nobody.actors == ()
    assert nobody.n_statements == 0


@pytest.mark.parametrize("number", [7, 7.0, np.float32(7), "7"])
def test_a_name_is_the_same_whatever_its_type(number):
    table = pd.DataFrame({"actor": ["7", number], "code": [number, "7"]}, dtype="object")
    for tally in (cam.tally(table), cam.Meeting(table).tally()):
        assert (tally.actors, tally.keys) == (("7",), ("7",))
        assert tally.n_statements == 2


@pytest.mark.parametrize("engine", ENGINES)
def test_an_empty_table_is_nobody(engine):
    tally = cam.tally(ENGINES[engine](STATEMENTS.head(0).astype({"stance": "Int64"})))
    assert (tally.actors, tally.keys, tally.n_statements) == ((), (), 0)
    assert tally.positions.shape == (0, 0)


# what is refused


@pytest.mark.parametrize(
    ("change", "options", "message"),
    [
        (
            {"stance": 2},
            {},
            r"in 'stance' must be among \(1, -1\).*found: 2 \(6 rows\)\. Another scale",
        ),
        ({"stance": 0}, {}, r"must be among \(1, -1\), but these were found: 0 \(6 rows\)\."),
        ({"stance": 0.5}, {"stances": (1, 0, -1)}, r"found: 0\.5 \("),
        ({"stance": True}, {}, r"found: True \("),
        ({"stance": "1"}, {}, r"found: '1' \("),
        ({"stance": np.inf}, {}, r"found: inf \("),
        ({"actor": None}, {}, r"6 rows of the table without a value in 'actor'"),
        ({"code": ""}, {}, r"6 rows of the table without a value in 'code'"),
        ({}, {"code": "cod"}, r"no column 'cod'; it has actor, code, stance, document"),
        ({}, {"document": "day", "duplicates": "document"}, "no column 'day'"),
        ({}, {"duplicates": "never"}, r"`duplicates` must be one of \['once', 'document', 'all'\]"),
        ({}, {"actors": ["Ana", "Ana"]}, "Each actor must be there once.*again: Ana"),
        ({}, {"actors": ["Ana", None]}, "Each actor must have a name; missing: 1"),
        ({}, {"stances": ()}, "`stances` must be different whole numbers"),
        ({}, {"stances": (1, 1)}, "`stances` must be .* holds 1 twice"),
        ({}, {"stances": (1, 0.5)}, r"`stances` must be .* holds '0\.5' among them"),
        ({}, {"stances": (1, True)}, r"`stances` must be .* holds 'True' among them"),
        ({}, {"stances": "1"}, "`stances` must be different whole numbers"),
        ({}, {"stances": (1, 2**63)}, "beyond 64 bits"),
    ],
)
@pytest.mark.parametrize("engine", ["pandas", "polars", "pyarrow"])
def test_a_table_that_cannot_be_counted_is_refused(engine, change, options, message):
    table = STATEMENTS.assign(**change)
    if engine != "pandas":
        table = pl.DataFrame(
            {
                name: table[name].astype("object").where(table[name].notna(), None).tolist()
                for name in table
            },
        )
    if engine == "pyarrow":
        table = table.to_arrow()
    with pytest.raises(ValueError, match=message):
        cam.tally(table, **options)


def test_a_column_that_is_there_twice_is_refused():
    with pytest.raises(ValueError, match="Each column must be there once"):
        cam.tally(pd.concat([STATEMENTS, STATEMENTS[["code"]]], axis="columns"))


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (
            lambda: cam.Meeting(STATEMENTS).tally("codes"),
            r"`by` must be one of \['dimension', 'code'\], but 'codes' \(did you mean 'code'\?\)",
        ),
        (
            lambda: cam.Meeting(STATEMENTS).tally("dimension"),
            "has no dimensions: they come from the codebook's column `dimension`",
        ),
        (
            lambda: cam.Meeting(STATEMENTS, codebook=CODEBOOK[["code"]]).tally("dimension"),
            "has no dimensions: they come from the codebook's column `dimension`",
        ),
        (
            lambda: cam.Meeting(STATEMENTS).tally(duplicates="never"),
            r"`duplicates` must be one of \['once', .*'all'\], but 'never' was passed",
        ),
        (
            lambda: cam.Meeting(STATEMENTS[["actor", "code"]]).tally(duplicates="document"),
            "duplicates='document' needs the column `document`",
        ),
    ],
)
def test_what_the_meeting_does_not_have_cannot_be_counted(ask, message):
    with pytest.raises(ValueError, match=message):
        ask()


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (pd.DataFrame({"tax": [2, 1.5]}), r"1, -1, 0 \(both\) or missing.*found: 1.5, 2\."),
        (pd.DataFrame({"tax": [1, 1]}, ["Ana", "Ana"]), "Each actor must be there once.*: Ana"),
        (pd.DataFrame({"tax": [1, 1]}, [1, "1"]), "Each actor must be there once.*: 1"),
        (pd.DataFrame({"tax": [1, 1]}, ["Ana", None]), "Each actor must have a name"),
        (pd.DataFrame([[1, 1]], ["Ana"], ["tax", "tax"]), "Each code must be there once.*: tax"),
        (pd.DataFrame({"tax": [np.inf]}, ["Ana"]), "found: inf"),
        (pd.DataFrame({"tax": ["yes"]}, ["Ana"]), "but tax holds 'yes'"),
        (pd.DataFrame({"tax": ["1"]}, ["Ana"]), "but tax holds '1'"),
        (pd.DataFrame({"tax": [True, False]}, ["Ana", "Zoe"]), "but tax holds True"),
        (pd.DataFrame([[1], [True]], ["Ana", "Zoe"], ["tax"], "object"), "but tax holds True"),
        (
            tally_of([[[1, 0]]], ["Ana"], ["tax"]).frame,
            "Expected positions: a table with one column for each code",
        ),
    ],
    ids=(
        "values",
        "rows",
        "one name twice",
        "no name",
        "codes twice",
        "infinite",
        "words",
        "digits",
        "truth",
        "some truth",
        "counts",
    ),
)
def test_what_is_no_positions_is_refused(table, message):
    with pytest.raises(ValueError, match=message):
        Tally.from_positions(table)


@pytest.mark.parametrize("thing", [None, [[1, -1]], pd.Series([1, -1])])
def test_what_is_no_frame_is_refused(thing):
    with pytest.raises(TypeError, match=f"as a DataFrame, got {type(thing).__name__}"):
        Tally.from_positions(thing)


# in words


def test_a_tally_in_words(meeting):
    tally = meeting.tally("code")
    assert repr(tally).splitlines() == [
        "38 statements of 14 actors on 17 codes, each once: "
        f"{int((tally.frame.to_numpy() > 0).sum())} cells",
        "nothing is recorded of: Bolivia",
    ]
    every = cam.tally(STATEMENTS, duplicates="all")
    assert repr(every) == "6 statements of 2 actors on 3 codes: 4 cells"
    assert "once in each document" in repr(cam.tally(STATEMENTS, duplicates="document"))


def test_a_tally_in_html_is_escaped_and_shows_its_positions():
    html = cam.tally(STATEMENTS.replace({"Ana": "<b>Ana"}))._repr_html_()
    assert "&lt;b&gt;Ana" in html
    assert "<b>Ana" not in html
    assert html.count("<table") == 1
    wide = tally_of(np.zeros((150, 150, 2)), [f"a{i}" for i in range(150)], [*map(str, range(150))])
    assert "<table" not in wide._repr_html_()
