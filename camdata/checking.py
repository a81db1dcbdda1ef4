"""A source checked as a whole: its tables, their keys, and every quote against its text."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from camdata._words import did_you_mean, listed
from camdata.faults import Fault, MeetingError
from camdata.schema import check_table, tables_for
from camdata.source import Source, SourceTable
from camdata.text import locate


@dataclass(frozen=True)
class Checked:
    """A sound source: its tables in the dtypes of the spec, and where quoted words stand.

    `spans` holds, for each table that quotes a text, a frame of its row index with `document`
    (str), `start` and `stop` (Int64), missing where a row has no words or there is no text.
    """

    source: Source
    tables: Mapping[str, pd.DataFrame]
    spans: Mapping[str, pd.DataFrame]


def check(source: Source, before: Checked | None = None, changed: Collection[str] = ()) -> Checked:
    """Check everything that was read, and raise one error with every fault.

    Parameters
    ----------
    source : Source
        What was read, with the faults of the files themselves.
    before : Checked, optional
        What was sound already; only the `changed` parts, and what depends on them, are checked.
    changed : collection of str
        Names of tables, and ``texts``.

    Raises
    ------
    MeetingError
        With every fault of every table, in the order of tables and rows.
    """
    spec = tables_for(source.stances)
    faults = list(source.faults)
    if "statements" not in source.tables and not source.faults:
        faults.append(Fault("statements", None, None, "this table", "nothing"))
    tables: dict[str, pd.DataFrame] = {}
    spans: dict[str, pd.DataFrame] = {}
    for name, table in source.tables.items():
        targets = {target for target, _ in spec[name].foreign.values()}
        if before is not None and not {name, *targets} & set(changed):
            tables[name] = before.tables[name]
        else:
            known = {
                column: _keys(source.tables[target], key)
                for column, (target, key) in spec[name].foreign.items()
                if target in source.tables and key in source.tables[target].frame
            }
            checked = check_table(spec[name], table.frame, table.origin, known)
            tables[name] = checked.frame
            faults += checked.faults
        quoted = spec[name].quoted
        if quoted is None or not source.texts:
            continue
        if before is not None and not {name, "texts"} & set(changed) and name in before.spans:
            spans[name] = before.spans[name]
        else:
            spans[name], found = _locate_rows(tables[name], table, quoted, source.texts)
            faults += found
    faults += _unnamed_twice(source.tables.get("references"))
    faults += _overlapping(source.tables.get("interventions"), spans.get("interventions"))
    if "statements" in tables and "stance" not in tables["statements"] and 1 not in source.stances:
        origin = source.tables["statements"].origin
        scale = listed(source.stances)
        got = f"none, and without it every statement is 1, which is not among {scale}"
        faults.append(origin.fault(None, "stance", "this column", got))
    if faults:
        order = [table.file for table in spec.values()] + list(spec)
        faults.sort(key=lambda f: (order.index(f.file) if f.file in order else -1, f.line or 0))
        raise MeetingError(faults, source.name)
    return Checked(source, _with_defaults(tables), spans)


def _keys(table: SourceTable, column: str) -> list[str]:
    values = table.frame[column]
    return [str(value) for value in values.dropna().unique().tolist()]


def _with_defaults(tables: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Fill in what a meeting may leave out: stances, and the names of actors."""
    for name in ("statements", "recodings"):
        if name in tables and "stance" not in tables[name]:
            statements = tables[name].copy()
            place = int(statements.columns.get_loc("code")) + 1  # type: ignore[arg-type]
            statements.insert(place, "stance", pd.Series(1, statements.index, dtype="Int8"))
            tables[name] = statements
    return tables


def numbered(statements: pd.DataFrame) -> pd.DataFrame:
    """Return statements with ids: s1, s2, … where they have none."""
    if "statement" in statements:
        return statements
    width = len(str(len(statements)))
    numbers = pd.Series(np.arange(1, len(statements) + 1), statements.index).astype("str")
    result = statements.copy()
    result.insert(0, "statement", "s" + numbers.str.zfill(width))
    return result


def actors_of(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the table of actors, or the names in the other tables in order of appearance."""
    if "actors" in tables:
        return tables["actors"]
    named = [
        tables[name][column].drop_duplicates()
        for name, column in (
            ("statements", "actor"),
            ("interventions", "actor"),
            ("references", "actor"),
            ("references", "target"),
            ("recodings", "actor"),
        )
        if name in tables
    ]
    actors = pd.concat(named, ignore_index=True).dropna().drop_duplicates()
    return pd.DataFrame({"actor": actors.reset_index(drop=True)}, dtype="str")


def _locate_rows(
    frame: pd.DataFrame, table: SourceTable, column: str, texts: Mapping[str, str]
) -> tuple[pd.DataFrame, list[Fault]]:
    """Locate the words of each row in its text; list those that are not where they should be."""
    faults: list[Fault] = []
    documents = pd.Series(np.nan, frame.index, dtype="str")
    if "document" in frame:
        documents = frame["document"].astype("str")
    elif len(texts) == 1:
        documents = pd.Series(next(iter(texts)), frame.index, dtype="str")
    starts = pd.Series(pd.NA, frame.index, dtype="Int64")
    spans = pd.DataFrame({"document": documents, "start": starts, "stop": starts})
    if column not in frame:
        return spans, faults
    rows = np.flatnonzero(frame[column].notna().to_numpy())
    words = frame[column].iloc[rows].astype("str").tolist()
    named = documents.iloc[rows].tolist()
    given = [_offsets(frame, name, rows) for name in ("start", "stop")]
    found: dict[int, tuple[int, int]] = {}
    for row, quote, document, start, stop in zip(rows.tolist(), words, named, *given, strict=True):
        if document not in texts:
            got = did_you_mean(document, texts) if isinstance(document, str) else "nothing"
            expected = "the name of a text: one of " + listed(texts)
            faults.append(table.origin.fault(row, "document", expected, got))
            continue
        try:
            found[row] = locate(quote, texts[document], start, stop)
        except LookupError as error:
            expected, got, near = error.args
            faults.append(table.origin.fault(row, column, expected, got, near))
    place = np.array(list(found), dtype=np.int64)
    for name, number in (("start", 0), ("stop", 1)):
        values = np.zeros(len(frame), dtype=np.int64)
        missing = np.ones(len(frame), dtype=bool)
        values[place] = [span[number] for span in found.values()]
        missing[place] = False
        spans[name] = pd.arrays.IntegerArray(values, missing)
    return spans, faults


def _offsets(frame: pd.DataFrame, name: str, rows: Any) -> list[int | None]:
    """Return the numbers of an offset column; what is no number is reported elsewhere."""
    if name not in frame or frame[name].dtype != "Int64":
        return [None] * len(rows)
    return [None if pd.isna(value) else int(value) for value in frame[name].iloc[rows]]


def _unnamed_twice(references: SourceTable | None) -> list[Fault]:
    if references is None or not {"actor", "target"} <= set(references.frame.columns):
        return []
    frame = references.frame.replace("", np.nan)
    empty = np.flatnonzero(frame["actor"].isna() & frame["target"].isna())
    return [
        references.origin.fault(int(row), "actor", "an actor or a target", "neither")
        for row in empty
    ]


def _overlapping(interventions: SourceTable | None, spans: pd.DataFrame | None) -> list[Fault]:
    if interventions is None or spans is None:
        return []
    origin, faults = interventions.origin, []
    for _, located in spans.dropna().groupby("document"):
        located = located.sort_values("start")
        rows = located.index.tolist()
        starts, stops = located["start"].tolist(), located["stop"].tolist()
        for before, row, stop, start in zip(rows, rows[1:], stops, starts[1:], strict=False):
            if start < stop:
                got = f"one that overlaps the passage of {origin.unit} {origin.at(before)}"
                faults.append(origin.fault(row, "passage", "passages that do not overlap", got))
    return faults


