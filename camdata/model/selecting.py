"""A part of a meeting: which rows of which tables a choice keeps."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from camdata._display.checks import Choice, as_list
from camdata._display.words import shorten
from camdata.model.errors import Origin
from camdata.model.source import Source, SourceTable
from camdata.model.validate import Checked, actors_of, numbered

Date = str | datetime.date
Rows = NDArray[np.bool_]
QUOTING = ("statements", "interventions", "references", "recodings")
"""The tables whose rows quote a text."""


@dataclass(frozen=True)
class Part:
    """What is chosen; see `camdata.Meeting.select`."""

    kinds: Choice = None
    basis: Choice = None
    coder: Choice = None
    documents: Choice = None
    since: Date | None = None
    until: Date | None = None
    actors: Choice = None
    codes: Choice = None
    meeting: Choice = None


def part_of(checked: Checked, part: Part) -> Checked:
    """Return the chosen rows of every table, with where they came from.

    Raises
    ------
    ValueError
        For a value that the meeting does not have, or a choice by a column that it does not have.
    """
    tables = checked.tables
    keep = {name: np.ones(len(table), dtype=bool) for name, table in tables.items()}
    if part.kinds is not None or part.actors is not None:
        _keep_actors(tables, keep, _chosen_actors(tables, part))
    if part.codes is not None:
        known = tables.get("codebook", tables["statements"])["code"].drop_duplicates().tolist()
        names = as_list("codes", part.codes, known)
        for name in {"codebook", "statements", "recodings"} & set(tables):
            keep[name] &= tables[name]["code"].isin(names).to_numpy(dtype=bool)
    if part.basis is not None:
        _keep_values(checked, keep, "basis", "basis", part.basis, ("statements", "recodings"))
    if part.documents is not None:
        _keep_values(checked, keep, "documents", "document", part.documents, QUOTING)
    for argument, day in (("since", part.since), ("until", part.until)):
        if day is not None:
            _keep_days(tables, keep, argument, day)
    documents = part.documents
    if part.meeting is not None:
        _keep_values(checked, keep, "meeting", "meeting", part.meeting, QUOTING)
        columns = {name: column_of(checked, name, "document") for name in QUOTING if name in keep}
        kept = [names[keep[name]] for name, names in columns.items() if names is not None]
        there = set(pd.concat(kept).dropna()) if kept else set()
        documents = [name for name in checked.source.texts if name in there] or None
    selected = _rows_kept(checked, keep, documents)
    return selected if part.coder is None else _of_coders(selected, part.coder)


def _chosen_actors(tables: Mapping[str, pd.DataFrame], part: Part) -> set[str]:
    table = actors_of(tables)
    chosen = set(table["actor"])
    if part.actors is not None:
        chosen &= set(as_list("actors", part.actors, table["actor"].tolist()))
    everyone = isinstance(part.kinds, str) and part.kinds == "all"
    if part.kinds is not None and not everyone:
        if "kind" not in table:
            raise ValueError("`kinds` was given, but the actors of this meeting have no kinds.")
        names = as_list("kinds", part.kinds, table["kind"].dropna().unique().tolist())
        chosen &= set(table.loc[table["kind"].isin(names), "actor"])
    return chosen


def _keep_actors(
    tables: Mapping[str, pd.DataFrame], keep: dict[str, Rows], chosen: set[str]
) -> None:
    for name, table in tables.items():
        for column in {"actor", "target"} & set(table.columns):
            named = table[column].isin(chosen).to_numpy(dtype=bool)
            if name == "references":
                named = named | table[column].isna().to_numpy(dtype=bool)
            keep[name] &= named


def _keep_values(
    checked: Checked,
    keep: dict[str, Rows],
    argument: str,
    column: str,
    chosen: Choice,
    names: Iterable[str],
) -> None:
    """Keep the rows of some tables that have a chosen value in a column."""
    columns = {
        name: values
        for name in names
        if name in keep and (values := column_of(checked, name, column)) is not None
    }
    if "statements" not in columns:
        raise ValueError(f"`{argument}` was given, but the statements have no column {column!r}.")
    known = pd.concat([values.dropna() for values in columns.values()]).unique().tolist()
    kept = as_list(argument, chosen, known)
    for name, cells in columns.items():
        keep[name] &= cells.isin(kept).to_numpy(dtype=bool)


def _keep_days(
    tables: Mapping[str, pd.DataFrame], keep: dict[str, Rows], argument: str, day: Date
) -> None:
    if "date" not in tables["statements"]:
        raise ValueError(f"`{argument}` was given, but the statements have no column 'date'.")
    limit = _day(argument, day)
    for name in {"statements", "recodings"} & set(tables):
        dates = tables[name].get("date")
        if dates is not None:
            inside = dates >= limit if argument == "since" else dates <= limit
            keep[name] &= inside.to_numpy(dtype=bool)


def column_of(checked: Checked, table: str, column: str) -> pd.Series[Any] | None:
    """Return a column; the document of a quote also where there is only one text."""
    if column in checked.tables[table]:
        return checked.tables[table][column]
    if column == "document" and table in checked.spans:
        return checked.spans[table]["document"]
    return None


def _rows_kept(checked: Checked, keep: Mapping[str, Rows], documents: Choice) -> Checked:
    tables, spans, sources = {}, {}, {}
    for name, rows in keep.items():
        tables[name] = checked.tables[name][rows].reset_index(drop=True)
        if name in checked.spans:
            spans[name] = checked.spans[name][rows].reset_index(drop=True)
        if name in checked.source.tables:
            sources[name] = _rows_of(checked.source.tables[name], rows, tables[name])
    texts = checked.source.texts
    if documents is not None:
        texts = {n: t for n, t in texts.items() if n in as_list("documents", documents, texts)}
    old = checked.source
    source = Source(old.name, sources, texts, old.metadata, old.stances, (), old.made)
    return Checked(source, tables, spans)


def _day(name: str, day: Date) -> np.datetime64:
    text = day.isoformat()[:10] if isinstance(day, datetime.date) else day
    try:
        if not isinstance(text, str) or len(text) != 10:  # 2017 and 20171017 are no days here
            raise ValueError
        return np.datetime64(datetime.date.fromisoformat(text), "s")
    except ValueError:
        raise ValueError(
            f"`{name}` must be a day such as 2017-10-17, but {shorten(day)} was passed."
        ) from None


def _rows_of(table: SourceTable, rows: Any, checked: pd.DataFrame) -> SourceTable:
    """Return the checked rows of a table with where they came from."""
    old = table.origin
    kept = np.flatnonzero(rows)
    numbers = kept + 1 if old.rows is None else old.rows[kept]
    origin = Origin(old.file, numbers, old.header, old.sheet, old.columns, old.unit)
    return SourceTable(checked, origin)


def _of_coders(checked: Checked, coder: Choice) -> Checked:
    """Return the statements and recodings of the chosen coders as the statements."""
    tables, spans, sources = dict(checked.tables), dict(checked.spans), dict(checked.source.tables)
    if "coder" not in tables["statements"] and "recodings" not in tables:
        raise ValueError("`coder` was given, but the statements have no column 'coder'.")
    names = ["statements", *(["recodings"] if "recodings" in tables else [])]
    known = pd.concat([tables[n]["coder"] for n in names if "coder" in tables[n]])
    chosen = as_list("coder", coder, known.dropna().unique().tolist())
    parts, places = [], []
    for name in names:
        table = numbered(tables[name])
        of = table["coder"].isin(chosen) if "coder" in table else pd.Series(False, table.index)
        parts.append(table[of])
        if name in spans:
            places.append(spans[name][of])
    parts = [part for part in parts if len(part)] or parts[:1]
    joined = pd.concat(parts, ignore_index=True)
    twice = joined["statement"].duplicated()
    if twice.any():  # two coders may both have numbered theirs from 1
        joined["statement"] = joined["coder"] + " " + joined["statement"]
    tables["statements"] = joined
    sources["statements"] = SourceTable(joined, Origin("statements", unit="row"))
    if places:
        spans["statements"] = pd.concat(places, ignore_index=True)
    for old in (tables, spans, sources):
        old.pop("recodings", None)
    old_source = checked.source
    source = Source(
        old_source.name,
        sources,
        old_source.texts,
        old_source.metadata,
        old_source.stances,
        (),
        old_source.made,
    )
    return Checked(source, tables, spans)
