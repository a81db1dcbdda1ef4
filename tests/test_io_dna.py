"""Databases and event lists of Discourse Network Analyzer, as DNA 3 writes them."""

import random
import sqlite3
from contextlib import closing

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

import camdata as cam
from camdata.io import read_dna

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


def completed(rows):
    """Fill in what a row leaves out with values of its own."""
    return [
        {
            "statement ID": number,
            "time": f"2005-04-{number - 100:02d} 12:30:00",
            "document ID": 3,
            "document title": "Hearing",
            **dict.fromkeys(("author", "source", "section", "type"), ""),
            "text": f"words of {number}",
            "person": f"person {number % 2}",
            **row,
        }
        for number, row in enumerate(rows, 101)
    ]


def event_list_text(rows, variables=VARIABLES):
    def written(name, value):
        if name == "time" or not isinstance(value, str):
            return str(value)
        return '"' + value.replace(";", ",").replace('"', "'") + '"'

    names = (*OWN, "text", *variables)
    lines = [";".join(f'"{name}"' for name in names)]
    lines += [";".join(written(name, row[name]) for name in names) for row in completed(rows)]
    return "\n".join(lines)


@pytest.fixture
def event_list(tmp_path):
    """Return a function that writes an event list and gives its path."""

    def write(rows=EVENTS, variables=VARIABLES, encoding="utf-8", newline="\n"):
        path = tmp_path / "events.csv"
        text = event_list_text(rows, variables).replace("\n", newline)
        path.write_bytes(text.encode(encoding))
        return path

    return write


# the tables of a database of DNA 3.0, with the columns that its own program makes

SCHEMA = """
CREATE TABLE SETTINGS(Property TEXT PRIMARY KEY, Value TEXT NOT NULL);
CREATE TABLE CODERS(ID INTEGER NOT NULL PRIMARY KEY, Name TEXT NOT NULL, Password TEXT NOT NULL);
CREATE TABLE DOCUMENTS(ID INTEGER NOT NULL PRIMARY KEY, Title TEXT NOT NULL, Text TEXT NOT NULL,
  Coder INTEGER, Author TEXT NOT NULL DEFAULT '', Source TEXT NOT NULL DEFAULT '',
  Section TEXT NOT NULL DEFAULT '', Notes TEXT NOT NULL DEFAULT '', Type TEXT NOT NULL DEFAULT '',
  Date INTEGER NOT NULL);
CREATE TABLE STATEMENTTYPES(ID INTEGER NOT NULL PRIMARY KEY, Label TEXT NOT NULL);
CREATE TABLE VARIABLES(ID INTEGER NOT NULL PRIMARY KEY, Variable TEXT NOT NULL,
  DataType TEXT NOT NULL DEFAULT 'short text', StatementTypeId INTEGER,
  UNIQUE (Variable, StatementTypeId));
CREATE TABLE STATEMENTS(ID INTEGER NOT NULL PRIMARY KEY, StatementTypeId INTEGER,
  DocumentId INTEGER, Start INTEGER NOT NULL, Stop INTEGER NOT NULL, Coder INTEGER);
CREATE TABLE STATEMENTLINKS(ID INTEGER PRIMARY KEY NOT NULL, SourceId INTEGER NOT NULL,
  TargetId INTEGER NOT NULL);
CREATE TABLE DATABOOLEAN(ID INTEGER PRIMARY KEY NOT NULL, StatementId INTEGER NOT NULL,
  VariableId INTEGER NOT NULL, Value INTEGER NOT NULL DEFAULT 1,
  UNIQUE (StatementId, VariableId));
CREATE TABLE DATAINTEGER(ID INTEGER PRIMARY KEY NOT NULL, StatementId INTEGER NOT NULL,
  VariableId INTEGER NOT NULL, Value INTEGER NOT NULL DEFAULT 0,
  UNIQUE (StatementId, VariableId));
CREATE TABLE DATASHORTTEXT(ID INTEGER PRIMARY KEY NOT NULL, StatementId INTEGER NOT NULL,
  VariableId INTEGER NOT NULL, Entity INTEGER NOT NULL, UNIQUE (StatementId, VariableId));
CREATE TABLE DATALONGTEXT(ID INTEGER PRIMARY KEY NOT NULL, StatementId INTEGER NOT NULL,
  VariableId INTEGER NOT NULL, Value TEXT DEFAULT '', UNIQUE (StatementId, VariableId));
CREATE TABLE ENTITIES(ID INTEGER PRIMARY KEY NOT NULL, VariableId INTEGER NOT NULL,
  Value TEXT NOT NULL DEFAULT '', Red INTEGER, Green INTEGER, Blue INTEGER, ChildOf INTEGER,
  UNIQUE (VariableId, Value));
CREATE TABLE ATTRIBUTEVARIABLES(ID INTEGER PRIMARY KEY NOT NULL, VariableId INTEGER NOT NULL,
  AttributeVariable TEXT NOT NULL, UNIQUE(VariableId, AttributeVariable));
CREATE TABLE ATTRIBUTEVALUES(ID INTEGER PRIMARY KEY NOT NULL, EntityId INTEGER NOT NULL,
  AttributeVariableId INTEGER NOT NULL, AttributeValue TEXT NOT NULL DEFAULT '',
  UNIQUE (EntityId, AttributeVariableId));
"""
TYPES = {
    "person": "short text",
    "organization": "short text",
    "concept": "short text",
    "agreement": "boolean",
}
DATA = {
    "short text": "DATASHORTTEXT(StatementId, VariableId, Entity)",
    "long text": "DATALONGTEXT(StatementId, VariableId, Value)",
    "integer": "DATAINTEGER(StatementId, VariableId, Value)",
    "boolean": "DATABOOLEAN(StatementId, VariableId, Value)",
}
NOON = 1_112_445_000
"""2005-04-02 12:30:00 UTC in seconds since 1970."""


class Project:
    """A database of DNA 3.0 in the making: documents, statement types, statements, attributes."""

    def __init__(self, path, version="3.0.11"):
        self.path = path
        self.db = sqlite3.connect(path)
        self.db.executescript(SCHEMA)
        self.run("INSERT INTO SETTINGS VALUES('version', ?)", version)
        self.coder("Admin")

    def run(self, query, *values):
        return self.db.execute(query, values).lastrowid

    def all(self, query, *values):
        return self.db.execute(query, values).fetchall()

    def coder(self, name):
        return self.run("INSERT INTO CODERS(Name, Password) VALUES(?, 'secret hash')", name)

    def document(self, text, title="Hearing", date=NOON, **columns):
        more = "".join(f", {name}" for name in columns)
        marks = ", ?" * len(columns)
        return self.run(
            f"INSERT INTO DOCUMENTS(Title, Text, Coder, Date{more}) VALUES(?, ?, 1, ?{marks})",
            title,
            text,
            date,
            *columns.values(),
        )

    def type(self, label="DNA Statement", variables=TYPES):
        number = self.run("INSERT INTO STATEMENTTYPES(Label) VALUES(?)", label)
        for name, kind in variables.items():
            self.run("INSERT INTO VARIABLES VALUES(NULL, ?, ?, ?)", name, kind, number)
        return number

    def entity(self, variable, value):
        found = self.all("SELECT ID FROM ENTITIES WHERE VariableId=? AND Value=?", variable, value)
        if found:
            return found[0][0]
        return self.run("INSERT INTO ENTITIES(VariableId, Value) VALUES(?, ?)", variable, value)

    def statement(self, document, words, kind=1, coder=1, **values):
        """Code `words` where they stand in a document, counted as Java counts."""
        (text,) = self.all("SELECT Text FROM DOCUMENTS WHERE ID=?", document)[0]
        start = len(text[: text.index(words)].encode("utf-16-le")) // 2
        stop = start + len(words.encode("utf-16-le")) // 2
        number = self.run(
            "INSERT INTO STATEMENTS VALUES(NULL, ?, ?, ?, ?, ?)", kind, document, start, stop, coder
        )
        variables = self.all(
            "SELECT Variable, ID, DataType FROM VARIABLES WHERE StatementTypeId=?", kind
        )
        for name, variable, type_ in variables:
            if name in values:
                value = values[name]
                if type_ == "short text":
                    value = self.entity(variable, value)
                self.run(f"INSERT INTO {DATA[type_]} VALUES(?, ?, ?)", number, variable, value)
        return number

    def attribute(self, variable, entity, attribute, value):
        (number,) = self.all("SELECT ID FROM VARIABLES WHERE Variable=?", variable)[0]
        found = self.all(
            "SELECT ID FROM ATTRIBUTEVARIABLES WHERE VariableId=? AND AttributeVariable=?",
            number,
            attribute,
        )
        own = (
            found[0][0]
            if found
            else self.run("INSERT INTO ATTRIBUTEVARIABLES VALUES(NULL, ?, ?)", number, attribute)
        )
        self.run(
            "INSERT INTO ATTRIBUTEVALUES VALUES(NULL, ?, ?, ?)",
            self.entity(number, entity),
            own,
            value,
        )

    def done(self):
        self.db.commit()
        self.db.close()
        return self.path


@pytest.fixture
def project(tmp_path):
    made = Project(tmp_path / "project.dna")
    with closing(made.db):
        yield made


def filled(project):
    """Fill a project with four statements in two documents; return it."""
    project.type()
    late = project.document("\U0001f600 We’ll tax it. No quota!", "Late", NOON + 86_400)
    early = project.document("First: no tax.\r\nThen: a quota.", "Early", Author="Doe", Notes="N")
    say = project.statement
    say(late, "We’ll tax it", person="Ann", organization="EPA", concept="tax", agreement=1)
    say(late, "No quota", person="Ann", organization="EPA", concept="quota", agreement=0)
    say(early, "no tax", person="Bo", organization="API", concept="tax", agreement=0)
    say(early, "a quota", person="Bo", organization="API", concept="quota", agreement=1)
    return project


def faults_of(path, **names):
    with pytest.raises(cam.MeetingError) as caught:
        read_dna(path, **names)
    return caught.value.faults


def changes_of(meeting):
    return meeting.source.changes.to_numpy().tolist()


# what is read of an event list


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
            "date": np.array([f"2005-04-0{day}" for day in range(1, 7)], dtype="datetime64[s]"),
            "time": [f"2005-04-0{day} 12:30:00" for day in range(1, 7)],
        }
    )
    assert_frame_equal(table[list(expected)], expected)
    assert meeting.title == "events"
    assert meeting.stances == (1, -1)
    assert meeting.actors["actor"].tolist() == ["EPA", "API", "Sierra Club"]
    assert meeting.texts == {}
    assert changes_of(meeting) == [
        ["stance read as", "agreement", "1", "1", 3],
        ["stance read as", "agreement", "0", "-1", 3],
    ]


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


@pytest.mark.parametrize(("encoding", "newline"), [("utf-8", "\r\n"), ("utf-8-sig", "\n")])
def test_byte_order_mark_and_line_ends(event_list, encoding, newline):
    rows = [{**row, "person": "Zoë"} for row in EVENTS]
    expected = read_dna(event_list(rows)).statements
    found = read_dna(event_list(rows, encoding=encoding, newline=newline)).statements
    assert_frame_equal(found, expected)


def test_evidence_comes_from_the_coded_text(event_list):
    evidence = read_dna(event_list()).evidence("EPA", code="tax")
    assert [quotation.quote for quotation in evidence] == ["words of 101", "words of 105"]


def test_meetings_write_and_load(event_list, project, tmp_path):
    filled(project)
    project.attribute("organization", "EPA", "Type", "agency")
    project.statement(1, "it", organization="EPA", concept="it")
    for number, path in enumerate((event_list(), project.done())):
        meeting = read_dna(path)
        cam.io.write_folder(meeting, tmp_path / f"folder {number}")
        loaded = cam.load_meeting(tmp_path / f"folder {number}")
        assert_frame_equal(loaded.statements, meeting.statements)
        assert_frame_equal(loaded.actors, meeting.actors)
        assert loaded.texts == meeting.texts


def test_path_may_be_text(event_list):
    path = event_list()
    assert_frame_equal(read_dna(str(path)).statements, read_dna(path).statements)


@pytest.mark.parametrize("name", ["actor", "stance", "coder"])
def test_variable_with_a_name_of_camdata_is_kept_apart(event_list, name):
    expected = read_dna(event_list()).statements
    rows = [{**row, name: "other"} for row in EVENTS]
    table = read_dna(event_list(rows, (*VARIABLES, name))).statements
    assert_frame_equal(table[expected.columns], expected)
    assert (table[f"dna_{name}"] == "other").all()


# what is read of a database


def test_database(project):
    meeting = read_dna(filled(project).done())
    table = meeting.statements
    expected = pd.DataFrame(
        {
            "statement": ["3", "4", "1", "2"],  # in the order of time
            "actor": ["API", "API", "EPA", "EPA"],
            "code": ["tax", "quota", "tax", "quota"],
            "stance": pd.Series([-1, 1, 1, -1], dtype="Int8"),
            "quote": ["no tax", "a quota", "We’ll tax it", "No quota"],
            "document": ["2", "2", "1", "1"],
            "date": np.array(["2005-04-02"] * 2 + ["2005-04-03"] * 2, dtype="datetime64[s]"),
            "time": ["2005-04-02 12:30:00"] * 2 + ["2005-04-03 12:30:00"] * 2,
            "document title": ["Early", "Early", "Late", "Late"],
            "author": ["Doe", "Doe", None, None],
            "notes": ["N", "N", None, None],
            "coder": ["Admin"] * 4,
            "person": ["Bo", "Bo", "Ann", "Ann"],
        }
    )
    assert_frame_equal(table[list(expected)], expected)
    # an emoji before a quote counts once here and twice in DNA; a newline of two characters is one
    assert table[["start", "stop"]].to_numpy().tolist() == [[7, 13], [21, 28], [2, 14], [16, 24]]
    assert meeting.texts == {
        "1": "\U0001f600 We’ll tax it. No quota!",
        "2": "First: no tax.\nThen: a quota.",
    }
    assert meeting.actors["actor"].tolist() == ["API", "EPA"]
    assert meeting.codebook["code"].tolist() == ["tax", "quota"]
    assert meeting.title == "project"


def test_evidence_is_marked_in_the_document(project):
    meeting = read_dna(filled(project).done())
    found = [quotation.quote for quotation in meeting.evidence("EPA", code="quota")]
    assert found == ["No quota"]


def test_database_and_its_event_list_agree(project, tmp_path):
    path = filled(project).done()
    rows = read_dna(path).statements
    events = [
        {
            "statement ID": int(row["statement"]),
            "time": row["time"],
            "document ID": int(row["document"]),
            "document title": row["document title"],
            "author": row["author"] if isinstance(row["author"], str) else "",
            "text": row["quote"],
            "person": row["person"],
            "organization": row["actor"],
            "concept": row["code"],
            "agreement": int(row["stance"] == 1),
        }
        for _, row in rows.iterrows()
    ]
    listed = tmp_path / "events.csv"
    listed.write_text(event_list_text(events), encoding="utf-8")
    found = read_dna(listed)
    assert_frame_equal(found.statements, rows[found.statements.columns])
    assert_frame_equal(found.positions("code"), read_dna(path).positions("code"))


def test_attributes_of_entities(project):
    filled(project)
    project.attribute("organization", "EPA", "Type", "agency")
    project.attribute("organization", "EPA", "kind", "executive")
    project.attribute("concept", "tax", "Notes", "on carbon")
    project.attribute("person", "Ann", "Type", "official")
    project.entity(2, "Never heard")
    meeting = read_dna(project.done())
    actors = meeting.actors.set_index("actor")
    assert actors["Type"].to_dict() == {"API": pytest.approx(np.nan, nan_ok=True), "EPA": "agency"}
    assert actors.at["EPA", "dna_kind"] == "executive"
    assert meeting.codebook.set_index("code").at["tax", "Notes"] == "on carbon"
    for change in (
        ["entities left out", "actor", "without a statement", "", 1],
        ["attributes left out", "person", "of its entities", "", 1],
    ):
        assert change in changes_of(meeting)


def test_apostrophes_and_marks_in_names(project):
    project.type()
    text = project.document("It’s “fair”; isn't it?")
    project.statement(text, "fair", organization='L\'Oréal; "A"', concept="d'or", agreement=1)
    table = read_dna(project.done()).statements
    assert table[["actor", "code", "quote"]].to_numpy().tolist() == [
        ['L\'Oréal; "A"', "d'or", "fair"]
    ]


def test_all_kinds_of_variables(project):
    project.type(variables={**TYPES, "remark": "long text", "score": "integer", "text": "boolean"})
    text = project.document("a tax and a quota")
    given = {"organization": "EPA", "concept": "tax", "agreement": 1}
    project.statement(text, "a tax", **given, remark="so\r\nlong", score=-4, text=0)
    project.statement(text, "a quota", **given)
    table = read_dna(project.done()).statements
    assert table.loc[0, ["remark", "score", "text"]].tolist() == ["so\nlong", -4, 0]
    assert table.loc[1, ["remark", "score", "text", "person"]].isna().all()


def test_coders_are_named_and_pooled_when_named(project):
    filled(project)
    project.coder("Zoë")
    project.run("UPDATE STATEMENTS SET Coder=2 WHERE ID IN (1, 3)")
    meeting = read_dna(project.done())
    assert meeting.statements["coder"].tolist() == ["Zoë", "Admin", "Zoë", "Admin"]
    with pytest.raises(ValueError, match="coder"):
        meeting.tally("code")
    pooled = meeting.select(coder=["Admin", "Zoë"]).tally("code")
    assert pooled.n_statements == 4
    alone = meeting.select(coder="Zoë").tally("code")
    assert alone.n_statements == 2
    assert alone.positions["tax"].tolist() == [-1, 1]


def test_coders_of_one_name_are_told_apart(project):
    filled(project)
    project.coder("Admin")
    project.run("UPDATE STATEMENTS SET Coder=2 WHERE ID=1")
    meeting = read_dna(project.done())
    assert set(meeting.statements["coder"]) == {"Admin (1)", "Admin (2)"}
    assert ["coder named", "coder", "Admin", "Admin (2)", 1] in changes_of(meeting)


def test_passwords_stay_in_the_file(project):
    meeting = read_dna(filled(project).done())
    everything = [frame.to_csv() for frame in (meeting.statements, meeting.actors)]
    assert "secret hash" not in "".join(everything) + repr(meeting.source)


def test_nothing_is_written_beside_the_file(project):
    path = filled(project)
    path.db.execute("PRAGMA journal_mode=WAL")
    path = path.done()
    before = path.read_bytes()
    read_dna(path)
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == ["project.dna"]


@pytest.mark.parametrize("name", ["a?b#c%20d.dna", "Zoë’s data.sqlite"])
def test_any_name_of_a_file(project, tmp_path, name):
    path = filled(project).done().rename(tmp_path / name)
    assert len(read_dna(path).statements) == 4


# statement types and variables


def test_the_statement_type_that_has_the_variables(project):
    project.type("Annotation", {"note": "long text"})
    kind = project.type("DNA Statement")
    text = project.document("a tax and a quota")
    project.statement(text, "quota", kind=1, note="see there")
    project.statement(text, "tax", kind, organization="EPA", concept="tax", agreement=1)
    meeting = read_dna(project.done())
    assert meeting.statements["quote"].tolist() == ["tax"]
    change = ["statements left out", "STATEMENTTYPES", "of other types than 'DNA Statement'", "", 1]
    assert change in changes_of(meeting)


def test_statement_type_is_chosen_by_name(project):
    filled(project)
    kind = project.type("Second", TYPES)
    say = {"organization": "NGO", "concept": "tax", "agreement": 1}
    project.statement(1, "tax", kind, **say)
    path = project.done()
    found = faults_of(path)
    assert found["sheet"].tolist() == ["STATEMENTTYPES"]
    assert "statement_type=" in found["expected"].item()
    assert found["got"].item().split(" with ")[0] == "'DNA Statement'"
    assert read_dna(path, statement_type="Second").actors["actor"].tolist() == ["NGO"]
    assert len(read_dna(path, statement_type="DNA Statement").statements) == 4
    found = faults_of(path, statement_type="Secund")
    assert found["got"].item().startswith("'Secund' (did you mean 'Second'?) and 'DNA Statement'")


def test_types_without_the_variables_are_listed(project):
    project.type("One", {"note": "long text"})
    project.type("Two", {"actor": "short text", "concept": "short text"})
    found = faults_of(project.done())
    assert found["got"].item() == "'One' with note; 'Two' with actor, concept"


def test_wrong_names_of_variables_list_what_there_is(project):
    found = faults_of(filled(project).done(), actor="organisation", code="topic").set_index(
        "column"
    )
    assert set(found.index) == {"organisation", "topic"}
    there = "a variable of 'DNA Statement': person, organization, concept, agreement"
    assert (found["expected"] == there).all()
    assert "did you mean 'organization'" in found.at["organisation", "got"]
    assert (found["file"] == "project.dna").all()


def test_stance_must_be_boolean_or_integer(project):
    found = faults_of(filled(project).done(), stance="person")
    assert found[["column", "expected"]].to_numpy().tolist() == [
        ["person", "a boolean or integer variable"]
    ]


@pytest.mark.parametrize("names", [{"actor": "concept"}, {"stance": "concept"}, {"actor": "text"}])
def test_one_variable_for_two_things(event_list, names):
    with pytest.raises(ValueError, match="must be different variables"):
        read_dna(event_list(), **names)


def test_event_list_has_no_statement_types(event_list):
    with pytest.raises(ValueError, match="`statement_type` must be None for an event list"):
        read_dna(event_list(), statement_type="DNA Statement")


# stances, and what is not coded


def test_integer_qualifier_is_an_ordinal_scale(event_list):
    levels = [-2, 0, 3, 3, 0, 1]
    rows = [{**row, "agreement": level} for row, level in zip(EVENTS, levels, strict=True)]
    with pytest.raises(ValueError, match=r"-2 \(1×\), 0 \(2×\), 1 \(1×\), 3 \(2×\)"):
        read_dna(event_list(rows))
    meeting = read_dna(event_list(rows), scale=(-3, 3))
    assert meeting.stances == (3, 2, 1, 0, -1, -2, -3)
    assert meeting.statements["stance"].tolist() == levels
    counts = meeting.tally("code", duplicates="all").frame.loc["EPA", "tax"]
    assert counts.loc[[-2, 0, 1, 3]].tolist() == [1, 1, 0, 0]
    assert ["read as an ordinal scale -3 to 3", "agreement", "-2, 0, 1, 3", "", 6] in changes_of(
        meeting
    )


@pytest.mark.parametrize(
    ("levels", "given", "scale"),
    [
        ([0, 1], {"scale": (0, 1)}, (1, 0)),
        ([1, 9], {"missing": (9,)}, (1, -1)),
        ([1, 3], {"scale": (1, 3)}, (3, 2, 1)),
    ],
)
def test_integer_variable_of_a_database_is_a_scale(project, levels, given, scale):
    project.type(variables={**TYPES, "agreement": "integer"})
    text = project.document("a tax and a quota")
    for level, words in zip(levels, ("tax", "quota"), strict=True):
        project.statement(text, words, organization="EPA", concept=words, agreement=level)
    path = project.done()
    if given:
        with pytest.raises(ValueError, match=next(iter(given))):
            read_dna(path)
    meeting = read_dna(path, **given)
    assert meeting.stances == scale
    kept = [None if level == 9 else level for level in levels]
    assert (
        meeting.statements["stance"]
        .astype(object)
        .where(meeting.statements["stance"].notna(), None)
        .tolist()
        == kept
    )


def test_without_a_stance_every_statement_is_support(event_list, project):
    meeting = read_dna(event_list(), stance=False)
    assert (meeting.statements["stance"] == 1).all()
    assert meeting.statements["agreement"].tolist() == [str(row["agreement"]) for row in EVENTS]
    without = read_dna(event_list(variables=("organization", "concept")), stance=False)
    assert_frame_equal(without.positions("code"), meeting.positions("code"))
    table = read_dna(filled(project).done(), stance=False).statements
    assert table["stance"].tolist() == [1, 1, 1, 1]
    assert table["agreement"].tolist() == [0, 1, 1, 0]


@pytest.mark.parametrize("levels", [[1, 0, ""], [-1, 1, ""]], ids=["boolean", "ordinal"])
def test_statement_without_a_stance_is_in_no_tally(event_list, levels):
    rows = [{**row, "agreement": level} for row, level in zip(EVENTS, levels, strict=False)]
    meeting = read_dna(event_list(rows))
    assert meeting.statements["stance"].isna().tolist() == [False, False, True]
    assert meeting.tally("code").n_statements == 2
    change = ["stance missing", "agreement", "no value", "counted in no tally", 1]
    assert changes_of(meeting)[-1] == change


def test_gaps_of_a_database(project):
    filled(project)
    project.statement(1, "tax", organization="", concept="tax", agreement=1)
    project.statement(1, "tax it", organization="EPA", agreement=1)
    project.statement(1, "it", organization="EPA", concept="it")
    meeting = read_dna(project.done())
    assert meeting.statements["statement"].tolist() == ["3", "4", "1", "7", "2"]
    assert meeting.tally("code").n_statements == 4
    assert changes_of(meeting)[2:5] == [
        ["statements left out", "organization", "without a value", "", 1],
        ["statements left out", "concept", "without a value", "", 1],
        ["stance missing", "agreement", "no value", "counted in no tally", 1],
    ]


@pytest.mark.parametrize("column", ["organization", "concept"])
def test_statement_without_actor_or_concept_is_left_out(event_list, column):
    meeting = read_dna(event_list([EVENTS[0], {**EVENTS[1], column: ""}, EVENTS[2]]))
    assert meeting.statements["statement"].tolist() == ["101", "103"]
    assert ["statements left out", column, "without a value", "", 1] in changes_of(meeting)


def test_lines_are_counted_in_the_file_when_rows_are_left_out(event_list):
    rows = [{**EVENTS[0], "concept": ""}, {**EVENTS[1], "agreement": "maybe"}]
    assert faults_of(event_list(rows))["line"].tolist() == [3]


@pytest.mark.parametrize("odd", ["maybe", 0.5])
def test_stance_that_is_no_number_is_named(event_list, odd):
    found = faults_of(event_list([EVENTS[0], {**EVENTS[1], "agreement": odd}]))
    where = found[["file", "line", "column", "got"]].to_numpy().tolist()
    assert where == [["events.csv", 3, "agreement", repr(str(odd))]]


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

    def pairs(measure):
        order = ["EPA", "API", "Sierra Club"]
        table = cam.agreement(tally, measure).frame.loc[order, order]
        return table.to_numpy()[np.triu_indices(3, 1)].tolist()

    assert pairs("congruence") == [1, 2, 0]  # EPA–API on quota, EPA–Sierra 2 × 1 on tax
    assert pairs("conflict") == [2, 0, 1]  # EPA–API 2 × 1 on tax, API–Sierra 1 × 1
    assert pairs("subtract") == [-1, 2, -1]


# faults of event lists


def test_missing_columns_are_all_named_with_the_nearest(event_list):
    path = event_list()
    path.write_text(
        path.read_text().replace('"concept"', '"concepts"').replace('"text"', '"words"')
    )
    found = faults_of(path, actor="organisation").set_index("column")
    assert set(found.index) == {"text", "organisation", "concept"}
    assert (found["file"] == "events.csv").all()
    assert (found["line"] == 1).all()
    assert "did you mean 'organization'" in found.at["organisation", "got"]
    assert "did you mean 'concepts'" in found.at["concept", "got"]


def test_empty_list(tmp_path):
    path = tmp_path / "events.csv"
    path.write_bytes(b"")
    found = faults_of(path)
    assert found["expected"].item() == "a header with the names of the columns"


def test_list_with_commas(event_list):
    path = event_list()
    path.write_text(path.read_text().replace(";", ","))
    assert faults_of(path)["expected"].item() == "cells separated by semicolons"


def test_row_with_more_cells_than_the_header(event_list):
    path = event_list()
    path.write_text(path.read_text() + ';"one";"more"')
    assert faults_of(path)["line"].tolist() == [7]


@pytest.mark.parametrize(("encoding", "guess"), [("cp1252", "1252"), ("utf-16", "UTF-16")])
def test_other_encodings_are_named(event_list, encoding, guess):
    rows = [EVENTS[0], {**EVENTS[1], "organization": "Ministère"}]
    found = faults_of(event_list(rows, encoding=encoding))
    assert found["expected"].item() == "UTF-8"
    assert guess in found["got"].item()
    assert found["line"].item() == (3 if encoding == "cp1252" else 1)


def test_repeated_statement_ids(event_list):
    rows = [{**row, "statement ID": 7 if i in (1, 4) else i} for i, row in enumerate(EVENTS)]
    found = faults_of(event_list(rows))
    assert found[["line", "column"]].to_numpy().tolist() == [[6, "statement ID"]]
    assert found["got"].item() == "'7' again (first on line 3)"


# faults of databases


def test_what_refers_to_nothing_is_left_out_and_counted(project):
    filled(project)
    project.run("UPDATE DATASHORTTEXT SET Entity=99 WHERE StatementId=2 AND VariableId=2")
    project.run("UPDATE STATEMENTS SET Coder=99 WHERE ID=1")
    meeting = read_dna(project.done())
    assert meeting.statements["coder"].isna().tolist() == [False, False, True]
    assert ["coders left out", "Coder", "not in CODERS", "", 1] in changes_of(meeting)
    left = ["statements left out", "organization", "without a value", "", 1]
    assert left in changes_of(meeting)


@pytest.mark.parametrize("version", ["3.0 beta 1", "3.0.7", "3.2"])
def test_any_version_with_the_same_tables_is_read(tmp_path, version):
    path = filled(Project(tmp_path / "other.dna", version=version)).done()
    assert len(read_dna(path).statements) == 4


def with_roles(project):
    """Change the schema to that of DNA 3.1: variables by themselves, linked to roles."""
    project.db.executescript(
        """
        CREATE TABLE ROLES(ID INTEGER PRIMARY KEY, RoleName TEXT NOT NULL,
          StatementTypeId INTEGER, Position INTEGER NOT NULL DEFAULT 1);
        CREATE TABLE ROLEVARIABLELINKS(ID INTEGER PRIMARY KEY, RoleId INTEGER, VariableId INTEGER);
        INSERT INTO ROLES SELECT ID, Variable, StatementTypeId, ID FROM VARIABLES;
        INSERT INTO ROLEVARIABLELINKS SELECT ID + 10, ID, ID FROM VARIABLES;
        CREATE TABLE NEW(ID INTEGER PRIMARY KEY, Variable TEXT UNIQUE, DataType TEXT);
        INSERT INTO NEW SELECT ID, Variable, DataType FROM VARIABLES;
        DROP TABLE VARIABLES; ALTER TABLE NEW RENAME TO VARIABLES;
        """
    )
    for table in ("SHORTTEXT", "LONGTEXT", "INTEGER", "BOOLEAN"):
        column = "Entity" if table == "SHORTTEXT" else "Value"
        project.db.executescript(
            f"""
            CREATE TABLE NEW(ID INTEGER PRIMARY KEY, StatementId INTEGER NOT NULL,
              RoleVariableLinkId INTEGER NOT NULL, {column});
            INSERT INTO NEW SELECT ID, StatementId, VariableId + 10, {column} FROM DATA{table};
            DROP TABLE DATA{table}; ALTER TABLE NEW RENAME TO DATA{table};
            """
        )
    return project


def test_roles_of_dna_3_1_and_several_concepts_of_one_statement(project):
    plain = Project(project.path.with_name("plain.dna"))
    expected = read_dna(filled(plain).done())
    with_roles(filled(project))
    project.run("INSERT INTO DATASHORTTEXT VALUES(NULL, 2, 13, ?)", project.entity(3, "visas"))
    meeting = read_dna(project.done())
    assert meeting.statements["statement"].tolist() == ["3", "4", "1", "2", "2/2"]
    assert meeting.statements["code"].tolist() == ["tax", "quota", "tax", "quota", "visas"]
    assert meeting.statements["stance"].tolist() == [-1, 1, 1, -1, -1]
    once = meeting.statements.drop(index=4)
    assert_frame_equal(once, expected.statements)
    assert ["several values in one statement: one for each", "", "", "", 1] in changes_of(meeting)


def test_a_database_of_something_else(tmp_path):
    path = tmp_path / "other.dna"
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE photos(ID INTEGER)")
    found = faults_of(path)
    assert found["expected"].item() == "the tables and columns of DNA 3"
    assert found["got"].item() == "no such table: STATEMENTTYPES"


@pytest.mark.parametrize(
    ("data", "got"),
    [(b"", "an empty file"), (b"<?xml version='1.0'?>", "<?xml version"), (b"PK\3\4", "PK")],
)
def test_dna_file_that_is_no_database(tmp_path, data, got):
    path = tmp_path / "old.dna"
    path.write_bytes(data)
    found = faults_of(path)
    assert "SQLite database" in found["expected"].item()
    assert got in found["got"].item()


@pytest.mark.parametrize("name", ["nothing.dna", "nothing.csv"])
def test_no_such_file(tmp_path, name):
    assert faults_of(tmp_path / name)["got"].tolist() == ["no such file"]


def test_folder_instead_of_a_file(tmp_path):
    assert faults_of(tmp_path)["got"].tolist() == ["a folder"]


def test_open_database_is_not_read_half(project, tmp_path):
    path = filled(project).done()
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("DELETE FROM STATEMENTS WHERE ID=1")
        db.commit()
        found = faults_of(path)
    assert "project.dna-wal" in found["got"].item()


def test_a_missing_column_is_named(project):
    filled(project).run("ALTER TABLE STATEMENTS RENAME COLUMN Stop TO Stopp")
    found = faults_of(project.done())
    assert found["got"].item() == "no such column: s.Stop"
    assert found["expected"].item() == "the tables and columns of DNA 3"


@pytest.mark.parametrize("type_", ["weird", "BOOLEAN"])
def test_a_variable_of_an_unknown_type_is_a_fault(project, type_):
    filled(project).run("UPDATE VARIABLES SET DataType=? WHERE Variable='agreement'", type_)
    found = faults_of(project.done())
    expected = "short text, long text, integer or boolean"
    assert found[["sheet", "column", "expected", "got"]].to_numpy().tolist() == [
        ["VARIABLES", "agreement", expected, f"one of {type_}"]
    ]


@pytest.mark.parametrize(
    ("change", "column", "expected"),
    [
        ("UPDATE STATEMENTS SET DocumentId=99 WHERE ID=2", "DocumentId", "a document"),
        ("UPDATE STATEMENTS SET Stop=9999 WHERE ID=2", "Start", "a place within"),
        ("UPDATE STATEMENTS SET Start=-1 WHERE ID=2", "Start", "a place within"),
        ("UPDATE STATEMENTS SET Stop=Start WHERE ID=2", "Start", "a place within"),
        ("UPDATE DATABOOLEAN SET Value=2 WHERE StatementId=2", "agreement", "one of 0, 1"),
    ],
)  # fmt: skip
def test_what_does_not_fit_together_is_named_by_its_statement(project, change, column, expected):
    filled(project)
    project.run(change)
    with pytest.raises(cam.MeetingError, match=r"project\.dna, sheet STATEMENTS, statement 2") as c:
        read_dna(project.done())
    found = c.value.faults
    named = found[found["expected"].str.contains(expected)]
    assert named[["line", "column"]].to_numpy().tolist() == [[2, column]]


@pytest.mark.parametrize("date", ["x", "2020-01-01", -(10**14)])
def test_a_date_that_is_none_is_a_fault_and_never_missing(project, date):
    filled(project)
    project.run("UPDATE DOCUMENTS SET Date=?", date)
    found = faults_of(project.done())
    assert found["line"].tolist() == [1, 2, 3, 4]
    assert set(found["column"]) == {"Date"}
    assert set(found["expected"]) == {"a date in seconds since 1970"}


@pytest.mark.slow
def test_damaged_pages_are_found(project):
    path = filled(project).done()
    data = bytearray(path.read_bytes())
    data[2 * 4096 : 3 * 4096] = bytes(4096)
    path.write_bytes(data)
    assert (faults_of(path)["file"] == "project.dna").all()


@pytest.mark.parametrize("share", [0.01, 0.7])
def test_truncated_database(project, share):
    path = filled(project).done()
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    assert (faults_of(path)["file"] == "project.dna").all()


# a good file with random changes is still read, or its faults are said; nothing else


def mutated(data, rng):
    data = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 8))):
        if not data:
            break
        place = rng.randrange(len(data))
        way = rng.randrange(4)
        if way == 0:
            data[place] = rng.randrange(256)
        elif way == 1:
            data[place : place + rng.randrange(1, 40)] = b""
        elif way == 2:
            data[place:place] = rng.randbytes(rng.randrange(1, 20))
        else:
            data[place] ^= 1 << rng.randrange(8)
    return bytes(data)


def read_or_refused(path):
    """Read a file and compare its quotes with their places, or say that it was refused."""
    try:
        meeting = read_dna(path)
    except cam.MeetingError:
        return False
    texts = meeting.texts
    for row in meeting.statements.itertuples():
        if texts and isinstance(row.quote, str):
            assert texts[row.document][row.start : row.stop] == row.quote
    return True


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_random_changes_of_a_database(project, seed):
    path = filled(project).done()
    data, rng = path.read_bytes(), random.Random(seed)
    found = set()
    for _ in range(50):
        path.write_bytes(mutated(data, rng))
        found.add(read_or_refused(path))
    assert found == {True, False}


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_random_changes_of_an_event_list(event_list, seed):
    path, rng = event_list(), random.Random(seed)
    data = path.read_bytes()
    found = set()
    for _ in range(75):
        path.write_bytes(mutated(data, rng))
        found.add(read_or_refused(path))
    assert found == {True, False}
