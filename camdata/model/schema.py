"""The tables of a meeting: columns, types, keys and references, as `data/schema.json` says.

This specification drives everything: what is checked when a meeting is made, the dtypes of its
tables, and the fields of the ``datapackage.json`` written beside them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from camdata._display.words import shorten

STANCES = (1, -1)
"""The stances that a meeting uses unless it declares others: supports, opposes."""

Type = Literal["string", "integer", "number", "boolean", "date", "datetime"]
"""The types of columns, by their names in Frictionless Table Schema."""

_TYPES: Mapping[Type, tuple[str, str]] = {
    "string": ("str", "text"),
    "integer": ("Int64", "a whole number"),
    "number": ("float64", "a number"),
    "boolean": ("boolean", "true or false"),
    "date": ("datetime64[s]", "a date such as 2017-10-17"),
    "datetime": ("datetime64[us]", "a date and time such as 2017-10-17T09:30:00"),
}
DTYPES: Mapping[Type, Any] = {kind: dtype for kind, (dtype, _) in _TYPES.items()}
"""The pandas dtype of each type; a datetime in UTC is ``datetime64[us, UTC]``."""


@dataclass(frozen=True)
class Field:
    """One column: its type, the values it takes, and whether it may be absent or empty.

    `needed` columns must be in the table; `filled` ones must have a value in every row.
    """

    name: str
    description: str
    type: Type = "string"
    needed: bool = False
    filled: bool = False
    enum: tuple[str | int, ...] = ()
    minimum: int | None = None

    @property
    def dtype(self) -> Any:
        """The name of the column's pandas dtype."""
        small = self.name == "stance" and all(-128 <= int(level) < 128 for level in self.enum)
        return "Int8" if small else DTYPES[self.type]

    @property
    def expected(self) -> str:
        """The values that the column takes, in words."""
        if self.enum:
            return "one of " + ", ".join(map(str, self.enum))
        low = "" if self.minimum is None else f" of {self.minimum} or more"
        return _TYPES[self.type][1] + low


@dataclass(frozen=True)
class Table:
    """One table: what one row is, its columns, its key and the tables that it refers to.

    `quoted` names the column whose words are quoted from a text.
    """

    name: str
    grain: str
    fields: tuple[Field, ...]
    key: tuple[str, ...] = ()
    foreign: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    quoted: str | None = None

    @property
    def file(self) -> str:
        """The name of the table's file."""
        return f"{self.name}.csv"

    @property
    def needed(self) -> tuple[str, ...]:
        """The columns that the table must have."""
        return tuple(spec.name for spec in self.fields if spec.needed)

    def field(self, name: str) -> Field | None:
        """Return the specification of a column, or None for a column of the user's own."""
        return next((f for f in self.fields if f.name == name), None)


def _field(raw: Mapping[str, Any], stances: tuple[int, ...]) -> Field:
    rules, description = raw.get("constraints", {}), raw["description"]
    enum, low = tuple(rules.get("enum", ())), rules.get("minimum")
    if raw["name"] == "stance" and stances != STANCES:
        enum, description = stances, f"one of the levels {', '.join(map(str, stances))}"
    needed, filled = raw.get("needed", False), rules.get("required", False)
    return Field(raw["name"], description, raw["type"], needed, filled, enum, low)


@cache
def tables_for(stances: tuple[int, ...] = STANCES) -> Mapping[str, Table]:
    """Return the tables of a meeting whose statements take these `stances`, in writing order.

    The file is read on first use, not when camdata is imported.
    """
    path = Path(__file__).parents[1] / "data" / "schema.json"
    tables = {}
    for resource in json.loads(path.read_text(encoding="utf-8"))["resources"]:
        name, schema = resource["name"], resource["schema"]
        fields = tuple(_field(raw, stances) for raw in schema["fields"])
        ends = [(key["fields"][0], key["reference"]) for key in schema.get("foreignKeys", ())]
        foreign = {own: (other["resource"], other["fields"][0]) for own, other in ends}
        key, quoted = tuple(schema.get("primaryKey", ())), schema.get("quoted")
        tables[name] = Table(name, resource["description"], fields, key, foreign, quoted)
    return tables


def scale_fault(stances: object) -> str:
    """Describe what is wrong with a scale of stances; empty where it is valid."""
    if not isinstance(stances, list | tuple):
        return shorten(stances)
    if not stances:
        return "no whole numbers"
    for place, level in enumerate(stances):
        if isinstance(level, bool | np.bool_) or not isinstance(level, int | np.integer):
            return f"{shorten(level)} among them"
        if not -(2**63) <= int(level) < 2**63:
            return f"{shorten(level)[1:-1]}, which is beyond 64 bits"
        if level in stances[:place]:
            return f"{level} twice"
    return ""


def as_scale(stances: object) -> tuple[int, ...]:
    """Return a scale of stances as a tuple.

    Raises
    ------
    ValueError
        If it is not a sequence of different whole numbers.
    """
    levels: Any = stances
    if not isinstance(stances, str | bytes | Mapping | pd.DataFrame):
        levels = list(stances) if isinstance(stances, Iterable) else stances
    if wrong := scale_fault(levels):
        raise ValueError(f"`stances` must be different whole numbers, but holds {wrong}.")
    return tuple(int(level) for level in levels)
