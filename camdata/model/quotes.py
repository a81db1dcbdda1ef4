"""Quotes of statements: located in their texts, graded, put into the queue, accepted from it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from camdata._display.words import join_names, shorten, suggest
from camdata.model.errors import Fault, Origin
from camdata.model.source import Change
from camdata.model.text import Match, locate, match

_FOUND = ("verbatim", "typographic")


class Located(NamedTuple):
    """Where quotes stand, what is wrong, and by row how a quote that is not verbatim stands."""

    spans: pd.DataFrame
    faults: list[Fault]
    matches: dict[int, Match]


def locate_rows(
    frame: pd.DataFrame, origin: Origin, column: str, texts: Mapping[str, str], triage: bool
) -> Located:
    """Locate the quote of each row in its text; grade or list those that are not where they say."""
    documents: pd.Series[Any] = pd.Series(np.nan, frame.index, dtype="str")
    if "document" in frame:
        documents = frame["document"]
    elif len(texts) == 1:
        documents = pd.Series(next(iter(texts)), frame.index, dtype="str")
    nowhere: pd.Series[Any] = pd.Series(pd.NA, frame.index, dtype="Int64")
    spans = pd.DataFrame({"document": documents, "start": nowhere, "stop": nowhere})
    located = Located(spans, [], {})
    if column not in frame:
        return located
    options = list(texts)
    # text by text, since what is known of a text is kept for a few of them only
    quoted = documents[frame[column].notna()].sort_values(kind="stable")
    rows = quoted.index.to_numpy()
    offsets = (
        [None if pd.isna(place) else int(place) for place in frame.get(name, nowhere).iloc[rows]]
        for name in ("start", "stop")
    )
    cells = (frame[column].iloc[rows].tolist(), quoted.tolist(), *offsets)
    places: dict[int, tuple[int, int]] = {}
    for row, quote, document, start, stop in zip(rows.tolist(), *cells, strict=True):
        if document not in texts:
            got = shorten(document) if isinstance(document, str) else "nothing"
            near = partial(suggest, document, options) if isinstance(document, str) else ""
            expected = "the name of a text: one of " + join_names(options)
            located.faults.append(origin.fault(row, "document", expected, got, near))
            continue
        try:
            places[row] = locate(quote, texts[document], start, stop)
        except LookupError as error:
            if triage:
                found = located.matches[row] = match(quote, texts[document])
                if found.grade in _FOUND:
                    places[row] = found.start, found.stop
            else:
                located.faults.append(origin.fault(row, column, *error.args))
    for number, name in enumerate(("start", "stop")):
        values = pd.Series({row: place[number] for row, place in places.items()}, dtype="Int64")
        spans[name] = values.reindex(frame.index)
    return located._replace(matches=dict(sorted(located.matches.items())))


def put_in_queue(
    tables: dict[str, pd.DataFrame],
    spans: dict[str, pd.DataFrame],
    origins: dict[str, Origin],
    matches: Mapping[int, Match],
    texts: Mapping[str, str],
) -> list[Change]:
    """Put statements whose quotes are not in their text into the queue; return what was done.

    Quotes that differ by typography are read as the words of the text.
    """
    statements, places = tables["statements"].copy(), spans["statements"]
    document = places["document"].to_dict()
    changes, waiting = [], {}
    n_quotes = int(statements["quote"].notna().sum()) if "quote" in statements else 0
    counts = {"verbatim": n_quotes - len(matches), "typographic": 0, "near": 0, "absent": 0}
    for row, found in matches.items():
        counts[found.grade] += 1
        passage = texts[document[row]][found.start : found.stop] if found.start >= 0 else None
        if found.grade not in _FOUND:
            waiting[row] = (found.grade, passage, found.similarity or np.nan)
            continue
        quote = statements.loc[row, "quote"]
        if found.grade == "typographic":
            changes.append(Change("quote read as", "quote", str(quote), str(passage), 1))
        statements.loc[row, "quote"] = passage
    located = [row for row in matches if row not in waiting]
    statements = _with_places(statements, places, located)
    if again := sum(matches[row].grade == "verbatim" for row in located):
        what = "quote not where it was said, or there several times: first place taken"
        changes.append(Change(what, "quote", "", "", again))
    rows = list(waiting)
    queued = statements.loc[rows].drop(columns=["start", "stop"], errors="ignore")
    queued["document"] = places.loc[rows, "document"]
    graded = pd.DataFrame(list(waiting.values()), rows, ["grade", "nearest", "similarity"])
    queued = queued.join(graded.astype({"grade": "str", "nearest": "str", "similarity": "float64"}))
    queued["accepted"] = pd.Series(pd.NA, queued.index, dtype="boolean")
    if "queue" in tables:
        queued = pd.concat([tables["queue"], queued])
    if len(queued):
        tables["queue"] = queued.reset_index(drop=True)
        origins["queue"] = Origin("queue", unit="row")
    rest = statements.index.difference(rows)
    tables["statements"] = statements.loc[rest].reset_index(drop=True)
    spans["statements"] = places.loc[rest].reset_index(drop=True)
    origins["statements"] = origins["statements"].of_rows(rest.to_numpy())
    changes += [Change("quotes graded", "quote", "", grade, n) for grade, n in counts.items() if n]
    return changes


def _with_places(statements: pd.DataFrame, places: pd.DataFrame, rows: list[int]) -> pd.DataFrame:
    """Return statements that say where the quotes of some rows stand: they may not be unique."""
    for name in ("start", "stop") if rows else ():
        given = statements.get(name, pd.Series(pd.NA, statements.index, dtype="Int64"))
        statements = statements.assign(**{name: given.where(~given.index.isin(rows), places[name])})
    return statements


def take_accepted(
    tables: dict[str, pd.DataFrame],
    spans: dict[str, pd.DataFrame],
    origins: dict[str, Origin],
    texts: Mapping[str, str],
    made: list[Change],
) -> list[Fault]:
    """Move the accepted rows of the queue to the statements; return what is wrong with them.

    The nearest passage becomes the quote; a statement whose quote is absent from the text has none.
    """
    queue, statements = tables["queue"], tables["statements"]
    twice = queue.index[queue["statement"].isin(statements["statement"])]
    wrong = ("statement", "each statement once", "one of statements.csv")
    faults = [origins["queue"].fault(row, *wrong) for row in twice.tolist()]
    accepted = queue.get("accepted", pd.Series(False, queue.index)).eq(True).fillna(False)
    rows = np.flatnonzero(accepted.to_numpy(dtype=bool))
    if faults or not len(rows):
        return faults
    taken = queue.iloc[rows].reset_index(drop=True)
    passages = taken.get("nearest", pd.Series(np.nan, taken.index, dtype="str"))
    quotes = passages.where(taken["grade"] == "near")
    for before, after in zip(taken.get("quote", quotes), quotes, strict=True):
        after = "" if pd.isna(after) else after
        made.append(Change("accepted: quote read as", "quote", str(before), after, 1))
    taken = taken.assign(quote=quotes).drop(
        columns=["grade", "nearest", "similarity", "accepted"], errors="ignore"
    )
    if "document" not in statements and len(texts) < 2:
        taken = taken.drop(columns="document", errors="ignore")
    if texts:
        origin = origins["queue"].of_rows(rows)
        located = locate_rows(taken, origin, "quote", texts, triage=True)
        for row, found in located.matches.items():
            if found.grade not in _FOUND:
                got = shorten(taken.loc[row, "quote"])
                faults.append(origin.fault(row, "nearest", "words of the text", got))
        faults += located.faults
        taken = _with_places(taken, located.spans, taken.index[taken["quote"].notna()].tolist())
        spans["statements"] = pd.concat([spans["statements"], located.spans], ignore_index=True)
    tables["statements"] = pd.concat([statements, taken], ignore_index=True)
    origins["statements"] = Origin("statements", unit="row")
    rest = np.setdiff1d(np.arange(len(queue)), rows)
    if len(rest):
        tables["queue"] = queue.iloc[rest].reset_index(drop=True)
        origins["queue"] = origins["queue"].of_rows(rest)
    else:
        del tables["queue"]
    return faults
