"""Parts of a meeting: the rows of each table that a choice keeps."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from camdata._display.checks import Choice, as_list
from camdata._display.words import shorten
from camdata.model.errors import Origin
from camdata.model.source import SourceTable, join_tables
from camdata.model.validate import CODED, Checked, SourceTables, actors_of

Date = str | datetime.date
_OF_STATEMENTS = (*CODED, "queue")
_QUOTING = (*_OF_STATEMENTS, "interventions", "references")
_CHOICES = {"codes": "code", "basis": "basis", "documents": "document", "meeting": "meeting"}
"""Arguments that choose values of a column."""


Choices = Mapping[str, Any]
"""The arguments of `camdata.Meeting.select` by their names; None where nothing was chosen."""


def part_of(checked: Checked, part: Choices) -> Checked:
    """Return the chosen rows of every table.

    Raises
    ------
    ValueError
        For a value that the meeting does not have, or a choice by a column that it does not have.
    """
    whole = dict(checked.source.tables)
    whole.setdefault("actors", SourceTable(checked.actors, Origin("actors", unit="row")))
    tables, texts, counted = whole, checked.source.texts, checked.counted
    if part["kinds"] is not None or part["actors"] is not None:
        chosen = _chosen_actors(checked.actors, part)
        tables, counted = _of_actors(tables, chosen), tuple(chosen)
    for argument in ("since", "until"):
        if part[argument] is not None:
            tables = _of_days(tables, argument, part[argument])
    for argument, column in _CHOICES.items():
        choice = part[argument]
        if choice is None:
            continue
        names = ("codebook", *_OF_STATEMENTS) if column == "code" else _QUOTING
        if whole["statements"].column(column) is None:
            raise _no_column(argument, column)
        there = _values(whole, column, names).dropna().unique()
        cited = chosen = as_list(argument, choice, there)
        tables = _only(tables, column, chosen, names)
        if argument == "meeting":
            cited = _values(tables, "document", names).tolist()
        if argument in ("documents", "meeting"):
            texts = {name: text for name, text in texts.items() if name in cited}
    coders = checked.coders
    if part["coder"] is not None:
        tables, coders = _of_coders(tables, part["coder"])
    if not part["keep_silent"]:
        tables = _of_actors(tables, tables["statements"].frame["actor"].unique())
    actors = tables["actors"].frame
    if "actors" not in checked.source.tables:
        # the table is needed only if the others no longer name all actors in this order
        frames = {name: table.frame for name, table in tables.items() if name != "actors"}
        if actors_of(frames).equals(actors):
            del tables["actors"]
    source = replace(checked.source, tables=tables, texts=texts)
    return Checked(source, actors, counted, coders)


def _chosen_actors(table: pd.DataFrame, part: Choices) -> list[str]:
    chosen, kinds = table, part["kinds"]
    if part["actors"] is not None:
        chosen = chosen[chosen["actor"].isin(as_list("actors", part["actors"], table["actor"]))]
    if kinds is not None and not (isinstance(kinds, str) and kinds == "all"):
        if "kind" not in table:
            raise ValueError("`kinds` was given, but the actors of this meeting have no kinds.")
        kinds = as_list("kinds", kinds, table["kind"].dropna().unique())
        chosen = chosen[chosen["kind"].isin(kinds)]
    return chosen["actor"].tolist()


def _no_column(argument: str, column: str) -> ValueError:
    return ValueError(f"`{argument}` was given, but the statements have no column {column!r}.")


def _values(tables: SourceTables, column: str, names: Iterable[str]) -> pd.Series[Any]:
    """Return the values of a column of some tables, one after another."""
    found = [tables[name].column(column) for name in names if name in tables]
    found = [values for values in found if values is not None]
    return pd.concat(found, ignore_index=True) if found else pd.Series(dtype="str")


def _only(
    tables: SourceTables, column: str, chosen: Iterable[Any], names: Iterable[str]
) -> SourceTables:
    """Return tables with only the rows that have a chosen value in a column of some of them."""
    result, values = dict(tables), list(chosen)
    for name in set(names) & set(tables):
        found = tables[name].column(column)
        if found is not None:
            result[name] = tables[name].rows(found.isin(values))
    return result


def _of_actors(tables: SourceTables, chosen: Iterable[str]) -> SourceTables:
    """Keep the rows that name only chosen actors; an end of a reference may be unnamed."""
    names = [*chosen, np.nan]
    return _only(_only(tables, "actor", names, tables), "target", names, tables)


def _of_days(tables: SourceTables, argument: str, day: Date) -> SourceTables:
    if "date" not in tables["statements"].frame:
        raise _no_column(argument, "date")
    limit, result = _day(argument, day), dict(tables)
    for name in set(_OF_STATEMENTS) & set(tables):
        dates = tables[name].column("date")
        if dates is not None:
            inside = dates >= limit if argument == "since" else dates <= limit
            result[name] = tables[name].rows(inside)
    return result


def _day(name: str, day: Date) -> np.datetime64:
    text = day.isoformat()[:10] if isinstance(day, datetime.date) else day
    try:
        if not isinstance(text, str) or len(text) != 10:  # 2017 and 20171017 are no days here
            raise ValueError
        return np.datetime64(datetime.date.fromisoformat(text), "s")
    except ValueError:
        expected = "a day such as 2017-10-17"
        raise ValueError(f"`{name}` must be {expected}, but {shorten(day)} was passed.") from None


def _of_coders(tables: SourceTables, coder: Choice) -> tuple[SourceTables, tuple[str, ...]]:
    """Return the statements and recodings of the chosen coders as the statements."""
    if "coder" not in tables["statements"].frame and "recodings" not in tables:
        raise _no_column("coder", "coder")
    chosen = as_list("coder", coder, _values(tables, "coder", CODED).dropna().unique())
    result = _only(tables, "coder", chosen, _OF_STATEMENTS)
    parts = [result[name] for name in CODED if name in result and "coder" in result[name].frame]
    parts = [part for part in parts if len(part.frame)] or parts[:1]
    result["statements"] = joined = join_tables("statements", parts)
    frame = joined.frame
    if frame["statement"].duplicated().any():  # two coders may both have numbered theirs from 1
        frame["statement"] = frame["coder"] + " " + frame["statement"]
    result.pop("recodings", None)
    return result, tuple(chosen)
