"""A final coding from several: by majority, by decisions, and what is listed of each cell."""

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

import camdata as cam

TEXT = "A wants a tax. A is against a quota. B wants a tax, and a tax, and a quota."


def coding(coder, cells, **columns):
    """Return the statements of one coder from (actor, code) or (actor, code, stance)."""
    rows = [(*cell, 1)[:3] for cell in cells]
    return pd.DataFrame(rows, columns=["actor", "code", "stance"]).assign(coder=coder, **columns)


def coded(*tables, stances=(1, -1), **others):
    codebook = pd.DataFrame({"code": ["tax", "quota"]})
    table = pd.concat(tables, ignore_index=True)
    return cam.Meeting(table, codebook=codebook, stances=stances, **others)


def positions(meeting):
    """Return every cell that is recorded, with its stances."""
    found = {}
    for row in meeting.statements.itertuples():
        found.setdefault((row.actor, row.code), set()).add(int(row.stance))
    return found


ANA = coding("Ana", [("A", "tax"), ("A", "quota", -1), ("B", "tax")])
BEN = coding("Ben", [("A", "tax"), ("A", "quota", -1), ("B", "quota")])
CLEO = coding("Cleo", [("A", "tax"), ("A", "quota", 1), ("B", "tax")])


@pytest.fixture(scope="module")
def three():
    return coded(ANA, BEN, CLEO)


@pytest.fixture(scope="module")
def tied():
    return coded(ANA, BEN)


# majority


def test_majority_of_three(three):
    resolution = cam.resolve(three)
    assert positions(resolution.meeting) == {
        ("A", "tax"): {1},
        ("A", "quota"): {-1},
        ("B", "tax"): {1},
    }
    rows = resolution.frame
    assert rows[["actor", "code"]].to_numpy().tolist() == [
        ["A", "quota"],
        ["B", "tax"],
        ["B", "quota"],
    ]
    assert rows["value Cleo"].tolist() == ["supports", "supports", "absent"]
    assert rows["resolved"].tolist() == ["opposes", "supports", "absent"]
    assert set(rows["how"]) == {"majority"}
    assert rows[["votes", "readers"]].to_numpy().tolist() == [[2, 3]] * 3
    assert resolution.coders == ("Ana", "Ben", "Cleo")
    assert resolution.n_agreed == 1
    assert resolution.undecided.empty


def test_a_tie_stays_listed_and_needs_a_decision(tied):
    resolution = cam.resolve(tied)
    rows = resolution.undecided
    assert rows[["actor", "code"]].to_numpy().tolist() == [["B", "tax"], ["B", "quota"]]
    assert rows["resolved"].isna().all()
    assert set(rows["how"]) == {"undecided"}
    assert rows["votes"].tolist() == [0, 0]
    with pytest.raises(
        ValueError, match=r"2 cells are undecided \(B, tax, B, quota\).*decision_sheet"
    ):
        resolution.meeting  # noqa: B018


def test_more_than_half_is_a_majority_and_no_less():
    values = coded(coding("1", [("A", "tax", 1)]), coding("2", [("A", "tax", -1)]),
                   coding("3", [("A", "tax", 1), ("A", "tax", -1)]))  # fmt: skip
    assert cam.resolve(values).frame["how"].tolist() == ["undecided"]
    four = coded(*(coding(str(i), [("A", "tax", 1 if i < 2 else -1)]) for i in range(4)))
    assert cam.resolve(four).frame["how"].tolist() == ["undecided"]


def test_silence_is_a_vote_only_of_those_who_read():
    part = coding("Cleo", [("A", "tax"), ("A", "quota", -1)])
    meeting = coded(ANA, BEN, part)
    rows = cam.resolve(meeting).frame  # Cleo coded nothing of B, and nothing says that it was read
    assert rows["how"].tolist() == ["undecided", "undecided"]
    assert rows["value Cleo"].tolist() == ["not read", "not read"]
    assert rows["readers"].tolist() == [2, 2]
    rows = cam.resolve(meeting, read="everything").frame
    assert rows["resolved"].tolist() == ["absent", "absent"]
    assert rows["readers"].tolist() == [3, 3]


def test_what_only_one_read_is_taken_as_it_is():
    meeting = coded(coding("Ana", [("A", "tax"), ("B", "tax")]), coding("Ben", [("A", "tax")]))
    resolution = cam.resolve(meeting)
    assert resolution.frame.empty
    assert positions(resolution.meeting) == {("A", "tax"): {1}, ("B", "tax"): {1}}


stances = st.sampled_from([(1,), (-1,), (1, -1)])
cells = st.dictionaries(
    st.tuples(st.sampled_from("ABC"), st.sampled_from(["tax", "quota"])), stances, min_size=1
)


@given(st.lists(cells, min_size=2, max_size=4))
@settings(max_examples=60, deadline=None)
def test_majority_by_a_second_route(recorded):
    meeting = coded(
        *(
            coding(f"coder {i}", [(*cell, stance) for cell in own for stance in own[cell]])
            for i, own in enumerate(recorded)
        )
    )
    resolution = cam.resolve(meeting, read="everything")
    expected, ties, differ = {}, set(), set()
    for cell in set().union(*recorded):
        votes = [frozenset(own.get(cell, ())) for own in recorded]
        first = max(set(votes), key=votes.count)
        if 2 * votes.count(first) <= len(votes):
            ties.add(cell)
        elif first:
            expected[cell] = set(first)
        if len(set(votes)) > 1:
            differ.add(cell)
    rows = resolution.frame
    assert set(zip(rows["actor"], rows["code"], strict=True)) == differ
    undecided = resolution.undecided
    assert set(zip(undecided["actor"], undecided["code"], strict=True)) == ties
    if not ties:
        assert positions(resolution.meeting) == expected


# the words of a final coding


def test_words_are_those_of_the_first_coder_who_has_the_value():
    meeting = coded(
        coding("Ana", [("A", "tax")], quote="A wants a tax", basis="explicit"),
        coding("Ben", [("A", "tax"), ("B", "quota")], quote=["wants a tax.", "and a quota"]),
        coding("Cleo", [("A", "tax"), ("B", "quota")], quote=["A wants", "a quota."]),
        texts="A wants a tax. and a quota.",
    )
    resolution = cam.resolve(meeting, read="everything")
    final = resolution.meeting.statements
    assert final["quote"].tolist() == ["A wants a tax", "and a quota"]
    assert final["basis"].fillna("").tolist() == ["explicit", ""]
    assert final["statement"].tolist() == ["r001", "r002"]
    assert set(final["coder"]) == {"resolved"}
    (row,) = resolution.frame.to_dict("records")
    assert (row["quote Ana"], row["quote Ben"], row["quote Cleo"]) == (
        "",
        "and a quota",
        "a quota.",
    )


def test_several_statements_of_one_position_stay():
    quotes = ["A wants a tax", "wants a tax."]
    first = coding("Ana", [("A", "tax")] * 2, quote=quotes)
    meeting = coded(
        first, first.iloc[:1].assign(coder="Ben"), texts=TEXT.replace("B wants", "B asks")
    )
    # the second quote stands once only because B asks
    assert cam.resolve(meeting).meeting.statements["quote"].tolist() == quotes


def test_a_final_coding_is_a_meeting_of_one_coder(three):
    actors = pd.DataFrame({"actor": ["B", "A"], "kind": ["delegation", "chair"]})
    meeting = three.replace(
        actors=actors, metadata={"title": "T", "contributors": [{"title": "x"}]}
    )
    final = cam.resolve(meeting).meeting
    assert "recodings" not in final.given
    assert final.title == "T"
    assert [c.get("coder") for c in final.metadata["contributors"]] == [None, "resolved"]
    assert final.positions("code").index.tolist() == ["B"]
    everyone = cam.resolve(meeting.select(kinds="all")).meeting
    assert everyone.positions("code").index.tolist() == ["B", "A"]


def test_statements_without_a_coder_and_recodings():
    meeting = cam.Meeting(ANA.drop(columns="coder"), recodings=pd.concat([BEN, CLEO]))
    resolution = cam.resolve(meeting)
    assert resolution.coders == ("statements", "Ben", "Cleo")
    assert positions(resolution.meeting) == positions(cam.resolve(coded(ANA, BEN, CLEO)).meeting)
    assert "recodings" not in resolution.meeting.given


def test_the_final_coding_of_the_bundled_meeting(tmp_path):
    meeting = cam.load_meeting()
    resolution = cam.resolve(meeting)
    assert resolution.frame["how"].tolist() == ["majority"] * 5
    final = resolution.meeting
    first = meeting.select(coder="camdata")
    for by in ("dimension", "code"):
        assert_frame_equal(final.positions(by), first.positions(by))
    cam.io.write_folder(final, tmp_path / "final")
    again = cam.load_meeting(tmp_path / "final")
    assert_frame_equal(again.statements, final.statements)
    evidence = again.evidence("RCM Chair", code="procedure")
    assert [quotation.coder for quotation in evidence] == ["resolved"]


def test_two_recoders_alone_leave_cells_undecided():
    resolution = cam.resolve(cam.load_meeting(), coder=["definitions_only", "full_codebook"])
    undecided = resolution.undecided[["actor", "code"]].to_numpy().tolist()
    assert ["El Salvador", "common_position"] in undecided
    assert len(undecided) == 5


# decisions


def test_a_sheet_lists_what_is_to_be_decided(tied):
    sheet = cam.decision_sheet(tied)
    assert list(sheet) == [
        "actor", "code", "value Ana", "quote Ana", "value Ben", "quote Ben", "decision", "quote",
    ]  # fmt: skip
    assert sheet[["actor", "code"]].to_numpy().tolist() == [["B", "tax"], ["B", "quota"]]
    assert (sheet[["decision", "quote"]] == "").all(axis=None)


def test_a_sheet_can_be_filled_in_by_majority(three):
    sheet = cam.decision_sheet(three, "majority")
    assert sheet["decision"].tolist() == ["opposes", "supports", "absent"]
    decided = cam.resolve(three, sheet)
    assert set(decided.frame["how"]) == {"decision"}
    assert positions(decided.meeting) == positions(cam.resolve(three).meeting)
    part = coded(ANA, BEN, CLEO, coding("Dan", [("A", "tax"), ("A", "quota"), ("B", "quota")]))
    assert cam.decision_sheet(part, "majority")["decision"].tolist() == ["", "", ""]


@pytest.mark.parametrize("door", ["frame", "pandas", "path"])
def test_a_sheet_goes_to_a_file_and_back(tied, tmp_path, door):
    sheet = cam.decision_sheet(tied)
    sheet["decision"] = ["Supports ", "absent"]
    rule, path = sheet, tmp_path / "decisions.csv"
    if door != "frame":
        sheet.to_csv(path, index=False)
        rule = path if door == "path" else pd.read_csv(path)
    resolution = cam.resolve(tied, rule)
    assert resolution.frame["how"].tolist() == ["decision", "decision"]
    assert resolution.frame["resolved"].tolist() == ["supports", "absent"]
    assert resolution.frame["votes"].tolist() == [1, 1]
    assert ("B", "quota") not in positions(resolution.meeting)


def test_an_empty_decision_leaves_a_cell_undecided(tied):
    sheet = cam.decision_sheet(tied)
    sheet.loc[0, "decision"] = "supports"
    resolution = cam.resolve(tied, sheet)
    assert resolution.frame["how"].tolist() == ["decision", "undecided"]
    assert resolution.undecided["code"].tolist() == ["quota"]
    # nor does a majority decide what a table of decisions leaves open
    three = coded(ANA, BEN, CLEO)
    assert len(cam.resolve(three, cam.decision_sheet(three)).undecided) == 3


def test_a_decision_also_overrules_what_all_say(three):
    rows = pd.DataFrame({"actor": ["A", "B"], "code": "tax", "decision": ["absent", "both"]})
    sheet = pd.concat([cam.decision_sheet(three, "majority"), rows], ignore_index=True)
    sheet = sheet.drop_duplicates(["actor", "code"], keep="last")
    resolution = cam.resolve(three, sheet)
    found = positions(resolution.meeting)
    assert ("A", "tax") not in found
    assert found["B", "tax"] == {1, -1}
    row = resolution.frame.query("actor == 'A' and code == 'tax'").iloc[0]
    assert (row["value Ana"], row["resolved"], row["how"]) == ("supports", "absent", "decision")
    assert (row["votes"], row["readers"]) == (0, 3)
    assert resolution.n_agreed == 0


def test_words_of_a_decision():
    meeting = coded(
        coding("Ana", [("A", "tax")], quote="A wants a tax"),
        coding("Ben", [("A", "quota", -1)], quote="against a quota"),
        texts=TEXT,
    )
    sheet = pd.DataFrame(
        {
            "actor": ["A", "A"],
            "code": ["tax", "quota"],
            "decision": ["absent", "-1"],
            "quote": ["", "A is against a quota"],
        }
    )
    final = cam.resolve(meeting, sheet).meeting.statements
    assert final[["code", "stance", "quote"]].to_numpy().tolist() == [
        ["quota", -1, "A is against a quota"]
    ]


def test_decisions_on_an_ordinal_scale():
    meeting = coded(
        coding("Ana", [("A", "tax", 5), ("B", "tax", 1)]),
        coding("Ben", [("A", "tax", 3), ("B", "tax", 2)]),
        stances=(1, 2, 3, 4, 5),
    )
    sheet = cam.decision_sheet(meeting)
    sheet["decision"] = ["4", "1 and 2"]
    assert positions(cam.resolve(meeting, sheet).meeting) == {
        ("A", "tax"): {4},
        ("B", "tax"): {1, 2},
    }
    sheet["decision"] = ["supports", "6"]
    with pytest.raises(cam.MeetingError, match="one of absent, 1, 2, 3, 4, 5, several levels"):
        cam.resolve(meeting, sheet)


def test_decisions_on_several_documents():
    meeting = coded(
        *(table.assign(document=name) for table in (ANA, BEN) for name in ("one", "two"))
    )
    sheet = cam.decision_sheet(meeting)
    assert sheet["document"].tolist() == ["one", "one", "two", "two"]
    sheet["decision"] = ["supports", "absent", "absent", "supports"]
    final = cam.resolve(meeting, sheet).meeting.statements
    cells = final.loc[final["actor"] == "B", ["document", "code"]].to_numpy().tolist()
    assert cells == [["one", "tax"], ["two", "quota"]]
    with pytest.raises(cam.MeetingError, match="column document: expected this column"):
        cam.resolve(meeting, sheet.drop(columns="document"))


# faults of decisions


def sheet_of(**columns):
    return pd.DataFrame({"actor": ["B"], "code": ["tax"], "decision": ["supports"], **columns})


@pytest.mark.parametrize(
    ("sheet", "message"),
    [
        (sheet_of().drop(columns="decision"), "column decision: expected this column"),
        (sheet_of(actor=["Z"]), "row 1, column actor: expected an actor"),
        (sheet_of(code=["taxx"]), "row 1, column code: .*did you mean 'tax'"),
        (sheet_of(code=[None]), "row 1, column code: expected a value"),
        (
            sheet_of(decision=["suports"]),
            "absent, supports, opposes, both;.*did you mean 'supports'",
        ),
        (sheet_of(decision=["supports and absent"]), "decision: expected one of absent"),
        (sheet_of(decision=[7]), "decision: expected one of absent"),
        (pd.concat([sheet_of(), sheet_of(decision=["absent"])]), "row 2, column code: .*each code"),
        (sheet_of(quote=["B wants tax"]), "column quote: expected words that stand once"),
        (sheet_of(quote=["a tax"]), "column quote: expected words that stand once.*twice"),
    ],
)
def test_faults_of_decisions(sheet, message):
    meeting = coded(ANA, BEN, texts=TEXT)
    with pytest.raises(cam.MeetingError, match=f"(?s)the decisions.*{message}"):
        cam.resolve(meeting, sheet)


def test_every_fault_of_a_file_is_named_by_its_line(tied, tmp_path):
    path = tmp_path / "decisions.csv"
    path.write_text('actor,code,decision,note\nB,tax,yes,"two\nlines"\nC,quota,absent,\n')
    with pytest.raises(cam.MeetingError) as error:
        cam.resolve(tied, path)
    assert error.value.faults[["file", "line", "column"]].to_numpy().tolist() == [
        ["decisions.csv", 4, "actor"]
    ]
    path.write_text("actor;code;decision\nB;tax;supports\n")
    with pytest.raises(cam.MeetingError, match="separated by commas"):
        cam.resolve(tied, path)
    with pytest.raises(cam.MeetingError, match="no such file"):
        cam.resolve(tied, Path(tmp_path / "other.csv"))


@pytest.mark.parametrize(
    ("rule", "error", "message"),
    [
        ("majorty", ValueError, "did you mean 'majority'"),
        ("decisions.csv", ValueError, "`rule` must be one of"),
        (3, TypeError, '`rule` must be "majority", a DataFrame'),
        (None, TypeError, "`rule` must be"),
    ],
)
def test_rules_are_checked(tied, rule, error, message):
    with pytest.raises(error, match=message):
        cam.resolve(tied, rule)


def test_a_sheet_takes_no_other_rule(tied):
    with pytest.raises(ValueError, match="`rule` must be one of"):
        cam.decision_sheet(tied, "unanimity")


def test_one_coder_is_not_enough():
    with pytest.raises(ValueError, match="Resolving needs at least two coders"):
        cam.resolve(coded(ANA))


# in words


def test_summary_in_words(three, tied):
    assert cam.resolve(three).summary == (
        "Ana, Ben, Cleo: 1 cell recorded alike by all who read them, 3 decided by majority; "
        "3 statements in the final coding."
    )
    sheet = cam.decision_sheet(tied)
    sheet.loc[0, "decision"] = "supports"
    assert cam.resolve(tied, sheet).summary == (
        "Ana, Ben: 2 cells recorded alike by all who read them, 1 by a decision of its own, "
        "1 still to be decided."
    )


def test_inputs_stay_as_they_are(tied):
    sheet = cam.decision_sheet(tied)
    sheet["decision"] = "absent"
    before = sheet.copy()
    cam.resolve(tied, sheet)
    assert_frame_equal(sheet, before)
