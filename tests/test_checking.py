"""A meeting checked as a whole: keys, what they refer to, every quote against its text."""

import csv
import io
import warnings

import pandas as pd
import pytest
from conftest import MINIMAL, faults_of, write_folder

import camdata as cam
from camdata.model.errors import Origin
from camdata.model.source import Source, SourceTable

SCALE = ' (another scale is given by "stances" in datapackage.json, or by stances=)'
DATES = " (read_table reads such dates by dates='%d/%m/%Y')"


def edit(file, row, column, value):
    """Change one cell of a CSV file (row 1 is the first below the header)."""
    rows = list(csv.reader(io.StringIO(file.read_bytes().decode(), newline="")))
    rows[row][rows[0].index(column)] = value
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    file.write_bytes(text.getvalue().encode())


def line_of(file, beginning):
    """Return the physical line of a file that begins so."""
    lines = file.read_bytes().decode().split("\n")
    (number,) = [n for n, line in enumerate(lines, 1) if line.startswith(beginning)]
    return number


# every fault, one folder each: files, then file, line, column, expected, got

TWO_TEXTS = {"texts/day1.txt": "We want a tax.", "texts/day2.txt": "No."}
WITH_ACTORS = {"statements.csv": MINIMAL, "actors.csv": "actor\nA\nB\n"}
ONCE = "a quote that occurs once: lengthen it, or fill the columns start and stop"

FAULTS = {
    "a column that is missing": (
        {"statements.csv": "acter,code\nA,tax\n"},
        ("statements.csv", 1, "actor", "this column", "columns acter, code"),
    ),
    "a value that is missing": (
        {"statements.csv": "actor,code\nA,tax\nB,\n"},
        ("statements.csv", 3, "code", "a value", "nothing"),
    ),
    "an identifier that is missing": (
        {"statements.csv": "statement,actor,code\n1,A,tax\n,B,tax\n"},
        ("statements.csv", 3, "statement", "a value", "nothing"),
    ),
    "a key twice": (
        {"statements.csv": 'statement,actor,code\n1,"A\nB",tax\n2,B,tax\n1,C,tax\n'},
        ("statements.csv", 5, "statement", "each statement once", "'1' again (first on line 2)"),
    ),
    "an actor twice": (
        {"statements.csv": MINIMAL, "actors.csv": "actor\nA\nB\nA\n"},
        ("actors.csv", 4, "actor", "each actor once", "'A' again (first on line 2)"),
    ),
    "a code twice": (
        {"statements.csv": MINIMAL, "codebook.csv": "code\ntax\ntax\n"},
        ("codebook.csv", 3, "code", "each code once", "'tax' again (first on line 2)"),
    ),
    "an intervention twice": (
        {**WITH_ACTORS, "interventions.csv": "order,actor,passage\n1,A,x\n01,B,y\n"},
        ("interventions.csv", 3, "order", "each order once", "'1' again (first on line 2)"),
    ),
    "an intervention of a document twice": (
        {
            **WITH_ACTORS,
            "interventions.csv": "document,order,actor,passage\nd,1,A,x\ne,1,A,x\nd,1,B,y\n",
        },
        (
            "interventions.csv",
            4,
            "order",
            "each order once for each document",
            "'1' again (first on line 2)",
        ),
    ),
    "a recoded statement twice": (
        {
            **WITH_ACTORS,
            "recodings.csv": "statement,actor,code,coder\n1,A,x,Ann\n1,A,x,Bob\n1,A,y,Ann\n",
        },
        (
            "recodings.csv",
            4,
            "statement",
            "each statement once for each coder",
            "'1' again (first on line 2)",
        ),
    ),
    "a recoding of nobody": (
        {**WITH_ACTORS, "recodings.csv": "actor,code,coder\nA,x,\n"},
        ("recodings.csv", 2, "coder", "a value", "nothing"),
    ),
    "an unknown stance": (
        {"statements.csv": "actor,code,stance\nA,tax,+1\nB,tax,2\n"},
        ("statements.csv", 3, "stance", "one of 1, -1", f"'2'{SCALE}"),
    ),
    "an unknown ordinal stance": (
        {
            "statements.csv": "actor,code,stance\nA,tax,3\n",
            "datapackage.json": '{"stances": [0,1]}',
        },
        ("statements.csv", 2, "stance", "one of 0, 1", f"'3'{SCALE}"),
    ),
    "an unknown basis": (
        {"statements.csv": "actor,code,basis\nA,tax,by reference\n"},
        (
            "statements.csv",
            2,
            "basis",
            "one of explicit, by_reference",
            "'by reference' (did you mean 'by_reference'?)",
        ),
    ),
    "an unknown kind": (
        {"statements.csv": MINIMAL, "actors.csv": "actor,kind\nA,delegations\nB,chair\n"},
        (
            "actors.csv",
            2,
            "kind",
            "one of delegation, official, chair, secretariat, organisation",
            "'delegations' (did you mean 'delegation'?)",
        ),
    ),
    "an unknown relation": (
        {"statements.csv": MINIMAL, "references.csv": "actor,target,relation\nA,B,ECHOES\n"},
        (
            "references.csv",
            2,
            "relation",
            "one of echoes, builds_on, supports, contrasts",
            "'ECHOES' (did you mean 'echoes'?)",
        ),
    ),
    "no whole number": (
        {"statements.csv": MINIMAL, "actors.csv": "actor,speaking_order\nA,1\nB,1.5\n"},
        ("actors.csv", 3, "speaking_order", "a whole number of 1 or more", "'1.5'"),
    ),
    "a number that is too small": (
        {"statements.csv": MINIMAL, "interventions.csv": "order,actor,passage\n0,A,x\n"},
        ("interventions.csv", 2, "order", "a whole number of 1 or more", "'0'"),
    ),
    "an offset below zero": (
        {"statements.csv": "actor,code,start\nA,tax,-1\n"},
        ("statements.csv", 2, "start", "a whole number of 0 or more", "'-1'"),
    ),
    "no date": (
        {"statements.csv": "actor,code,date\nA,tax,2017-10-17\nB,tax,17/10/2017\n"},
        ("statements.csv", 3, "date", "a date such as 2017-10-17", f"'17/10/2017'{DATES}"),
    ),
    "an unknown actor of a statement": (
        {"statements.csv": "actor,code\nCanda,tax\n", "actors.csv": "actor\nChile\nCanada\n"},
        (
            "statements.csv",
            2,
            "actor",
            "an actor of actors.csv",
            "'Canda' (did you mean 'Canada'?)",
        ),
    ),
    "an unknown actor of an intervention": (
        {**WITH_ACTORS, "interventions.csv": 'order,actor,passage\n1,A,"x\ny"\n2,Zed,z\n'},
        ("interventions.csv", 4, "actor", "an actor of actors.csv", "'Zed'"),
    ),
    "an unknown target of a reference": (
        {**WITH_ACTORS, "references.csv": "actor,target,relation\nA,b,echoes\n"},
        ("references.csv", 2, "target", "an actor of actors.csv", "'b' (did you mean 'B'?)"),
    ),
    "an unknown actor of a recoding": (
        {**WITH_ACTORS, "recodings.csv": "actor,code,coder\na,x,Ann\n"},
        ("recodings.csv", 2, "actor", "an actor of actors.csv", "'a' (did you mean 'A'?)"),
    ),
    "an unknown code": (
        {"statements.csv": "actor,code\nA,tax\nB,taxes\n", "codebook.csv": "code\ntax\nquota\n"},
        ("statements.csv", 3, "code", "a code of codebook.csv", "'taxes' (did you mean 'tax'?)"),
    ),
    "a reference without ends": (
        {
            "statements.csv": MINIMAL,
            "references.csv": "actor,target,relation\nA,,echoes\n,,echoes\n",
        },
        ("references.csv", 3, "actor", "an actor or a target", "neither"),
    ),
    "a quote that is not in the text": (
        {"statements.csv": "actor,code,quote\nA,tax,qqqq\n", "report.txt": "We want a tax."},
        ("statements.csv", 2, "quote", "words of the text", "'qqqq'"),
    ),
    "a quote that stands twice": (
        {
            "statements.csv": "actor,code,quote\nA,tax,a tax\n",
            "report.txt": "We want a tax.\nNo, we want a tax.",
        },
        (
            "statements.csv",
            2,
            "quote",
            ONCE,
            "'a tax', found on lines 1 and 2 (start 8 and 27)",
        ),
    ),
    "a quote that is not where it is said to be": (
        {
            "statements.csv": "actor,code,quote,start,stop\nA,tax,tax,2,5\nB,tax,tax,8,11\n",
            "report.txt": "A tax, a tax.",
        },
        ("statements.csv", 3, "quote", "'tax' at 8", "' ta' there"),
    ),
    "a passage that is not in the text": (
        {
            "statements.csv": MINIMAL,
            "interventions.csv": "order,actor,passage\n1,A,qqqq\n",
            "report.txt": "We want a tax.",
        },
        ("interventions.csv", 2, "passage", "words of the text", "'qqqq'"),
    ),
    "a reference's quote that is not in the text": (
        {
            "statements.csv": MINIMAL,
            "references.csv": "actor,target,relation,quote\nA,B,echoes,qqqq\n",
            "report.txt": "We want a tax.",
        },
        ("references.csv", 2, "quote", "words of the text", "'qqqq'"),
    ),
    "a recoding's quote that is not in the text": (
        {
            "statements.csv": MINIMAL,
            "recodings.csv": "actor,code,coder,quote\nA,B,Ann,qqqq\n",
            "report.txt": "We want a tax.",
        },
        ("recodings.csv", 2, "quote", "words of the text", "'qqqq'"),
    ),
    "passages that overlap": (
        {
            "statements.csv": MINIMAL,
            "interventions.csv": 'order,actor,passage\n1,A,"One.\nTwo."\n2,B,Two. Three.\n',
            "report.txt": "One.\nTwo. Three.",
        },
        (
            "interventions.csv",
            4,
            "passage",
            "passages that do not overlap",
            "one that overlaps that of line 2",
        ),
    ),
    "an unknown text": (
        {"statements.csv": "actor,code,quote,document\nA,tax,No.,day3\n", **TWO_TEXTS},
        (
            "statements.csv",
            2,
            "document",
            "the name of a text: one of day1, day2",
            "'day3' (did you mean 'day1'?)",
        ),
    ),
    "several texts and none named": (
        {"statements.csv": "actor,code,quote\nA,tax,No.\n", **TWO_TEXTS},
        ("statements.csv", 2, "document", "the name of a text: one of day1, day2", "nothing"),
    ),
}


@pytest.mark.parametrize(("files", "fault"), FAULTS.values(), ids=FAULTS)
def test_a_fault_names_place_expected_and_got(files, fault, tmp_path):
    assert faults_of(write_folder(tmp_path, files)) == [fault]


def test_a_blank_stance_is_a_statement_that_counts_nowhere(tmp_path):
    files = {"statements.csv": "actor,code,stance\nA,tax,-1\nB,tax,\n"}
    loaded = cam.load_meeting(write_folder(tmp_path, files))
    assert loaded.statements["stance"].isna().tolist() == [False, True]
    assert loaded.positions()["tax"].tolist() == [-1, pd.NA]
    assert loaded.tally(duplicates="all").n_statements == 1


# many faults at once


def test_one_error_lists_every_fault_of_a_folder(bundled):
    statements, interventions = bundled / "statements.csv", bundled / "interventions.csv"
    ids = pd.read_csv(statements, dtype="str")["statement"].tolist()
    edit(bundled / "actors.csv", 2, "kind", "delegate")
    edit(bundled / "codebook.csv", 3, "code", "key_terms")
    edit(interventions, 12, "actor", "Costarica")
    peru = "the first step was to begin to define the terms and then to continue by compiling"
    edit(
        interventions,
        19,
        "passage",
        f"{peru} inputs for the Global Compact.  However, Uruguay appealed for pragmatism",
    )
    edit(statements, 5, "quote", "The RCM was also working to find prevention measures")
    edit(statements, 14, "code", "specific_actionabel")
    edit(statements, 18, "quote", "subjects of law")
    edit(statements, 20, "stance", "2")
    edit(statements, 22, "statement", ids[20])
    edit(statements, 30, "actor", "")
    lines = statements.read_bytes().decode().split("\n")
    lines[33] += ","
    statements.write_bytes("\n".join(lines).encode())
    (bundled / "references.csv").unlink()
    (bundled / "texts").mkdir()
    (bundled / "texts" / "annex.txt").write_bytes("one\nSesión\n".encode("latin-1"))
    (bundled / "datapackage.json").write_bytes(
        (bundled / "datapackage.json").read_bytes().replace(b"sha256:8136", b"sha256:0000")
    )

    faults = faults_of(bundled)
    found = {fault[:3]: fault[3:] for fault in faults}
    on = {number: line_of(interventions, f"{number},") for number in (12, 19, 20)}
    assert on[12] > 13  # passages of several lines stand before it
    near = line_of(bundled / "report.txt", "As representative of the pro tempore Chair, Deputy")
    expected = {
        ("texts/annex.txt", 2, None): ("UTF-8", "byte 0xf3, so this is probably Windows-1252"),
        ("references.csv", None, None): ("this file", "no such file"),
        ("report.txt", None, None): ("the text with sha256:0000", "sha256:8136"),
        ("actors.csv", 3, "kind"): ("one of delegation, ", "'delegate' (did you mean 'delegation'"),
        ("codebook.csv", 4, "code"): ("each code once", "'key_terms' again (first on line 2)"),
        ("interventions.csv", on[12], "actor"): (
            "an actor of actors.csv",
            "'Costarica' (did you mean 'Costa Rica'?)",
        ),
        ("interventions.csv", on[20], "passage"): (
            "passages that do not overlap",
            f"one that overlaps that of line {on[19]}",
        ),
        ("statements.csv", 6, "quote"): (
            "words of the text",
            f"'The RCM was also working to find prevention measures' (the nearest passage, on line "
            f"{near}, goes on",
        ),
        ("statements.csv", 15, "code"): ("a code of codebook", "(did you mean 'specific_actionab"),
        ("statements.csv", 19, "quote"): (ONCE, "'subjects of law', found on"),
        ("statements.csv", 21, "stance"): ("one of 1, -1", "'2'"),
        ("statements.csv", 23, "statement"): (
            "each statement once",
            f"'{ids[20]}' again (first on line 22)",
        ),
        ("statements.csv", 31, "actor"): ("a value", "nothing"),
        ("statements.csv", 34, None): ("7 cells, as in the header", "8 cells"),
    }
    for place, (wanted, got) in expected.items():
        assert wanted in found[place][0], place
        assert got in found[place][1], place
    # the rest speaks of the code whose place the repeated one took, and of nothing else
    rest = [fault for fault in faults if fault[:3] not in expected]
    assert {fault[0] for fault in rest} <= {"statements.csv", "recodings.csv"}
    assert {fault[2:4] for fault in rest} == {("code", "a code of codebook.csv")}
    assert all(fault[4].startswith("'document_expectations'") for fault in rest)


def test_faults_come_in_the_order_of_tables_and_lines(tmp_path):
    files = {
        "statements.csv": "actor,code\nC,tax\nA,\nD,tax\n",
        "actors.csv": "actor,kind\nA,x\n,chair\n",
        "codebook.csv": "code\ntax\ntax\n",
    }
    places = [fault[:2] for fault in faults_of(write_folder(tmp_path, files))]
    assert places == [
        ("actors.csv", 2),
        ("actors.csv", 3),
        ("codebook.csv", 3),
        ("statements.csv", 2),
        ("statements.csv", 3),
        ("statements.csv", 4),
    ]


def test_keys_are_compared_as_they_are_read():
    actors = pd.DataFrame({"actor": ["A\r\nB", 7.0]})
    statements = pd.DataFrame({"actor": ["A\rB", "7"], "code": ["x", "y"]})
    assert cam.Meeting(statements, actors=actors).actors["actor"].tolist() == ["A\nB", "7"]


# quotes and passages


@pytest.mark.parametrize(
    ("column", "cell"),
    [("passage", b"\x80"), ("passage", ["One."]), ("order", [1]), ("order", 2**70)],
)
def test_what_a_column_cannot_hold_does_not_stop_the_checks_of_the_table(column, cell):
    interventions = pd.DataFrame(
        {"order": [1, 2], "actor": ["A", "B"], "passage": ["One.", "Two."]}
    )
    interventions[column] = pd.Series([interventions[column].iloc[0], cell], dtype=object)
    statements = pd.DataFrame(
        {"actor": ["A", "B"], "code": ["tax", "tax"], "quote": ["One", "Tow"]}
    )
    found = faults_of(statements, interventions=interventions, texts="One. Two. Three.")
    assert [fault[:3] for fault in found] == [
        ("interventions", 2, column),
        ("statements", 2, "quote"),
    ]


def test_passages_may_touch(tmp_path):
    files = {
        "statements.csv": MINIMAL,
        "interventions.csv": "order,actor,passage\n1,A,One.\n2,B,Two.\n",
        "report.txt": "One.Two.",
    }
    assert len(cam.load_meeting(write_folder(tmp_path, files)).interventions) == 2


def test_the_nearest_passage_is_shown_where_a_quote_parts_from_it(bundled):
    statements = bundled / "statements.csv"
    row = line_of(statements, "s043") - 1
    edit(statements, row, "quote", "Uruguay appealed for pragmatism of the States")
    ((file, line, column, expected, got),) = faults_of(bundled)
    assert (file, line, column) == ("statements.csv", row + 1, "quote")
    in_report = line_of(bundled / "report.txt", "For his part, the representative of Peru")
    assert expected == "words of the text"
    assert got.startswith("'Uruguay appealed for pragmatism of the States' (the nearest passage, ")
    assert f"on line {in_report}, goes on '…uguay appealed for pragmatism by the State…'" in got
    assert got.endswith("the quote 'of the State…', from its character 33 on)")


def test_a_quote_with_offsets_need_not_be_unique(tmp_path):
    files = {
        "statements.csv": "actor,code,quote,start,stop\nA,x,tax,2,5\nB,x,tax,9,\nC,x,tax,,12\n",
        "report.txt": "A tax, a tax.",
    }
    loaded = cam.load_meeting(write_folder(tmp_path, files))
    places = {name: (q.start, q.stop) for name in "ABC" for q in loaded.evidence(name)}
    assert places == {"A": (2, 5), "B": (9, 12), "C": (9, 12)}
    assert loaded.statements["start"].dtype == "Int64"
    assert loaded.statements["start"].fillna(-1).tolist() == [2, 9, -1]


def test_offsets_count_code_points():
    text = "🌎 a tax, a tax"
    statements = pd.DataFrame(
        {"actor": ["A"], "code": ["x"], "quote": ["a tax"], "start": [9], "stop": [14]}
    )
    (quotation,) = cam.Meeting(statements, texts=text).evidence("A")
    assert text[quotation.start : quotation.stop] == "a tax"
    assert quotation.start == 9


def test_several_texts_are_told_apart_by_the_column_document(tmp_path):
    files = {
        "statements.csv": "actor,code,quote,document\nA,tax,a tax,day2\nB,tax,a tax,day1\n",
        "texts/day1.txt": "We want a tax.",
        "texts/day2.txt": "So, a tax it is.",
    }
    loaded = cam.load_meeting(write_folder(tmp_path, files))
    found = {name: loaded.evidence(name)[0] for name in "AB"}
    assert {name: (q.document, q.start) for name, q in found.items()} == {
        "A": ("day2", 4),
        "B": ("day1", 8),
    }


# names that look alike

PAIRS = {
    "composed and not": ("Per\xfa", "Peru\u0301"),
    "Cyrillic": ("Canada", "\u0421anada"),
    "Greek": ("Omega", "\u039fmega"),
    "a no-break space": ("El Salvador", "El\xa0Salvador"),
    "a space without a width": ("Chile", "Chi\u200ble"),
    "a soft hyphen": ("Chile", "Chi\xadle"),
    "a byte order mark": ("Chile", "\ufeffChile"),
    "a hyphen that does not break": ("a-b", "a\u2011b"),
    "a blank at the end": ("Peru", "Peru "),
    "two blanks": ("El Salvador", "El  Salvador"),
}


@pytest.mark.parametrize(("one", "other"), PAIRS.values(), ids=PAIRS)
def test_names_that_look_alike_are_shown_apart_in_an_error(one, other):
    statements = pd.DataFrame({"actor": [other], "code": ["x"]})
    ((*_, got),) = faults_of(statements, actors=pd.DataFrame({"actor": ["Zed", one]}))
    assert got == f"{other!r} (did you mean {one!r}? It is {one!a}, not {other!a}.)"
    assert ascii(one) != ascii(other)


@pytest.mark.parametrize(("one", "other"), PAIRS.values(), ids=PAIRS)
@pytest.mark.parametrize("what", ["actors", "codes", "dimensions", "coders"])
def test_names_that_look_alike_are_warned_of_when_a_meeting_is_made(what, one, other):
    columns = {"actor": ["A", "B"], "code": ["x", "y"]}
    book = None
    if what == "dimensions":
        book = pd.DataFrame({"code": ["x", "y"], "dimension": [one, other]})
    else:
        columns[what.removesuffix("s")] = [one, other]
    with pytest.warns(UserWarning, match=f"Different {what} look alike") as caught:
        cam.Meeting(pd.DataFrame(columns), codebook=book)
    (warning,) = caught
    assert f"{what} look alike: {one!a} and {other!a}. They count apart" in str(warning.message)


@pytest.mark.parametrize(
    "names",
    [
        ["Peru", "Perú"],
        ["Peru", "peru"],
        ["x²", "x2"],
        ["Côte d'Ivoire", "Côte d’Ivoire"],
        ["РФ", "США"],
        ["日本", "日 本"],
        ["a-b", "a–b"],
    ],
    ids=" ".join,
)
def test_names_that_can_be_told_apart_are_not_warned_of(names):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        cam.Meeting(pd.DataFrame({"actor": names, "code": "x"}))


def test_a_warning_of_many_names_is_short():
    names = [name for n in range(300) for name in (f"{'Peru' * 500} {n}", f"{'Peru' * 500}\xa0{n}")]
    with pytest.warns(UserWarning, match="and 295 more") as caught:
        cam.Meeting(pd.DataFrame({"actor": names, "code": "x"}))
    assert len(str(caught[0].message)) < 1500


# only what changed is checked again


def test_replacing_one_table_checks_what_depends_on_it():
    made = cam.Meeting(
        pd.DataFrame({"actor": ["A"], "code": ["x"], "quote": ["One"]}),
        actors=pd.DataFrame({"actor": ["A", "B"]}),
        codebook=pd.DataFrame({"code": ["x"]}),
        recodings=pd.DataFrame({"actor": ["B"], "code": ["x"], "coder": ["Ann"]}),
        texts="One.",
    )
    for part, expected in (
        ({"actors": pd.DataFrame({"actor": ["A"]})}, "recodings, row 1, column actor"),
        ({"actors": pd.DataFrame({"actor": ["B"]})}, "statements, row 1, column actor"),
        ({"codebook": pd.DataFrame({"code": ["y"]})}, "statements, row 1, column code"),
        ({"texts": "Two."}, "statements, row 1, column quote"),
        ({"statements": pd.DataFrame({"actor": ["A"], "code": ["y"]})}, "row 1, column code"),
    ):
        with pytest.raises(cam.MeetingError, match=expected):
            made.replace(**part)


def test_a_text_that_no_file_can_hold_is_refused_whatever_door_it_came_through():
    statements = SourceTable(pd.DataFrame({"actor": ["A"], "code": ["x"]}), Origin("mine.db"))
    source = Source("mine.db", {"statements": statements}, {"a": "One.", "b": "Two.\n\0"})
    with pytest.raises(cam.MeetingError) as caught:
        cam.Meeting.from_source(source)
    (fault,) = caught.value.faults.to_dict("records")
    assert (fault["file"], fault["line"], fault["got"]) == ("texts['b']", 2, r"'\x00'")
