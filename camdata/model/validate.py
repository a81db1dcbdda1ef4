"""Checks of a whole source: its tables, their keys, and every quote against its text."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from camdata._display.checks import check_choice
from camdata._display.words import join_names, lookalikes, shorten, suggest
from camdata.model.columns import check_table
from camdata.model.errors import Fault, MeetingError, Origin
from camdata.model.schema import tables_for
from camdata.model.source import PLACES, Change, Quotes, Source, SourceTable, cleaned, join_tables
from camdata.model.text import Match, locate, match

SourceTables = dict[str, SourceTable]
Texts = Mapping[str, str]
_LOCATED = ("verbatim", "typographic")

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
    source = cleaned(source, faults)
    spec = tables_for(source.stances)
    tables: dict[str, SourceTable] = {}
    for name in [name for name in spec if name in source.tables]:
        foreign = [(own, *to) for own, to in spec[name].foreign.items() if to[0] in tables]
        keys = {own: tables[other].column(key) for own, other, key in foreign}
        known = {own: k.dropna().unique().tolist() for own, k in keys.items() if k is not None}
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


# quotes


def locate_quotes(
    table: SourceTable, column: str, texts: Texts, faults: list[Fault], *, triage: bool = False
) -> tuple[SourceTable, pd.DataFrame]:
    """Locate the quote of each row in its text.

    Parameters
    ----------
    table : SourceTable
        The checked table.
    column : str
        The column of the quotes.
    texts : mapping of str to str
        The texts by name.
    faults : list of Fault
        Takes a fault for each unknown text, and for each quote that is not where it should be.
    triage : bool
        Whether such quotes are graded instead.

    Returns
    -------
    (SourceTable, pandas.DataFrame)
        The table with its `places`, and what is graded: by number of the row `grade`, `start`,
        `stop` and `similarity` as in `Match`, `document`, and `passage`, the words of the text.
    """
    frame, origin, _ = table
    only = next(iter(texts)) if len(texts) == 1 else np.nan
    documents = frame.get("document", pd.Series(only, frame.index, dtype="str"))
    quoted = pd.DataFrame({"quote": frame.get(column), "document": documents}, frame.index)
    quoted[["start", "stop"]] = frame.reindex(columns=["start", "stop"]).astype("Int64")
    # text by text, since what is known of a text is kept for a few of them only
    quoted = quoted.dropna(subset="quote").sort_values("document", kind="stable").astype(object)
    found: dict[int, tuple[int, int]] = {}
    graded: dict[int, Match] = {}
    for row, quote, name, *place in quoted.where(quoted.notna(), None).itertuples():
        if name not in texts:
            expected = "the name of a text: one of " + join_names(texts)
            like = partial(suggest, name, list(texts)) if name else ""
            got = shorten(name) if name else "nothing"
            faults.append(origin.fault(row, "document", expected, got, like))
            continue
        try:
            found[row] = locate(quote, texts[name], *place)
        except LookupError as error:
            if not triage:
                faults.append(origin.fault(row, column, *error.args))
                continue
            graded[row] = match(quote, texts[name])
            if graded[row].grade in _LOCATED:
                found[row] = graded[row].start, graded[row].stop
    places = pd.DataFrame.from_dict(found, orient="index", columns=["start", "stop"], dtype="Int64")
    places = places.reindex(frame.index).assign(document=documents)[PLACES]
    grades = pd.DataFrame.from_dict(graded, orient="index", columns=Match._fields).sort_index()
    grades = grades.join(documents.rename("document"))
    near = {r: texts[name][at:to] for r, _, at, to, _, name in grades.itertuples() if at >= 0}
    grades["passage"] = pd.Series(near, dtype="str")
    return table._replace(places=places), grades


def put_in_queue(tables: SourceTables, grades: pd.DataFrame) -> list[Change]:
    """Put statements whose quotes are not in their text into the queue; return what was done.

    Quotes that differ by typography are read as the words of the text.
    """
    table, located = tables["statements"], grades[grades["grade"].isin(_LOCATED)]
    statements, waiting = table.frame.copy(), grades.drop(located.index)
    changes = []
    if len(located):
        quotes = statements.loc[located.index, "quote"]
        statements.loc[located.index, "quote"] = located["passage"]
        pairs = zip(quotes, located["passage"], strict=True)
        changes = [Change("quote read as", "quote", a, b, 1) for a, b in pairs if a != b]
        statements = _with_places(statements, table.places, located.index)
    if again := int((located["grade"] == "verbatim").sum()):
        what = "quote elsewhere than stated, or several times in the text: first place taken"
        changes.append(Change(what, "quote", "", "", again))
    n_quotes = int(statements["quote"].notna().sum()) if "quote" in statements else 0
    counts = grades["grade"].value_counts().reindex([*_LOCATED, "near", "absent"], fill_value=0)
    counts["verbatim"] += n_quotes - len(grades)
    counts["none given"] = len(statements) - n_quotes
    changes += [Change("quotes graded", "quote", "", str(g), n) for g, n in counts.items() if n]
    queued = statements.loc[waiting.index].drop(columns=["start", "stop"], errors="ignore")
    grade = waiting["grade"].astype("str")
    undecided = pd.Series(pd.NA, waiting.index, dtype="boolean")
    similarity = waiting["similarity"].replace(0, np.nan).astype("float64")
    found = {"document": waiting["document"], "grade": grade, "nearest": waiting["passage"]}
    queued = queued.assign(**found, similarity=similarity, accepted=undecided)
    if "queue" in tables:
        queued = pd.concat([tables["queue"].frame, queued])
    if len(queued):
        tables["queue"] = SourceTable(queued.reset_index(drop=True), Origin("queue", unit="row"))
    rest = ~statements.index.isin(waiting.index)
    tables["statements"] = table._replace(frame=statements).rows(rest)
    return changes


def _with_places(statements: pd.DataFrame, places: Any, rows: pd.Index[int]) -> pd.DataFrame:
    """Fill `start` and `stop` in some rows, whose quotes may occur several times in the text."""
    chosen = statements.index.isin(rows)
    for name in ("start", "stop") if chosen.any() else ():
        given = statements.get(name, pd.Series(pd.NA, statements.index, dtype="Int64"))
        statements = statements.assign(**{name: given.mask(chosen, places[name])})
    return statements


def take_accepted(tables: SourceTables, texts: Texts, faults: list[Fault]) -> list[Change]:
    """Move the accepted rows of the queue to the statements; return what was done.

    The nearest passage becomes the quote; a statement whose quote is absent from the text has none.
    """
    queue, statements = tables["queue"], tables["statements"].frame
    repeated = queue.frame["statement"].isin(statements["statement"])
    wrong = ("statement", "each statement once", "one of statements.csv")
    faults += [queue.origin.fault(row, *wrong) for row in np.flatnonzero(repeated).tolist()]
    decided = queue.frame.get("accepted", pd.Series(False, queue.frame.index))
    accepted = decided.eq(True).fillna(False).to_numpy(dtype=bool)
    if repeated.any() or not accepted.any():
        return []
    taken, rest = queue.rows(accepted), queue.rows(~accepted)
    frame = taken.frame
    passages = frame.get("nearest", pd.Series(np.nan, frame.index, dtype="str"))
    quotes = passages.where(frame["grade"] == "near")
    pairs = zip(map(str, frame.get("quote", quotes)), quotes.fillna(""), strict=True)
    changes = [Change("accepted: quote read as", "quote", a, b, 1) for a, b in pairs]
    unneeded = ["grade", "nearest", "similarity", "accepted"]
    if "document" not in statements and len(texts) < 2:
        unneeded.append("document")
    frame = frame.assign(quote=quotes).drop(columns=unneeded, errors="ignore")
    taken = taken._replace(frame=frame)
    if texts:
        taken, grades = locate_quotes(taken, "quote", texts, faults, triage=True)
        for row in grades.index[~grades["grade"].isin(_LOCATED)].tolist():
            got = shorten(frame.at[row, "quote"])
            faults.append(taken.origin.fault(row, "nearest", "words of the text", got))
        frame = _with_places(frame, taken.places, frame.index[frame["quote"].notna()])
    parts = (tables["statements"], taken._replace(frame=frame))
    tables["statements"] = join_tables("statements", parts)
    del tables["queue"]
    if len(rest.frame):
        tables["queue"] = rest
    return changes


# faults of several rows or tables


def _warn_of_lookalikes(tables: Mapping[str, pd.DataFrame]) -> None:
    """Warn of different names that look the same on a screen."""
    codes = tables.get("codebook", tables["statements"])
    coded = [tables[name] for name in CODED if name in tables]
    names: dict[str, list[Any]] = {"actors": [tables["actors"]["actor"]], "codes": [codes["code"]]}
    names["dimensions"] = [codes["dimension"]] if "dimension" in codes else []
    names["coders"] = [table["coder"] for table in coded if "coder" in table]
    for what, columns in names.items():
        groups = lookalikes(name for column in columns for name in column.dropna().unique())
        if groups:
            alike = (" and ".join(ascii(name[:60]) for name in group[:3]) for group in groups)
            words = f"Different {what} look alike: {join_names(alike, 5)}. They count apart; if "
            warnings.warn(f"{words}they are one, give them one name.", UserWarning, stacklevel=4)


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
