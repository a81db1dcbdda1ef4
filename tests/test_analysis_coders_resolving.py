"""A final coding from several: by majority, by decisions, and what is listed of each cell."""

import pandas as pd
import pytest
from coded import coded, coding
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

import camdata as cam

TEXT = "A wants a tax. A is against a quota. B wants a tax, and a tax, and a quota."


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


def test_majority_of_three(three):
    resolution = cam.analysis.resolve(three)
    found = positions(resolution.meeting)
    assert found == {("A", "tax"): {1}, ("A", "quota"): {-1}, ("B", "tax"): {1}}
    rows = resolution.frame
    cells = rows[["actor", "code"]].to_numpy().tolist()
    assert cells == [["A", "quota"], ["B", "tax"], ["B", "quota"]]
    assert rows["value Cleo"].tolist() == ["supports", "supports", "absent"]
    assert rows["resolved"].tolist() == ["opposes", "supports", "absent"]
    assert set(rows["how"]) == {"majority"}
    assert rows[["votes", "readers"]].to_numpy().tolist() == [[2, 3]] * 3
    assert resolution.coders == ("Ana", "Ben", "Cleo")
    assert resolution.n_agreed == 1
    assert "1 cell recorded alike" in resolution.summary
    assert "3 decided by majority" in resolution.summary


def test_a_tie_stays_listed_and_needs_a_decision(tied):
    resolution = cam.analysis.resolve(tied)
    rows = resolution.frame
    assert rows[["actor", "code"]].to_numpy().tolist() == [["B", "tax"], ["B", "quota"]]
    assert rows["resolved"].isna().all()
    assert rows[["how", "votes"]].to_numpy().tolist() == [["undecided", 0]] * 2
    with pytest.raises(ValueError, match=r"2 cells are undecided.*`resolved`"):
        resolution.meeting  # noqa: B018


def test_more_than_half_is_a_majority_and_no_less():
    both = coding("3", [("A", "tax", 1), ("A", "tax", -1)])
    three = coded(coding("1", [("A", "tax", 1)]), coding("2", [("A", "tax", -1)]), both)
    assert cam.analysis.resolve(three).frame["how"].tolist() == ["undecided"]
    four = coded(*(coding(str(i), [("A", "tax", 1 if i < 2 else -1)]) for i in range(4)))
    assert cam.analysis.resolve(four).frame["how"].tolist() == ["undecided"]


def test_silence_is_a_vote_only_of_those_who_read():
    meeting = coded(ANA, BEN, coding("Cleo", [("A", "tax"), ("A", "quota", -1)]))
    rows = cam.analysis.resolve(
        meeting
    ).frame  # Cleo coded nothing of B, and nothing says that it was read
    assert rows["how"].tolist() == ["undecided", "undecided"]
    assert rows["value Cleo"].tolist() == ["not read", "not read"]
    rows = cam.analysis.resolve(meeting, read="everything").frame
    assert rows["resolved"].tolist() == ["absent", "absent"]
    assert rows["readers"].tolist() == [3, 3]


def test_what_only_one_read_is_taken_as_it_is():
    meeting = coded(coding("Ana", [("A", "tax"), ("B", "tax")]), coding("Ben", [("A", "tax")]))
    resolution = cam.analysis.resolve(meeting)
    assert resolution.frame.empty
    assert positions(resolution.meeting) == {("A", "tax"): {1}, ("B", "tax"): {1}}


stances = st.sampled_from([(1,), (-1,), (1, -1)])
cells = st.dictionaries(
    st.tuples(st.sampled_from("ABC"), st.sampled_from(["tax", "quota"])), stances, min_size=1
)


@given(st.lists(cells, min_size=2, max_size=4))
@settings(deadline=None)
def test_majority_by_a_second_route(recorded):
    meeting = coded(
        *(
            coding(f"coder {i}", [(*cell, stance) for cell in own for stance in own[cell]])
            for i, own in enumerate(recorded)
        )
    )
    resolution = cam.analysis.resolve(meeting, read="everything")
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
    undecided = rows[rows["resolved"].isna()]
    assert set(zip(undecided["actor"], undecided["code"], strict=True)) == ties
    if not ties:
        assert positions(resolution.meeting) == expected


# the words of a final coding


def test_words_are_those_of_the_first_coder_who_has_the_value():
    meeting = coded(
        coding("Ana", [("A", "tax")], quote="A wants a tax", basis="explicit"),
        coding("Ben", [("A", "tax"), ("B", "quota")], quote=["wants a tax.", "and a quota"]),
        coding("Cleo", [("A", "tax"), ("B", "quota")], quote=["A wants", "a quota."]),
        texts="A wants a tax.\nB wants a fee and a quota.",
    )
    resolution = cam.analysis.resolve(meeting, read="everything")
    final = resolution.meeting.statements
    assert final["quote"].tolist() == ["A wants a tax", "and a quota"]
    assert final["basis"].fillna("").tolist() == ["explicit", ""]
    assert final["statement"].tolist() == ["r001", "r002"]
    assert set(final["coder"]) == {"resolved"}
    row = resolution.frame.iloc[0]
    assert row[["quote Ana", "quote Ben"]].tolist() == ["", "and a quota"]
    assert row[["passage Ana", "passage Ben"]].tolist() == ["", "B wants a fee and a quota."]


def test_several_statements_of_one_position_stay():
    quotes = ["A wants a tax", "wants a tax."]
    first = coding("Ana", [("A", "tax")] * 2, quote=quotes)
    # the second quote stands once only because B asks
    text = TEXT.replace("B wants", "B asks")
    meeting = coded(first, first.iloc[:1].assign(coder="Ben"), texts=text)
    assert cam.analysis.resolve(meeting).meeting.statements["quote"].tolist() == quotes


def test_a_final_coding_is_a_meeting_of_one_coder(three):
    actors = pd.DataFrame({"actor": ["B", "A"], "kind": ["delegation", "chair"]})
    final = cam.analysis.resolve(three.replace(actors=actors, metadata={"title": "T"})).meeting
    assert "recodings" not in final.given
    assert final.title == "T"
    assert final.positions("code").index.tolist() == ["B"]
    meeting = cam.Meeting(ANA.drop(columns="coder"), recodings=pd.concat([BEN, CLEO]))
    resolution = cam.analysis.resolve(meeting)
    assert resolution.coders == ("statements", "Ben", "Cleo")
    assert positions(resolution.meeting) == positions(cam.analysis.resolve(three).meeting)
    assert "recodings" not in resolution.meeting.given


def test_the_final_coding_of_the_bundled_meeting(meeting, tmp_path):
    resolution = cam.analysis.resolve(meeting)
    assert resolution.frame["how"].tolist() == ["majority"] * 5
    final = resolution.meeting
    for by in ("dimension", "code"):
        assert_frame_equal(final.positions(by), meeting.positions(by))
    cam.io.write_folder(final, tmp_path / "final")
    again = cam.load_meeting(tmp_path / "final")
    assert_frame_equal(again.statements, final.statements)
    evidence = again.evidence("RCM Chair", code="procedure")
    assert [quotation.coder for quotation in evidence] == ["resolved"]
    two = cam.analysis.resolve(meeting, coder=["definitions_only", "full_codebook"])
    undecided = two.frame.loc[two.frame["resolved"].isna(), ["actor", "code"]].to_numpy().tolist()
    assert ["El Salvador", "common_position"] in undecided
    assert len(undecided) == 5


# decisions


@pytest.mark.parametrize("door", ["frame", "file"])
def test_the_frame_is_filled_in_and_given_back(tied, tmp_path, door):
    decisions = cam.analysis.resolve(tied).frame
    decisions["resolved"] = ["Supports ", "absent"]
    before = decisions.copy()
    if door == "file":
        decisions.to_csv(tmp_path / "decisions.csv", index=False)
        decisions = pd.read_csv(tmp_path / "decisions.csv")
    resolution = cam.analysis.resolve(tied, decisions)
    assert resolution.frame["how"].tolist() == ["decision", "decision"]
    assert resolution.frame["resolved"].tolist() == ["supports", "absent"]
    assert resolution.frame["votes"].tolist() == [1, 1]
    assert ("B", "quota") not in positions(resolution.meeting)
    if door == "frame":
        assert_frame_equal(decisions, before)


def test_an_empty_decision_leaves_a_cell_undecided(tied, three):
    decisions = cam.analysis.resolve(tied).frame
    decisions.loc[0, "resolved"] = "supports"
    resolution = cam.analysis.resolve(tied, decisions)
    assert resolution.frame["how"].tolist() == ["decision", "undecided"]
    # nor does a majority decide what a frame of decisions leaves open
    empty = cam.analysis.resolve(three).frame.assign(resolved=None)
    assert set(cam.analysis.resolve(three, empty).frame["how"]) == {"undecided"}


def test_a_decision_also_overrules_what_all_say(three):
    rows = pd.DataFrame({"actor": ["A", "B"], "code": "tax", "resolved": ["absent", "both"]})
    decisions = pd.concat([cam.analysis.resolve(three).frame, rows], ignore_index=True)
    resolution = cam.analysis.resolve(
        three, decisions.drop_duplicates(["actor", "code"], keep="last")
    )
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
    decisions = pd.DataFrame({"actor": "A", "code": ["tax", "quota"], "resolved": ["absent", "-1"]})
    words = ["", "A is against a quota"]
    final = cam.analysis.resolve(meeting, decisions.assign(quote=words)).meeting.statements
    assert final[["code", "stance", "quote"]].to_numpy().tolist() == [["quota", -1, words[1]]]
    with pytest.raises(cam.MeetingError, match="A was against"):
        cam.analysis.resolve(meeting, decisions.assign(quote=["", "A was against"]))


def test_decisions_on_an_ordinal_scale():
    meeting = coded(
        coding("Ana", [("A", "tax", 5), ("B", "tax", 1)]),
        coding("Ben", [("A", "tax", 3), ("B", "tax", 2)]),
        stances=(1, 2, 3, 4, 5),
    )
    decisions = cam.analysis.resolve(meeting).frame
    # pandas reads a column of numbers with gaps as floats
    decisions["resolved"] = pd.Series([4.0, "1 and 2"], dtype="object")
    final = cam.analysis.resolve(meeting, decisions).meeting
    assert positions(final) == {("A", "tax"): {4}, ("B", "tax"): {1, 2}}
    decisions["resolved"] = ["supports", "6"]
    with pytest.raises(ValueError, match=r"row 0 of the decisions.*must be one of absent"):
        cam.analysis.resolve(meeting, decisions)


def test_decisions_on_several_documents():
    parts = [table.assign(document=name) for table in (ANA, BEN) for name in ("one", "two")]
    meeting = coded(*parts)
    decisions = cam.analysis.resolve(meeting).frame
    assert decisions["document"].tolist() == ["one", "one", "two", "two"]
    decisions["resolved"] = ["supports", "absent", "absent", "supports"]
    final = cam.analysis.resolve(meeting, decisions).meeting.statements
    cells = final.loc[final["actor"] == "B", ["document", "code"]].to_numpy().tolist()
    assert cells == [["one", "tax"], ["two", "quota"]]
    with pytest.raises(ValueError, match="but has no document"):
        cam.analysis.resolve(meeting, decisions.drop(columns="document"))


def decision(**columns):
    return pd.DataFrame({"actor": ["B"], "code": ["tax"], "resolved": ["supports"], **columns})


@pytest.mark.parametrize(
    ("rule", "error", "message"),
    [
        (decision().drop(columns="resolved"), ValueError, "but has no resolved"),
        (decision(actor=["Z"]), ValueError, "actor.*'Z'"),
        (decision(code=["taxx"]), ValueError, "did you mean 'tax'"),
        (decision(resolved=["suports"]), ValueError, "both.*did you mean 'supports'"),
        (decision(resolved=[7]), ValueError, "must be one of absent"),
        (pd.concat([decision(), decision()]), ValueError, "decides B, tax again"),
        ("majorty", ValueError, "did you mean 'majority'"),
        (3, ValueError, "`rule` must be one of"),
    ],
)
def test_rules_are_checked(tied, rule, error, message):
    with pytest.raises(error, match=message):
        cam.analysis.resolve(tied, rule)
