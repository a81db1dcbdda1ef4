"""The tables of a database of Discourse Network Analyzer, joined to statements."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from camdata._display.words import did_you_mean, listed, shorten
from camdata.io.foreign import kept_apart, left_out, named_apart, one_error
from camdata.io.positions import span_of, unix_positions
from camdata.model.cells import WRITABLE, unix_newlines, unwritable
from camdata.model.errors import Fault, MeetingError, Origin
from camdata.model.source import Change, SourceTable

MAGIC = b"SQLite format 3\0"
"""The first bytes of every SQLite database."""

DOCUMENT = {
    "Title": "document title",
    "Author": "author",
    "Source": "source",
    "Section": "section",
    "Type": "type",
    "Notes": "notes",
}
"""The columns of a document, and what an event list calls them (it has no notes)."""

TABLES: Mapping[str, tuple[str, ...]] = {
    "CODERS": ("ID", "Name"),
    "DOCUMENTS": ("ID", "Text", "Date", *DOCUMENT),
    "STATEMENTTYPES": ("ID", "Label"),
    "VARIABLES": ("ID", "Variable", "DataType"),
    "STATEMENTS": ("ID", "DocumentId", "Start", "Stop", "Coder", "StatementTypeId"),
    "ENTITIES": ("ID", "Value", "VariableId"),
}
"""The tables and columns that are read. The passwords of coders are none of them."""

OPTIONAL: Mapping[str, tuple[str, ...]] = {
    "ATTRIBUTEVARIABLES": ("ID", "AttributeVariable", "VariableId"),
    "ATTRIBUTEVALUES": ("EntityId", "AttributeValue", "AttributeVariableId"),
    "STATEMENTLINKS": ("ID",),
    "SETTINGS": ("Property", "Value"),
    "ROLES": ("ID", "RoleName", "StatementTypeId"),
    "ROLEVARIABLELINKS": ("ID", "RoleId", "VariableId"),
}
"""Tables that some versions do not have. Roles are those of DNA 3.1."""

DATA = {
    "short text": "DATASHORTTEXT",
    "long text": "DATALONGTEXT",
    "integer": "DATAINTEGER",
    "boolean": "DATABOOLEAN",
}
"""Where DNA keeps the values of a variable, by its type."""

_TEXT = {"Text", "Name", "Label", "Variable", "DataType", "Value", "RoleName", "Property"}
_TEXT |= {"AttributeVariable", "AttributeValue", *DOCUMENT}
_MAYBE = {"Coder", "StatementTypeId", "AttributeValue", *DOCUMENT}
"""Columns that may hold nothing."""


@dataclass(frozen=True)
class Wanted:
    """What the user asks for: a statement type and variables, by name."""

    statement_type: str | None
    actor: str
    code: str
    stance: str | None

    @property
    def variables(self) -> list[str]:
        """The names of the variables, each once."""
        names = [self.actor, self.code, *([] if self.stance is None else [self.stance])]
        return list(dict.fromkeys(names))


class Joined(NamedTuple):
    """Statements with their values as DNA has them, and what else the database says."""

    statements: pd.DataFrame
    origin: Origin
    boolean: bool
    others: dict[str, SourceTable]
    texts: dict[str, str]
    faults: list[Fault]
    changes: list[Change]


def read_database(path: Path, wanted: Wanted) -> Joined:
    """Read a database of DNA 3; it is opened for reading only, and nothing is written beside it.

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
    with (
        one_error(path, "a database that SQLite can read"),
        closing(sqlite3.connect(address, uri=True)) as connection,
    ):
        damage = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        if damage != "ok":
            raise sqlite3.DatabaseError(damage)
        return _Database(path, connection, wanted).joined()


class _Variable(NamedTuple):
    """A variable of a statement type (DNA 3.0), or a role with its variables (DNA 3.1).

    `links` are the numbers by which tables of values refer to it.
    """

    name: str
    type: str
    numbers: list[int]
    links: list[int]


class _Database:
    """An open database, its tables, and what is wrong with their cells."""

    def __init__(self, path: Path, connection: sqlite3.Connection, wanted: Wanted) -> None:
        self.path, self.connection, self.wanted = path, connection, wanted
        rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        self.names = {str(name).upper(): str(name) for (name,) in rows}
        self.faults: list[Fault] = []
        self.changes: list[Change] = []

    def fault(self, expected: str, got: str, **where: Any) -> Fault:
        return Fault(self.path.name, where.pop("line", None), where.pop("column", None), expected,
                     got, "", unit="row", **where)  # fmt: skip

    def stop(self, faults: Iterable[Fault]) -> None:
        found = list(faults)
        if found:
            raise MeetingError(found, str(self.path))

    def missing(self, table: str, columns: Iterable[str]) -> list[Fault]:
        """Return the fault of a table that is not there, or of its columns."""
        if table not in self.names:
            version = self.settings.get("version")
            got = f"tables {listed(sorted(self.names.values()), 12)}" if self.names else "no tables"
            got = f"version {shorten(version)}, {got}" if version else got
            return [self.fault(f"a table {table} of DNA 3", got)]
        there = [str(row[1]) for row in self.connection.execute(f'PRAGMA table_info("{table}")')]
        return [
            self.fault("this column", f"no column {did_you_mean(c, there)}", column=c, sheet=table)
            for c in columns
            if c.upper() not in {name.upper() for name in there}
        ]

    @property
    def settings(self) -> dict[str, str]:
        table = self.table("SETTINGS", OPTIONAL["SETTINGS"])
        return dict(zip(table["Property"], table["Value"], strict=True))

    def table(self, name: str, columns: Sequence[str], where: str = "1") -> pd.DataFrame:
        """Read columns of a table; cells of another type are faults. No rows if it is not there."""
        if name not in self.names and name in OPTIONAL:
            return pd.DataFrame({column: pd.Series(dtype=object) for column in columns})
        self.stop(self.missing(name, columns))
        listed_columns = ", ".join(f'"{column}"' for column in columns)
        query = f'SELECT {listed_columns} FROM "{self.names[name]}" WHERE {where}'
        frame = pd.read_sql_query(query, self.connection, dtype=object)
        frame.columns = pd.Index(columns)
        for column in columns:
            text = (column in _TEXT and not (column == "Value" and name in DATA.values())) or (
                name == "DATALONGTEXT" and column == "Value"
            )
            allowed: tuple[type, ...] = (str,) if text else (int,)
            loose = column in _MAYBE or name == "DATALONGTEXT"
            kinds = frame[column].map(type)
            wrong = ~kinds.isin([*allowed, type(None)] if loose else allowed)
            expected = "text" if text else "a whole number"
            for row in frame.index[wrong]:
                line = frame.iloc[row, 0]
                got = "nothing" if frame.at[row, column] is None else shorten(frame.at[row, column])
                self.faults.append(
                    self.fault(expected, got, line=line if isinstance(line, int) else None,
                               column=column, sheet=name)
                )  # fmt: skip
        return frame

    def joined(self) -> Joined:
        self.stop(f for name, columns in TABLES.items() for f in self.missing(name, columns))
        tables = {name: self.table(name, columns) for name, columns in TABLES.items()}
        tables |= {name: self.table(name, columns) for name, columns in OPTIONAL.items()}
        self.stop(self.faults)
        self.stop(
            self.fault("each ID once", "it again", line=number, column="ID", sheet=name)
            for name in TABLES
            for number in tables[name].loc[tables[name]["ID"].duplicated(), "ID"]
        )
        number, label, variables = self.choose(tables)
        every = tables["STATEMENTS"]
        own = every[every["StatementTypeId"] == number]
        other = f"of other types than {label!r}"
        self.changes += left_out("statements", "STATEMENTTYPES", other, len(every) - len(own))
        links = len(tables["STATEMENTLINKS"])
        self.changes += left_out("links", "STATEMENTLINKS", "between statements", links)
        values = {
            name: self.values(variable, tables["ENTITIES"]) for name, variable in variables.items()
        }
        self.stop(self.faults)
        statements = self.placed(own, tables["DOCUMENTS"])
        statements["coder"] = self.coders(statements["Coder"], tables["CODERS"])
        origin = Origin(
            self.path.name, statements["ID"].to_numpy(dtype=np.int64), sheet="STATEMENTS",
            columns={"statement": "ID", "document": "DocumentId", "start": "Start", "stop": "Stop",
                     "coder": "Coder", "quote": "Start"}, unit="statement",
        )  # fmt: skip
        faults = self.located(statements, tables["DOCUMENTS"], origin)
        frame, take = self.with_values(statements, variables, values)
        names = {"actor": self.wanted.actor, "code": self.wanted.code}
        names |= {} if self.wanted.stance is None else {"stance": self.wanted.stance}
        rows = origin.rows[take] if origin.rows is not None else None
        origin = Origin(origin.file, rows, sheet=origin.sheet, unit=origin.unit,
                        columns={**origin.columns, **names})  # fmt: skip
        kinds = {name: variables[name].type for name in self.wanted.variables}
        others = {
            table: self.entities(table, role, variables[name], frame[role], tables)
            for table, role, name in (
                ("actors", "actor", self.wanted.actor),
                ("codebook", "code", self.wanted.code),
            )
            if kinds[name] == "short text"
        }
        self.attributes_left_out(variables, tables)
        texts = {
            str(number): unix_newlines(text)
            for number, text in zip(
                tables["DOCUMENTS"]["ID"], tables["DOCUMENTS"]["Text"], strict=True
            )
        }
        boolean = kinds.get(self.wanted.stance or "") == "boolean"
        return Joined(frame, origin, boolean, others, texts, faults, self.changes)

    # the statement type and its variables

    def choose(self, tables: Mapping[str, pd.DataFrame]) -> tuple[int, str, dict[str, _Variable]]:
        """Choose the statement type that is read, or list those that there are."""
        wanted = self.wanted
        types = dict(
            zip(tables["STATEMENTTYPES"]["ID"], tables["STATEMENTTYPES"]["Label"], strict=True)
        )
        kinds = {number: self.variables(number, tables) for number in types}
        where = {"column": "Label", "sheet": "STATEMENTTYPES"}
        if wanted.statement_type is not None:
            chosen = [number for number, label in types.items() if label == wanted.statement_type]
            if not chosen:
                got = did_you_mean(wanted.statement_type, types.values())
                expected = f"one of the statement types {listed(map(repr, types.values()))}"
                self.stop([self.fault(expected, got, **where)])
        elif len(types) == 1:
            chosen = list(types)
        else:
            chosen = [n for n, own in kinds.items() if set(wanted.variables) <= set(own)]
        if not chosen:
            there = "; ".join(f"{types[n]!r} with {listed(kinds[n])}" for n in list(types)[:8])
            expected = f"a statement type with the variables {listed(map(repr, wanted.variables))}"
            self.stop([self.fault(expected, there or "no statement type", **where)])
        if len(chosen) > 1:
            fitting = listed(repr(types[number]) for number in chosen)
            self.stop([self.fault("one statement type: say statement_type=", fitting, **where)])
        number = chosen[0]
        variables = kinds[number]
        there = f"{types[number]!r}: {listed(variables, 20)}"
        wrong = [
            (name, f"a variable of {there}", f"no variable {did_you_mean(name, variables)}")
            for name in wanted.variables
            if name not in variables
        ]
        wrong += [
            (name, f"one of the types {listed(DATA)}", shorten(variable.type))
            for name, variable in variables.items()
            if variable.type not in DATA
        ]
        rated = variables.get(wanted.stance or "")
        if rated is not None and rated.type in ("short text", "long text"):
            expected = "a boolean or integer variable"
            wrong.append((rated.name, expected, f"one of {rated.type}"))
        self.stop(
            self.fault(expected, got, column=name, sheet="VARIABLES")
            for name, expected, got in wrong
        )
        return number, types[number], variables

    def variables(self, kind: int, tables: Mapping[str, pd.DataFrame]) -> dict[str, _Variable]:
        """Return the variables of a statement type by name, or the roles of DNA 3.1."""
        table = tables["VARIABLES"].set_index("ID")
        found: dict[str, _Variable] = {}
        if "ROLEVARIABLELINKS" not in self.names:
            owner = self.table("VARIABLES", ("ID", "StatementTypeId"))
            for number in owner.loc[owner["StatementTypeId"] == kind, "ID"]:
                name, data = table.loc[number, ["Variable", "DataType"]]
                found[name] = _Variable(name, data, [number], [number])
            return found
        roles = tables["ROLES"].set_index("ID")
        for link, role, number in tables["ROLEVARIABLELINKS"].itertuples(index=False, name=None):
            if role not in roles.index or roles.at[role, "StatementTypeId"] != kind:
                continue
            name, data = roles.at[role, "RoleName"], table["DataType"].get(number, "nothing")
            own = found.setdefault(name, _Variable(name, data, [], []))
            own.numbers.append(number)
            own.links.append(link)
        return found

    def values(self, variable: _Variable, entities: pd.DataFrame) -> pd.Series[Any]:
        """Return the values of a variable, the statement's ID as index."""
        table = DATA[variable.type]
        value = "Entity" if variable.type == "short text" else "Value"
        link = "RoleVariableLinkId" if "ROLEVARIABLELINKS" in self.names else "VariableId"
        some = ", ".join(str(int(number)) for number in variable.links) or "NULL"
        found = self.table(table, ("StatementId", value), f'"{link}" IN ({some})')
        cells = found[value]
        if variable.type == "short text":
            known = entities.set_index("ID")["Value"]
            for row in found.index[~cells.isin(known.index)]:
                line = found.at[row, "StatementId"]
                expected, got = "an entity of ENTITIES", str(cells[row])
                self.faults.append(Fault(self.path.name, line, variable.name, expected, got, "",
                                         "STATEMENTS", "statement"))  # fmt: skip
            cells = cells.map(known)
        column = pd.Series(cells.to_numpy(), pd.Index(found["StatementId"], dtype=object))
        return column[column.map(lambda cell: cell not in (None, ""))]

    # the columns of statements

    def placed(self, statements: pd.DataFrame, documents: pd.DataFrame) -> pd.DataFrame:
        """Join the columns of documents, in the order of time and then of the texts."""
        about = documents.drop(columns="Text").rename(columns={"ID": "DocumentId"})
        times = pd.Series(about["Date"].to_numpy(dtype=np.int64).astype("datetime64[s]"))
        about["date"] = times.dt.strftime("%Y-%m-%d").astype("str")
        about["time"] = times.dt.strftime("%Y-%m-%d %H:%M:%S").astype("str")
        joined = statements.merge(about.rename(columns=DOCUMENT), on="DocumentId", how="left")
        joined["document"] = joined["DocumentId"].map(str).where(joined["date"].notna())
        order = ["Date", "DocumentId", "Start", "ID"]
        return joined.sort_values(order, kind="stable", ignore_index=True)

    def located(
        self, statements: pd.DataFrame, documents: pd.DataFrame, origin: Origin
    ) -> list[Fault]:
        """Add quotes and their places in code points; DNA counts UTF-16 units, as Java does."""
        texts = dict(zip(documents["ID"], documents["Text"], strict=True))
        places = {number: unix_positions(text, utf16=True) for number, text in texts.items()}
        plain = {number: unix_newlines(text) for number, text in texts.items()}
        faults = [
            self.fault(WRITABLE, "NUL", line=number, column="Text", sheet="DOCUMENTS")
            for number, text in texts.items()
            if unwritable(text)
        ]
        spans: list[tuple[int, int] | None] = []
        for row, (number, start, stop) in enumerate(
            statements[["DocumentId", "Start", "Stop"]].itertuples(index=False, name=None)
        ):
            span = span_of(places[number], start, stop) if number in texts else None
            spans.append(span)
            if number not in texts:
                faults.append(origin.fault(row, "document", "a document of DOCUMENTS", str(number)))
            elif span is None:
                expected = f"a place within the {len(places[number]) - 1:,} characters of document "
                faults.append(
                    origin.fault(row, "start", f"{expected}{number}", f"{start} to {stop}")
                )
        words = [
            None if span is None else plain[number][slice(*span)]
            for number, span in zip(statements["DocumentId"], spans, strict=True)
        ]
        statements["quote"] = pd.Series(words, dtype="str")
        for name, end in (("start", 0), ("stop", 1)):
            statements[name] = pd.Series(
                [None if span is None else span[end] for span in spans], dtype="Int64"
            )
        known = set(self.coder_names)
        faults += [
            origin.fault(row, "coder", "a coder of CODERS", str(number))
            for row, number in enumerate(statements["Coder"])
            if number is not None and not pd.isna(number) and number not in known
        ]
        return faults

    def coders(self, numbers: pd.Series[Any], coders: pd.DataFrame) -> pd.Series[Any]:
        """Name the coder of each statement; those of one name are told apart by their number."""
        twice = coders["Name"].duplicated(keep=False) | (coders["Name"] == "")
        own = [
            f"{name} ({number})".strip() if again else name
            for number, name, again in zip(coders["ID"], coders["Name"], twice, strict=True)
        ]
        self.coder_names = dict(zip(coders["ID"], own, strict=True))
        named = numbers.map(self.coder_names).astype("str").where(numbers.isin(self.coder_names))
        rows = named.value_counts().to_dict()
        renamed = named_apart("coder", coders["Name"], own, rows)
        self.changes += [change for change in renamed if change.rows]
        return named

    def with_values(
        self,
        statements: pd.DataFrame,
        variables: Mapping[str, _Variable],
        values: Mapping[str, pd.Series[Any]],
    ) -> tuple[pd.DataFrame, Any]:
        """Join the values; several actors or codes of one statement are a statement each."""
        wanted = self.wanted
        frame = statements[["ID"]].assign(place=np.arange(len(statements)))
        roles = {"actor": wanted.actor, "code": wanted.code}
        roles |= {} if wanted.stance is None else {"stance": wanted.stance}
        for role, name in roles.items():
            column = values[name].rename(role)
            frame = frame.merge(column, left_on="ID", right_index=True, how="left", sort=False)
        frame = frame.sort_values("place", kind="stable", ignore_index=True)
        take = frame["place"].to_numpy(dtype=np.int64)
        whole = statements.iloc[take].reset_index(drop=True)
        turn = frame.groupby("place").cumcount()
        ids = frame["ID"].map(str)
        columns: dict[str, Any] = {
            "statement": ids.where(turn == 0, ids + "/" + (turn + 1).map(str))
        }
        columns |= {role: frame[role] for role in roles}
        if wanted.stance is None:
            columns["stance"] = pd.Series(1, index=frame.index)
        same = ["quote", "document", "date", "time", *DOCUMENT.values(), "start", "stop", "coder"]
        columns |= {name: whole[name] for name in same}
        if turn.any():
            rows = int((turn > 0).sum())
            what = "several values in one statement: one for each"
            self.changes.append(Change(what, "", "", "", rows))
        others = [name for name in variables if name not in wanted.variables]
        apart = kept_apart(others, "statements", "dna_", also=columns)
        for name in others:
            cells = values[name]
            if cells.index.has_duplicates:
                cells = cells.map(str).groupby(level=0).agg("; ".join)
            column = whole["ID"].map(cells.to_dict())
            text = variables[name].type in ("short text", "long text")
            columns[apart[name]] = column.astype("str" if text else "Int64").where(column.notna())
        for name in DOCUMENT.values():
            columns[name] = columns[name].astype("str").where(columns[name].map(bool))
        return pd.DataFrame(columns), take

    # entities and their attributes

    def entities(
        self,
        table: str,
        role: str,
        variable: _Variable,
        used: pd.Series[Any],
        tables: Mapping[str, pd.DataFrame],
    ) -> SourceTable:
        """Return the entities of a variable that statements use, with their attributes."""
        entities = tables["ENTITIES"]
        own = entities[entities["VariableId"].isin(variable.numbers) & (entities["Value"] != "")]
        named = own[own["Value"].isin(used.dropna())]
        without = len(own) - len(named)
        self.changes += left_out("entities", role, "without a statement", without)
        rank = {name: place for place, name in enumerate(used.dropna().unique())}
        named = named.sort_values("Value", key=lambda names: names.map(rank), kind="stable")
        frame = pd.DataFrame({role: named["Value"].astype("str")}).reset_index(drop=True)
        attributes = tables["ATTRIBUTEVARIABLES"]
        attributes = attributes[attributes["VariableId"].isin(variable.numbers)]
        given = tables["ATTRIBUTEVALUES"]
        apart = kept_apart(attributes["AttributeVariable"], table, "dna_")
        for number, name in zip(attributes["ID"], attributes["AttributeVariable"], strict=True):
            some = given[given["AttributeVariableId"] == number].drop_duplicates("EntityId")
            cells = named["ID"].map(
                dict(zip(some["EntityId"], some["AttributeValue"], strict=True))
            )
            texts = (
                cells.where(cells.map(bool)).astype("str").where(cells.map(bool) & cells.notna())
            )
            frame[apart[name]] = texts.reset_index(drop=True)
        rows = named["ID"].to_numpy(dtype=np.int64)
        origin = Origin(self.path.name, rows, sheet="ENTITIES", columns={role: "Value"}, unit="row")
        return SourceTable(frame, origin)

    def attributes_left_out(
        self, variables: Mapping[str, _Variable], tables: Mapping[str, pd.DataFrame]
    ) -> None:
        attributes, given = tables["ATTRIBUTEVARIABLES"], tables["ATTRIBUTEVALUES"]
        filled = given.loc[given["AttributeValue"].map(bool), "AttributeVariableId"]
        for name, variable in variables.items():
            if variable.type == "short text" and name not in self.wanted.variables:
                own = attributes.loc[attributes["VariableId"].isin(variable.numbers), "ID"]
                rows = int(filled.isin(own).sum())
                self.changes += left_out("attributes", name, "of its entities", rows)
