"""A part of a meeting: which rows of which tables a choice keeps."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from camdata._display.checks import Choice, as_list
from camdata._display.words import shorten
from camdata.model.errors import Origin
from camdata.model.source import SourceTable
from camdata.model.validate import CODED, Checked, actors_of

Date = str | datetime.date
Rows = NDArray[np.bool_]
_OF_STATEMENTS = (*CODED, "queue")
_QUOTING = (*_OF_STATEMENTS, "interventions", "references")


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


def part_of(checked: Checked, part: Part, keep_silent: bool) -> Checked:
    """Return the chosen rows of every table, with where they came from.

    Raises
    ------
    ValueError
        For a value that the meeting does not have, or a choice by a column that it does not have.
    """
    tables = checked.tables
    keep = _every_row(tables)
    if part.kinds is not None or part.actors is not None:
        chosen = _chosen_actors(tables["actors"], part)
        _keep_actors(checked, keep, chosen)
        checked = replace(checked, counted=tuple(chosen))
    if part.codes is not None:
        known = tables.get("codebook", tables["statements"])["code"].drop_duplicates().tolist()
        names = as_list("codes", part.codes, known)
        _keep_values(checked, keep, "code", names, ("codebook", *_OF_STATEMENTS))
    for argument, day in (("since", part.since), ("until", part.until)):
        if day is not None:
            _keep_days(tables, keep, argument, day)
    for argument, column in (("basis", "basis"), ("documents", "document"), ("meeting", "meeting")):
        choice = getattr(part, argument)
        if choice is None:
            continue
        cited = chosen = _known(argument, choice, checked, column)
        _keep_values(checked, keep, column, chosen, _QUOTING)
        if argument == "meeting":
            named = {
                name: column_of(checked, name, "document") for name in _QUOTING if name in keep
            }
            there = [names[keep[name]] for name, names in named.items() if names is not None]
            cited = pd.concat(there).tolist() if there else []
        if argument != "basis":
            kept = {name: text for name, text in checked.source.texts.items() if name in cited}
            checked = replace(checked, source=replace(checked.source, texts=kept))
    checked = _rows_kept(checked, keep)
    if part.coder is not None:
        checked = _of_coders(checked, part.coder)
    if not keep_silent:
        keep = _every_row(checked.tables)
        _keep_actors(checked, keep, checked.tables["statements"]["actor"].unique())
        checked = _rows_kept(checked, keep)
    return _with_silent_actors(checked)


def _every_row(tables: Mapping[str, pd.DataFrame]) -> dict[str, Rows]:
    return {name: np.ones(len(table), dtype=bool) for name, table in tables.items()}


def _chosen_actors(table: pd.DataFrame, part: Part) -> list[str]:
    keep = pd.Series(True, table.index)
    if part.actors is not None:
        keep &= table["actor"].isin(as_list("actors", part.actors, table["actor"].tolist()))
    everyone = isinstance(part.kinds, str) and part.kinds == "all"
    if part.kinds is not None and not everyone:
        if "kind" not in table:
            raise ValueError("`kinds` was given, but the actors of this meeting have no kinds.")
        keep &= table["kind"].isin(as_list("kinds", part.kinds, table["kind"].dropna().unique()))
    return table.loc[keep, "actor"].tolist()


def _keep_actors(checked: Checked, keep: dict[str, Rows], chosen: Iterable[str]) -> None:
    """Keep the rows that name chosen actors only; an unnamed end of a reference may stay."""
    for column in ("actor", "target"):
        _keep_values(checked, keep, column, [*chosen, np.nan], keep)


def _known(argument: str, chosen: Choice, checked: Checked, column: str) -> list[str]:
    """Return chosen values that the meeting has in a column of some tables."""
    columns = {
        name: column_of(checked, name, column) for name in _QUOTING if name in checked.tables
    }
    if columns["statements"] is None:
        raise ValueError(f"`{argument}` was given, but the statements have no column {column!r}.")
    there = [values.dropna() for values in columns.values() if values is not None]
    return as_list(argument, chosen, pd.concat(there).unique().tolist())


def _keep_values(
    checked: Checked, keep: dict[str, Rows], column: str, chosen: list[Any], names: Iterable[str]
) -> None:
    """Keep the rows of some tables that have a chosen value in a column."""
    for name in set(names) & set(keep):
        values = column_of(checked, name, column)
        if values is not None:
            keep[name] &= values.isin(chosen).to_numpy(dtype=bool)


def _keep_days(
    tables: Mapping[str, pd.DataFrame], keep: dict[str, Rows], argument: str, day: Date
) -> None:
    if "date" not in tables["statements"]:
        raise ValueError(f"`{argument}` was given, but the statements have no column 'date'.")
    limit = _day(argument, day)
    for name in set(_OF_STATEMENTS) & set(tables):
        dates = tables[name].get("date")
        if dates is not None:
            inside = dates >= limit if argument == "since" else dates <= limit
            keep[name] &= inside.to_numpy(dtype=bool)


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


def column_of(checked: Checked, table: str, column: str) -> pd.Series[Any] | None:
    """Return a column; the document of a quote also where there is only one text."""
    if column in checked.tables[table]:
        return checked.tables[table][column]
    if column == "document" and table in checked.spans:
        return checked.spans[table]["document"]
    return None


def _rows_kept(checked: Checked, keep: Mapping[str, Rows]) -> Checked:
    tables = {n: checked.tables[n][rows].reset_index(drop=True) for n, rows in keep.items()}
    spans = {n: s[keep[n]].reset_index(drop=True) for n, s in checked.spans.items()}
    given = {
        name: SourceTable(tables[name], table.origin.of_rows(np.flatnonzero(keep[name])))
        for name, table in checked.source.tables.items()
    }
    return replace(
        checked, source=replace(checked.source, tables=given), tables=tables, spans=spans
    )


def _of_coders(checked: Checked, coder: Choice) -> Checked:
    """Return the statements and recodings of the chosen coders as the statements."""
    tables, spans, given = dict(checked.tables), dict(checked.spans), dict(checked.source.tables)
    if "coder" not in tables["statements"] and "recodings" not in tables:
        raise ValueError("`coder` was given, but the statements have no column 'coder'.")
    names = [name for name in CODED if name in tables]
    known = pd.concat([tables[n]["coder"] for n in names if "coder" in tables[n]])
    chosen = as_list("coder", coder, known.dropna().unique().tolist())
    rows = {name: tables[name]["coder"].isin(chosen) for name in names if "coder" in tables[name]}
    parts = [tables[name][of] for name, of in rows.items()]
    places = [spans[name][of] for name, of in rows.items() if name in spans]
    parts = [part for part in parts if len(part)] or parts[:1]
    joined = pd.concat(parts, ignore_index=True)
    if joined["statement"].duplicated().any():  # two coders may both have numbered theirs from 1
        joined["statement"] = joined["coder"] + " " + joined["statement"]
    tables["statements"] = joined
    given["statements"] = SourceTable(joined, Origin("statements", unit="row"))
    if places:
        spans["statements"] = pd.concat(places, ignore_index=True)
    if "queue" in tables and "coder" in tables["queue"]:
        waiting = tables["queue"]["coder"].isin(chosen)
        tables["queue"] = tables["queue"][waiting].reset_index(drop=True)
        given["queue"] = SourceTable(tables["queue"], Origin("queue", unit="row"))
    for old in (tables, spans, given):
        old.pop("recodings", None)
    source = replace(checked.source, tables=given)
    return replace(checked, source=source, tables=tables, spans=spans, coders=tuple(chosen))


def _with_silent_actors(checked: Checked) -> Checked:
    """Give a part a table of actors where its other tables no longer name all of them in order."""
    given, actors = dict(checked.source.tables), checked.tables["actors"]
    if "actors" in given or actors_of({name: table.frame for name, table in given.items()}).equals(
        actors
    ):
        return checked
    given["actors"] = SourceTable(actors, Origin("actors", unit="row"))
    return replace(checked, source=replace(checked.source, tables=given))
