"""A source checked as a whole: its tables, their keys, and every quote against its text."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from camdata._display.checks import check_choice
from camdata._display.words import join_names, lookalikes, shorten
from camdata.model.cells import WRITABLE, unix_newlines, unwritable
from camdata.model.columns import check_table
from camdata.model.errors import Fault, MeetingError, Origin
from camdata.model.quotes import locate_rows, put_in_queue, take_accepted
from camdata.model.schema import Field, tables_for
from camdata.model.source import Quotes, Source, SourceTable, can_be_a_file, metadata_faults

CODED = ("statements", "recodings")
"""The tables of coded statements."""


@dataclass(frozen=True)
class Checked:
    """A sound source: its tables in the dtypes of the specification, and where quotes stand.

    Attributes
    ----------
    source : Source
        With the checked tables that were given.
    tables : mapping of str to pandas.DataFrame
        These, and `actors` also where they were not given: the names in the other tables.
    spans : mapping of str to pandas.DataFrame
        For each table that quotes a text, a frame of its row index with `document` (str), `start`
        and `stop` (Int64), missing where a row has no quote or there is no text.
    counted : tuple of str, optional
        The actors that were chosen to count; by default the delegations, else everyone.
    coders : tuple of str, optional
        The coders that were chosen to count together.
    """

    source: Source
    tables: Mapping[str, pd.DataFrame]
    spans: Mapping[str, pd.DataFrame]
    counted: tuple[str, ...] | None = None
    coders: tuple[str, ...] | None = None


def check(source: Source, quotes: Quotes = "strict") -> Checked:
    """Check everything that was read, and raise one error with every fault.

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
    tables: dict[str, pd.DataFrame] = {}
    origins = {name: table.origin for name, table in source.tables.items()}
    for name in [name for name in spec if name in source.tables]:
        foreign = spec[name].foreign.items()
        keys = {own: tables[other].get(key) for own, (other, key) in foreign if other in tables}
        known = {
            own: key.dropna().unique().tolist() for own, key in keys.items() if key is not None
        }
        checked = check_table(spec[name], source.tables[name].frame, origins[name], known)
        faults += checked.faults
        tables[name] = checked.frame
    for name in {*CODED} & set(tables):
        stance = spec[name].field("stance")
        if "stance" not in tables[name] and 1 not in source.stances:
            scale = join_names(source.stances)
            got = f"none, and without it every statement is 1, which is not among {scale}"
            faults.append(origins[name].fault(None, "stance", "this column", got))
        elif stance is not None and {"actor", "code"} <= set(tables[name]):
            tables[name] = numbered(_with_stances(tables[name], stance))
    spans: dict[str, pd.DataFrame] = {}
    made = list(source.made)
    for name in [name for name in tables if spec[name].quoted and source.texts]:
        triage = quotes == "triage" and name == "statements"
        column = str(spec[name].quoted)
        found = locate_rows(tables[name], origins[name], column, source.texts, triage)
        spans[name], faults = found.spans, faults + found.faults
        if triage and not faults:
            made += put_in_queue(tables, spans, origins, found.matches, source.texts)
    if "queue" in tables and not faults:
        faults += take_accepted(tables, spans, origins, source.texts, made)
    if "references" in tables:
        faults += _unnamed_twice(tables["references"], origins["references"])
    if "interventions" in spans:
        faults += _overlapping(spans["interventions"], origins["interventions"])
    if faults:
        order = [table.file for table in spec.values()] + list(spec)
        faults.sort(key=lambda f: (order.index(f.file) if f.file in order else -1, f.line or 0))
        raise MeetingError(faults, source.name)
    given = {name: SourceTable(tables[name], origins[name]) for name in spec if name in tables}
    tables["actors"] = actors_of(tables)
    _warn_of_lookalikes(tables)
    return Checked(replace(source, tables=given, made=tuple(made)), tables, spans)


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
    """Return a frame with columns named by text, as a file would name them, each once."""
    names = [unix_newlines(str(column)).strip() for column in frame.columns]
    keep: list[int] = []
    for place, column in enumerate(names):
        if unwritable(column):
            faults.append(origin.fault(None, None, f"a column named by {WRITABLE}", ascii(column)))
        elif column in names[:place]:
            got = f"{shorten(column)} again"
            faults.append(origin.fault(None, column, "each column once", got))
        else:
            keep.append(place)
    frame = frame.iloc[:, keep].reset_index(drop=True)
    frame.columns = pd.Index([names[place] for place in keep], dtype="str")
    return frame


def _with_stances(statements: pd.DataFrame, stance: Field) -> pd.DataFrame:
    """Return statements that have no column of stances with one: every statement supports."""
    if "stance" in statements:
        return statements
    result, place = statements.copy(), statements.columns.tolist().index("code") + 1
    result.insert(place, "stance", pd.Series(1, result.index, dtype=stance.dtype))
    return result


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
    order = ("statements", "interventions", "references", "recodings")
    found = [tables[name] for name in order if name in tables]
    named = [table[c] for table in found for c in ("actor", "target") if c in table]
    actors = pd.concat(named, ignore_index=True).dropna().drop_duplicates()
    return pd.DataFrame({"actor": actors.reset_index(drop=True)}, dtype="str")


# what concerns several rows or tables


def _warn_of_lookalikes(tables: Mapping[str, pd.DataFrame]) -> None:
    """Warn of different names that look the same on a screen."""
    codes = tables.get("codebook", tables["statements"])
    coded = [tables[name].get("coder") for name in CODED if name in tables]
    names: dict[str, list[Any]] = {
        "actors": [tables["actors"]["actor"]],
        "codes": [codes["code"]],
        "dimensions": [codes.get("dimension")],
        "coders": coded,
    }
    for what, columns in names.items():
        there = [column.dropna().unique() for column in columns if column is not None]
        if groups := lookalikes(name for found in there for name in found):
            pairs = (" and ".join(ascii(name[:60]) for name in group[:3]) for group in groups)
            warnings.warn(
                f"Different {what} look alike: {join_names(pairs, 5)}. They count apart; if they "
                f"are "
                "one, give them one name.",
                UserWarning,
                stacklevel=4,
            )


def _unnamed_twice(references: pd.DataFrame, origin: Origin) -> list[Fault]:
    if not {"actor", "target"} <= set(references):
        return []
    empty = np.flatnonzero(references["actor"].isna() & references["target"].isna())
    return [origin.fault(row, "actor", "an actor or a target", "neither") for row in empty.tolist()]


def _overlapping(spans: pd.DataFrame, origin: Origin) -> list[Fault]:
    faults = []
    for (before, one, _, stop), (row, other, start, _) in pairwise(
        spans.dropna().sort_values(["document", "start"]).itertuples()
    ):
        if one == other and start < stop:
            got = f"one that overlaps the passage of {origin.unit} {origin.at(before)}"
            faults.append(origin.fault(row, "passage", "passages that do not overlap", got))
    return faults
