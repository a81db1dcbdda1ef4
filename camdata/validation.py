"""A whole meeting checked at once: tables, keys, and every quote against its text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from camdata.evidence import locate
from camdata.reading import RawMeeting, RawTable
from camdata.schema import (
    Fault,
    MeetingError,
    check_keys,
    check_table,
    did_you_mean,
    tables_for,
    typed,
)

QUOTED = {"statements": "quote", "interventions": "passage", "references": "quote"}
"""The tables whose rows quote a text, and the column that holds the words."""


@dataclass(frozen=True)
class Checked:
    """Tables in the dtypes of the spec, and where the words of each quoting row stand.

    `given` names the tables that were there; the others were made up of them. `spans` holds, for
    each table of `QUOTED` that is there, a frame of its row index with
    `document` (str), `start` and `stop` (Int64), missing where a row has no quote or no text.
    """

    tables: dict[str, pd.DataFrame]
    spans: dict[str, pd.DataFrame]
    given: frozenset[str]


def check_meeting(raw: RawMeeting, stances: Sequence[int], source: str) -> Checked:
    """Check everything that was read, and raise one error with every fault.

    Parameters
    ----------
    raw : RawMeeting
        What was read, with the faults of the files themselves.
    stances : sequence of int
        The stances that statements may take.
    source : str
        What to call the meeting in the error.

    Raises
    ------
    MeetingError
        With every fault of every table, in the order of tables and lines.
    """
    spec = tables_for(stances)
    faults = list(raw.faults)
    spans: dict[str, pd.DataFrame] = {}
    for name, table in raw.tables.items():
        faults += check_table(spec[name], table.frame, table.lines, table.file, table.header)
        options = {
            column: _known(raw.tables[target], key)
            for column, (target, key) in spec[name].foreign.items()
            if column in table.frame.columns
            and target in raw.tables
            and key in raw.tables[target].frame.columns
        }
        faults += check_keys(spec[name], table.frame, table.lines, table.file, options)
        if name in QUOTED:
            spans[name], found = _locate_rows(table, QUOTED[name], raw.texts)
            faults += found
    faults += _unnamed_twice(raw.tables.get("references"))
    faults += _overlapping(raw.tables.get("interventions"), spans.get("interventions"))
    if faults:
        order = [table.file for table in spec.values()]
        faults.sort(key=lambda f: (order.index(f.file) if f.file in order else -1, f.line or 0))
        raise MeetingError(faults, source)
    tables = {name: typed(spec[name], table.frame) for name, table in raw.tables.items()}
    return Checked(_with_defaults(tables), spans, frozenset(raw.tables))


def _known(table: RawTable, column: str) -> list[str]:
    return table.frame[column].dropna().unique().tolist()


def _with_defaults(tables: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Fill what a meeting may leave out: ids, stances, and the table of actors."""
    tables = dict(tables)
    if "statements" in tables:
        statements = tables["statements"].copy()
        if "statement" not in statements:
            width = len(str(len(statements)))
            ids = [f"s{number:0{width}d}" for number in range(1, len(statements) + 1)]
            statements.insert(0, "statement", pd.Series(ids, dtype="str"))
        if "stance" not in statements:
            after = statements.columns.get_loc("code")
            assert isinstance(after, int)
            statements.insert(after + 1, "stance", pd.Series(1, statements.index, dtype="Int8"))
        tables["statements"] = statements
    if "actors" not in tables:
        named = [
            tables[name][column]
            for name, column in (
                ("statements", "actor"),
                ("interventions", "actor"),
                ("references", "actor"),
                ("references", "target"),
            )
            if name in tables
        ]
        actors = pd.concat(named, ignore_index=True).dropna().drop_duplicates()
        tables["actors"] = pd.DataFrame({"actor": actors.reset_index(drop=True)})
    return tables


def _locate_rows(
    table: RawTable, column: str, texts: Mapping[str, str]
) -> tuple[pd.DataFrame, list[Fault]]:
    """Locate the words of each row in its text; list those that are not where they should be."""
    frame = table.frame
    faults: list[Fault] = []
    spans = pd.DataFrame(
        {"document": pd.Series(dtype="str"), "start": pd.NA, "stop": pd.NA}, index=frame.index
    ).astype({"document": "str", "start": "Int64", "stop": "Int64"})
    if "document" in frame:
        spans["document"] = frame["document"]
    elif len(texts) == 1:
        spans["document"] = next(iter(texts))
    if column not in frame or not texts:
        return spans, faults
    rows = frame.index[frame[column].notna()].tolist()
    words = frame.loc[rows, column].astype("str").tolist()
    named = spans.loc[rows, "document"].tolist()
    starts, stops = (_offsets(frame, name, rows) for name in ("start", "stop"))
    found: dict[int, tuple[int, int]] = {}
    for row, quote, document, start, stop in zip(rows, words, named, starts, stops, strict=True):
        line = table.lines[row]
        if document not in texts:
            got = did_you_mean(document, texts) if isinstance(document, str) else "nothing"
            expected = "the name of a text: one of " + ", ".join(texts)
            faults.append(Fault(table.file, line, "document", expected, got))
            continue
        try:
            found[row] = locate(quote, texts[document], start, stop)
        except LookupError as error:
            expected, got = error.args
            faults.append(Fault(table.file, line, column, expected, got))
    spans["start"] = pd.Series({r: s for r, (s, _) in found.items()}, dtype="Int64")
    spans["stop"] = pd.Series({r: s for r, (_, s) in found.items()}, dtype="Int64")
    return spans, faults


def _offsets(frame: pd.DataFrame, name: str, rows: list[int]) -> list[int | None]:
    """Return the numbers of an offset column; what is no number is reported elsewhere."""
    if name not in frame:
        return [None] * len(rows)
    return [
        int(cell) if isinstance(cell, str) and cell.isdecimal() else None
        for cell in frame.loc[rows, name].tolist()
    ]


def _unnamed_twice(references: RawTable | None) -> list[Fault]:
    if references is None or not {"actor", "target"} <= set(references.frame.columns):
        return []
    empty = references.frame["actor"].isna() & references.frame["target"].isna()
    return [
        Fault(references.file, references.lines[row], "actor", "an actor or a target", "neither")
        for row in references.frame.index[empty]
    ]


def _overlapping(interventions: RawTable | None, spans: pd.DataFrame | None) -> list[Fault]:
    if interventions is None or spans is None:
        return []
    faults = []
    for _, located in spans.dropna().groupby("document"):
        located = located.sort_values("start")
        rows, starts, stops = (
            located.index.tolist(),
            located["start"].tolist(),
            located["stop"].tolist(),
        )
        for before, row, stop, start in zip(rows, rows[1:], stops, starts[1:], strict=False):
            if start < stop:
                got = f"one that overlaps the passage of line {interventions.lines[before]}"
                line, expected = interventions.lines[row], "passages that do not overlap"
                faults.append(Fault(interventions.file, line, "passage", expected, got))
    return faults
