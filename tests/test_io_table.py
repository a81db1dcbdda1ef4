"""Anyone's table of statements: what is read, what is told of it, what is wrong with it."""

import contextlib
import datetime
import random
import re
import struct
import sys
import unicodedata
import zipfile
from xml.sax.saxutils import escape

import pandas as pd
import polars as pl
import pytest
import xlsxwriter
from pandas.testing import assert_frame_equal

import camdata as cam
from camdata.io import read_table
from camdata.io.stances import VOTES
from camdata.model.vocabulary import headers, stance_words

COUNTRIES = "Argentina Brazil Colombia Peru Mexico Ecuador Canada Uruguay Chile".split()
ISSUES = ["visas", "border control", "labor migration", "data sharing"]


def coding(typo="suport"):
    """Return 120 rows as two people typed them: 80 by Ana, the first 40 coded again by Ben."""
    draw = random.Random(7)
    rows = []
    for number in range(80):
        country = [*COUNTRIES, "United States"][number % 10]
        if number in (9, 19, 29, 39):
            country = "USA"
        if number == 12:
            country = "Columbia"
        if number in (0, 20):
            country += " "
        position = "support" if draw.random() < 0.6 else "contra"
        rows.append([country, ISSUES[number // 10 % 4], position, "Ana"])
    rows += [[*row[:3], "Ben"] for row in rows[:40]]
    for number in (5, 25, 77, 110):
        rows[number][2] = None
    for number in (33, 90, 101):
        rows[number][2] = typo
    return rows


def workbook(path, sheets, merged=(), hidden=(), strings=True):
    """Write rows of cells into the sheets of a workbook; `merged` are ranges with their value."""
    with xlsxwriter.Workbook(path) as book:
        day = book.add_format({"num_format": "dd.mm.yyyy"})
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                for column, cell in enumerate(row):
                    if isinstance(cell, str) and cell.startswith("=") and strings:
                        sheet.write_formula(number, column, cell[:-8], None, cell[-7:])
                    elif isinstance(cell, datetime.date):
                        sheet.write_datetime(number, column, cell, day)
                    elif cell is not None:
                        sheet.write(number, column, cell)
            for area, value in merged:
                sheet.merge_range(area, value)
            if name in hidden:
                sheet.hide()
    return path


def ods(path, rows, spans=None, damage="", repeated=()):
    """Write a small OpenDocument sheet by hand; `spans` are those of merged cells by value."""
    body = ""
    for row in rows:
        cells = ""
        for cell in row:
            text = escape("" if cell is None else str(cell))
            kind = 'office:value-type="string"'
            if isinstance(cell, int):
                kind = f'office:value-type="float" office:value="{cell}"'
            if cell in (spans or {}):
                names = zip(("rows", "columns"), spans[cell], strict=True)
                kind += "".join(f' table:number-{name}-spanned="{n}"' for name, n in names)
            cells += (
                f"<table:table-cell {kind}><text:p>{text}</text:p></table:table-cell>"
                if cell is not None
                else "<table:table-cell/>"
            )
        body += f"<table:table-row>{cells}</table:table-row>"
    urn = "urn:oasis:names:tc:opendocument:xmlns"
    names = " ".join(f'xmlns:{name}="{urn}:{name}:1.0"' for name in ("office", "table", "text"))
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {names}><office:body>'
        f'<office:spreadsheet><table:table table:name="Coding">{body}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    content = content.replace(damage, "", 1)
    for start in repeated:
        content = content.replace(start, f'{start} table:number-{repeated[start]}-repeated="9999"')
    with zipfile.ZipFile(path, "w") as book:
        book.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        book.writestr("content.xml", content)
        book.writestr(
            "META-INF/manifest.xml",
            f'<manifest:manifest xmlns:manifest="{urn}:manifest:1.0">'
            '<manifest:file-entry manifest:full-path="/" '
            'manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/>'
            "</manifest:manifest>",
        )
    return path


def text(path, words, encoding="utf-8"):
    path.write_bytes(words.encode(encoding))
    return path


def told(meeting, what):
    """Return the changes of one kind, as (before, after, rows)."""
    changes = meeting.source.changes
    rows = changes[changes["what"] == what]
    return list(zip(rows["before"], rows["after"], rows["rows"].tolist(), strict=True))


def only_fault(call):
    """Return the error of a call, which must list one kind of fault."""
    with pytest.raises(cam.MeetingError) as caught:
        call()
    assert str(caught.value).count("\n") == 1, caught.value
    return caught.value


SMALL = [
    ["Country", "Issue", "Position"],
    ["Argentina", "tax", "support"],
    ["Brazil", "tax", "contra"],
    ["Brazil", "quota", "support"],
]


@pytest.fixture
def small():
    return pd.DataFrame(SMALL[1:], columns=SMALL[0])


# the story: a workbook of 120 rows


@pytest.fixture
def book(tmp_path):
    def write(typo="suport"):
        rows = [["Country", "Issue", "Position", "Coder"], *coding(typo)]
        return workbook(tmp_path / "coding.xlsx", {"Coding": rows})

    return write


def test_a_typo_is_one_fault_in_the_rows_of_the_sheet(book):
    error = only_fault(lambda: read_table(book()))
    assert "coding.xlsx, sheet Coding, rows 35, 92 and 103, column Position" in str(error)
    assert "got 'suport' (did you mean 'support'?)" in str(error)
    assert error.faults["line"].tolist() == [35, 92, 103]


def test_one_call_reads_the_workbook_and_tells_what_was_done(book):
    meeting = read_table(book(typo="contra"))
    assert len(meeting.statements) == 120
    assert "Argentina" in set(meeting.actors["actor"])
    assert told(meeting, "header read as") == [
        ("Country", "actor", 120),
        ("Issue", "code", 120),
        ("Position", "stance", 120),
        ("Coder", "coder", 120),
    ]
    assert told(meeting, "white space trimmed") == [("'Argentina '", "'Argentina'", 4)]
    assert told(meeting, "no stance: counted nowhere") == [("", "", 4)]
    assert told(meeting, "not merged: same country") == [("USA", "United States (4 rows)", 8)]
    assert told(meeting, "not merged: similar spelling") == [("Columbia", "Colombia (10 rows)", 2)]
    words = {before: (after, rows) for before, after, rows in told(meeting, "stance read as")}
    stances = [row[2] for row in coding("contra")]
    assert words == {
        "support": ("1", stances.count("support")),
        "contra": ("-1", stances.count("contra")),
    }


def test_what_was_asked_for_is_merged_and_the_coders_stay_apart(book):
    meeting = read_table(
        book(),
        aliases={"USA": "United States", "Columbia": "Colombia"},
        stances={"suport": 1},
    )
    assert sorted(meeting.actors["actor"]) == sorted([*COUNTRIES, "United States"])
    assert told(meeting, "name merged") == [
        ("USA", "United States", 8),
        ("Columbia", "Colombia", 2),
    ]
    assert not meeting.source.changes["what"].str.startswith("not merged").any()
    ana, ben = (meeting.select(coder=name).tally() for name in ("Ana", "Ben"))
    assert (ana.n_statements, ben.n_statements) == (77, 39)
    with pytest.raises(ValueError, match=r"select\(coder=…\)"):
        meeting.tally()


# headers


def headers_are_found(small, role, terms):
    roles = {"actor": "Country", "code": "Issue", "stance": "Position"}
    for term in terms:
        frame = small.rename(columns={roles.get(role, "none"): term.upper().replace(" ", "_")})
        if role not in roles:
            frame[term.title()] = ["2017-10-17", "2017-10-18", "2017-10-19"]
        statements = read_table(frame).statements
        assert role in statements, term
        assert len(statements) == 3


@pytest.mark.parametrize("role", headers())
def test_usual_headers_are_found_in_any_case(small, role):
    headers_are_found(small, role, headers()[role][:: len(headers()[role]) - 1])


@pytest.mark.slow
@pytest.mark.parametrize("role", headers())
def test_every_usual_header_is_found_in_any_case(small, role):
    headers_are_found(small, role, headers()[role])


def test_no_usual_header_stands_for_two_columns():
    terms = [term for usual in headers().values() for term in usual]
    assert len(terms) == len(set(terms))


def test_two_headers_that_could_be_the_actor_are_a_question(small):
    small["Delegation"] = "x"
    error = only_fault(lambda: read_table(small))
    assert "got 'Country' and 'Delegation' (choose one, such as actor=\"Country\")" in str(error)
    meeting = read_table(small, actor="country")
    assert meeting.actors["actor"].tolist() == ["Argentina", "Brazil"]
    assert meeting.statements["Delegation"].tolist() == ["x"] * 3


def test_a_column_given_to_one_role_is_no_other():
    frame = pd.DataFrame({"Country": ["A"], "Vote": ["b"], "Position": ["pro"]})
    statements = read_table(frame, code="vote").statements
    assert statements[["code", "stance"]].iloc[0].tolist() == ["b", 1]


def test_own_names_come_before_usual_ones(small):
    small["actor"] = ["a", "b", "c"]
    assert read_table(small).actors["actor"].tolist() == ["a", "b", "c"]


def test_all_that_is_missing_is_said_at_once():
    frame = pd.DataFrame({"Kraj": ["A"], "Temat": ["b"], "Haltung": ["pro"]})
    with pytest.raises(cam.MeetingError) as caught:
        read_table(frame, stance="Haltun")
    message = str(caught.value)
    assert 'actor="…"' in message
    assert 'code="…"' in message
    assert "no column 'Haltun' (did you mean 'Haltung'?)" in message
    meeting = read_table(frame, actor="Kraj", code="Temat", stance="Haltung")
    assert meeting.positions().loc["A", "b"] == 1


def test_a_column_can_be_declined(small):
    meeting = read_table(small, stance=False)
    assert meeting.statements["stance"].tolist() == [1, 1, 1]
    assert meeting.statements["Position"].tolist() == ["support", "contra", "support"]
    assert told(meeting, "no column of stances: all support") == [("", "1", 3)]


def test_foreign_columns_with_names_of_ours_are_kept_apart(small):
    small["stance"] = ["a", "b", "c"]
    meeting = read_table(small, stance="Position")
    assert meeting.statements["table_stance"].tolist() == ["a", "b", "c"]
    assert told(meeting, "column renamed") == [("stance", "table_stance", 3)]


def test_other_columns_keep_their_kind_or_become_text(tmp_path, small):
    rows = [[*row] for row in SMALL]
    for row, *cells in zip(rows, ["Page", 3, 4, 5], ["Note", 1, "two", None], strict=True):
        row += cells
    meeting = read_table(workbook(tmp_path / "a.xlsx", {"Coding": rows}))
    assert meeting.statements["Page"].tolist() == [3, 4, 5]
    assert meeting.statements["Note"].tolist()[:2] == ["1", "two"]
    assert told(meeting, "mixed cells kept as text") == [("", "", 2)]


@pytest.mark.parametrize("header", ["Country", "Issue", "Position", "Date", "Note"])
@pytest.mark.parametrize("cell", ["a\ud800", ["b", "a\ud800"], "a\0"])
def test_text_that_no_file_can_hold_is_a_fault_of_its_cell(small, header, cell):
    small[header] = pd.Series(["2024-01-01", None, cell], dtype=object)
    error = only_fault(lambda: read_table(small))
    assert f"the table, row 3, column {header}: expected text without NUL" in str(error)


def test_escapes_in_a_cell_are_no_text_that_no_file_can_hold(small):
    cells = ['["\\ud800", "b"]', "a", "b"]
    assert read_table(small.assign(Issue=cells)).statements["code"].tolist() == cells


@pytest.mark.parametrize("read", [read_table, cam.io.read_wide])
def test_no_path_and_no_file(read):
    with pytest.raises(TypeError, match="`table` must be a path, but '' was passed"):
        read("")
    error = only_fault(lambda: read("."))
    assert str(error).startswith("1 fault in .:\n  .: expected a file; got a folder")


def test_headers_are_text_that_a_file_can_hold(small):
    names = pd.Index(["Country", "Issue", "a\ud800"], dtype=object)
    error = only_fault(lambda: read_table(small.set_axis(names, axis="columns")))
    assert "a column named by text without NUL" in str(error)


def test_a_column_called_statement_is_an_id_or_the_words(small):
    ids = read_table(small.assign(Statement=["a1", "a2", "a3"]))
    assert ids.statements["statement"].tolist() == ["a1", "a2", "a3"]
    words = read_table(small.assign(Statement=["We agree.", "We do not.", "We agree."]))
    assert words.statements["quote"].tolist() == ["We agree.", "We do not.", "We agree."]


# stances


LEVELS = {word: set(known.values()) for word, known in stance_words().items()}


@pytest.mark.parametrize("level", [1, 0, -1])
def test_words_for_stances(level):
    words = [word for word, levels in LEVELS.items() if levels == {level}]
    for write in (str, str.upper, str.title, " {} ".format):
        rows = {"country": [f"c{n}" for n in range(len(words))], "issue": "x"}
        frame = pd.DataFrame({**rows, "vote": list(map(write, words))})
        assert set(read_table(frame).statements["stance"]) == {level}


def test_words_for_nothing():
    words = [word for word, levels in LEVELS.items() if levels == {None}]
    rows = {"country": [f"c{n}" for n in range(len(words) + 1)], "issue": "x"}
    meeting = read_table(pd.DataFrame({**rows, "vote": [*words, "pro"]}))
    assert meeting.tally().n_statements == 1
    assert {
        before for before, after, _ in told(meeting, "stance read as") if after == "missing"
    } == set(words)


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        (["País", "Tema", "Posición"], ["a favor", "en contra", "se abstiene", "no votó"]),
        (["PAIS", "Asunto", "Voto"], ["Sí", "No", "Abstención", "Ausente"]),
        (["Partido", "Questão", "Posição"], ["Sim", "Não", "Abstenção", "Ausente"]),
        (["Pays", "Sujet", "Avis"], ["pour", "contre", "s’abstient", "absent"]),
        (["Parti", "Enjeu", "Prise de position"], ["Oui", "Non", "Abstention", "n'a pas voté"]),
        (["Partei", "Thema", "Haltung"], ["dafür", "dagegen", "Enthaltung", "abwesend"]),
    ],
)
def test_headers_and_words_of_other_languages(headers, words):
    rows = [[f"c{n}", "x", word] for n, word in enumerate(words)]
    found = read_table(pd.DataFrame(rows, columns=headers)).statements["stance"]
    assert found.fillna(9).tolist() == [1, -1, 0, 9]


def test_a_word_of_two_meanings_asks_for_the_language(small):
    small["Position"] = ["O", "N", "O"]
    error = only_fault(lambda: read_table(small))
    assert "a word of one meaning (fr 1, en -1)" in str(error)
    assert read_table(small, language="fr").statements["stance"].tolist() == [1, -1, 1]
    assert read_table(small, language="en").statements["stance"].tolist() == [-1, -1, -1]


@pytest.mark.parametrize("minus", "-−–‐")
def test_signs(small, minus):
    small["Position"] = ["+", minus, "0"]
    assert read_table(small, votes="signs").statements["stance"].tolist() == [1, -1, 0]
    assert read_table(small.head(2)).statements["stance"].tolist() == [1, -1]


@pytest.mark.parametrize("dash", "-–—")
def test_a_dash_beside_words_is_blank(small, dash):
    """A dash fills the cell of somebody who cast no vote; it is no opposition."""
    small["Position"] = ["yes", "no", dash]
    meeting = read_table(small)
    assert meeting.statements["stance"].fillna(9).tolist() == [1, -1, 9]
    assert (dash, "missing", 1) in told(meeting, "stance read as")
    own = read_table(small.assign(Position=["Ja", "Nein", dash]), stances={"Ja": 1, "Nein": -1})
    assert own.statements["stance"].fillna(9).tolist() == [1, -1, 9]
    told_so = read_table(small, stances={"-": -1})
    assert told_so.statements["stance"].tolist() == [1, -1, -1]


def test_a_plus_beside_words_is_a_fault(small):
    error = only_fault(lambda: read_table(small.assign(Position=["+", "no", "yes"])))
    assert error.faults["line"].tolist() == [1]


@pytest.mark.parametrize(
    ("values", "arguments", "levels", "scale"),
    [
        ([1, -1, 1], {}, [1, -1, 1], (1, -1)),
        (["+1", "−1", "1.0"], {}, [1, -1, 1], (1, -1)),
        ([1, 0, -1], {}, [1, 0, -1], (1, 0, -1)),
        (["yes", "no", "abstain"], {}, [1, -1, 0], (1, 0, -1)),
        ([3, 1, 2], {}, [3, 1, 2], (3, 2, 1)),
        ([5, 1, 3], {"stances": (5, 3, 1)}, [5, 1, 3], (5, 3, 1)),
        ([5, 1, 3], {"scale": (1, 5)}, [5, 1, 3], (5, 4, 3, 2, 1)),
        ([5, 1, -66], {"scale": (1, 5), "missing": [-66]}, [5, 1, None], (5, 4, 3, 2, 1)),
        ([1, 0, 1], {"stances": {1: 1, 0: -1}}, [1, -1, 1], (1, -1)),
        ([1, -1, 99], {"stances": {99: None}}, [1, -1, None], (1, -1)),
        ([1, -1, 99], {"missing": (99,)}, [1, -1, None], (1, -1)),
        ([True, False, True], {}, [1, -1, 1], (1, -1)),
        (["S", "O", "S"], {"stances": {"s": 1, "o": -1}}, [1, -1, 1], (1, -1)),
        (["yes", "no", "yes"], {"stances": {"yes": -1, "no": 1}}, [-1, 1, -1], (1, -1)),
    ],
)
def test_stances_and_their_scale(small, values, arguments, levels, scale):
    meeting = read_table(small.assign(Position=values), **arguments)
    found = meeting.statements["stance"]
    assert [None if pd.isna(level) else level for level in found] == levels
    assert meeting.stances == scale


@pytest.mark.parametrize(("votes", "coding"), VOTES.items())
def test_votes_by_numbers(votes, coding):
    frame = pd.DataFrame({"country": [f"c{n}" for n in coding], "rcid": 3, "vote": list(coding)})
    found = read_table(frame, votes=votes).statements["stance"]
    assert [None if pd.isna(level) else level for level in found] == list(coding.values())


def test_votes_of_another_coding_are_faults():
    frame = pd.DataFrame({"country": ["A", "B"], "rcid": 3, "vote": [1, 4]})
    error = only_fault(lambda: read_table(frame, votes="voeten"))
    assert "row 2, column vote: expected one of 1, 2, 3, 8, 9;" in str(error)


@pytest.mark.parametrize(
    ("values", "arguments", "words"),
    [
        ([1, 0, 1], {}, "votes='binary'"),
        (["support", 1, 1], {}, "numbers .* beside words"),
        ([1, 2, 3], {"scale": (1,)}, "`scale` must be the lowest and the highest"),
        ([1, 2, 3], {"scale": (5, 1)}, "`scale` must be the lowest and the highest"),
        ([1, 2, 3], {"missing": "8"}, "`missing` must be"),
        ([1, 2, 3], {"language": "it"}, "`language` must be one of"),
        ([1, 2, 3], {"votes": "voten"}, "did you mean 'voeten'"),
        ([1, 2, 3], {"stances": {"x": 0.5}}, "a whole number"),
        ([1, 2, 3], {"stances": "abc"}, "such as"),
        (["yes", "no", "abstain"], {"stances": (1, -1)}, "does not have"),
    ],
)
def test_arguments_that_answer_nothing(small, values, arguments, words):
    with pytest.raises((TypeError, ValueError), match=words):
        read_table(small.assign(Position=values), **arguments)


ACCEPTED = [
    *([1], [-1], [1, -1], [1, 0, -1], [2, 1, 0, -1, -2], [*range(-5, 6)], [1, 2, 3]),
    *([*range(1, 6)], [*range(1, 8)], [*range(11)]),
]
ASKED = [
    *([0, 1], [1, 2], [0], [2], [0, -1], [1, 2, 4], [1, 3, 5, 7, 9], [7, 8, 9], [5, 6, 8]),
    *([*range(1, 9)], [*range(1, 10)], [1, 2, 3, 9], [1, 2, 3, 8, 9], [1, 6, 9], [1, 6, 7, 9, 0]),
    *([1, 2, 3, 4, -1, -2], [1, 2, 3, 4, 5, -66], [1, 0, -1, -99], [1, -1, 9, 99, -9]),
    *(
        [1, 2, 3, 4, 5, -66, -77, -88, -99],
        [1, 5, 99],
        [1, 2, 3, 4, 77],
        [1, 2, 997],
        [-2, -1, 1, 2],
    ),
    *([-1, 1, 2], [*range(10)], [*range(20)], [*range(-6, 7)], [1, 66], [0, 1, 2, 3]),
]


def voted(values):
    rows = {"country": [f"c{n}" for n in range(len(values))], "issue": "x"}
    return pd.DataFrame({**rows, "vote": values})


@pytest.mark.parametrize("values", ACCEPTED, ids=str)
def test_numbers_that_are_accepted_without_a_question(values):
    meeting = read_table(voted(values))
    assert meeting.statements["stance"].tolist() == values
    assert set(values) <= set(meeting.stances)
    low, high = min(values), max(values)
    ways = {"read as 1 supports, -1 opposes", f"read as an ordinal scale {low}–{high}"}
    ways.add(f"read as an ordinal scale {low} to {high}")
    assert meeting.source.changes["what"].isin(ways).sum() == 1


@pytest.mark.parametrize(
    "values",
    [pytest.param(v, marks=pytest.mark.slow) if n % 3 else v for n, v in enumerate(ASKED)],
    ids=str,
)
def test_all_other_numbers_are_a_question_whose_advice_is_right(values):
    with pytest.raises(ValueError, match=r"what they mean|hardly stances") as caught:
        read_table(voted(values))
    message = str(caught.value)
    if len(values) <= 11:
        assert all(f"{value} (1×)" in message for value in values)
    ways = re.findall(r"^  (\w+=.*?)  # ", message, re.MULTILINE)
    assert ways
    for way in ways:
        arguments = eval(f"dict({way})")
        meeting = read_table(voted(values), **arguments)
        gone = [None if value in arguments.get("missing", ()) else value for value in values]
        found = meeting.statements["stance"]
        assert found.isna().sum() >= gone.count(None)
        if set(arguments) <= {"missing", "scale"}:
            assert [None if pd.isna(level) else level for level in found] == gone


def test_what_was_answered_in_part_is_asked_again():
    frame = voted([1, 2, 3, 4, 5, -66, -77, -88, -99])
    with pytest.raises(ValueError, match=r"missing=\(-99, -88, -77, -66\)"):
        read_table(frame, stances={-77: None, -88: None, -99: None})
    with pytest.raises(ValueError, match=r"missing=\(-99, -88, -77, -66\)"):
        read_table(frame, missing=(-77, -88, -99))


def test_votes_of_congress_are_no_scale():
    """1 yea, 6 nay, 7 present, 9 not voting: A and B agree on both bills that both voted on."""
    casts = pd.DataFrame({"Senator": list("AAAABBBBC"), "Bill": list("123412341")})
    casts["Vote"] = [1, 6, 9, 1, 1, 6, 1, 9, 7]
    with pytest.raises(ValueError, match="votes='rollcall'"):
        read_table(casts)
    tally = read_table(casts, votes="rollcall").tally()
    assert cam.agreement(tally, "matching").frame.loc["A", "B"] == 1


@pytest.mark.parametrize(
    ("values", "first"),
    [
        ([2, 3, 4, 5], "scale=(1, 5)"),
        ([1, 2, 4], "scale=(1, 5)"),
        ([2, 3, 4, 5, 6], "scale=(1, 7)"),
        ([1, 6, 9], "votes='rollcall'"),
        ([1, 3], "votes='voeten'"),
        ([1, 2, 3, 9], "votes='voeten'"),
    ],
)
def test_the_first_advice_is_the_likely_one(values, first):
    with pytest.raises(ValueError, match="several things") as caught:
        read_table(voted(values))
    assert str(caught.value).splitlines()[1].startswith(f"  {first}  #")


def test_numbers_that_no_argument_explains_are_given_one_by_one():
    with pytest.raises(ValueError, match=r"1000 \(1×\)\. Give each its meaning in stances=.*\.$"):
        read_table(voted([1, 1000]))


def test_a_stray_abstention_that_makes_a_scale_is_reported(small):
    meeting = read_table(small.assign(Position=["a favor", "en contra", "abstención"]))
    assert meeting.stances == (1, 0, -1)
    advice = "stances={'abstención': None} if it records nothing"
    assert told(meeting, "read as an ordinal scale -1 to 1") == [("abstención", advice, 1)]
    again = read_table(
        small.assign(Position=["a favor", "en contra", "abstención"]), stances={"abstención": None}
    )
    assert again.stances == (1, -1)


@pytest.mark.parametrize("numbers", [[1, -1], [1, 0, -1]])
def test_signs_beside_words_are_likely_stances(numbers):
    frame = voted(["a favor", *numbers])
    with pytest.raises(ValueError, match=r"beside words \('a favor'\): say stances=") as caught:
        read_table(frame)
    own = re.search(r"stances=(\{.*?\}) if 1 supports, .*-1 opposes", str(caught.value))
    assert read_table(frame, stances=eval(own[1])).statements["stance"].tolist() == [1, *numbers]
    with pytest.raises(ValueError, match=r"say missing=\(1, 9\) if they record nothing"):
        read_table(voted(["a favor", 1, 9]))


def test_a_scale_has_its_ends_and_nothing_outside():
    meeting = read_table(voted([2, 4, 4]), scale=(1, 5))
    assert meeting.stances == (5, 4, 3, 2, 1)
    error = only_fault(lambda: read_table(voted([2, 4, 9]), scale=(1, 5)))
    assert error.faults.loc[0, "line"] == 3
    assert error.faults.loc[0, "nearest"] == "missing=(9,) if it records nothing"
    with pytest.raises(ValueError, match="give one of them"):
        read_table(voted([2, 4]), scale=(1, 5), stances=(5, 4, 3, 2, 1))


def test_continuous_positions_are_refused_in_one_sentence():
    frame = voted([round(1 + n / 7, 3) for n in range(700)])
    with pytest.raises(
        ValueError, match=r"600 numbers that are not whole \(1.143.*pandas.cut"
    ) as c:
        read_table(frame)
    assert len(str(c.value)) < 400
    with pytest.raises(ValueError, match=r"40 numbers that are not whole \(0.1, 0.5, 2.083\)"):
        read_table(voted([0.1, 0.5, 2.083, 0.5] * 10))
    few = only_fault(lambda: read_table(voted([1, -1, 1, 2.083])))
    assert few.faults["line"].tolist() == [4]


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("suport", "support"),
        ("Oposed", "opposed"),
        ("contr", "contra"),
        ("not supportive", ""),
        ("never supports", ""),
        ("unsupported", ""),
        ("misagree", ""),
        ("kein dafür", ""),
        ("pas pour", ""),
        ("nonsupport", ""),
        ("xyz", ""),
    ],
)
def test_hints_never_turn_a_meaning_round(small, word, hint):
    small.loc[0, "Position"] = word
    error = only_fault(lambda: read_table(small))
    assert error.faults.loc[0, "nearest"] == (f"did you mean {hint!r}?" if hint else "")


def test_words_with_a_negation_are_opposition(small):
    small["Position"] = ["does not support", "unfavourable", "favourable"]
    assert read_table(small).statements["stance"].tolist() == [-1, -1, 1]


# several things in one cell


@pytest.mark.parametrize("cell", [["levy", "ports"], ("levy", "ports"), '["levy", "ports"]'])
def test_a_list_in_a_cell_is_one_statement_for_each(cell):
    rows = [{"statement": "s", "speaker": "A", "code": cell, "stance": "support", "page": 3}]
    rows += [{"statement": "t", "speaker": "B", "code": "levy", "stance": "support", "page": 4}]
    meeting = read_table(pd.DataFrame(rows))
    table = meeting.statements[["statement", "actor", "code", "page"]].to_numpy().tolist()
    assert table == [["s", "A", "levy", 3], ["s/2", "A", "ports", 3], ["t", "B", "levy", 4]]
    assert [rows for *_, rows in told(meeting, "several in one cell: one statement for each")] == [
        1
    ]


def test_a_mapping_in_a_cell_is_a_fault():
    frame = pd.DataFrame({"actor": ["A", "B"], "code": [{"levy": 1}, "levy"]})
    assert only_fault(lambda: read_table(frame)).faults["line"].tolist() == [1]


def test_separators_are_used_where_that_is_asked_for():
    frame = pd.DataFrame(
        {"actor": ["A; B", "A", "C"], "code": ["tax; quota", "quota; visas", "tax; visas"]}
    )
    with pytest.raises(ValueError, match=r"3 of 3 cells hold ';' \(such as 'tax; quota'\)"):
        read_table(frame)
    meeting = read_table(frame, sep=";")
    assert len(meeting.statements) == 8
    assert set(meeting.statements["code"]) == {"tax", "quota", "visas"}
    assert set(meeting.statements["actor"]) == {"A", "B", "C"}
    codes = read_table(frame, sep={"code": ";", "actor": False})
    assert set(codes.statements["actor"]) == {"A; B", "A", "C"}
    kept = read_table(frame, sep=False)
    assert kept.statements["code"].tolist() == frame["code"].tolist()
    with pytest.raises(TypeError, match="`sep` must be"):
        read_table(frame, sep=3)


@pytest.mark.parametrize("cell", ["A;A", "A; A ;", ["A", "A "], '["A", "A"]'])
def test_a_name_twice_in_a_cell_is_one_statement(cell):
    frame = pd.DataFrame({"actor": [cell, "B"], "code": "tax"})
    assert read_table(frame, sep=";").statements["actor"].tolist() == ["A", "B"]


@pytest.mark.parametrize("column", ["actor", "code"])
@pytest.mark.parametrize("sep", ["; ", "\n", ", ", " | "])
def test_a_cell_of_several_known_names_is_reported(column, sep):
    frame = pd.DataFrame({"actor": ["A", "B", "C"], "code": ["x", "y", "z"], "stance": 1})
    frame.loc[0, column] = sep.join(frame[column][1:])
    what = f"not divided: {column}s in one cell, as sep={sep.strip(' ')!r} would"
    assert [rows for *_, rows in told(read_table(frame), what)] == [1]


def test_last_and_first_names_are_no_two_actors():
    names = ["Smith, John", "Smith, Ann", "Miller, John", "Miller, Ann"]
    frame = pd.DataFrame({"actor": names, "code": "x"})
    assert read_table(frame).actors["actor"].tolist() == names


def test_numbered_columns_are_one_statement_for_each_code():
    frame = pd.DataFrame(
        {
            "Country": ["A", "B", "C"],
            "Code 1": ["levy", "ports", None],
            "Stance 1": ["pro", "contra", None],
            "Code_2": ["ports", None, "levy"],
            "Stance 2": ["contra", None, "pro"],
            "Page": [1, 2, 3],
        }
    )
    meeting = read_table(frame)
    table = meeting.statements[["actor", "code", "stance", "Page"]].to_numpy().tolist()
    assert table == [
        ["A", "levy", 1, 1], ["A", "ports", -1, 1], ["B", "ports", -1, 2], ["C", "levy", 1, 3]
    ]  # fmt: skip
    assert told(meeting, "numbered columns: one statement for each") == [
        ("Code 1, Code_2", "Code", 4)
    ]
    one = read_table(frame, code="Code 1", stance="Stance 1", actor="Country", fill_down="code")
    assert told(one, "not read: numbered like 'Code 1'") == [("Code_2", "kept as they are", 2)]
    empty = frame.assign(**{"Code_2": None, "Stance 2": None})
    error = only_fault(lambda: read_table(empty))
    assert error.faults["line"].tolist() == [3]
    # what stands beside no code is counted
    beside = frame.assign(**{"Stance 2": ["contra", "pro", "pro"], "Stance 3": ["pro", None, None]})
    assert told(read_table(beside), "cells left out") == [
        ("beside no code", "", 1), ("beside no code", "", 1)
    ]  # fmt: skip


def test_numbered_bills_are_no_codes_in_cells():
    frame = pd.DataFrame({"Country": ["A"], "Bill 1": ["yes"], "Bill 2": ["no"]})
    assert "a column of codes" in str(only_fault(lambda: read_table(frame)))


# the same cell twice


def test_a_cell_with_two_values_is_reported_and_told_apart_by_a_key():
    frame = pd.DataFrame(
        {
            "term": [1, 1, 1, 1, 2, 2],
            "rollcall": [1, 1, 2, 2, 1, 1],
            "member": list("ABABAB"),
            "vote": ["yes", "no", "yes", "yes", "no", "no"],
        }
    )
    meeting = read_table(frame, actor="member")
    assert told(meeting, "several stances on one code") == [
        ("A on 1: -1, 1", "separate them by key=['term']", 2)
    ]
    meeting = read_table(frame, actor="member", key=["term"])
    assert not told(meeting, "several stances on one code")
    assert meeting.tally().keys == ("1, term 1", "2, term 1", "1, term 2")
    matching = cam.agreement(meeting.tally(), "matching").frame.loc["A", "B"]
    assert matching == pytest.approx(2 / 3)
    actors = read_table(frame, actor="member", key={"actor": "term"}).actors["actor"].tolist()
    assert actors == ["A, term 1", "B, term 1", "A, term 2", "B, term 2"]
    with pytest.raises(ValueError, match="`key` must be among"):
        read_table(frame, actor="member", key="Term")
    many = pd.DataFrame({"actor": [*"ABCDE"] * 2, "code": "x", "vote": ["yes"] * 5 + ["no"] * 5})
    ((cells, _, rows),) = told(read_table(many), "several stances on one code")
    assert (cells, rows) == ("A on x: -1, 1; B on x: -1, 1; C on x: -1, 1 and 2 more", 10)


# a column that may be the stance


def test_a_column_of_unknown_words_that_varies_as_stances_do_is_a_question():
    frame = pd.DataFrame(
        {
            "Country": list("AABBCC"),
            "Issue": list("xyxyxy"),
            "Bloc": list("RRLLRR"),
            "Year": [2001, 2002] * 3,
            "Ocena": ["za", "proti", "proti", "za", "za", "za"],
        }
    )
    error = only_fault(lambda: read_table(frame))
    assert error.faults.loc[0, "column"] == "Ocena"
    assert "(za, proti)" in error.faults.loc[0, "got"]
    read = read_table(frame, stance="Ocena", stances={"za": 1, "proti": -1})
    assert read.statements["stance"].tolist() == [1, -1, -1, 1, 1, 1]
    assert read_table(frame, stance=False).statements["stance"].eq(1).all()


@pytest.mark.parametrize(
    ("header", "values"),
    [
        ("Stance (pro/con)", ["pro", "con", "pro"]),
        ("Position on issue", ["yes", "no", None]),
        ("Vote choice", [1, -1, 1]),
        ("Rating", [1, -1, 1]),
        ("Rating", ["1", "−1", "0"]),
        ("Rating", [-1, -1, None]),
        ("Ana says", ["support", "oppose", "support"]),
    ],
)
def test_a_column_that_looks_like_stances_is_not_left_out_in_silence(small, header, values):
    table = small.drop(columns="Position").assign(**{header: values})
    error = only_fault(lambda: read_table(table))
    assert error.faults.loc[0, "column"] == header
    assert error.faults.loc[0, "nearest"] == f'say stance="{header}" or stance=False'
    assert read_table(table, stance=header).statements["stance"].notna().sum() < 4
    assert read_table(table, stance=False).statements.get("stance", pd.Series([1])).eq(1).all()


@pytest.mark.parametrize(
    ("header", "values"),
    [
        ("Checked", ["in May", "by Ana", "in May"]),
        ("Position in party", ["chair", "member", "member"]),
        ("Notes", ["support", "see page 3", None]),
        ("Vote number", [101.5, 7.25, 3.5]),
    ],
)
def test_columns_of_other_things_are_not_taken_for_stances(small, header, values):
    table = small.drop(columns="Position").assign(**{header: values})
    assert header in read_table(table).statements


def test_blank_cells_are_filled_down_where_that_is_asked_for():
    table = pd.DataFrame(
        {
            "country": ["A", None, " ", "B", None],
            "issue": ["x", "y", "z", "x", "y"],
            "date": ["4.3.2024", None, None, "05.03.2024", None],
        }
    )
    with pytest.raises(cam.MeetingError, match="expected a value"):
        read_table(table, dates="%d.%m.%Y")
    read = read_table(table, fill_down=["actor", "date"], dates="%d.%m.%Y")
    assert read.statements["actor"].tolist() == ["A", "A", "A", "B", "B"]
    days = ["2024-03-04"] * 3 + ["2024-03-05"] * 2
    assert read.statements["date"].astype("str").tolist() == days
    changes = read.source.changes.set_index("what")
    assert changes.loc["filled down", "rows"].tolist() == [3, 3]
    assert changes.loc["date read as", "rows"] == 5
    with pytest.raises(ValueError, match="`fill_down` must be one of"):
        read_table(table, fill_down="quote")


def test_what_is_blank_at_the_top_stays_blank():
    table = pd.DataFrame({"country": [None, "A"], "issue": ["x", "y"]})
    error = only_fault(lambda: read_table(table, fill_down="actor"))
    assert error.faults.loc[0, "expected"] == "a value"


def test_dates_in_another_form_than_was_said_are_faults():
    table = pd.DataFrame({"country": "A", "issue": "x", "date": ["4.3.2024", "2024/3/4"]})
    error = only_fault(lambda: read_table(table, dates="%d.%m.%Y"))
    assert error.faults.loc[0, "got"] == "'2024/3/4'"


def test_dates_in_one_other_form_are_one_fault_with_its_format():
    days = [f"{day}/10/2017" for day in range(1, 31)]
    error = only_fault(lambda: read_table(pd.DataFrame({"actor": "A", "code": "x", "date": days})))
    assert error.faults["line"].tolist() == list(range(1, 31))
    assert "got '1/10/2017', '2/10/2017', '3/10/2017' and 27 more" in str(error)
    assert "dates='%d/%m/%Y')" in str(error)
    words = pd.DataFrame({"actor": "A", "code": "x", "date": ["3 May 2017", "4 May 2017"]})
    assert "dates='%d %B %Y' or dates='%d %b %Y'" in str(only_fault(lambda: read_table(words)))


@pytest.mark.parametrize(
    ("days", "alike"),
    [
        (["1.3.2024", "2.3.2024", "3.3.2024", "4.3.2024", "31.2.2024"], 4),
        (["May", "mid May", "June", "late June"], 0),
        (["201912", "202011"], 0),
        (["today", "now"], 0),
    ],
)
def test_dates_that_no_format_reads_keep_their_own_fault(days, alike):
    table = pd.DataFrame({"actor": "A", "code": "x", "date": pd.Series(days, dtype=object)})
    with pytest.raises(cam.MeetingError) as caught:
        read_table(table)
    faults = caught.value.faults
    assert faults["got"][alike:].tolist() == [ascii(day) for day in days[alike:]]
    assert faults["nearest"].str.contains("%d.%m.%Y").tolist() == [
        number < alike for number in range(len(days))
    ]


@pytest.mark.parametrize(
    ("form", "word"),
    [("%d.%m.%Y", "today"), ("%d.%m.%Y", "now"), ("%Y%m%d", "202403"), ("%m/%d/%Y", "13.3.2024")],
)
def test_a_word_is_no_date_of_a_format(form, word):
    days = [datetime.date(2024, 3, 13).strftime(form), word]
    error = only_fault(
        lambda: read_table(pd.DataFrame({"actor": "A", "code": "x", "date": days}), dates=form)
    )
    assert error.faults["got"].tolist() == [repr(word)]


def test_dates_of_several_time_zones_are_the_days_of_their_cells():
    days = ["4.3.2024 23:30 +0100", "5.3.2024 00:30 -0500", None]
    table = pd.DataFrame({"actor": "A", "code": ["x", "y", "z"], "date": days})
    dates = read_table(table, dates="%d.%m.%Y %H:%M %z").statements["date"]
    assert dates.dropna().astype("str").tolist() == ["2024-03-04", "2024-03-05"]


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"actor": 5}, TypeError, "`actor` must be the header of a column, but 5"),
        ({"actor": False}, TypeError, "`actor` must be the header of a column, but"),
        ({"actor": ["Country"]}, TypeError, "`actor` must be the header"),
        ({"stance": True}, TypeError, "`stance` must be the header of a column, or False for none"),
        ({"quote": True}, TypeError, "`quote` must be the header of a column, or False for none"),
        ({"dates": 5}, TypeError, "day, month and year"),
        ({"dates": ["%d.%m.%Y"]}, TypeError, "day, month and year"),
        ({"dates": "%Q"}, ValueError, "day, month and year"),
        ({"dates": "%Q%d.%m.%Y"}, ValueError, "day, month and year"),
        ({"dates": "%d.%m.%Y %d"}, ValueError, "day, month and year"),
        ({"dates": "%d.%m."}, ValueError, "day, month and year"),
        ({"fill_down": 5}, TypeError, "`fill_down` must be a name"),
        ({"fill_down": ["actor", 5]}, TypeError, "`fill_down` must hold names"),
    ],
)
def test_how_cells_are_read_is_checked(small, arguments, error, message):
    with pytest.raises(error, match=message):
        read_table(small, **arguments)


def test_dates_that_are_not_read_are_said_in_the_form_that_was_asked_for():
    table = pd.DataFrame({"actor": "A", "code": "x", "date": ["30/01/2024", "31/02/2024"]})
    error = only_fault(lambda: read_table(table, dates="%d/%m/%Y"))
    assert error.faults.loc[0, ["line", "got"]].tolist() == [2, "'31/02/2024'"]
    assert "a date as in dates='%d/%m/%Y'" in error.faults.loc[0, "expected"]


@pytest.mark.parametrize("kind", [int, float, str])
def test_day_numbers_of_excel_are_named_and_can_be_converted(kind):
    days = pd.Series([45300, 45301], dtype=kind)
    table = pd.DataFrame({"actor": "A", "code": "x", "date": days})
    near = only_fault(lambda: read_table(table)).faults.loc[0, "nearest"]
    assert near.startswith("these are Excel's day numbers")
    if kind is not str:
        made = table.assign(
            date=eval(near.split("by ")[1], {"pandas": pd, "frame": table, "column": "date"})
        )
        assert read_table(made).statements["date"].tolist() == [
            *pd.to_datetime(["2024-01-09", "2024-01-10"])
        ]


def test_a_header_without_rows_is_a_fault(small, tmp_path):
    small.iloc[:0].to_csv(tmp_path / "a.csv", index=False)
    error = only_fault(lambda: read_table(tmp_path / "a.csv"))
    assert "a.csv, line 1: expected rows below the header; got none" in str(error)


def test_a_data_frame_has_no_sheet_for_a_codebook(small):
    with pytest.raises(ValueError, match=r"A data frame has no sheets: .* codebook='Libro'"):
        read_table(small, codebook="Libro")


def test_many_numbers_are_hardly_stances():
    frame = pd.DataFrame({"country": "A", "issue": range(20), "vote": range(20)})
    with pytest.raises(ValueError, match="20 different numbers"):
        read_table(frame)
    assert read_table(frame, stances=list(range(20))).stances == tuple(range(20))


def test_meanings_need_a_column_of_stances(small):
    with pytest.raises(cam.MeetingError, match='stance="…"'):
        read_table(small.drop(columns="Position"), votes="signs")


# cells


def test_names_are_trimmed_and_composed(small):
    composed = "Perú"
    small["Country"] = [
        f"\N{NO-BREAK SPACE}{composed}\N{ZERO WIDTH SPACE}",
        unicodedata.normalize("NFD", composed),
        "\N{BOM}Costa\N{NO-BREAK SPACE} Rica\t",
    ]
    meeting = read_table(small)
    assert meeting.actors["actor"].tolist() == [composed, "Costa Rica"]
    assert [rows for *_, rows in told(meeting, "white space trimmed")] == [2]
    assert [rows for *_, rows in told(meeting, "Unicode composed (NFC)")] == [1]


def test_spelling_and_case_are_compared_but_never_merged():
    names = ["Columbia", "Colombia", "Colombia", "colombia", "Austria", "Australia"]
    names += ["Senator 12", "Senator 13", "Perú", "Peru"]
    meeting = read_table(pd.DataFrame({"actor": names, "code": "x"}))
    assert set(meeting.actors["actor"]) == set(names)
    near = {
        frozenset((b, a.split(" (")[0])) for b, a, _ in told(meeting, "not merged: same country")
    }
    assert frozenset(("colombia", "Colombia")) in near
    spelling = told(meeting, "not merged: similar spelling")
    near |= {frozenset((b, a.split(" (")[0])) for b, a, _ in spelling}
    assert frozenset(("Columbia", "Colombia")) in near
    assert frozenset(("Perú", "Peru")) in near
    assert not any("Australia" in pair or "Senator 12" in pair for pair in near)


def test_codes_are_compared_too():
    frame = pd.DataFrame({"actor": "A", "code": ["coordination", "coordinaton", "terms"]})
    meeting = read_table(frame)
    pair = ("coordinaton", "coordination (1 row)", 1)
    assert told(meeting, "not merged: similar spelling") == [pair]
    assert set(read_table(frame, aliases={"coordinaton": "coordination"}).tally().keys) == {
        "coordination",
        "terms",
    }


def test_many_names_are_compared_within_a_budget():
    draw = random.Random(1)
    names = ["".join(draw.choices("abcdef", k=12)) for _ in range(4000)]
    meeting = read_table(pd.DataFrame({"actor": names, "code": "x"}))
    assert told(meeting, "spelling compared in part: too many names")


def test_without_pycountry_that_is_said(small, monkeypatch):
    monkeypatch.setitem(sys.modules, "pycountry", None)
    meeting = read_table(small)
    assert told(meeting, "names of countries not compared: pycountry is missing")


def test_an_alias_that_is_nowhere_is_told(small):
    assert told(read_table(small, aliases={"Peru": "Perú"}), "alias not found") == [("Peru", "", 0)]


def test_dates(small):
    small["Date"] = [datetime.datetime(2017, 10, 17, 9, 30), "2017-10-18T10:00", None]
    meeting = read_table(small)
    assert meeting.statements["date"].dt.strftime("%d").tolist()[:2] == ["17", "18"]
    assert [rows for *_, rows in told(meeting, "time of day left out")] == [2]


def test_quotes_are_located_and_stay_verbatim(small):
    report = "Argentina spoke. It supports  a tax.\nBrazil does not. Brazil wants a quota."
    quotes = ["It supports  a tax. ", "Brazil does not.", "Brazil wants a quota."]
    meeting = read_table(small.assign(Quote=quotes), texts=report)
    assert meeting.evidence("Argentina")[0].quote == "It supports  a tax."
    with pytest.raises(cam.MeetingError, match="row 1, column Quote"):
        read_table(small.assign(Quote=["no such words", *quotes[1:]]), texts=report)


# files


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_csv(tmp_path, small, delimiter, encoding):
    words = "\r\n".join(delimiter.join(row) for row in SMALL)
    meeting = read_table(text(tmp_path / "a.csv", words, encoding))
    assert_frame_equal(meeting.statements, read_table(small).statements)


def test_csv_as_excel_writes_it(tmp_path, small):
    words = "sep=;\n" + "\n".join(";".join([*row, ""]) for row in SMALL)
    meeting = read_table(text(tmp_path / "a.csv", words))
    assert_frame_equal(meeting.statements, read_table(small).statements)


def test_csv_in_another_encoding(tmp_path):
    path = text(tmp_path / "a.csv", "Country;Issue\nPerú;tax\n", "cp1252")
    error = only_fault(lambda: read_table(path))
    assert 'encoding="cp1252"' in str(error)
    assert read_table(path, encoding="cp1252").actors["actor"].tolist() == ["Perú"]
    with pytest.raises(ValueError, match="no `encoding`"):
        read_table(path, encoding="cp9999")


def test_lines_of_a_csv_are_physical(tmp_path):
    words = 'Country,Issue,Quote,Position\nA,x,"two\nlines",pro\n\nB,x,one,pros\n'
    error = only_fault(lambda: read_table(text(tmp_path / "a.csv", words)))
    assert "a.csv, line 5, column Position" in str(error)


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        ("Country,Issue\nA,x,y\nB\n", "line 2: expected 2 cells, as in the header; got 3 cells"),
        ('Country,Issue\nA,"x\n', "quoted cells are closed"),
        ("", "no rows"),
        ("Country,Issue,Issue\nA,x,y\n", "each column once"),
        ("Country,Issue\nA,\n,x\n", "line 2, column Issue: expected a value"),
    ],
)
def test_faults_of_csv(tmp_path, words, fault):
    with pytest.raises(cam.MeetingError) as caught:
        read_table(text(tmp_path / "a.csv", words))
    assert fault in str(caught.value)


def test_excel_opendocument_csv_and_frames_give_the_same(tmp_path, small):
    meeting = read_table(small)
    files = [
        workbook(tmp_path / "a.xlsx", {"Sheet1": SMALL}),
        ods(tmp_path / "a.ods", SMALL),
        text(tmp_path / "a.csv", "\n".join(",".join(row) for row in SMALL)),
    ]
    for path in files:
        assert_frame_equal(read_table(path).statements, meeting.statements)
    for frame in (pl.DataFrame(small), pl.DataFrame(small).to_arrow()):
        assert_frame_equal(read_table(frame).statements, meeting.statements)


def test_merged_cells_of_opendocument_hold_their_value(tmp_path):
    rows = [
        ["Country", "Coding", None, None],
        [None, "Issue", "Position", "Date"],
        ["Brazil", "tax", "support", None],
        [None, "quota", "oppose", None],
        ["Chile", "quota", "support", None],
    ]
    path = ods(tmp_path / "a.ods", rows, {"Brazil": (2, 1), "Coding": (1, 2), "Country": (2, 1)})
    meeting = read_table(path)
    assert meeting.statements["actor"].tolist() == ["Brazil", "Brazil", "Chile"]
    assert meeting.statements["stance"].tolist() == [1, -1, 1]


@pytest.mark.parametrize("damage", ["</table:table>", "</text:p>", "</office:document-content>"])
def test_a_damaged_opendocument_sheet_is_refused_at_once(tmp_path, damage):
    with pytest.raises(cam.MeetingError, match="expected a workbook of Excel or OpenDocument"):
        read_table(ods(tmp_path / "a.ods", SMALL, damage=damage))


def test_a_workbook_that_declares_too_much_is_not_unpacked(tmp_path, monkeypatch):
    paths = [ods(tmp_path / "a.ods", SMALL), workbook(tmp_path / "a.xlsx", {"Coding": SMALL})]
    monkeypatch.setattr("camdata.io.foreign.MAX_BYTES", 100)
    for path in paths:
        with pytest.raises(cam.MeetingError, match="expected at most 100 bytes"):
            read_table(path)


def test_cells_repeated_without_end_are_refused(tmp_path):
    repeated = {"<table:table-row": "rows", "<table:table-cell": "columns"}
    path = ods(tmp_path / "a.ods", SMALL, repeated=repeated)
    with pytest.raises(cam.MeetingError, match="expected a sheet of at most 30,000,000 cells"):
        read_table(path)


def test_a_damaged_sheet_of_old_excel_is_refused(tmp_path):
    magic = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    head = struct.pack("<8s16xHHHHH10x", magic, 0x3E, 3, 0xFFFE, 9, 6)
    head += struct.pack("<9I", 1, 0, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0, 0xFFFFFFFF)
    (tmp_path / "a.xls").write_bytes(head.ljust(512, b"\xff") + bytes([1]) * 512)
    with pytest.raises(cam.MeetingError, match="got a damaged file"):
        read_table(tmp_path / "a.xls")


def test_a_sheet_as_people_make_them(tmp_path):
    rows = [
        ["Coding of the meeting", None, None, None, None],
        [],
        ["COUNTRY ", "Issue", "Position", "Date", "Page"],
        ["Argentina", 1.0, "support", datetime.date(2017, 10, 17), 3],
        [None, "2", '=IF(1,"support","")support', None, 4],
        [],
        ["Brazil", 2, " Contra", None, None],
        ["Brazil", 3, "contra?", None, None],
    ]
    path = workbook(tmp_path / "a.xlsx", {"Coding": rows}, merged=[("A4:A5", "Argentina")])
    error = only_fault(lambda: read_table(path))
    assert "row 8, column Position" in str(error)
    meeting = read_table(path, stances={"contra?": None})
    statements = meeting.statements
    assert statements["actor"].tolist() == ["Argentina", "Argentina", "Brazil", "Brazil"]
    assert statements["code"].tolist() == ["1", "2", "2", "3"]
    assert statements["stance"].tolist()[:3] == [1, 1, -1]
    assert statements["date"].dt.day.tolist()[0] == 17
    assert statements["Page"].tolist()[:2] == [3, 4]
    assert told(meeting, "left out: above the header") == [("Coding of the meeting", "", 1)]
    assert told(meeting, "merged cells filled") == [("", "", 1)]


def test_which_sheet_is_meant(tmp_path):
    notes = [["Notes"], ["Coded in May"]]
    sheets = {"Notes": notes, "Coding": SMALL}
    assert len(read_table(workbook(tmp_path / "a.xlsx", sheets)).statements) == 3
    sheets["Old"] = SMALL[:2]
    path = workbook(tmp_path / "a.xlsx", sheets)
    with pytest.raises(ValueError, match=r"'Coding', 'Old'\. Choose one, such as sheet='Coding'"):
        read_table(path)
    assert len(read_table(path, sheet="Old").statements) == 1
    with pytest.raises(ValueError, match="did you mean 'Coding'"):
        read_table(path, sheet="Codin")
    assert len(read_table(workbook(path, sheets, hidden=["Old"])).statements) == 3


def test_a_codebook_in_another_sheet(tmp_path):
    book = [
        ["Issue", "Theme", "Description"],
        ["quota", "rules", "How many"],
        ["tax", "money", "How much"],
    ]
    path = workbook(tmp_path / "a.xlsx", {"Coding": SMALL, "Codebook": book})
    meeting = read_table(path)
    assert meeting.codebook["definition"].tolist() == ["How many", "How much"]
    assert meeting.tally().keys == ("rules", "money")
    path = workbook(tmp_path / "b.xlsx", {"Coding": SMALL, "Liste": book})
    assert_frame_equal(read_table(path, codebook="Liste").codebook, meeting.codebook)
    frame = pd.DataFrame(book[1:], columns=book[0])
    assert_frame_equal(read_table(path, codebook=frame, sheet="Coding").codebook, meeting.codebook)
    with pytest.raises(cam.MeetingError, match="sheet Coding, rows 2 and 3, column Issue"):
        read_table(path, sheet="Coding", codebook=frame.replace("tax", "taxes"), aliases={})


def test_a_sheet_of_literature_is_no_table_of_references(tmp_path):
    sheets = {"Coding": SMALL, "References": [["Author", "Year"], ["Deutsch", 1957]]}
    assert "references" not in read_table(workbook(tmp_path / "a.xlsx", sheets)).given


def test_arguments_that_do_not_fit(tmp_path, small):
    path = text(tmp_path / "a.csv", "Country,Issue\nA,x\n")
    with pytest.raises(ValueError, match="no sheets"):
        read_table(path, sheet="Coding")
    with pytest.raises(ValueError, match="only one sheet"):
        read_table(path, codebook="Codebook")
    with pytest.raises(ValueError, match="not for data frames"):
        read_table(small, sheet="Coding")
    with pytest.raises(TypeError, match="a data frame, got int"):
        read_table(3)
    text(tmp_path / "coding.csv", "Country,Issue\nA,x\n")
    for read in (read_table, cam.load_meeting):
        with pytest.raises(cam.MeetingError, match=r"did you mean 'coding\.csv'\?"):
            read(tmp_path / "codin.csv")
    with pytest.raises(cam.MeetingError, match="a workbook of Excel or OpenDocument"):
        read_table(text(tmp_path / "b.xlsx", "PK\x03\x04 and no more"))


def test_the_extra_is_named_where_it_is_missing(tmp_path, monkeypatch):
    path = workbook(tmp_path / "a.xlsx", {"Coding": SMALL})
    monkeypatch.setitem(sys.modules, "python_calamine", None)
    with pytest.raises(ImportError, match=r"camdata\[excel\]"):
        read_table(path)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_mutated_workbooks_are_read_or_refused(tmp_path, seed):
    good = workbook(tmp_path / "a.xlsx", {"Coding": SMALL}).read_bytes()
    draw = random.Random(seed)
    path = tmp_path / "b.xlsx"
    for _ in range(50):
        data = bytearray(good)
        for _ in range(draw.randint(1, 5)):
            data[draw.randrange(len(data))] = draw.randrange(256)
        path.write_bytes(data[: draw.choice([len(data), draw.randrange(1, len(data))])])
        with contextlib.suppress(cam.MeetingError):
            assert len(read_table(path).statements) <= 3


# minimal equivalents of public files


def test_two_congresses_of_voteview_in_its_own_layout(tmp_path):
    """Roll calls are numbered anew in each Congress; 1 is yea, 6 nay, 9 not voting."""
    header = "congress,chamber,rollnumber,icpsr,cast_code,prob"
    rows = ["117,Senate,1,1,1,99.5", "117,Senate,1,2,1,80.1", "117,Senate,2,1,6,70",
            "117,Senate,2,2,6,60.5", "118,Senate,1,1,6,50", "118,Senate,1,2,9,0"]  # fmt: skip
    path = text(tmp_path / "votes.csv", "\n".join([header, *rows]))
    columns = {"actor": "icpsr", "code": "rollnumber", "stance": "cast_code"}
    with pytest.raises(ValueError, match="votes='rollcall'"):
        read_table(path, **columns)
    mixed = read_table(path, **columns, votes="rollcall")
    assert [after for _, after, _ in told(mixed, "several stances on one code")] == [
        "separate them by key=['congress']"
    ]
    meeting = read_table(path, **columns, votes="rollcall", key="congress")
    assert not told(meeting, "several stances on one code")
    assert cam.agreement(meeting.tally(), "matching").frame.loc["1", "2"] == 1
    assert meeting.tally().n_statements == 5


def test_a_workbook_in_spanish(tmp_path):
    rows = [
        ["País", "Tema", "Posición", "Cita", "Codificadora"],
        ["Perú", "visas", "A favor", "sí", "Ana"],
        ["Chile", "visas", "En contra", None, "Ana"],
        ["Perú", "datos", "Se abstiene", None, "Ana"],
        ["Chile", "datos", "No votó", None, "Ana"],
        ["Cuba", "datos", "—", None, "Ana"],
    ]
    sheets = {"Notas": [["Codificado en mayo"]], "Codificación": rows}
    meeting = read_table(workbook(tmp_path / "a.xlsx", sheets))
    assert meeting.statements["stance"].fillna(9).tolist() == [1, -1, 0, 9, 9]
    assert set(meeting.statements["coder"]) == {"Ana"}
    assert meeting.statements["quote"].dropna().tolist() == ["sí"]


def test_a_tally_does_not_overlook_a_stance_of_another_name():
    frame = pd.DataFrame({"actor": ["A", "B"], "code": "x", "Haltung": [1, -1]})
    with pytest.raises(ValueError, match="Say stance='Haltung'"):
        cam.tally(frame)
    assert cam.tally(frame, stance="Haltung").positions.loc["B", "x"] == -1
    assert cam.tally(frame[["actor", "code"]]).positions.loc["B", "x"] == 1


def test_quotes_that_are_not_in_their_text_may_wait(tmp_path):
    rows = pd.DataFrame(
        {"actor": ["A", "B"], "code": ["x", "x"], "quote": ["we want it", "we never said this"]}
    )
    with pytest.raises(cam.MeetingError, match="we never said this"):
        cam.read_table(rows, texts="Indeed, we want it.", stance=False)
    meeting = cam.read_table(rows, texts="Indeed, we want it.", stance=False, quotes="triage")
    assert meeting.statements["actor"].tolist() == ["A"]
    assert meeting.queue["grade"].tolist() == ["absent"]
