"""Event lists of Discourse Network Analyzer, as DNA 3 writes them, read as meetings."""

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

import camdata as cam
from camdata.exchange import read_dna

# DNA's exporter puts these first and the variables of the statement type after them; text is in
# double quotation marks, numbers and dates are not, and the last line has no end
OWN = "statement ID", "time", "document ID", "document title", "author", "source", "section", "type"
VARIABLES = "person", "organization", "concept", "agreement"

EVENTS = [
    {"organization": "EPA", "concept": "tax", "agreement": 1},
    {"organization": "API", "concept": "tax", "agreement": 0},
    {"organization": "EPA", "concept": "quota", "agreement": 0},
    {"organization": "API", "concept": "quota", "agreement": 0, "document ID": 4},
    {"organization": "EPA", "concept": "tax", "agreement": 1, "document ID": 4},
    {"organization": "Sierra Club", "concept": "tax", "agreement": 1, "document ID": 4},
]


def dna(rows, variables=VARIABLES):
    """Return an event list as DNA 3 writes it; what a row leaves out gets a value of its own."""

    def written(value):
        quoted = isinstance(value, str)
        return '"' + value.replace(";", ",").replace('"', "'") + '"' if quoted else str(value)

    lines = [";".join(f'"{name}"' for name in (*OWN, "text", *variables))]
    for number, row in enumerate(rows, 101):
        row = {
            "statement ID": number,
            "document ID": 3,
            "document title": "Hearing",
            **dict.fromkeys(("author", "source", "section", "type"), ""),
            "text": f"words of {number}",
            "person": f"person {number % 2}",
            **row,
        }
        cells = [
            f"2005-04-{number - 100:02d} 12:30:00" if n == "time" else written(row[n])
            for n in (*OWN, "text", *variables)
        ]
        lines.append(";".join(cells))
    return "\n".join(lines)


@pytest.fixture
def event_list(tmp_path):
    """Return a function that writes an event list and gives its path."""

    def write(rows=EVENTS, variables=VARIABLES, encoding="utf-8", newline="\n"):
        path = tmp_path / "events.csv"
        path.write_bytes(dna(rows, variables).replace("\n", newline).encode(encoding))
        return path

    return write


# what is read


def test_statements(event_list):
    meeting = read_dna(event_list())
    table = meeting.statements
    expected = pd.DataFrame(
        {
            "statement": ["101", "102", "103", "104", "105", "106"],
            "actor": ["EPA", "API", "EPA", "API", "EPA", "Sierra Club"],
            "code": ["tax", "tax", "quota", "quota", "tax", "tax"],
            "stance": pd.Series([1, -1, -1, -1, 1, 1], dtype="Int8"),
            "quote": [f"words of {number}" for number in range(101, 107)],
            "document": ["3", "3", "3", "4", "4", "4"],
            "date": [f"2005-04-0{day}" for day in range(1, 7)],
        }
    )
    assert_frame_equal(table[list(expected)], expected)
    assert meeting.title == "events"
    assert meeting.stances == (1, -1)
    assert meeting.actors["actor"].tolist() == ["EPA", "API", "Sierra Club"]
    assert meeting.texts == {}


def test_other_variables_are_kept(event_list):
    rows = [{**row, "frame": f"frame {i}", "count": i} for i, row in enumerate(EVENTS)]
    table = read_dna(event_list(rows, (*VARIABLES, "frame", "count"))).statements
    assert table["person"].tolist() == ["person 1", "person 0"] * 3
    assert table["frame"].tolist() == [f"frame {i}" for i in range(6)]
    assert table["count"].tolist() == [str(i) for i in range(6)]
    assert table["document title"].tolist() == ["Hearing"] * 6
    assert table[["author", "source", "section", "type"]].isna().all(axis=None)


def test_order_of_the_variables_does_not_matter(event_list):
    expected = read_dna(event_list()).statements
    table = read_dna(event_list(variables=VARIABLES[::-1])).statements
    assert_frame_equal(table[expected.columns], expected)


def test_persons_as_actors(event_list):
    meeting = read_dna(event_list(), actor="person")
    assert meeting.actors["actor"].tolist() == ["person 1", "person 0"]
    assert meeting.statements["organization"].tolist() == [row["organization"] for row in EVENTS]


def test_another_variable_as_code(event_list):
    rows = [{**row, "frame": f"frame {i % 2}"} for i, row in enumerate(EVENTS)]
    meeting = read_dna(event_list(rows, (*VARIABLES, "frame")), code="frame")
    assert meeting.positions("code").columns.tolist() == ["frame 0", "frame 1"]
    assert meeting.statements["concept"].tolist() == [row["concept"] for row in EVENTS]


def test_text_that_looks_missing_is_text(event_list):
    rows = [{**EVENTS[0], "organization": "NA", "concept": "null"}]
    table = read_dna(event_list(rows)).statements
    assert table[["actor", "code"]].to_numpy().tolist() == [["NA", "null"]]


def test_quotes_of_several_lines_and_marks(event_list):
    rows = [{**EVENTS[0], "text": 'First; "second"\nand a third – naïve'}]
    table = read_dna(event_list(rows)).statements
    assert table["quote"].item() == "First, 'second'\nand a third – naïve"


def test_evidence_comes_from_the_coded_text(event_list):
    evidence = read_dna(event_list()).evidence("EPA", code="tax")
    assert [quotation.quote for quotation in evidence] == ["words of 101", "words of 105"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_byte_order_mark_and_line_ends(event_list, encoding, newline):
    rows = [{**row, "person": "Zoë"} for row in EVENTS]
    expected = read_dna(event_list(rows)).statements
    found = read_dna(event_list(rows, encoding=encoding, newline=newline)).statements
    assert_frame_equal(found, expected)


def test_path_may_be_text(event_list):
    path = event_list()
    assert_frame_equal(read_dna(str(path)).statements, read_dna(path).statements)


def test_meeting_writes_and_loads(event_list, tmp_path):
    meeting = read_dna(event_list())
    meeting.write(tmp_path / "folder")
    assert_frame_equal(cam.load_meeting(tmp_path / "folder").statements, meeting.statements)


# stances


def test_integer_qualifier_is_an_ordinal_scale(event_list):
    levels = [-2, 0, 3, 3, 0, 1]
    rows = [{**row, "agreement": level} for row, level in zip(EVENTS, levels, strict=True)]
    meeting = read_dna(event_list(rows))
    assert meeting.stances == (-2, 0, 1, 3)
    assert meeting.statements["stance"].tolist() == levels
    with pytest.raises(ValueError, match="use the tally itself"):
        meeting.positions("code")
    tally = meeting.tally("code", duplicates="all")
    assert tally.loc["EPA", "tax"].to_dict() == {-2: 1, 0: 1, 1: 0, 3: 0}


def test_without_a_stance_every_statement_is_support(event_list):
    meeting = read_dna(event_list(), stance=None)
    assert (meeting.statements["stance"] == 1).all()
    assert meeting.statements["agreement"].tolist() == [str(row["agreement"]) for row in EVENTS]
    without = read_dna(event_list(variables=("organization", "concept")), stance=None)
    assert_frame_equal(without.positions("code"), meeting.positions("code"))


@pytest.mark.parametrize("levels", [[1, 0, ""], [-2, 0, ""]], ids=["boolean", "ordinal"])
def test_only_the_row_without_a_stance_is_at_fault(event_list, levels):
    rows = [{**row, "agreement": level} for row, level in zip(EVENTS, levels, strict=False)]
    with pytest.raises(cam.MeetingError) as caught:
        read_dna(event_list(rows))
    faults = caught.value.faults
    assert faults[["line", "column", "got"]].to_numpy().tolist() == [[3, "stance", "nothing"]]


@pytest.mark.parametrize("odd", ["yes", 0.5])
def test_stance_that_is_no_number_is_named(event_list, odd):
    rows = [EVENTS[0], {**EVENTS[1], "agreement": odd}]
    with pytest.raises(cam.MeetingError) as caught:
        read_dna(event_list(rows))
    faults = caught.value.faults
    assert faults[["line", "column", "got"]].to_numpy().tolist() == [[2, "stance", repr(str(odd))]]


# numbers of a small list, by hand


def test_positions(event_list):
    expected = pd.DataFrame(
        {"tax": [1, -1, 1], "quota": [-1, -1, None]},
        index=pd.Index(["EPA", "API", "Sierra Club"], name="actor"),
        dtype="Int8",
    )
    expected.columns.name = "code"
    assert_frame_equal(read_dna(event_list()).positions("code"), expected)


def test_congruence_and_conflict(event_list):
    # EPA supports tax in two documents and opposes quota; API opposes both; Sierra supports tax
    tally = read_dna(event_list()).tally("code", duplicates="document")

    def pairs(method):
        table = cam.agreement(tally, method)
        upper = np.triu_indices(3, 1)
        return (
            table.loc[["EPA", "API", "Sierra Club"], ["EPA", "API", "Sierra Club"]]
            .to_numpy()[upper]
            .tolist()
        )

    assert pairs("congruence") == [1, 2, 0]  # EPA–API on quota, EPA–Sierra 2 × 1 on tax
    assert pairs("conflict") == [2, 0, 1]  # EPA–API 2 × 1 on tax, API–Sierra 1 × 1
    assert pairs("subtract") == [-1, 2, -1]


# errors


def test_missing_columns_are_all_named_with_the_nearest(event_list):
    path = event_list()
    path.write_text(
        path.read_text().replace('"concept"', '"concepts"').replace('"text"', '"words"')
    )
    with pytest.raises(cam.MeetingError) as caught:
        read_dna(path, actor="organisation")
    faults = caught.value.faults.set_index("column")
    assert set(faults.index) == {"text", "organisation", "concept"}
    assert (faults["file"] == "events.csv").all()
    assert (faults["line"] == 1).all()
    assert "did you mean 'organization'" in faults.loc["organisation", "got"]
    assert "did you mean 'concepts'" in faults.loc["concept", "got"]


def test_list_with_commas_lacks_the_columns(event_list):
    path = event_list()
    path.write_text(path.read_text().replace(";", ","))
    with pytest.raises(cam.MeetingError, match="document ID"):
        read_dna(path)


def test_empty_file_lacks_the_columns(tmp_path):
    path = tmp_path / "events.csv"
    path.write_bytes(b"")
    with pytest.raises(cam.MeetingError, match=r"events\.csv"):
        read_dna(path)


def test_row_with_more_cells_than_the_header(event_list):
    path = event_list()
    path.write_text(path.read_text() + ';"one";"more"')
    with pytest.raises(cam.MeetingError, match="line 7"):
        read_dna(path)


@pytest.mark.parametrize(("encoding", "guess"), [("cp1252", "1252"), ("utf-16", "UTF-16")])
def test_other_encodings_are_named(event_list, encoding, guess):
    rows = [EVENTS[0], {**EVENTS[1], "organization": "Ministère"}]
    with pytest.raises(cam.MeetingError, match=f"expected UTF-8.*{guess}") as caught:
        read_dna(event_list(rows, encoding=encoding))
    assert caught.value.faults["line"].item() == (3 if encoding == "cp1252" else 1)


def test_repeated_statement_ids(event_list):
    rows = [{**row, "statement ID": 7 if i in (1, 4) else i} for i, row in enumerate(EVENTS)]
    with pytest.raises(cam.MeetingError, match=r"statement.*once.*'7' again"):
        read_dna(event_list(rows))


@pytest.mark.parametrize("column", ["organization", "concept"])
def test_empty_actor_or_concept(event_list, column):
    rows = [EVENTS[0], {**EVENTS[1], column: ""}]
    with pytest.raises(cam.MeetingError) as caught:
        read_dna(event_list(rows))
    assert caught.value.faults["line"].tolist() == [2]
    assert caught.value.faults["got"].tolist() == ["nothing"]


@pytest.mark.parametrize("name", ["actor", "code", "stance", "quote", "document", "date"])
def test_variable_with_a_name_of_camdata_is_kept_apart(event_list, name):
    expected = read_dna(event_list()).statements
    rows = [{**row, name: "other"} for row in EVENTS]
    found = read_dna(event_list(rows, (*VARIABLES, name))).statements
    assert_frame_equal(found[expected.columns], expected)
    assert (found == "other").all(axis="index").sum() == 1
