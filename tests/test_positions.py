"""Statements are counted into a tally, and the tally is read as positions."""

import itertools
from collections import Counter

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from strategies import CODES, DIMENSIONS, SCALES, STANCES, positions, statements, tallies

import camdata as cam
from camdata.positions import as_tally, recorded, select_actors
from camdata.positions import positions as read_positions
from camdata.positions import tally as count_statements

SETTINGS = settings(deadline=None, max_examples=25)
CODEBOOK = pd.DataFrame({"code": CODES, "dimension": [DIMENSIONS[code] for code in CODES]})
KEYS = {"code": list(CODES), "dimension": ["money", "rules"]}

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
    """Return a tally as a mapping of actor, key and stance to a count."""
    return {
        (actor, key, stance): int(tally.at[actor, (key, stance)])
        for actor in tally.index
        for key, stance in tally.columns
    }


# from statements to counts


@SETTINGS
@given(
    scale=st.sampled_from(SCALES),
    by=st.sampled_from(("code", "dimension")),
    duplicates=st.sampled_from(("once", "document", "all")),
    data=st.data(),
)
def test_tally_is_what_a_loop_over_statements_counts(scale, by, duplicates, data):
    names, table = data.draw(statements(scale))
    tally = count_statements(
        table,
        actors=names,
        keys=KEYS[by],
        by=by,
        stances=scale,
        codebook=CODEBOOK,
        duplicates=duplicates,
    )
    assert cells(tally) == naive_tally(names, table, by, scale, duplicates)
    assert tally.index.tolist() == names
    assert tally.columns.tolist() == list(itertools.product(KEYS[by], scale))
    assert tally.index.name == "actor"
    assert tally.columns.names == [by, "stance"]
    assert (tally.dtypes == "int64").all()


@SETTINGS
@given(statements())
def test_the_tally_carries_speaking_order_and_numbers_of_statements(drawn):
    names, table = drawn
    tally = count_statements(table, actors=names, keys=CODES, by="code", stances=STANCES)
    said = Counter(table["actor"])
    assert tally.attrs == {"actors": names, "statements": {name: said[name] for name in names}}


@SETTINGS
@given(statements())
def test_the_order_of_statements_changes_nothing(drawn):
    names, table = drawn
    options = {"actors": names, "keys": CODES, "by": "code", "stances": STANCES}
    assert_frame_equal(
        count_statements(table, **options), count_statements(table.iloc[::-1], **options)
    )


@pytest.mark.parametrize(
    ("duplicates", "counts"), [("once", [1, 1]), ("document", [2, 1]), ("all", [3, 1])]
)
def test_repeated_statements_count_once_or_once_a_document_or_always(duplicates, counts):
    tally = cam.Meeting(STATEMENTS).tally("code", duplicates=duplicates)
    assert tally.loc["Beto", "tax"].tolist() == counts


def test_duplicates_change_no_position_and_no_number_of_statements():
    meeting = cam.Meeting(STATEMENTS)
    tables = [meeting.positions("code", duplicates=d) for d in ("once", "document", "all")]
    assert_frame_equal(tables[0], tables[1])
    assert_frame_equal(tables[0], tables[2])
    assert [table.attrs["statements"] for table in tables] == [{"Beto": 5, "Ana": 1}] * 3


def test_statements_of_others_are_not_counted():
    tally = count_statements(
        STATEMENTS, actors=["Ana", "Zoe"], keys=CODES, by="code", stances=STANCES
    )
    assert tally.sum(axis="columns").to_dict() == {"Ana": 1, "Zoe": 0}
    assert tally.attrs["statements"] == {"Ana": 1, "Zoe": 0}


@pytest.mark.parametrize(("keys", "stances"), [(["quota", "aid"], STANCES), (CODES, (1,))])
def test_what_has_no_column_is_never_counted_in_another(keys, stances):
    try:
        tally = count_statements(
            STATEMENTS, actors=["Beto", "Ana"], keys=keys, by="code", stances=stances
        )
    except ValueError:
        return
    inside = STATEMENTS[STATEMENTS["code"].isin(keys) & STATEMENTS["stance"].isin(stances)]
    assert int(tally.to_numpy().sum()) == len(inside.drop_duplicates(["actor", "code", "stance"]))


# codes and dimensions


@SETTINGS
@given(statements())
def test_dimensions_hold_what_their_codes_hold(drawn):
    names, table = drawn
    options = {"actors": names, "stances": STANCES, "codebook": CODEBOOK}
    by_code = count_statements(table, keys=CODES, by="code", duplicates="all", **options)
    for duplicates in ("once", "all"):
        tally = count_statements(
            table, keys=KEYS["dimension"], by="dimension", duplicates=duplicates, **options
        )
        for dimension, stance in tally.columns:
            inside = [code for code in CODES if DIMENSIONS[code] == dimension]
            total = by_code[[(code, stance) for code in inside]].sum(axis="columns")
            expected = total if duplicates == "all" else total.clip(upper=1)
            assert tally[dimension, stance].tolist() == expected.tolist()


def test_positions_of_a_dimension_join_those_of_its_codes():
    rows = [("Ana", "tax", 1), ("Ana", "aid", -1), ("Beto", "tax", 1), ("Zoe", "data", 1)]
    table = pd.DataFrame(rows, columns=["actor", "code", "stance"])
    meeting = cam.Meeting(table, codebook=CODEBOOK)
    positions = meeting.positions("dimension")
    assert positions["money"].tolist() == [0, 1, pd.NA]
    assert positions["rules"].isna().all()
    assert meeting.positions("code").loc["Ana", ["tax", "aid"]].tolist() == [1, -1]
    assert positions.attrs["statements"] == {"Ana": 2, "Beto": 1, "Zoe": 0}


def test_every_code_and_dimension_of_the_codebook_has_its_column_in_its_order():
    meeting = cam.load_meeting()
    codebook = meeting.codebook
    assert meeting.positions("code").columns.tolist() == codebook["code"].tolist()
    assert meeting.positions().columns.tolist() == codebook["dimension"].unique().tolist()
    assert meeting.positions().columns.name == "dimension"
    assert meeting.positions("code").columns.name == "code"


def test_without_a_codebook_codes_stand_in_the_order_of_first_appearance():
    assert cam.Meeting(STATEMENTS).positions("code").columns.tolist() == ["tax", "aid", "quota"]


# from counts to positions


@SETTINGS
@given(tallies())
def test_positions_read_what_is_recorded(tally):
    table = read_positions(tally)
    assert (table.dtypes == "Int8").all()
    for actor in tally.index:
        for code in table.columns:
            support, oppose = (tally.at[actor, (code, stance)] > 0 for stance in STANCES)
            expected = {
                (True, False): 1,
                (False, True): -1,
                (True, True): 0,
                (False, False): pd.NA,
            }[support, oppose]
            cell = table.at[actor, code]
            assert cell is pd.NA if expected is pd.NA else cell == expected


@SETTINGS
@given(positions())
def test_positions_to_tally_and_back_are_the_same(table):
    table.attrs = {"actors": sorted(table.index), "statements": {}}
    back = read_positions(as_tally(table))
    assert_frame_equal(back, table)
    assert back.attrs == table.attrs


@SETTINGS
@given(tallies())
def test_a_tally_to_positions_and_back_is_what_is_recorded(tally):
    assert_frame_equal(as_tally(read_positions(tally)), (tally > 0).astype("int64"))
    assert_frame_equal(recorded(read_positions(tally)), recorded(tally))
    assert_frame_equal(recorded(tally), tally > 0)


@SETTINGS
@given(tallies())
def test_a_tally_is_its_own_tally(tally):
    assert_frame_equal(as_tally(tally), tally)


def test_positions_may_have_any_number_type_and_no_names():
    expected = as_tally(pd.DataFrame({"tax": [1, -1], "aid": [0, pd.NA]}, dtype="Int8"))
    assert expected.columns.names == ["code", "stance"]
    for table in (
        pd.DataFrame({"tax": [1.0, -1.0], "aid": [0.0, np.nan]}),
        pd.DataFrame({"tax": [1, -1], "aid": [0, None]}, dtype="object"),
    ):
        assert_frame_equal(as_tally(table), expected)


def test_a_tally_may_leave_out_a_stance():
    columns = pd.MultiIndex.from_tuples([("tax", -1), ("aid", 1)], names=["code", "stance"])
    tally = pd.DataFrame([[2, 0], [0, 1]], index=["Ana", "Beto"], columns=columns)
    assert read_positions(tally)["tax"].tolist() == [-1, pd.NA]
    assert read_positions(tally)["aid"].tolist() == [pd.NA, 1]


def test_silence_is_missing_in_the_bundled_meeting():
    positions = cam.load_meeting().positions()
    assert len(positions) == 14
    assert positions.loc["Bolivia"].isna().all()
    assert positions.index[4] == "Bolivia"
    assert positions.drop(index="Bolivia").notna().any(axis="columns").all()


# other scales


def test_an_ordinal_scale_has_a_column_for_each_level_and_no_positions():
    rows = [("Ana", "tax", 5), ("Ana", "tax", 4), ("Beto", "tax", 2)]
    table = pd.DataFrame(rows, columns=["actor", "code", "stance"])
    meeting = cam.Meeting(table, stances=(1, 2, 3, 4, 5))
    tally = meeting.tally("code")
    assert tally.columns.tolist() == [("tax", level) for level in (1, 2, 3, 4, 5)]
    assert tally.to_numpy().tolist() == [[0, 0, 0, 1, 1], [0, 1, 0, 0, 0]]
    with pytest.raises(ValueError, match=r"\[1, 2, 3, 4, 5\]: use the tally itself"):
        meeting.positions("code")
    assert recorded(tally).to_numpy().sum() == 3


# whose statements


def meeting_of_kinds():
    """Return a meeting of two delegations and a chair, not listed in the order of speaking."""
    actors = pd.DataFrame(
        {
            "actor": ["Chair", "Ana", "Beto"],
            "kind": ["chair", "delegation", "delegation"],
            "speaking_order": [pd.NA, 2, 1],
        }
    )
    rows = [
        ("Chair", "tax", "explicit", "Eva"),
        ("Ana", "tax", "explicit", "Eva"),
        ("Ana", "aid", "by_reference", "Eva"),
        ("Beto", "aid", "explicit", "Eva"),
    ]
    table = pd.DataFrame(rows, columns=["actor", "code", "basis", "coder"])
    return cam.Meeting(table, actors=actors, codebook=CODEBOOK)


def test_delegations_in_speaking_order_unless_others_are_chosen():
    meeting = meeting_of_kinds()
    assert meeting.positions("code").index.tolist() == ["Beto", "Ana"]
    assert meeting.positions("code", kinds="chair").index.tolist() == ["Chair"]
    everyone = meeting.positions("code", kinds=["chair", "delegation"])
    assert everyone.index.tolist() == ["Beto", "Ana", "Chair"]


def test_everyone_counts_where_there_are_no_delegations_or_no_kinds():
    actors = pd.DataFrame({"actor": ["Ana", "Beto"], "kind": ["chair", "official"]})
    assert select_actors(actors, None) == ["Ana", "Beto"]
    assert select_actors(actors[["actor"]], None) == ["Ana", "Beto"]


def test_one_basis_leaves_the_other_out_and_both_rejoin_to_the_whole():
    meeting = meeting_of_kinds()
    explicit = meeting.tally("code", basis="explicit")
    assert explicit.loc["Ana", ("aid", 1)] == 0
    referred = meeting.tally("code", basis="by_reference")
    assert referred.to_numpy().sum() == 1
    assert_frame_equal(explicit + referred, meeting.tally("code"))
    assert_frame_equal(
        meeting.tally("code", basis=["explicit", "by_reference"]), meeting.tally("code")
    )


def two_coders():
    rows = [("Ana", "tax", "Eva"), ("Ana", "aid", "Leo"), ("Beto", "tax", "Eva")]
    return cam.Meeting(pd.DataFrame(rows, columns=["actor", "code", "coder"]))


def test_one_coder_is_chosen():
    table = two_coders().positions("code", coder="Leo")
    assert table.loc["Ana", "aid"] == 1
    assert table.notna().to_numpy().sum() == 1


def test_coders_who_share_the_work_need_no_choice():
    rows = [("Ana", "tax", "Eva"), ("Beto", "tax", "Leo")]
    meeting = cam.Meeting(pd.DataFrame(rows, columns=["actor", "code", "coder"]))
    assert meeting.positions("code")["tax"].tolist() == [1, 1]


# what is refused


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (
            lambda: meeting_of_kinds().tally("code", kinds="delegations"),
            r"`kinds` must be among \['delegation', 'chair'\], but 'delegations' "
            r"\(did you mean 'delegation'\?\) was passed",
        ),
        (
            lambda: cam.Meeting(STATEMENTS).tally("code", kinds="chair"),
            "the actors of this meeting have no kinds",
        ),
        (
            lambda: cam.Meeting(STATEMENTS).tally("code", basis="explicit"),
            "the statements have no column 'basis'",
        ),
        (
            lambda: cam.Meeting(STATEMENTS).tally("code", coder="Eva"),
            "the statements have no column 'coder'",
        ),
        (
            lambda: meeting_of_kinds().tally("code", basis=["explicit", "hearsay"]),
            r"`basis` must be among \['explicit', 'by_reference'\], but 'hearsay' was passed",
        ),
        (
            lambda: meeting_of_kinds().tally("code", coder="eva"),
            r"`coder` must be among \['Eva'\], but 'eva' \(did you mean 'Eva'\?\) was passed",
        ),
        (
            lambda: two_coders().tally("code"),
            r"(?i)more than one coder.*Ana.*; choose with coder=, one of \['Eva', 'Leo'\]",
        ),
        (
            lambda: meeting_of_kinds().tally("codes"),
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
            lambda: meeting_of_kinds().tally("code", duplicates="never"),
            r"`duplicates` must be one of \['once', 'document', 'all'\], but 'never' was passed",
        ),
        (
            lambda: meeting_of_kinds().tally("code", duplicates="document"),
            "duplicates='document' needs the column `document`",
        ),
    ],
)
def test_a_choice_that_the_meeting_does_not_have_is_refused(ask, message):
    with pytest.raises(ValueError, match=message):
        ask()


def tally_of(values, **options):
    columns = pd.MultiIndex.from_product([["tax"], [1, -1]], names=["code", "stance"])
    return pd.DataFrame([values], index=["Ana"], columns=columns, **options)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (pd.DataFrame({"tax": [2, 1.5]}), r"1, -1, 0 \(both\) or missing.*found: 1.5, 2\."),
        (pd.DataFrame({"tax": [1, 1]}, index=["Ana", "Ana"]), r"one row; these have more: \['Ana'"),
        (tally_of([1, None]), "no missing and no negative values"),
        (tally_of([1, -1]), "no missing and no negative values"),
        (tally_of([1, 1]).rename_axis(columns=["code", "level"]), "Expected positions"),
        (
            pd.DataFrame([[1, 1]], index=["Ana"], columns=["tax", "tax"]),
            "[Ee]ach|one column|twice",
        ),
        (
            pd.concat([tally_of([1, 1]), tally_of([0, 1])], axis="columns"),
            "[Ee]ach|one column|twice",
        ),
    ],
    ids=["values", "rows", "missing", "negative", "levels", "codes twice", "columns twice"],
)
def test_what_is_neither_positions_nor_a_tally_is_refused(table, message):
    with pytest.raises(ValueError, match=message):
        as_tally(table)


@pytest.mark.parametrize("thing", [None, [[1, -1]], pd.Series([1, -1])])
def test_what_is_no_frame_is_refused(thing):
    with pytest.raises(TypeError, match=f"as a DataFrame, got {type(thing).__name__}"):
        as_tally(thing)


def test_words_are_no_positions():
    with pytest.raises(ValueError, match="yes"):
        as_tally(pd.DataFrame({"tax": ["yes"]}, index=["Ana"]))
