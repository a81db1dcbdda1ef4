"""Checks of a whole source: its tables, their keys, and every quote against its text."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from camdata._display.checks import check_choice
from camdata._display.words import join_names, lookalikes, shorten
from camdata.model.columns import WRITABLE, check_table, unix_newlines, unwritable
from camdata.model.errors import Fault, MeetingError, Origin
from camdata.model.quotes import locate_quotes, put_in_queue, take_accepted
from camdata.model.schema import tables_for
from camdata.model.source import PLACES, Quotes, Source, SourceTable, can_be_a_file, metadata_faults

CODED = ("statements", "recodings")
"""The tables of coded statements."""


@dataclass(frozen=True)
class Checked:
    """A valid source, and what was selected from it.

    Attributes
    ----------
    source : Source
        With the checked tables: in the dtypes of the specification, with the places of quotes.
    actors : pandas.DataFrame
        The table of actors, or the names in the other tables.
    counted : tuple of str, optional
        The actors that were selected to count; by default the delegations, else everyone.
    coders : tuple of str, optional
        The coders that were selected to count together.
    """

    source: Source
    actors: pd.DataFrame
    counted: tuple[str, ...] | None = None
    coders: tuple[str, ...] | None = None


def check(source: Source, quotes: Quotes = "strict") -> Checked:
    """Check a source, and raise one error with every fault.

    Parameters
    ----------
    source : Source
        What was read, with the faults of the files themselves.
    quotes : {"strict", "triage"}
        Whether a quote of a statement that is not in its text is a fault, or waits in the queue.

    Raises
    ------
    MeetingError
        With every fault of every table, in the order of tables and rows.

    Warns
    -----
    UserWarning
        If different actors, codes, dimensions or coders have names that look alike.
    """
    check_choice("quotes", quotes, ("strict", "triage"))
    faults = list(source.faults)
    if "statements" not in source.tables and not source.faults:
        faults.append(Fault("statements", None, None, "this table", "nothing"))
    source = _cleaned(source, faults)
    spec = tables_for(source.stances)
    tables: dict[str, SourceTable] = {}
    for name in [name for name in spec if name in source.tables]:
        foreign = spec[name].foreign.items()
        known = {
            own: tables[other].frame[key].dropna().unique().tolist()
            for own, (other, key) in foreign
            if other in tables and key in tables[other].frame
        }
        frame, origin, _ = source.tables[name]
        checked, found = check_table(spec[name], frame, origin, known)
        faults += found
        tables[name] = SourceTable(checked, origin)
    for name in {*CODED} & set(tables):
        frame, origin, _ = tables[name]
        if "stance" not in frame and 1 not in source.stances:
            scale = join_names(source.stances)
            got = f"none, and without it every statement is 1, which is not among {scale}"
            faults.append(origin.fault(None, "stance", "this column", got))
        elif {"actor", "code"} <= set(frame):
            if "stance" not in frame:  # every statement supports
                dtype = next(field.dtype for field in spec[name].fields if field.name == "stance")
                place = frame.columns.tolist().index("code") + 1
                frame.insert(place, "stance", pd.Series(1, frame.index, dtype=dtype))
            tables[name] = SourceTable(numbered(frame), origin)
    made = list(source.made)
    for name in [name for name in tables if spec[name].quoted and source.texts]:
        triage = quotes == "triage" and name == "statements"
        column, texts = str(spec[name].quoted), source.texts
        tables[name], grades = locate_quotes(tables[name], column, texts, faults, triage=triage)
        if triage and not faults:
            made += put_in_queue(tables, grades)
    if "queue" in tables and not faults:
        made += take_accepted(tables, source.texts, faults)
    if "references" in tables:
        frame, origin, _ = tables["references"]
        unnamed = frame.reindex(columns=["actor", "target"]).isna().all(axis=1)
        rows = np.flatnonzero(unnamed).tolist()
        faults += [origin.fault(n, "actor", "an actor or a target", "neither") for n in rows]
    if "interventions" in tables:
        faults += _overlapping(tables["interventions"])
    if faults:
        order = [table.file for table in spec.values()] + list(spec)
        faults.sort(key=lambda f: (order.index(f.file) if f.file in order else -1, f.line or 0))
        raise MeetingError(faults, source.name)
    tables = {name: tables[name] for name in spec if name in tables}
    frames = {name: table.frame for name, table in tables.items()}
    frames["actors"] = actors_of(frames)
    _warn_of_lookalikes(frames)
    return Checked(replace(source, tables=tables, made=tuple(made)), frames["actors"])


def _cleaned(source: Source, faults: list[Fault]) -> Source:
    """Return a source whose names of columns, texts and metadata can be written as a folder."""
    tables = {
        name: SourceTable(_named(table.frame, table.origin, faults), table.origin)
        for name, table in source.tables.items()
    }
    texts: dict[str, str] = {}
    for name, text in source.texts.items():
        if not isinstance(text, str):
            raise TypeError(f"The text {shorten(name)} must be a str, got {type(text).__name__}.")
        if not can_be_a_file(name):
            faults.append(Fault("texts", None, None, "a name that can be a file's", shorten(name)))
        elif wrong := unwritable(text):
            line = text.count("\n", 0, wrong.start()) + 1
            faults.append(Fault(f"texts[{name!r}]", line, None, WRITABLE, ascii(wrong[0])))
        else:
            texts[name] = unix_newlines(text)
    faults += (wrong_there := metadata_faults(source.metadata))
    metadata = {} if wrong_there else copy.deepcopy(dict(source.metadata))
    return replace(source, tables=tables, texts=texts, metadata=metadata, faults=())


def _named(frame: pd.DataFrame, origin: Origin, faults: list[Fault]) -> pd.DataFrame:
    """Return a frame whose columns have different names of clean text."""
    names = pd.Index([unix_newlines(str(name)).strip() for name in frame.columns], dtype="object")
    again, wrong = names.duplicated(), np.array([*map(unwritable, names)], dtype=bool)
    for name in names[wrong]:
        faults.append(origin.fault(None, None, f"a column named by {WRITABLE}", ascii(name)))
    for name in names[again & ~wrong]:
        faults.append(origin.fault(None, name, "each column once", f"{shorten(name)} again"))
    keep = ~again & ~wrong
    frame = frame.loc[:, keep].reset_index(drop=True)
    return frame.set_axis(names[keep].astype("str"), axis="columns")


def numbered(statements: pd.DataFrame) -> pd.DataFrame:
    """Return statements with ids: s1, s2, … where they have none."""
    if "statement" in statements:
        return statements
    numbers = pd.Series(np.arange(1, len(statements) + 1), statements.index).astype("str")
    ids = "s" + numbers.str.zfill(len(str(len(statements))))
    return pd.concat([ids.rename("statement"), statements], axis="columns")


def actors_of(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the table of actors, or the names in the other tables in order of appearance."""
    if "actors" in tables:
        return tables["actors"]
    order = ("statements", "interventions", "references", "recodings")
    found = [tables[name] for name in order if name in tables]
    named = [table[c] for table in found for c in ("actor", "target") if c in table]
    actors = pd.concat(named, ignore_index=True).dropna().drop_duplicates()
    return pd.DataFrame({"actor": actors.reset_index(drop=True)}, dtype="str")


# faults of several rows or tables


def _warn_of_lookalikes(tables: Mapping[str, pd.DataFrame]) -> None:
    """Warn of different names that look the same on a screen."""
    codes = tables.get("codebook", tables["statements"])
    coded = [tables[name] for name in CODED if name in tables]
    names: dict[str, list[Any]] = {
        "actors": [tables["actors"]["actor"]],
        "codes": [codes["code"]],
        "dimensions": [codes[name] for name in ("dimension",) if name in codes],
        "coders": [table["coder"] for table in coded if "coder" in table],
    }
    for what, columns in names.items():
        groups = lookalikes(name for column in columns for name in column.dropna().unique())
        if groups:
            pairs = (" and ".join(ascii(name[:60]) for name in group[:3]) for group in groups)
            warnings.warn(
                f"Different {what} look alike: {join_names(pairs, 5)}. They count apart; if they "
                "are one, give them one name.",
                UserWarning,
                stacklevel=4,
            )


def _overlapping(interventions: SourceTable) -> list[Fault]:
    _, origin, places = interventions
    ordered = (pd.DataFrame() if places is None else places.dropna()).reindex(columns=PLACES)
    ordered = ordered.sort_values(["document", "start"])
    before, rows = ordered.shift(), ordered.index.to_series()
    overlap = (ordered["document"] == before["document"]) & (ordered["start"] < before["stop"])
    expected, got = "passages that do not overlap", f"one that overlaps that of {origin.unit}"
    return [
        origin.fault(int(row), "passage", expected, f"{got} {origin.at(int(earlier))}")
        for row, earlier in zip(rows[overlap], rows.shift()[overlap], strict=True)
    ]
