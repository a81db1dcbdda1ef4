"""Quotes of statements: located in their texts, graded, queued and accepted."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from camdata._display.words import join_names, shorten, suggest
from camdata.model.errors import Fault, Origin
from camdata.model.source import PLACES, Change, SourceTable, join_tables
from camdata.model.text import Match, locate, match

Tables = dict[str, SourceTable]
Texts = Mapping[str, str]
_LOCATED = ("verbatim", "typographic")


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
            near = partial(suggest, name, list(texts)) if name else ""
            got = shorten(name) if name else "nothing"
            faults.append(origin.fault(row, "document", expected, got, near))
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
    places = places.reindex(frame.index)
    places = places.assign(document=documents)[PLACES]
    grades = pd.DataFrame.from_dict(graded, orient="index", columns=Match._fields).sort_index()
    grades = grades.join(documents.rename("document"))
    grades["passage"] = pd.Series(
        {row: texts[name][at:to] for row, _, at, to, _, name in grades.itertuples() if at >= 0},
        dtype="str",
    )
    return table._replace(places=places), grades


def put_in_queue(tables: Tables, grades: pd.DataFrame) -> list[Change]:
    """Put statements whose quotes are not in their text into the queue; return what was done.

    Quotes that differ by typography are read as the words of the text.
    """
    table, located = tables["statements"], grades[grades["grade"].isin(_LOCATED)]
    statements, waiting = table.frame.copy(), grades.drop(located.index)
    changes = []
    if len(located):
        quotes = statements.loc[located.index, "quote"]
        statements.loc[located.index, "quote"] = located["passage"]
        changes = [
            Change("quote read as", "quote", before, after, 1)
            for before, after in zip(quotes, located["passage"], strict=True)
            if before != after
        ]
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
    queued = queued.assign(
        document=waiting["document"],
        grade=waiting["grade"].astype("str"),
        nearest=waiting["passage"],
        similarity=waiting["similarity"].replace(0, np.nan).astype("float64"),
        accepted=pd.Series(pd.NA, waiting.index, dtype="boolean"),
    )
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


def take_accepted(tables: Tables, texts: Texts, faults: list[Fault]) -> list[Change]:
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
    changes = [
        Change("accepted: quote read as", "quote", str(before), after, 1)
        for before, after in zip(frame.get("quote", quotes), quotes.fillna(""), strict=True)
    ]
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
