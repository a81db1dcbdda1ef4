"""The tables of a database of Discourse Network Analyzer, joined to statements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from camdata._display.words import did_you_mean, listed, shorten
from camdata.io._common import (
    Unreadable,
    kept_apart,
    left_out,
    title_of,
)
from camdata.io._dna_columns import (
    Variable,
    attributes_left_out,
    coders_of,
    entities_of,
    places_of,
    quotes_of,
    texts_at,
    values_of,
    whole,
)
from camdata.io._sqlite import Database, Kinds, Rows
from camdata.model.cells import WRITABLE, unix_newlines, unwritable
from camdata.model.errors import Fault, Origin
from camdata.model.schema import STANCES
from camdata.model.source import Change, Source, SourceTable

DOCUMENT = {
    "Title": "document title",
    "Author": "author",
    "Source": "source",
    "Section": "section",
    "Type": "type",
    "Notes": "notes",
}
"""The columns of a document, and what an event list calls them (it has no notes)."""

_INT, _TEXT, _MAYBE, _MAYBE_INT = (int,), (str,), (str, type(None)), (int, type(None))

TABLES: Mapping[str, Kinds] = {
    "SETTINGS": {"Property": _TEXT, "Value": _MAYBE},
    "CODERS": {"ID": _INT, "Name": _TEXT},
    "DOCUMENTS": {"ID": _INT, "Text": _TEXT, "Date": _INT, **dict.fromkeys(DOCUMENT, _MAYBE)},
    "STATEMENTTYPES": {"ID": _INT, "Label": _TEXT},
    "VARIABLES": {"ID": _INT, "Variable": _TEXT, "DataType": _TEXT, "StatementTypeId": _MAYBE_INT},
    "STATEMENTS": {
        "ID": _INT,
        "DocumentId": _INT,
        "Start": _INT,
        "Stop": _INT,
        "Coder": _MAYBE_INT,
        "StatementTypeId": _MAYBE_INT,
    },
    "ENTITIES": {"ID": _INT, "Value": _TEXT, "VariableId": _INT},
    "DATASHORTTEXT": {"StatementId": _INT, "Entity": _INT, "VariableId": _INT},
    "DATALONGTEXT": {"StatementId": _INT, "Value": _MAYBE, "VariableId": _INT},
    "DATAINTEGER": {"StatementId": _INT, "Value": _INT, "VariableId": _INT},
    "DATABOOLEAN": {"StatementId": _INT, "Value": _INT, "VariableId": _INT},
    "ATTRIBUTEVARIABLES": {"ID": _INT, "AttributeVariable": _TEXT, "VariableId": _INT},
    "ATTRIBUTEVALUES": {"EntityId": _INT, "AttributeValue": _TEXT, "AttributeVariableId": _INT},
}
"""The tables and columns of DNA 3.0 that are read. The passwords of its coders are none of them."""

DATA = {
    "short text": "DATASHORTTEXT",
    "long text": "DATALONGTEXT",
    "integer": "DATAINTEGER",
    "boolean": "DATABOOLEAN",
}
"""Where DNA keeps the values of a variable, by its type."""

SPANNED = ("statement", "document", "start", "stop", "coder")
"""The columns that come straight from DNA's table of statements."""


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


class Coded(NamedTuple):
    """Statements with all that they need, and what was left out to get there."""

    table: SourceTable
    changes: list[Change]


def coded(table: SourceTable, wanted: Wanted) -> Coded:
    """Leave out statements in which actor or code is not coded; count those without a stance."""
    frame, origin = table
    changes: list[Change] = []
    kept = np.ones(len(frame), dtype=bool)
    for column, name in (("actor", wanted.actor), ("code", wanted.code)):
        empty = (frame[column].isna() | (frame[column] == "")).to_numpy(dtype=bool) & kept
        changes += left_out("statements", name, "without a value", int(empty.sum()))
        kept &= ~empty
    unrated = int(frame["stance"].isna().to_numpy(dtype=bool)[kept].sum())
    if unrated:
        name = str(wanted.stance)
        changes.append(Change("stance missing", name, "no value", "counted in no tally", unrated))
    front = ["statement", "actor", "code", "stance", "quote", "document", "date"]
    rest = [column for column in frame.columns if column not in front]
    frame = frame.loc[kept, [*front, *rest]].reset_index(drop=True)
    rows = origin.rows
    return Coded(
        SourceTable(frame, replace(origin, rows=None if rows is None else rows[kept])), changes
    )


def scale(levels: Iterable[int]) -> tuple[int, ...]:
    """Return the levels that occur as a scale; two camps in their usual order."""
    found = tuple(sorted(levels))
    return found if set(found) - set(STANCES) else STANCES


def read_as(stance: str, agrees: int, disagrees: int) -> list[Change]:
    """Report how a boolean qualifier was read."""
    counted = (("1", "1", agrees), ("0", "-1", disagrees))
    return [Change("stance read as", stance, old, new, rows) for old, new, rows in counted if rows]


class _Kind(NamedTuple):
    """A statement type, and its variables by name."""

    number: int
    label: str
    variables: dict[str, Variable]


def read_database(database: Database, path: Path, wanted: Wanted) -> Source:
    """Read an open database of DNA 3.0.

    Raises
    ------
    Unreadable
        If it is another database, or lacks what is wanted.
    """
    _check_version(database)
    _raise(database.check(TABLES))
    _raise(database.damage(TABLES))
    whole = "STATEMENTTYPES VARIABLES CODERS DOCUMENTS ENTITIES ATTRIBUTEVARIABLES ATTRIBUTEVALUES"
    tables = {table: database.rows(table, TABLES[table]) for table in whole.split()}
    _raise(fault for rows in tables.values() for fault in rows.faults)
    _raise(
        Fault(database.name, number, "ID", "each once", "it again", sheet=table, unit="row")
        for table in whole.split()[:-1]
        for number in _repeated(tables[table].columns["ID"])
    )
    kind = _choose(database.name, tables["STATEMENTTYPES"], tables["VARIABLES"], wanted)
    statements = _rows_of(database, "STATEMENTS", "StatementTypeId", kind.number)
    data = {
        name: _rows_of(database, DATA[type_], "VariableId", number)
        for name, (number, type_) in kind.variables.items()
    }
    _raise(fault for rows in (statements, *data.values()) for fault in rows.faults)
    others = database.count("STATEMENTS") - len(statements)
    links = database.count("STATEMENTLINKS")
    changes = [
        *left_out("statements", "STATEMENTTYPES", f"of other types than {kind.label!r}", others),
        *left_out("links", "STATEMENTLINKS", "between statements", links),
    ]
    return _join(database.name, path, wanted, kind, tables, statements, data, changes)


def _rows_of(database: Database, table: str, column: str, number: int) -> Rows:
    """Return the rows of one statement type or variable, without the column that says so."""
    kinds = {name: kind for name, kind in TABLES[table].items() if name != column}
    return database.rows(table, kinds, f'"{column}" = ?', number)


def _raise(faults: Iterable[Fault]) -> None:
    found = list(faults)
    if found:
        raise Unreadable(*found)


def _repeated(numbers: list[Any]) -> list[Any]:
    column = pd.Series(numbers, dtype="int64")
    return column[column.duplicated()].unique().tolist()


def _check_version(database: Database) -> None:
    expected = "a database of DNA 3.0"
    missing = database.check({"SETTINGS": TABLES["SETTINGS"]})
    if missing:
        raise Unreadable(*(fault._replace(expected=expected) for fault in missing))
    rows = database.rows("SETTINGS", TABLES["SETTINGS"])
    settings = dict(zip(rows.columns["Property"], rows.columns["Value"], strict=True))
    version = settings.get("version")
    if not isinstance(version, str) or not f"{version}.".startswith("3.0."):
        got = "no version" if version is None else f"version {shorten(version)}"
        raise Unreadable(Fault(database.name, None, "version", expected, got, sheet="SETTINGS"))


def _choose(file: str, types: Rows, variables: Rows, wanted: Wanted) -> _Kind:
    """Choose the statement type that is read, or list what there is."""
    own: dict[int | None, dict[str, Variable]] = {}
    for number, name, type_, owner in zip(*variables.columns.values(), strict=True):
        own.setdefault(owner, {})[name] = Variable(number, type_)
    kinds = [
        _Kind(number, label, own.get(number, {}))
        for number, label in zip(types.columns["ID"], types.columns["Label"], strict=True)
    ]

    def fault(expected: str, got: str) -> Unreadable:
        return Unreadable(Fault(file, None, "Label", expected, got, sheet="STATEMENTTYPES"))

    labels = [kind.label for kind in kinds]
    if wanted.statement_type is not None:
        chosen = [kind for kind in kinds if kind.label == wanted.statement_type]
        if not chosen:
            got = did_you_mean(wanted.statement_type, labels)
            raise fault(f"one of the statement types {listed(map(repr, labels))}", got)
    elif len(kinds) == 1:
        chosen = kinds
    else:
        chosen = [kind for kind in kinds if set(wanted.variables) <= set(kind.variables)]
    if not chosen:
        there = "; ".join(f"{kind.label!r} with {listed(kind.variables)}" for kind in kinds[:8])
        expected = f"a statement type with the variables {listed(map(repr, wanted.variables))}"
        raise fault(expected, there or "no statement type")
    if len(chosen) > 1:
        fitting = listed(repr(kind.label) for kind in chosen)
        raise fault("one statement type: choose it by statement_type=", fitting)
    _raise(_variable_faults(file, chosen[0], wanted))
    return chosen[0]


def _variable_faults(file: str, kind: _Kind, wanted: Wanted) -> list[Fault]:
    there = f"{kind.label!r}: {listed(kind.variables, 20)}"
    found = [
        (name, f"a variable of {there}", f"no variable {did_you_mean(name, kind.variables)}")
        for name in wanted.variables
        if name not in kind.variables
    ]
    found += [
        (name, f"one of the types {listed(DATA)}", shorten(variable.type))
        for name, variable in kind.variables.items()
        if variable.type not in DATA
    ]
    rated = kind.variables.get(wanted.stance) if wanted.stance is not None else None
    if rated is not None and rated.type in ("short text", "long text"):
        found.append((str(wanted.stance), "a boolean or integer variable", f"one of {rated.type}"))
    sheet = "VARIABLES"
    return [Fault(file, None, name, want, got, sheet=sheet) for name, want, got in found]


def _join(
    file: str,
    path: Path,
    wanted: Wanted,
    kind: _Kind,
    tables: Mapping[str, Rows],
    statements: Rows,
    data: Mapping[str, Rows],
    changes: list[Change],
) -> Source:
    """Put the tables together, in the order of time and then of the documents' texts."""
    documents = tables["DOCUMENTS"].columns
    seconds = whole(documents["Date"])
    numbers = ("ID", "DocumentId", "Start", "Stop")
    cells = {name: whole(statements.columns[name]) for name in numbers}
    document = places_of(cells["DocumentId"], whole(documents["ID"]))
    order = np.lexsort(
        (cells["ID"], cells["Start"], cells["DocumentId"], np.append(seconds, 0)[document])
    )
    document = document[order]
    cells = {name: column[order] for name, column in cells.items()}
    names = dict(zip(SPANNED, ("ID", "DocumentId", "Start", "Stop", "Coder"), strict=True))
    names |= {"quote": "Start", "actor": wanted.actor, "code": wanted.code}
    names |= {} if wanted.stance is None else {"stance": wanted.stance}
    origin = Origin(file, cells["ID"], sheet="STATEMENTS", columns=names, unit="statement")
    columns: dict[str, Any] = {"statement": cells["ID"]}
    times = seconds.astype("datetime64[s]")
    days = [str(day) for day in times.astype("datetime64[D]")]
    columns["document"] = texts_at([str(number) for number in documents["ID"]], document)
    columns["date"] = texts_at(days, document)
    columns["time"] = texts_at([str(time).replace("T", " ") for time in times], document)
    for name, column in DOCUMENT.items():
        columns[column] = texts_at(documents[name], document)
    faults = [
        origin.fault(row, "document", "a document of DOCUMENTS", str(cells["DocumentId"][row]))
        for row in np.flatnonzero(document < 0).tolist()
    ]
    faults += [
        Fault(file, number, "Text", WRITABLE, "NUL", sheet="DOCUMENTS", unit="row")
        for number, text in zip(documents["ID"], documents["Text"], strict=True)
        if unwritable(text)
    ]
    spans = quotes_of(documents["Text"], document, cells["Start"], cells["Stop"], origin)
    columns |= spans.columns
    coder, dangling, renamed = coders_of(
        tables["CODERS"], statements.columns["Coder"], order, origin
    )
    columns["coder"] = coder
    faults += [*spans.faults, *dangling]
    read = {
        name: values_of(name, variable, data[name], tables["ENTITIES"], cells["ID"], origin)
        for name, variable in kind.variables.items()
    }
    faults += [fault for values in read.values() for fault in values.faults]
    columns |= {"actor": read[wanted.actor].cells, "code": read[wanted.code].cells}
    stances: tuple[int, ...] = STANCES
    changes = [*changes, *renamed]
    if wanted.stance is None:
        columns["stance"] = np.ones(len(document), dtype=np.int64)
    else:
        columns["stance"] = read[wanted.stance].cells
        given = columns["stance"].dropna()
        if kind.variables[wanted.stance].type == "boolean":
            columns["stance"] = columns["stance"].replace(0, -1)
            changes += read_as(wanted.stance, int((given == 1).sum()), int((given == 0).sum()))
        else:
            stances = scale(int(level) for level in given.unique())
    others = [name for name in kind.variables if name not in wanted.variables]
    apart = kept_apart(others, "statements", "dna_", also=columns)
    columns |= {apart[name]: read[name].cells for name in others}
    table, more = coded(SourceTable(pd.DataFrame(columns), origin), wanted)
    changes += more
    found = {"statements": table}
    coded_by = (("actors", wanted.actor, "actor"), ("codebook", wanted.code, "code"))
    for name, variable, own in coded_by:
        if kind.variables[variable].type == "short text":
            used = table.frame[own].unique()
            number = kind.variables[variable].number
            found[name], more = entities_of(file, name, own, number, used, tables)
            changes += more
    others = [name for name in others if kind.variables[name].type == "short text"]
    changes += attributes_left_out({name: kind.variables[name] for name in others}, tables)
    texts = {
        str(number): unix_newlines(text)
        for number, text in zip(documents["ID"], documents["Text"], strict=True)
    }
    return Source(
        str(path), found, texts, {"title": title_of(path)}, stances, tuple(faults), tuple(changes)
    )
