"""A meeting: two doors give the same one, it stays as it is, and a part is chosen in one place."""

import datetime
import pickle

import pandas as pd
import pytest
from conftest import DATA, MINIMAL, TABLES, assert_same, faults_of, write_folder
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from strategies import CODES, DIMENSIONS

import camdata as cam

CODEBOOK = pd.DataFrame({"code": CODES, "dimension": [DIMENSIONS[code] for code in CODES]})
BARE = pd.DataFrame({"actor": ["A", "B"], "code": ["x", "x"]})

SCALE = ' (another scale is given by "stances" in datapackage.json, or by stances=)'


def made_of(rows, columns, **parts):
    return cam.Meeting(pd.DataFrame(rows, columns=columns.split()), **parts)


def counts(meeting, by="code"):
    """Return how often everything is recorded, repeated statements every time."""
    return meeting.tally(by, duplicates="all").frame


# two doors


def plain(name):
    """Read a bundled table as a user of pandas would."""
    return pd.read_csv(DATA / f"{name}.csv", keep_default_na=False, na_values=[""])


def test_folder_and_frames_give_the_same_meeting(meeting):
    text = (DATA / "report.txt").read_bytes().decode()
    tables = {name: plain(name) for name in meeting.given}
    made = cam.Meeting(**tables, texts=text, metadata=meeting.metadata)
    assert_same(made, meeting)
    assert_frame_equal(made.positions(), meeting.positions())
    assert_frame_equal(made.coverage(), meeting.coverage())
    for actor in ("Paraguay", "Colombia"):
        assert_frame_equal(made.evidence(actor).frame, meeting.evidence(actor).frame)


def test_a_meetings_own_frames_make_the_same_meeting(meeting):
    tables = {name: getattr(meeting, name) for name in meeting.given}
    made = cam.Meeting(**tables, texts=meeting.texts, metadata=meeting.metadata)
    assert_same(made, meeting)
    assert made.title == meeting.title != ""


def test_the_path_may_be_text_or_path(meeting):
    assert_same(cam.load_meeting(DATA), meeting)
    assert_same(cam.load_meeting(str(DATA)), meeting)


def test_columns_have_the_dtypes_of_the_spec(meeting):
    assert meeting.actors["speaking_order"].dtype == "Int64"
    assert meeting.interventions["order"].dtype == "Int64"
    assert meeting.statements["stance"].dtype == meeting.recodings["stance"].dtype == "Int8"
    numbers = ["speaking_order", "order", "stance", "start", "stop"]
    for name in TABLES:
        others = getattr(meeting, name).drop(columns=numbers, errors="ignore")
        assert set(others.dtypes.astype("str")) == {"str"}


@pytest.mark.parametrize(
    "days",
    [
        ["2017-10-17", None],
        [datetime.date(2017, 10, 17), None],
        pd.to_datetime(["2017-10-17", None]),
    ],
    ids=["text", "dates", "a column of dates"],
)
def test_dates_become_dates(days):
    statements = cam.Meeting(BARE.assign(date=days)).statements
    expected = pd.Series(["2017-10-17", None], dtype="datetime64[s]", name="date")
    assert_frame_equal(statements[["date"]], expected.to_frame())


# as it is


def test_frames_are_fresh(meeting):
    before = {name: getattr(meeting, name) for name in TABLES}
    for name in TABLES:
        table = getattr(meeting, name)
        table.loc[:, "actor" if "actor" in table else "code"] = "nobody"
        if "stance" in table:
            table["stance"].array[:] = -1
        table["new"] = 1
    texts, metadata = meeting.texts, meeting.metadata
    texts["report"] = ""
    metadata["sources"].clear()
    for name, table in before.items():
        assert_frame_equal(getattr(meeting, name), table)
    assert meeting.texts["report"] == meeting.text != ""
    assert len(meeting.metadata["sources"]) == 3


def test_a_meeting_does_not_follow_what_it_was_made_of():
    statements = pd.DataFrame({"actor": ["A"], "code": ["x"], "page": pd.array([1])})
    texts, metadata = {"report": "One."}, {"title": "x", "sources": [{"title": "One"}]}
    made = cam.Meeting(statements, texts=texts, metadata=metadata)
    statements["page"].array[:] = 3
    statements.loc[0, ["actor", "page"]] = ["B", 2]
    texts["report"] = "Two."
    metadata["title"] = "y"
    metadata["sources"].append({"title": "Two"})
    assert made.statements[["actor", "page"]].to_numpy().tolist() == [["A", 1]]
    assert made.text == "One."
    assert made.metadata == {"title": "x", "sources": [{"title": "One"}]}


@pytest.mark.parametrize("name", ["statements", "texts", "title", "note"])
def test_a_meeting_is_frozen(meeting, name):
    with pytest.raises(AttributeError, match=rf"frozen.*replace\({name}="):
        setattr(meeting, name, "x")


def test_replace_changes_a_copy_and_checks_it(meeting):
    explicit = meeting.statements.query("basis == 'explicit'")
    changed = meeting.replace(statements=explicit, metadata={"title": "Explicit only"})
    assert len(changed.statements) == len(explicit) == len(meeting.statements) - 2
    assert changed.title == "Explicit only"
    assert changed.texts == meeting.texts
    assert_frame_equal(changed.actors, meeting.actors)
    with pytest.raises(cam.MeetingError, match=r"an actor of actors\.csv"):
        meeting.replace(statements=explicit.assign(actor="Canda"))
    with pytest.raises(cam.MeetingError, match="words of the text"):
        meeting.replace(texts="qqqq")


def test_replacing_nothing_gives_the_same_meeting(meeting):
    assert_same(meeting.replace(), meeting)


def test_replaced_statements_bring_their_actors_where_no_actors_were_given():
    changed = cam.Meeting(BARE).replace(
        statements=pd.DataFrame({"actor": ["C", "A"], "code": ["x", "x"]})
    )
    assert changed.actors["actor"].tolist() == ["C", "A"]


def test_a_meeting_survives_pickling(meeting):
    again = pickle.loads(pickle.dumps(meeting))
    assert_same(again, meeting)
    with pytest.raises(AttributeError, match="frozen"):
        again.note = "x"


# what may be left out


def test_a_minimal_meeting_needs_only_actor_and_code(tmp_path):
    files = {"statements.csv": "actor,code\nB,tax\nA,fee\n"}
    loaded = cam.load_meeting(write_folder(tmp_path, files))
    expected = pd.DataFrame(
        {
            "statement": pd.Series(["s1", "s2"], dtype="str"),
            "actor": pd.Series(["B", "A"], dtype="str"),
            "code": pd.Series(["tax", "fee"], dtype="str"),
            "stance": pd.Series([1, 1], dtype="Int8"),
        }
    )
    assert_frame_equal(loaded.statements, expected)
    assert loaded.actors["actor"].tolist() == ["B", "A"]
    positions = loaded.positions()
    assert positions.index.tolist() == ["B", "A"]
    assert positions.columns.tolist() == ["tax", "fee"]
    assert positions.isna().to_numpy().tolist() == [[False, True], [True, False]]
    assert loaded.texts == {}
    assert loaded.title == ""
    assert loaded.stances == (1, -1)
    assert loaded.given == ("statements",)


def test_absent_tables_are_empty_and_have_their_columns(tmp_path):
    loaded = cam.load_meeting(write_folder(tmp_path, {"statements.csv": MINIMAL}))
    columns = {
        "codebook": ["code"],
        "interventions": ["order", "actor", "passage"],
        "references": ["actor", "target", "relation"],
        "recodings": ["statement", "actor", "code", "coder"],
    }
    for name, needed in columns.items():
        table = getattr(loaded, name)
        assert table.empty
        assert table.columns.tolist() == needed


def test_a_table_without_rows_is_a_meeting_of_nothing(tmp_path):
    loaded = cam.load_meeting(write_folder(tmp_path, {"statements.csv": "actor,code\n"}))
    assert loaded.statements.empty
    assert loaded.positions("code").empty
    assert loaded.statements.dtypes.astype("str").to_dict() == {
        "statement": "str",
        "actor": "str",
        "code": "str",
        "stance": "Int8",
    }


def test_generated_identifiers_sort_as_they_stand():
    frame = pd.DataFrame({"actor": ["A"] * 12, "code": [f"c{n}" for n in range(12)]})
    made = cam.Meeting(frame, recodings=frame.assign(coder="Ann"))
    for table in (made.statements, made.recodings):
        ids = table["statement"].tolist()
        assert ids[0] == "s01"
        assert ids == sorted(ids)
        assert len(set(ids)) == 12


def test_actors_come_in_order_of_first_appearance_in_all_tables():
    made = cam.Meeting(
        pd.DataFrame({"actor": ["C", "A", "C"], "code": ["x", "x", "y"]}),
        interventions=pd.DataFrame({"order": [1], "actor": ["B"], "passage": ["x"]}),
        references=pd.DataFrame({"actor": [None], "target": ["D"], "relation": ["echoes"]}),
        recodings=pd.DataFrame({"actor": ["E"], "code": ["x"], "coder": ["Ann"]}),
    )
    assert made.actors["actor"].tolist() == ["C", "A", "B", "D", "E"]


def test_extra_columns_are_kept(tmp_path):
    files = {"statements.csv": "note,actor,code,page\n x ,A,tax,3\n,B,tax,\n"}
    statements = cam.load_meeting(write_folder(tmp_path, files)).statements
    assert set(statements) == {"note", "statement", "actor", "code", "stance", "page"}
    assert statements["note"].fillna("-").tolist() == [" x ", "-"]
    assert statements["page"].fillna("-").tolist() == ["3", "-"]
    frame = pd.DataFrame({"actor": ["A"], "code": ["tax"], "page": [3], "share": [0.5]})
    kept = cam.Meeting(frame).statements
    assert kept["page"].tolist() == [3]
    assert (kept["page"].dtype, kept["share"].dtype) == ("Int64", "float64")


def test_the_only_text_is_at_hand_and_several_are_not():
    assert cam.Meeting(BARE, texts={"day1": "One."}).text == "One."
    with pytest.raises(ValueError, match="has 0 texts, not one"):
        _ = cam.Meeting(BARE).text
    two = cam.Meeting(BARE, texts={"day1": "One.", "day2": "Two."})
    with pytest.raises(ValueError, match=r"has 2 texts, not one: see `texts` \(day1, day2\)"):
        _ = two.text


# choosing a part


def test_delegations_count_in_speaking_order_unless_others_are_chosen():
    actors = pd.DataFrame(
        {
            "actor": ["Chair", "Ana", "Beto"],
            "kind": ["chair", "delegation", "delegation"],
            "speaking_order": [pd.NA, 2, 1],
        }
    )
    rows = [("Chair", "tax"), ("Ana", "tax"), ("Ana", "aid"), ("Beto", "aid")]
    meeting = made_of(rows, "actor code", actors=actors)

    def names(**chosen):
        return meeting.select(**chosen).positions("code").index.tolist()

    assert names() == ["Beto", "Ana"]
    assert names(kinds="chair") == ["Chair"]
    assert names(kinds=["chair", "delegation"]) == names(kinds="all") == ["Beto", "Ana", "Chair"]
    assert names(actors=["Chair", "Ana"]) == ["Ana", "Chair"]
    assert names(actors=["Chair", "Ana"], kinds="delegation") == ["Ana"]
    assert names(codes="tax") == ["Beto", "Ana"]  # whoever counts is not chosen by what was said
    assert meeting.tally("code").n_statements == 3
    assert meeting.select(kinds="all").tally("code").n_statements == 4
    assert [q.code for q in quoted(meeting).evidence("Chair")] == ["tax"]  # evidence sees everyone


def quoted(meeting):
    return meeting.replace(statements=meeting.statements.assign(quote="We"))


@pytest.mark.parametrize("kinds", [["chair", None], [None, None], None], ids=str)
def test_everyone_counts_where_there_are_no_delegations_or_no_kinds(kinds):
    actors = pd.DataFrame({"actor": ["B", "A"]})
    if kinds is not None:
        actors["kind"] = pd.Series(kinds, dtype="str")
    assert cam.Meeting(BARE, actors=actors).positions("code").index.tolist() == ["B", "A"]


def two_coders():
    rows = [("Ana", "tax", "Eva"), ("Ana", "aid", "Leo"), ("Beto", "tax", "Eva")]
    return made_of(rows, "actor code coder")


def test_several_coders_of_one_actor_need_a_choice():
    meeting = two_coders()
    match = r"\(Ana\); choose with select\(coder=…\), one of \['Eva', 'Leo'\], or name several"
    for asked in (meeting.tally, meeting.positions):
        with pytest.raises(ValueError, match=match):
            asked("code")
    assert meeting.select(coder="Leo").positions("code").loc["Ana", "aid"] == 1
    assert counts(meeting.select(coder="Leo")).to_numpy().sum() == 1
    assert counts(meeting.select(coder=["Eva", "Leo"])).to_numpy().sum() == 3
    assert len(meeting.select(actors="Beto").positions("code")) == 1  # coded once: no choice


def test_coders_who_share_the_work_need_no_choice():
    meeting = made_of([("Ana", "tax", "Eva"), ("Beto", "tax", "Leo")], "actor code coder")
    assert meeting.positions("code")["tax"].tolist() == [1, 1]


def test_a_coder_may_be_one_of_the_recodings():
    meeting = made_of(
        [("s1", "Ana", "tax", "Eva"), ("s2", "Beto", "tax", "Eva")],
        "statement actor code coder",
        recodings=pd.DataFrame(
            {"statement": ["s1"], "actor": ["Ana"], "code": ["aid"], "coder": ["Leo"]}
        ),
        codebook=CODEBOOK,
    )
    assert counts(meeting).to_numpy().sum() == 2  # recodings count nowhere by themselves
    leo = meeting.select(coder="Leo")
    assert leo.statements[["statement", "code"]].to_numpy().tolist() == [["s1", "aid"]]
    assert leo.recodings.empty
    assert leo.given == ("actors", "codebook", "statements")
    both = meeting.select(coder=["Eva", "Leo"])
    assert both.statements["statement"].is_unique
    assert both.positions("code").loc["Ana", ["tax", "aid"]].tolist() == [1, 1]


DATED = ("2017-10-16", "2017-10-17", None, "2017-10-19")


@pytest.mark.parametrize(
    ("since", "until", "kept"),
    [
        ("2017-10-17", None, [1, 3]),
        (None, "2017-10-17", [0, 1]),
        ("2017-10-17", "2017-10-17", [1]),
        (datetime.date(2017, 10, 17), datetime.date(2017, 10, 18), [1]),
        (datetime.datetime(2017, 10, 17, 23, 59), pd.Timestamp("2017-10-19"), [1, 3]),
        ("2018-01-01", None, []),
        (None, None, [0, 1, 2, 3]),
    ],
)
def test_both_days_are_included_and_what_has_no_date_is_left_out(since, until, kept):
    rows = [(f"A{n}", "x", day) for n, day in enumerate(DATED)]
    meeting = made_of(rows, "actor code date")
    part = meeting.select(since=since, until=until)
    assert part.statements["actor"].tolist() == [f"A{n}" for n in kept]


@pytest.mark.parametrize(
    "day", ["2017", "20171017", "17/10/2017", "today", 2017, 1.5, "2017-02-30"]
)
@pytest.mark.parametrize("name", ["since", "until"])
def test_what_is_no_day_is_refused(name, day):
    meeting = made_of([("A", "x", "2017-10-17")], "actor code date")
    with pytest.raises(ValueError, match=rf"`{name}` must be a day such as 2017-10-17, but '"):
        meeting.select(**{name: day})


def test_documents_are_chosen_with_all_that_stands_in_them():
    rows = [("A", "x", "One", "a"), ("B", "x", "Two", "b"), ("A", "y", "Three", "b")]
    meeting = made_of(
        rows,
        "actor code quote document",
        texts={"a": "One.", "b": "Two. Three.", "c": "Four."},
        interventions=pd.DataFrame(
            {"order": [1, 1], "actor": ["A", "B"], "passage": ["One.", "Two."]}
        ).assign(document=["a", "b"]),
    )
    part = meeting.select(documents="b")
    assert list(part.texts) == ["b"]
    assert part.statements["code"].tolist() == ["x", "y"]
    assert part.interventions["actor"].tolist() == ["B"]
    assert part.coverage()["covered"].tolist() == [1.0]
    both = meeting.select(documents=["a", "b"])
    assert len(both.statements) == 3
    one = made_of([("A", "x", "One")], "actor code quote", texts="One.")
    assert_same(one.select(documents="report"), one)  # the name of an only text is known


def test_whoever_is_not_chosen_is_in_no_table(meeting):
    part = meeting.select(actors=["Chile", "Colombia", "RCM Chair"])
    assert set(part.actors["actor"]) == {"Chile", "Colombia", "RCM Chair"}
    for name in ("statements", "interventions", "recodings"):
        assert set(getattr(part, name)["actor"]) <= {"Chile", "Colombia", "RCM Chair"}
    ends = pd.concat([part.references["actor"], part.references["target"]]).dropna()
    assert set(ends) <= {"Chile", "Colombia", "RCM Chair"}
    assert part.references["actor"].isna().any()  # an unnamed end is left as it is
    assert set(part.codebook["code"]) == set(meeting.codebook["code"])


def test_a_part_is_a_meeting_and_can_be_changed(meeting):
    part = meeting.select(codes=["key_terms", "modest_scope"], kinds="delegation")
    tables = {name: getattr(part, name) for name in part.given}
    assert_same(cam.Meeting(**tables, texts=part.texts, metadata=part.metadata), part)
    assert_same(part.replace(), part)
    again = part.replace(metadata={"title": "x"})
    assert_frame_equal(again.positions(), part.positions())
    assert part.title == meeting.title


CHOICES = {
    "kinds": ["delegation", "all"],
    "basis": ["explicit", ["explicit", "by_reference"]],
    "codes": [["key_terms", "subjects_of_law", "cam_facilitator"], "subjects_of_law"],
    "actors": [["Chile", "Colombia"], ["Chile", "Colombia", "Bolivia"]],
    "documents": ["report"],
}


@given(
    st.lists(st.sampled_from(list(CHOICES)), unique=True).flatmap(
        lambda names: st.fixed_dictionaries({n: st.sampled_from(CHOICES[n]) for n in names})
    )
)
@settings(deadline=None, max_examples=8)
def test_choices_may_be_made_at_once_or_one_after_the_other(meeting, chosen):
    at_once, part = meeting.select(**chosen), meeting
    for name, value in chosen.items():
        part = part.select(**{name: value})
    assert_same(part, at_once)
    assert_frame_equal(part.positions("code"), at_once.positions("code"))


@pytest.mark.parametrize("by", ["dimension", "code"])
@pytest.mark.parametrize("kinds", [None, "all"])
def test_explicit_and_by_reference_rejoin_to_all(meeting, by, kinds):
    whole = meeting.select(kinds=kinds)
    explicit, referred = (
        counts(whole.select(basis=basis), by) for basis in ("explicit", "by_reference")
    )
    assert_frame_equal(explicit + referred, counts(whole, by))
    assert referred.to_numpy().sum() == 2
    assert_frame_equal(
        counts(whole.select(basis=["explicit", "by_reference"]), by), counts(whole, by)
    )


PARTS = {
    "time": {"since": "2024-02-01"},
    "documents": {"documents": "b"},
    "codes": {"codes": "quota"},
    "basis": {"basis": "explicit"},
    "coder": {"coder": "Ann"},
}


@pytest.mark.parametrize("with_actors", [False, True])
@pytest.mark.parametrize("choice", PARTS.values(), ids=PARTS)
def test_a_part_keeps_its_silent_actors_in_the_order_of_the_whole(choice, with_actors, tmp_path):
    statements = pd.DataFrame(
        {
            "actor": ["Zoe", "Ana", "Beto"],
            "code": ["tax", "quota", "quota"],
            "date": ["2024-01-01", "2024-03-01", "2024-03-01"],
            "document": ["a", "b", "b"],
            "basis": ["by_reference", "explicit", "explicit"],
            "coder": ["Leo", "Ann", "Ann"],
        }
    )
    actors = pd.DataFrame({"actor": ["Zoe", "Ana", "Beto"]}) if with_actors else None
    made = cam.Meeting(statements, actors=actors)
    part = made.select(**choice)
    assert part.positions().index.tolist() == ["Zoe", "Ana", "Beto"]
    assert part.positions().loc["Zoe"].isna().all()
    assert part.counted == ("Zoe", "Ana", "Beto")
    cam.io.write_folder(part, tmp_path / "part")
    assert cam.load_meeting(tmp_path / "part").positions().equals(part.positions())
    speaking = made.select(**choice, keep_silent=False)
    assert speaking.positions().index.tolist() == ["Ana", "Beto"]
    assert part.select(keep_silent=False).positions().index.tolist() == ["Ana", "Beto"]
    assert made.select(**choice, actors=["Beto", "Zoe"]).counted == ("Zoe", "Beto")


def test_kinds_rejoin_to_everyone(meeting):
    kinds = meeting.actors["kind"].unique().tolist()
    parts = pd.concat([counts(meeting.select(kinds=kind)) for kind in kinds])
    everyone = counts(meeting.select(kinds="all"))
    assert sorted(parts.index) == sorted(everyone.index) == sorted(meeting.actors["actor"])
    assert_frame_equal(parts.loc[everyone.index], everyone)
    assert_frame_equal(counts(meeting.select(kinds=kinds)), everyone)


def test_meetings_of_the_parts_rejoin_to_the_whole(meeting):
    parts = [meeting.select(basis=b).statements for b in ("explicit", "by_reference")]
    whole = pd.concat(parts).set_index("statement").loc[meeting.statements["statement"]]
    assert_frame_equal(whole.reset_index(), meeting.statements)


def test_choosing_nothing_changes_nothing(meeting):
    assert_same(meeting.select(), meeting)
    assert_frame_equal(meeting.select().positions(), meeting.positions())


@pytest.mark.parametrize(
    ("chosen", "match"),
    [
        ({"kinds": "delegations"}, r"`kinds` .*'delegations' \(did you mean 'delegation'\?\)"),
        ({"kinds": ["chair", "nobody"]}, r"`kinds` must be among .*'nobody' was passed"),
        ({"kinds": []}, "`kinds` must be among .* but nothing was passed"),
        ({"basis": "by reference"}, r"`basis` .*'by reference' \(did you mean 'by_reference'\?\)"),
        ({"coder": "camdat"}, r"`coder` must be among \['camdata'.*did you mean 'camdata'"),
        ({"documents": "Report"}, r"`documents` must be among \['report'\].*mean 'report'\?"),
        ({"actors": "Perú"}, r"`actors` must be among .*'Perú' \(did you mean 'Peru'\?\)"),
        ({"codes": "keyterms"}, r"`codes` must be among .*'keyterms' \(did you mean 'key_terms'"),
        ({"since": "2017-10-17"}, "`since` was given, but the statements have no column 'date'"),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_an_unknown_choice_lists_the_known_ones(meeting, chosen, match):
    with pytest.raises(ValueError, match=match):
        meeting.select(**chosen)


@pytest.mark.parametrize(
    ("chosen", "match"),
    [
        ({"kinds": "chair"}, "the actors of this meeting have no kinds"),
        ({"basis": "explicit"}, "the statements have no column 'basis'"),
        ({"coder": "Ann"}, "the statements have no column 'coder'"),
        ({"documents": "a"}, "the statements have no column 'document'"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_what_a_minimal_meeting_does_not_have_is_a_clear_error(chosen, match):
    with pytest.raises(ValueError, match=match):
        cam.Meeting(BARE).select(**chosen)


# levels


@pytest.mark.parametrize("method", ["tally", "positions"])
def test_an_unknown_level_lists_the_known_ones(meeting, method):
    with pytest.raises(
        ValueError, match=r"`by` must be one of \['dimension', 'code'\], but 'codes'"
    ):
        getattr(meeting, method)("codes")


def test_an_unknown_way_with_duplicates_lists_the_known_ones(meeting):
    match = r"`duplicates` must be one of \['once', 'document', .*'all'\]"
    with pytest.raises(ValueError, match=match):
        meeting.tally(duplicates="twice")
    with pytest.raises(ValueError, match="needs the column `document`"):
        cam.Meeting(BARE).tally(duplicates="document")


def test_the_level_is_the_dimension_where_there_is_one(meeting):
    assert meeting.positions().columns.name == "dimension"
    assert cam.Meeting(BARE).positions().columns.name == "code"
    book = pd.DataFrame({"code": ["y", "x"]})
    described = cam.Meeting(BARE, codebook=book)
    assert described.positions().columns.tolist() == ["y", "x"]
    for made in (cam.Meeting(BARE), described):
        with pytest.raises(ValueError, match=r"no dimensions.*Use by='code', or add a codebook"):
            made.positions("dimension")


# how it shows itself


def test_a_meeting_says_what_it_holds(meeting):
    shown = repr(meeting)
    assert shown.startswith(f"Meeting: {meeting.title}\n")
    for name in ("actors: 23", "interventions: ", "references: ", "recodings: ", "texts: report ("):
        assert f"\n  {name}" in shown
    assert f"statements: {len(meeting.statements)} (explicit " in shown
    assert repr(cam.Meeting(BARE)) == (
        "Meeting\n  actors: 2, 2 of them with statements\n  statements: 2\n  codes: 1"
    )
    assert f"<caption>{meeting.title}</caption>" in meeting._repr_html_()


def test_combined_statements_without_a_document_stay_without_one():
    coded = BARE[["actor", "code"]].assign(document=["day 1", None])
    part = cam.Meeting(coded, texts={"day 1": "We.", "day 2": "They."})
    both = cam.combine({"2017": part, "2018": part})
    assert both.statements["document"].dropna().tolist() == ["2017 day 1", "2018 day 1"]
    assert list(both.texts) == ["2017 day 1", "2017 day 2", "2018 day 1", "2018 day 2"]


def test_a_meeting_of_a_fault_is_none():
    assert faults_of(BARE.assign(stance=[1, 7])) == [
        ("statements", 2, "stance", "one of 1, -1", f"'7'{SCALE}")
    ]
