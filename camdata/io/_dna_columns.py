"""Columns of a DNA database: quotes, coders, values of variables, entities and attributes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from camdata.io._common import (
    kept_apart,
    left_out,
    unix_positions,
)
from camdata.io._sqlite import Rows
from camdata.model.cells import unix_newlines
from camdata.model.errors import Fault, Origin
from camdata.model.source import Change, SourceTable

Whole = NDArray[np.int64]


class Variable(NamedTuple):
    number: int
    type: str


def whole(numbers: list[Any]) -> Whole:
    return np.array(numbers, dtype=np.int64)


def places_of(numbers: Whole, known: Whole) -> Whole:
    """Return where each number stands among `known` ones, which differ; -1 where it does not."""
    if len(known) == 0:
        return np.full(len(numbers), -1)
    order = np.argsort(known)
    place = order[np.minimum(np.searchsorted(known, numbers, sorter=order), len(known) - 1)]
    return np.where(known[place] == numbers, place, -1)


def texts_at(values: list[Any], places: Whole) -> pd.Series[str]:
    """Return texts by their places; nothing at -1, and empty ones are nothing."""
    column = pd.Series([*(value or None for value in values), None], dtype="str")
    return pd.Series(column.array.take(places))


class Spans(NamedTuple):
    columns: dict[str, Any]
    faults: list[Fault]


def quotes_of(
    texts: list[str], document: Whole, start: Whole, stop: Whole, origin: Origin
) -> Spans:
    """Cut the quotes out of the texts, and count their places in code points.

    DNA counts UTF-16 code units, as Java does.
    """
    maps = [unix_positions(text, utf16=True) for text in texts]
    lengths = [len(text) if places is None else len(places) - 1
               for text, places in zip(texts, maps, strict=True)]  # fmt: skip
    plain = [unix_newlines(text) for text in texts]
    quotes: list[str | None] = []
    starts, stops = start.copy(), stop.copy()
    wrong: list[tuple[int, str]] = []
    for row, (number, a, b) in enumerate(
        zip(document.tolist(), start.tolist(), stop.tolist(), strict=True)
    ):
        quotes.append(None)
        if number < 0:
            continue
        if not 0 <= a < b <= lengths[number]:
            wrong.append((row, f"a place within the {lengths[number]:,} characters"))
            continue
        places = maps[number]
        if places is not None:
            a, b = int(places[a]), int(places[b])
            if a < 0 or b < 0:
                wrong.append((row, "a place between two characters"))
                continue
            starts[row], stops[row] = a, b
        quotes[row] = plain[number][a:b]
    faults = [
        origin.fault(row, "start", f"{expected} of the document", f"{start[row]} to {stop[row]}")
        for row, expected in wrong
    ]
    missing = np.array([quote is None for quote in quotes], dtype=bool)
    columns = {
        "quote": pd.Series(quotes, dtype="str"),
        "start": pd.Series(pd.arrays.IntegerArray(starts, missing)),
        "stop": pd.Series(pd.arrays.IntegerArray(stops, missing)),
    }
    return Spans(columns, faults)


def coders_of(
    rows: Rows, numbers: list[int | None], order: Whole, origin: Origin
) -> tuple[pd.Series[str], list[Fault], list[Change]]:
    """Name the coder of each statement; those of one name are told apart by their number."""
    names = pd.Series(rows.columns["Name"], dtype="str")
    twice = names.duplicated(keep=False) | (names == "")
    own = [
        f"{name} ({number})".strip() if again else name
        for name, number, again in zip(names, rows.columns["ID"], twice, strict=True)
    ]
    known = whole(rows.columns["ID"])
    given = whole([-1 if number is None else number for number in numbers])[order]
    none = np.array([number is None for number in numbers], dtype=bool)[order]
    place = np.where(none, -1, places_of(given, known))
    faults = [
        origin.fault(row, "coder", "a coder of CODERS", str(given[row]))
        for row in np.flatnonzero((place < 0) & ~none).tolist()
    ]
    number = np.bincount(place[place >= 0], minlength=len(own))
    changes = [
        Change("coder named", "coder", names[i], own[i], int(number[i]))
        for i in np.flatnonzero(twice.to_numpy() & (number > 0)).tolist()
    ]
    return texts_at(own, place), faults, changes


class Cells(NamedTuple):
    cells: pd.Series[Any]
    faults: list[Fault]


def values_of(
    name: str,
    variable: Variable,
    rows: Rows,
    entities: Rows,
    numbers: Whole,
    origin: Origin,
) -> Cells:
    """Return the value of a variable for each statement, and what is wrong with the values."""
    origin = replace(origin, columns={})
    owner = whole(rows.columns["StatementId"])
    again = pd.Series(owner).duplicated().to_numpy()
    place = places_of(numbers, owner[~again])
    faults = [
        origin.fault(row, name, "one value for each statement", "another value")
        for row in np.flatnonzero(np.isin(numbers, owner[again])).tolist()
    ]
    if variable.type == "long text":
        kept = [text for text, gone in zip(rows.columns["Value"], again, strict=True) if not gone]
        return Cells(texts_at(kept, place), faults)
    column = whole(rows.columns["Entity" if variable.type == "short text" else "Value"])[~again]
    values = np.append(column, 0)[place]
    missing = place < 0
    if variable.type == "short text":
        entity = np.where(missing, -1, places_of(values, whole(entities.columns["ID"])))
        faults += [
            origin.fault(row, name, "an entity of ENTITIES", str(values[row]))
            for row in np.flatnonzero((entity < 0) & ~missing).tolist()
        ]
        return Cells(texts_at(entities.columns["Value"], entity), faults)
    if variable.type == "boolean":
        wrong = ~np.isin(values, (0, 1)) & ~missing
        faults += [
            origin.fault(row, name, "0 or 1", str(values[row]))
            for row in np.flatnonzero(wrong).tolist()
        ]
        missing |= wrong
    return Cells(pd.Series(pd.arrays.IntegerArray(values, missing)), faults)


class EntityTable(NamedTuple):
    table: SourceTable
    changes: list[Change]


def entities_of(
    file: str,
    table: str,
    own: str,
    variable: int,
    used: NDArray[Any] | pd.api.extensions.ExtensionArray,
    tables: Mapping[str, Rows],
) -> EntityTable:
    """Return the entities of a variable that statements use, with their attributes."""
    entities = pd.DataFrame(tables["ENTITIES"].columns)
    entities = entities[(entities["VariableId"] == variable) & (entities["Value"] != "")]
    named = entities.set_index("Value")["ID"]
    without = ~named.index.isin(used)
    changes = left_out("entities", own, "without a statement", int(without.sum()))
    # in the order in which the statements name them; an entity that is there twice stays so
    named = named[~without]
    rank = pd.Index(used).get_indexer(named.index)
    named = named.iloc[np.argsort(rank, kind="stable")]
    frame = pd.DataFrame({own: named.index, "": named.to_numpy()})
    attributes = pd.DataFrame(tables["ATTRIBUTEVARIABLES"].columns)
    attributes = attributes[attributes["VariableId"] == variable]
    values = pd.DataFrame(tables["ATTRIBUTEVALUES"].columns).astype({"EntityId": "int64"})
    groups = dict(list(values.groupby("AttributeVariableId", sort=False)))
    apart = kept_apart(attributes["AttributeVariable"], table, "dna_")
    for number, attribute in zip(attributes["ID"], attributes["AttributeVariable"], strict=True):
        given = groups.get(number, values[:0]).drop_duplicates("EntityId")
        place = places_of(frame[""].to_numpy(), given["EntityId"].to_numpy())
        frame[apart[attribute]] = texts_at(given["AttributeValue"].tolist(), place)
    rows = frame.pop("").to_numpy(dtype=np.int64)
    origin = Origin(file, rows, sheet="ENTITIES", columns={own: "Value"}, unit="row")
    return EntityTable(SourceTable(frame, origin), changes)


def attributes_left_out(
    variables: Mapping[str, Variable], tables: Mapping[str, Rows]
) -> list[Change]:
    attributes = pd.DataFrame(tables["ATTRIBUTEVARIABLES"].columns)
    values = pd.DataFrame(tables["ATTRIBUTEVALUES"].columns)
    filled = values.loc[values["AttributeValue"] != "", "AttributeVariableId"]
    changes = []
    for name, variable in variables.items():
        own = attributes.loc[attributes["VariableId"] == variable.number, "ID"]
        changes += left_out("attributes", name, "of its entities", int(filled.isin(own).sum()))
    return changes
