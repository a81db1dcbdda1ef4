"""The tables of a database of Discourse Network Analyzer, joined to statements."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from camdata._display.words import join_names, shorten, with_suggestion
from camdata.io.foreign import kept_apart, one_error
from camdata.io.log import Log
from camdata.io.positions import span_of, unix_positions
from camdata.model.cells import unix_newlines
from camdata.model.errors import Fault, MeetingError, Origin
from camdata.model.source import SourceTable

MAGIC = b"SQLite format 3\0"
"""The first bytes of every SQLite database."""

DOCUMENT = ("Title", "Author", "Source", "Section", "Type", "Notes")
"""The columns of a document."""

TABLES: Mapping[str, tuple[str, ...]] = {
    "CODERS": ("ID", "Name"),
    "DOCUMENTS": ("ID", "Text", "Date", *DOCUMENT),
    "STATEMENTTYPES": ("ID", "Label"),
    "VARIABLES": ("ID", "Variable", "DataType"),
    "STATEMENTS": ("ID", "DocumentId", "Start", "Stop", "Coder", "StatementTypeId"),
    "ENTITIES": ("ID", "Value", "VariableId"),
    "DATASHORTTEXT": ("StatementId", "Entity"),
    "DATALONGTEXT": ("StatementId", "Value"),
    "DATAINTEGER": ("StatementId", "Value"),
    "DATABOOLEAN": ("StatementId", "Value"),
    "ATTRIBUTEVARIABLES": ("ID", "AttributeVariable", "VariableId"),
    "ATTRIBUTEVALUES": ("EntityId", "AttributeValue", "AttributeVariableId"),
}
"""The tables and columns that are read. The passwords of coders are none of them."""

DATA = {
    "short text": "DATASHORTTEXT",
    "long text": "DATALONGTEXT",
    "integer": "DATAINTEGER",
    "boolean": "DATABOOLEAN",
}
"""Where DNA keeps the values of a variable, by its type."""

_OWN_VARIABLES = """SELECT t.ID AS kind, t.Label AS label, v.Variable AS name, v.DataType AS type,
    v.ID AS variable, v.ID AS link FROM STATEMENTTYPES t LEFT JOIN VARIABLES v
    ON v.StatementTypeId = t.ID ORDER BY t.ID, v.ID"""
_ROLES = """SELECT t.ID AS kind, t.Label AS label, r.RoleName AS name, v.DataType AS type,
    v.ID AS variable, l.ID AS link FROM STATEMENTTYPES t LEFT JOIN ROLES r
    ON r.StatementTypeId = t.ID LEFT JOIN ROLEVARIABLELINKS l ON l.RoleId = r.ID
    LEFT JOIN VARIABLES v ON v.ID = l.VariableId ORDER BY t.ID, r.ID, l.ID"""
_STATEMENTS = f"""SELECT s.ID AS statement, s.DocumentId AS document, s.Start AS start,
    s.Stop AS stop, s.Coder AS number, d.Date AS seconds, c.Name AS coder,
    {", ".join(f"d.{column}" for column in DOCUMENT)} FROM STATEMENTS s
    LEFT JOIN DOCUMENTS d ON d.ID = s.DocumentId LEFT JOIN CODERS c ON c.ID = s.Coder
    WHERE s.StatementTypeId = ? ORDER BY d.Date, s.DocumentId, s.Start, s.ID"""
_ATTRIBUTES = """SELECT e.ID AS entity, e.Value AS name, a.AttributeVariable AS attribute,
    v.AttributeValue AS value FROM ENTITIES e LEFT JOIN ATTRIBUTEVALUES v ON v.EntityId = e.ID
    LEFT JOIN ATTRIBUTEVARIABLES a ON a.ID = v.AttributeVariableId
    WHERE e.Value != '' AND e.VariableId IN ({}) ORDER BY e.ID"""


class Statements(NamedTuple):
    """Statements with their values as DNA has them, and what else the file says.

    `boolean` says whether the stances are those of a boolean variable.
    """

    frame: pd.DataFrame
    origin: Origin
    boolean: bool
    others: dict[str, SourceTable]
    texts: dict[str, str]


def read_database(
    path: Path, statement_type: str | None, roles: Mapping[str, str], log: Log
) -> Statements:
    """Read a database of DNA 3; it is opened for reading only, and nothing is written beside it.

    `roles` are the variables that are read, by what they are here (actor, code, stance).

    Raises
    ------
    MeetingError
        If it is another database, is damaged or in use, or lacks what is wanted.
    """
    for ending in ("-wal", "-journal"):
        beside = path.with_name(path.name + ending)
        if beside.exists() and beside.stat().st_size:
            got = f"changes that are still in {beside.name}: close the program that has it open"
            raise MeetingError([Fault(path.name, None, None, "a closed database", got)], str(path))
    # immutable: without it SQLite itself would write a file beside a database in WAL mode
    address = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
    # what is raised of cells that hold another type than their column says
    of_cells = (ValueError, TypeError, AttributeError, OverflowError)
    with (
        one_error(path, "a database of DNA 3 that SQLite can read", (sqlite3.Error, *of_cells)),
        closing(sqlite3.connect(address, uri=True)) as connection,
    ):
        damage = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        if damage != "ok":
            raise sqlite3.DatabaseError(damage)
        return _Database(path, connection, roles, log).read(statement_type)


class _Database:
    """An open database of DNA."""

    def __init__(
        self, path: Path, connection: sqlite3.Connection, roles: Mapping[str, str], log: Log
    ) -> None:
        self.path, self.connection, self.roles, self.log = path, connection, roles, log
        tables = self.rows("SELECT upper(name) AS name FROM sqlite_master WHERE type = 'table'")
        self.tables = tables["name"].tolist()

    def rows(self, query: str, *values: object) -> pd.DataFrame:
        """Return the rows of a query; its cells stay what SQLite says that they are."""
        cursor = self.connection.execute(query, values)
        names = [column[0] for column in cursor.description]
        return pd.DataFrame(cursor.fetchall(), columns=pd.Index(names, dtype="str"), dtype=object)

    def stop(self, *found: tuple[str | None, str | None, str, str]) -> None:
        """Raise the faults that there are: table, column, what was expected, what was found."""
        if found:
            file = self.path.name
            faults = [Fault(file, None, own, want, got, "", t) for t, own, want, got in found]
            raise MeetingError(faults, str(self.path))

    def check_tables(self) -> None:
        missing = [table for table in TABLES if table not in self.tables]
        if missing:
            got = f"tables {join_names(sorted(self.tables), 12)}" if self.tables else "no tables"
            self.stop((None, None, f"a database of DNA 3, with tables {join_names(missing)}", got))
        wrong = []
        for table, columns in TABLES.items():
            there = self.rows(f'PRAGMA table_info("{table}")')["name"].tolist()
            wrong += [
                (table, column, "this column", f"no column {with_suggestion(column, there)}")
                for column in columns
                if column.upper() not in map(str.upper, there)
            ]
        self.stop(*wrong)

    def read(self, statement_type: str | None) -> Statements:
        self.check_tables()
        kind, label, variables = self.choose(statement_type)
        frame = self.rows(_STATEMENTS, kind)
        every = len(self.rows("SELECT ID FROM STATEMENTS"))
        other = f"of other types than {label!r}"
        self.log.left_out("statements", "STATEMENTTYPES", other, every - len(frame))
        if "STATEMENTLINKS" in self.tables:
            links = len(self.rows("SELECT * FROM STATEMENTLINKS"))
            self.log.left_out("links", "STATEMENTLINKS", "between statements", links)
        texts = dict(self.rows("SELECT ID, Text FROM DOCUMENTS").itertuples(index=False, name=None))
        roles = self.roles
        names = {"statement": "ID", "document": "DocumentId", "start": "Start", "stop": "Stop"}
        columns = {**names, "coder": "Coder", "quote": "Start", **roles}
        numbers = frame["statement"].to_numpy(dtype=np.int64)
        origin = Origin(self.path.name, numbers, None, "STATEMENTS", columns, "statement")
        self.locate(frame, texts, origin)
        self.name_coders(frame)
        frame = self.with_values(frame, variables)
        origin = replace(origin, rows=frame.pop("number").to_numpy(dtype=np.int64))
        others = {}
        for table, role in (("actors", "actor"), ("codebook", "code")):
            own = variables[variables["name"] == roles[role]]
            if (own["type"] == "short text").all():
                others[table] = self.entities(table, role, own, frame[role])
        unread = variables[~variables["name"].isin(roles.values())]
        for name, own in unread[unread["type"] == "short text"].groupby("name", sort=False):
            given = self.rows(_ATTRIBUTES.format(_numbers(own["variable"])))
            lost = given["value"].map(bool).sum()
            self.log.left_out("attributes", str(name), "of its entities", lost)
        rated = variables["type"][variables["name"] == roles.get("stance")]
        boolean = "boolean" in rated.tolist()
        plain = {str(number): unix_newlines(text) for number, text in texts.items()}
        return Statements(frame, origin, boolean, others, plain)

    def choose(self, wanted: str | None) -> tuple[int, str, pd.DataFrame]:
        """Choose the statement type that is read, or list those that there are."""
        every = self.rows(_ROLES if "ROLEVARIABLELINKS" in self.tables else _OWN_VARIABLES)
        labels = every.drop_duplicates("kind").set_index("kind")["label"]
        names: dict[Any, list[str]] = {
            kind: list(own["name"].dropna().unique()) for kind, own in every.groupby("kind")
        }
        roles = list(self.roles.values())
        fitting = [kind for kind in labels.index if set(roles) <= set(names[kind])]
        if wanted is not None:
            fitting = list(labels.index[labels == wanted])
        elif len(labels) == 1:
            fitting = list(labels.index)
        if len(fitting) != 1:
            there = "; ".join(
                f"{label!r} with {join_names(names[k])}" for k, label in labels.items()
            )
            expected = f"a statement type with the variables {join_names(map(repr, roles))}"
            if wanted is not None:
                expected = f"one of the statement types {join_names(map(repr, labels))}"
                there = with_suggestion(wanted, labels)
            elif fitting:
                expected = "one statement type: choose it by statement_type="
                there = join_names(repr(labels[kind]) for kind in fitting)
            self.stop(("STATEMENTTYPES", "Label", expected, there or "no statement type"))
        kind = fitting[0]
        own = every[(every["kind"] == kind) & every["name"].notna()]
        types: dict[str, str] = dict(zip(own["name"], own["type"], strict=True))
        expected = f"a variable of {labels[kind]!r}: {join_names(types, 20)}"
        wrong = [
            (n, expected, f"no variable {with_suggestion(n, types)}")
            for n in roles
            if n not in types
        ]
        wrong += [
            (n, f"one of {join_names(DATA)}", shorten(t)) for n, t in types.items() if t not in DATA
        ]
        stance = self.roles.get("stance", "")
        if (rated := types.get(stance)) in ("short text", "long text"):
            wrong.append((stance, "a boolean or integer variable", f"one of {rated}"))
        self.stop(*(("VARIABLES", *found) for found in wrong))
        return int(kind), str(labels[kind]), own

    def locate(self, frame: pd.DataFrame, texts: Mapping[int, str], origin: Origin) -> None:
        """Add quotes and their places in code points; DNA counts UTF-16 units, as Java does."""
        places = {number: unix_positions(text, utf16=True) for number, text in texts.items()}
        plain = {number: unix_newlines(text) for number, text in texts.items()}
        found: list[tuple[str | None, int | None, int | None]] = []
        own = frame[["document", "start", "stop"]].itertuples(index=False, name=None)
        for row, (number, start, stop) in enumerate(own):
            span = span_of(places[number], start, stop) if number in places else None
            found.append((plain[number][slice(*span)], *span) if span else (None, None, None))
            column, expected, got = "document", "a document of DOCUMENTS", str(number)
            if number in places:
                column, got = "start", f"{start} to {stop}"
                expected = f"a place within the {len(places[number]) - 1:,} characters of {number}"
            if span is None:
                self.log.faults.append(origin.fault(row, column, expected, got))
        located = pd.DataFrame(found, columns=["quote", "start", "stop"], index=frame.index)
        types = {"quote": "str", "start": "Int64", "stop": "Int64"}
        frame[["quote", "start", "stop"]] = located.astype(types)
        times = pd.to_datetime(frame.pop("seconds"), unit="s")
        frame["date"] = times.dt.strftime("%Y-%m-%d")
        frame["time"] = times.dt.strftime("%Y-%m-%d %H:%M:%S")
        frame["document"] = frame["document"].map(str)

    def name_coders(self, frame: pd.DataFrame) -> None:
        """Tell coders of one name apart by their number, and report statements of unknown ones."""
        numbers = frame.pop("number")
        coders = self.rows("SELECT ID, Name FROM CODERS")
        twice = coders["Name"][coders["Name"].duplicated()].tolist()
        several = frame["coder"].isin([*twice, ""])
        for name in frame.loc[several, "coder"].unique():
            for number in numbers[frame["coder"] == name].unique():
                rows = (frame["coder"] == name) & (numbers == number)
                self.log.add("coder named", "coder", name, f"{name} ({number})".strip(), rows.sum())
        named = frame["coder"].map(str) + " (" + numbers.map(str) + ")"
        frame["coder"] = frame["coder"].where(~several, named.str.strip())
        unknown = (numbers.notna() & frame["coder"].isna()).sum()
        self.log.left_out("coders", "Coder", "not in CODERS", unknown)

    def with_values(self, frame: pd.DataFrame, variables: pd.DataFrame) -> pd.DataFrame:
        """Join the values; several actors or codes of one statement are a statement each."""
        roles = {name: role for role, name in self.roles.items()}
        frame["place"] = np.arange(len(frame))
        frame["number"] = frame["statement"]
        link = "RoleVariableLinkId" if "ROLEVARIABLELINKS" in self.tables else "VariableId"
        taken = [*frame.columns, *roles.values(), *("document title", "stance", "ID")]
        names = dict.fromkeys(variables["name"])
        apart = kept_apart([n for n in names if n not in roles], "statements", "dna_", also=taken)
        for name, own in variables.groupby("name", sort=False):
            data = str(own["type"].iloc[0])
            join = "JOIN ENTITIES e ON e.ID = v.Entity" if data == "short text" else ""
            given = self.rows(
                f"SELECT v.StatementId AS statement, {'e' if join else 'v'}.Value AS value "
                f"FROM {DATA[data]} v {join} "
                f"WHERE v.{link} IN ({_numbers(own['link'])}) ORDER BY v.rowid"
            )
            given = given[~given["value"].isin([None, ""])]
            if name not in roles and given["statement"].duplicated().any():
                joined = given["value"].map(str).groupby(given["statement"], sort=False)
                given = joined.agg("; ".join).reset_index()
            dtype: Any = "Int64" if data in ("integer", "boolean") else "str"
            given["value"] = given["value"].astype(dtype)
            column = roles.get(str(name)) or apart[str(name)]
            frame = frame.merge(given.rename(columns={"value": column}), on="statement", how="left")
        frame = frame.sort_values("place", kind="stable", ignore_index=True)
        turn = frame.groupby("place").cumcount()
        what = "several values in one statement: one for each"
        self.log.add(what, "", "", "", (turn > 0).sum())
        ids = frame["statement"].map(str)
        frame["statement"] = ids.where(turn == 0, ids + "/" + (turn + 1).map(str))
        shown = {name: name.lower() for name in DOCUMENT} | {"Title": "document title"}
        texts = frame[list(DOCUMENT)].astype("str").where(frame[list(DOCUMENT)].map(bool))
        frame[list(DOCUMENT)] = texts
        return frame.drop(columns="place").rename(columns=shown)

    def entities(
        self, table: str, role: str, variables: pd.DataFrame, used: pd.Series[Any]
    ) -> SourceTable:
        """Return the entities of a variable that statements use, with their attributes."""
        given = self.rows(_ATTRIBUTES.format(_numbers(variables["variable"])))
        own = given.drop_duplicates("entity")[["entity", "name"]]
        rank = {name: place for place, name in enumerate(used.dropna().unique())}
        named = own[own["name"].isin(rank)]
        named = named.sort_values("name", key=lambda names: names.map(rank), kind="stable")
        self.log.left_out("entities", role, "without a statement", len(own) - len(named))
        attributes = given["attribute"].dropna().unique()
        apart = kept_apart(attributes, table, "dna_")
        frame = pd.DataFrame({role: named["name"].astype("str")})
        for attribute in attributes:
            some = given[(given["attribute"] == attribute) & given["value"].map(bool)]
            values = some.drop_duplicates("entity").set_index("entity")["value"]
            frame[apart[attribute]] = named["entity"].map(values.to_dict()).astype("str")
        rows, columns = named["entity"].to_numpy(dtype=np.int64), {role: "Value"}
        origin = Origin(self.path.name, rows, None, "ENTITIES", columns, "row")
        return SourceTable(frame.reset_index(drop=True), origin)


def _numbers(values: pd.Series[Any]) -> str:
    return ", ".join(str(int(value)) for value in values)
