"""A source checked as a whole: its tables, their keys, and every quote against its text."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from camdata._display.words import listed, lookalikes, meant, shorten
from camdata.model.cells import WRITABLE, unwritable
from camdata.model.columns import check_table
from camdata.model.errors import Fault, MeetingError, Origin
from camdata.model.schema import tables_for
from camdata.model.source import Source, SourceTable
from camdata.model.text import index, locate, occurrences


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

    Warns
    -----
    UserWarning
        If different actors, codes, dimensions or coders have names that look alike.
    """
    spec = tables_for(source.stances)
    faults = list(source.faults)
    if "statements" not in source.tables and not source.faults:
        faults.append(Fault("statements", None, None, "this table", "nothing"))
    if before is None or "texts" in changed:
        faults += _unwritable(source.texts)
    tables: dict[str, pd.DataFrame] = {}
    spans: dict[str, pd.DataFrame] = {}
    for name in [name for name in spec if name in source.tables]:
        table = source.tables[name]
        targets = {target for target, _ in spec[name].foreign.values()}
        if before is not None and not {name, *targets} & set(changed):
            tables[name] = before.tables[name]
        else:
            known = {
                column: [str(value) for value in tables[target][key].dropna().unique().tolist()]
                for column, (target, key) in spec[name].foreign.items()
                if target in tables and key in tables[target]
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
    if "references" in tables:
        faults += _unnamed_twice(tables["references"], source.tables["references"].origin)
    faults += _overlapping(source.tables.get("interventions"), spans.get("interventions"))
    for name in {"statements", "recodings"} & set(tables):
        if "stance" not in tables[name] and 1 not in source.stances:
            scale = listed(source.stances)
            got = f"none, and without it every statement is 1, which is not among {scale}"
            faults.append(source.tables[name].origin.fault(None, "stance", "this column", got))
    if faults:
        order = [table.file for table in spec.values()] + list(spec)
        faults.sort(key=lambda f: (order.index(f.file) if f.file in order else -1, f.line or 0))
        raise MeetingError(faults, source.name)
    for name in {"statements", "recodings"} & set(tables):
        stance = spec[name].field("stance")
        if stance is not None and "stance" not in tables[name]:
            tables[name] = _all_in_favor(tables[name], stance.dtype)
    if before is None or changed:
        _warn_of_lookalikes(tables)
    return Checked(source, tables, spans)


def _unwritable(texts: Mapping[str, str]) -> list[Fault]:
    """List the texts that no file of text can hold, whatever door they came through."""
    return [
        Fault(
            f"texts[{name!r}]",
            text.count("\n", 0, wrong.start()) + 1,
            None,
            WRITABLE,
            ascii(wrong[0]),
        )
        for name, text in texts.items()
        if (wrong := unwritable(text))
    ]


def _all_in_favor(statements: pd.DataFrame, dtype: str) -> pd.DataFrame:
    """Return statements that have no column of stances with one, after the codes."""
    result = statements.copy()
    place = statements.columns.tolist().index("code") + 1
    result.insert(place, "stance", pd.Series([1] * len(result), result.index, dtype=dtype))
    return result


def _warn_of_lookalikes(tables: Mapping[str, pd.DataFrame]) -> None:
    """Warn of different names that nobody can tell apart on a screen."""
    codes = tables.get("codebook", tables["statements"])
    names: dict[str, Iterable[str]] = {"actors": actors_of(tables)["actor"], "codes": codes["code"]}
    if "dimension" in codes:
        names["dimensions"] = codes["dimension"]
    for table in ("statements", "recodings"):
        if "coder" in tables.get(table, ()):
            names["coders"] = [*names.get("coders", ()), *tables[table]["coder"].unique()]
    for what, column in names.items():
        groups = lookalikes(name for name in pd.unique(pd.Series(column).dropna()))
        if groups:
            apart = (" and ".join(_cut(ascii(name)) for name in group[:3]) for group in groups)
            warnings.warn(
                f"Different {what} look alike: {listed(apart, 5)}. They count apart; if they are "
                "one, give them one name.",
                UserWarning,
                stacklevel=4,
            )


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


def _cut(name: str) -> str:
    return name if len(name) <= 60 else name[:59] + "…"


def _locate_rows(
    frame: pd.DataFrame, table: SourceTable, column: str, texts: Mapping[str, str]
) -> tuple[pd.DataFrame, list[Fault]]:
    """Locate the words of each row in its text; list those that are not where they should be."""
    faults: list[Fault] = []
    documents: pd.Series[Any] = pd.Series(np.nan, frame.index, dtype="str")
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
    # reading a text once for all quotes pays where they are many
    search = {
        name: index(texts[name])
        for name, n_quotes in Counter(named).items()
        if n_quotes > 100 and name in texts
    }
    found: dict[int, tuple[int, int]] = {}
    options = list(texts)
    names = "the name of a text: one of " + listed(options)
    for row, quote, document, start, stop in zip(rows.tolist(), words, named, *given, strict=True):
        if document not in texts:
            got, near = "nothing", partial(str)
            if isinstance(document, str):
                got, near = shorten(document), partial(meant, document, options)
            faults.append(table.origin.fault(row, "document", names, got, near))
            continue
        try:
            look = search.get(document, occurrences)
            found[row] = locate(quote, texts[document], start, stop, look)
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


def _unnamed_twice(references: pd.DataFrame, origin: Origin) -> list[Fault]:
    if not {"actor", "target"} <= set(references):
        return []
    empty = np.flatnonzero(references["actor"].isna() & references["target"].isna())
    return [origin.fault(row, "actor", "an actor or a target", "neither") for row in empty.tolist()]


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
