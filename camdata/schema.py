"""What the tables of a meeting must hold, and the one error that says where they do not.

One declarative spec, `TABLES`, drives everything: what is checked when a meeting is loaded (with
pandera, loaded only then), the dtypes of the tables handed out, and the fields of the
``datapackage.json`` that is written beside them.
"""

from __future__ import annotations

import datetime
import difflib
import importlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import pandas as pd

if TYPE_CHECKING:
    import pandera.pandas as pa

DIMENSIONS = ("terms definition", "pragmatism", "rights", "coordination")
"""The dimensions of the bundled codebook, in the order of the project's brief."""

STANCES = (1, -1)
"""The stances that a meeting uses unless it declares others: supports, opposes."""


@dataclass(frozen=True)
class Field:
    """One column: its type, whether every row must fill it, and the values it may take."""

    name: str
    description: str
    type: Literal["string", "integer", "date"] = "string"
    required: bool = False
    enum: tuple[str | int, ...] = ()
    minimum: int | None = None

    @property
    def dtype(self) -> str:
        """The pandas dtype in which the column is handed out."""
        if self.type != "integer":
            return "str"
        small = self.name == "stance" and all(-128 <= int(level) < 128 for level in self.enum)
        return "Int8" if small else "Int64"

    @property
    def expected(self) -> str:
        """What the column asks for, in words."""
        if self.enum:
            return "one of " + ", ".join(map(str, self.enum))
        if self.type == "integer":
            low = "" if self.minimum is None else f" of {self.minimum} or more"
            return f"a whole number{low}"
        return "a date such as 2017-10-17" if self.type == "date" else "text"


@dataclass(frozen=True)
class Table:
    """One table: its grain in one sentence, its columns, its key and what it refers to."""

    name: str
    grain: str
    fields: tuple[Field, ...]
    key: tuple[str, ...] = ()
    foreign: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    mandatory: tuple[str, ...] = ()

    @property
    def file(self) -> str:
        return f"{self.name}.csv"

    def field(self, name: str) -> Field | None:
        return next((f for f in self.fields if f.name == name), None)


_QUOTE = "words of the report, verbatim"

TABLES: Mapping[str, Table] = {
    table.name: table
    for table in (
        Table(
            "actors",
            "One row per actor who spoke at the meeting.",
            (
                Field("actor", "short English name", required=True),
                Field("iso3", "ISO 3166-1 alpha-3 code of the actor's state"),
                Field(
                    "kind",
                    "capacity in which the actor spoke",
                    enum=("delegation", "official", "chair", "secretariat", "organisation"),
                ),
                Field(
                    "speaking_order",
                    "place in the order in which the delegations first took the floor",
                    type="integer",
                    minimum=1,
                ),
                Field("process", "regional consultative process of which the state is a member"),
            ),
            key=("actor",),
            mandatory=("actor",),
        ),
        Table(
            "codebook",
            "One row per code.",
            (
                Field("code", "short name of the code", required=True),
                Field("dimension", "the dimension that the code belongs to"),
                Field("label", "the code in a few words, as charts show it"),
                Field("definition", "what the code means"),
                Field("include", "what is coded, with an example"),
                Field("exclude", "what is not coded, with an example"),
            ),
            key=("code",),
            mandatory=("code",),
        ),
        Table(
            "interventions",
            "One row per recorded intervention; passages never overlap.",
            (
                Field("order", "place in the text", type="integer", required=True, minimum=1),
                Field("actor", "who took the floor", required=True),
                Field("passage", _QUOTE, required=True),
                Field("document", "name of the text that holds the passage"),
                Field("start", "first code point of the passage", type="integer", minimum=0),
                Field("stop", "code point after the passage", type="integer", minimum=0),
            ),
            key=("order",),
            foreign={"actor": ("actors", "actor")},
            mandatory=("order", "actor", "passage"),
        ),
        Table(
            "statements",
            "One row per coded statement: one actor, one code, one stance, one quote.",
            (
                Field("statement", "identifier of the statement", required=True),
                Field("actor", "who is recorded as holding the position", required=True),
                Field("code", "what the position is about", required=True),
                Field(
                    "stance", "1 supports, -1 opposes", type="integer", required=True, enum=STANCES
                ),
                Field(
                    "basis",
                    "explicit: the report records it of the actor; "
                    "by_reference: only through another speaker's remark",
                    enum=("explicit", "by_reference"),
                ),
                Field("quote", _QUOTE),
                Field("coder", "who coded the statement"),
                Field("document", "name of the text that holds the quote"),
                Field("date", "date of the statement", type="date"),
                Field("start", "first code point of the quote", type="integer", minimum=0),
                Field("stop", "code point after the quote", type="integer", minimum=0),
            ),
            key=("statement",),
            foreign={"actor": ("actors", "actor"), "code": ("codebook", "code")},
            mandatory=("actor", "code"),
        ),
        Table(
            "references",
            "One row per mention of one actor by another; an unnamed end is empty, never both.",
            (
                Field("actor", "who refers"),
                Field("target", "who is referred to"),
                Field(
                    "relation",
                    "echoes: joins, agrees or says the same; builds_on: takes further; "
                    "supports: supports a proposal; contrasts: sets itself apart",
                    required=True,
                    enum=("echoes", "builds_on", "supports", "contrasts"),
                ),
                Field("quote", _QUOTE),
                Field("document", "name of the text that holds the quote"),
                Field("start", "first code point of the quote", type="integer", minimum=0),
                Field("stop", "code point after the quote", type="integer", minimum=0),
            ),
            foreign={"actor": ("actors", "actor"), "target": ("actors", "actor")},
            mandatory=("actor", "target", "relation"),
        ),
    )
}
"""The spec: every table of a meeting by name, in the order in which they are written."""


class Fault(NamedTuple):
    """One thing wrong in a meeting, and where. `line` and `column` are missing where none fits."""

    file: str
    line: int | None
    column: str | None
    expected: str
    got: str

    def __str__(self) -> str:
        place = self.file
        if self.line is not None:
            place += f", line {self.line}"
        if self.column is not None:
            place += f", column {self.column}"
        return f"{place}: expected {self.expected}; got {self.got}"


class MeetingError(ValueError):
    """A meeting's data are at fault; every fault is listed, not only the first.

    Parameters
    ----------
    faults : sequence of Fault
        What is wrong, and where.
    source : str, optional
        Name of the folder or object that was read.

    Attributes
    ----------
    faults : pandas.DataFrame
        One row per fault, all of them: `file` (str), `line` (Int64, the physical line of the file
        or, for data frames, the row's position from 1; missing where the whole file is meant),
        `column` (str, missing likewise), `expected` (str), `got` (str).

    Notes
    -----
    The printed message stops after 20 faults and says how many are left in `faults`.

    Examples
    --------
    >>> import pandas as pd
    >>> import camdata as cam
    >>> try:
    ...     cam.Meeting(pd.DataFrame({"actor": ["A", None], "stance": [1, 7]}))
    ... except cam.MeetingError as error:
    ...     print(error)
    3 faults in the meeting:
      statements, column code: expected this column; got columns actor, stance
      statements, line 2, column actor: expected a value; got nothing
      statements, line 2, column stance: expected one of 1, -1; got '7'
    """

    shown = 20

    def __init__(self, faults: Sequence[Fault], source: str = "the meeting") -> None:
        self.faults = pd.DataFrame(list(faults), columns=Fault._fields).astype(
            {"file": "str", "line": "Int64", "column": "str", "expected": "str", "got": "str"}
        )
        number = f"{len(faults)} fault{'s' if len(faults) != 1 else ''}"
        lines = [f"{number} in {source}:"]
        lines += [f"  {fault}" for fault in faults[: self.shown]]
        if len(faults) > self.shown:
            lines.append(f"  … and {len(faults) - self.shown} more: see the error's .faults")
        super().__init__("\n".join(lines))
        self._made_of = (list(faults), source)

    def __reduce__(self) -> tuple[type[MeetingError], tuple[list[Fault], str]]:
        return type(self), self._made_of


def did_you_mean(value: str, options: Iterable[str]) -> str:
    """Return `value` quoted, with the nearest of `options` where one is near."""
    choices = [str(option) for option in options]
    near = difflib.get_close_matches(value, choices, n=1, cutoff=0.6)
    if not near:  # a difference in case only is always a near miss
        near = [choice for choice in choices if choice.casefold() == value.strip().casefold()]
    return f"{value!r} (did you mean {near[0]!r}?)" if near else repr(value)


def check_choice(name: str, value: object, options: Iterable[object]) -> None:
    """Raise a ValueError that lists `options` unless `value` is one of them."""
    choices = list(options)
    if value not in choices:
        got = (
            did_you_mean(value, [c for c in choices if isinstance(c, str)])
            if isinstance(value, str)
            else repr(value)
        )
        raise ValueError(f"The value for `{name}` must be one of {choices}, but {got} was passed.")


def _is_whole(text: str, minimum: int | None) -> bool:
    if not re.fullmatch(r"-?[0-9]{1,18}", text):
        return False
    return minimum is None or int(text) >= minimum


def _is_date(text: str) -> bool:
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return False
    try:
        datetime.date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _pandera(table: Table, columns: Iterable[str]) -> pa.DataFrameSchema:
    """Express `table` for pandera, on columns of text, for those `columns` that are there."""
    import pandera.pandas as pa

    checked = {}
    for spec in table.fields:
        if spec.name not in columns:
            continue
        checks = []
        if spec.enum:
            checks.append(pa.Check.isin([str(v) for v in spec.enum], error=spec.expected))
        elif spec.type == "integer":
            at_least = partial(_is_whole, minimum=spec.minimum)
            checks.append(pa.Check(at_least, element_wise=True, error=spec.expected))
        elif spec.type == "date":
            checks.append(pa.Check(_is_date, element_wise=True, error=spec.expected))
        checked[spec.name] = pa.Column(nullable=not spec.required, checks=checks)
    key = [name for name in table.key if name in columns]
    return pa.DataFrameSchema(checked, unique=key or None, report_duplicates="exclude_first")


def check_table(
    table: Table,
    frame: pd.DataFrame,
    lines: Sequence[int],
    file: str,
    header: int | None = 1,
) -> list[Fault]:
    """List what is wrong with one table on its own.

    Parameters
    ----------
    table : Table
        The spec.
    frame : pandas.DataFrame
        The table as text (dtype ``str``, missing as NaN), index 0, 1, 2, …
    lines : sequence of int
        The line of the file on which each row starts.
    file : str
        What to call the file.
    header : int, optional
        The line of the header; a data frame has none.
    """
    faults = [
        Fault(file, header, name, "this column", "columns " + ", ".join(map(str, frame.columns)))
        for name in table.mandatory
        if name not in frame.columns
    ]
    from pandera.errors import SchemaErrors

    try:
        _pandera(table, frame.columns).validate(frame, lazy=True)
    except SchemaErrors as error:
        cases = error.failure_cases
        for column, check, got, row in zip(
            cases["column"], cases["check"], cases["failure_case"], cases["index"], strict=True
        ):
            line = lines[int(row)]
            if check == "not_nullable":
                faults.append(Fault(file, line, column, "a value", "nothing"))
            elif check == "multiple_fields_uniqueness":
                first = lines[int((frame[column] == got).to_numpy().argmax())]
                expected = f"each {column} once"
                faults.append(
                    Fault(file, line, column, expected, f"{got!r} again (first on line {first})")
                )
            else:
                spec = table.field(str(column))
                options = [str(v) for v in spec.enum] if spec else []
                faults.append(Fault(file, line, column, str(check), did_you_mean(got, options)))
    return faults


def check_keys(
    table: Table,
    frame: pd.DataFrame,
    lines: Sequence[int],
    file: str,
    options: Mapping[str, Sequence[str]],
) -> list[Fault]:
    """List the values of `frame` that refer to a row that is not there.

    `options` gives, for each column that refers to another table, the values it may take.
    """
    faults = []
    for column, values in options.items():
        target = table.foreign[column][0]
        known = frame[column].isna() | frame[column].isin(list(values))
        for row in known.index[~known]:
            got = did_you_mean(str(frame.at[row, column]), values)
            article = "an actor" if target == "actors" else "a code"
            expected = f"{article} of {TABLES[target].file}"
            faults.append(Fault(file, lines[row], column, expected, got))
    return faults


def typed(table: Table, frame: pd.DataFrame) -> pd.DataFrame:
    """Return the checked text columns of `frame` in the dtypes of the spec."""
    dtypes = {spec.name: spec.dtype for spec in table.fields if spec.name in frame.columns}
    return frame.astype({name: d for name, d in dtypes.items() if d != "str"})


def _field_descriptor(spec: Field) -> dict[str, Any]:
    descriptor: dict[str, Any] = {
        "name": spec.name,
        "type": spec.type,
        "description": spec.description,
    }
    constraints: dict[str, Any] = {}
    if spec.required:
        constraints["required"] = True
    if spec.enum:
        constraints["enum"] = list(spec.enum)
    if spec.minimum is not None:
        constraints["minimum"] = spec.minimum
    if constraints:
        descriptor["constraints"] = constraints
    return descriptor


def resource_descriptor(
    table: Table, columns: Sequence[str], present: Iterable[str]
) -> dict[str, Any]:
    """Describe one written table as a resource of a Frictionless Data Package.

    Parameters
    ----------
    table : Table
        The spec.
    columns : sequence of str
        The columns that the file has; those outside the spec are described as text.
    present : iterable of str
        The tables that are written, since a foreign key to an absent one would be invalid.
    """
    fields = [
        _field_descriptor(table.field(name) or Field(name, "not part of camdata's spec"))
        for name in columns
    ]
    schema: dict[str, Any] = {"fields": fields, "missingValues": [""]}
    if table.key:
        schema["primaryKey"] = list(table.key)
    foreign = [
        {"fields": [column], "reference": {"resource": target, "fields": [key]}}
        for column, (target, key) in table.foreign.items()
        if target in set(present)
    ]
    if foreign:
        schema["foreignKeys"] = foreign
    return {
        "name": table.name,
        "type": "table",
        "path": table.file,
        "description": table.grain,
        "scheme": "file",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "schema": schema,
    }


def need(module: str, extra: str) -> Any:
    """Import an optional dependency, or say which extra brings it."""
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module:
            raise
        raise ImportError(
            f"This needs {module}, which is not installed: pip install 'camdata[{extra}]'"
        ) from error


def tables_for(stances: Sequence[int]) -> Mapping[str, Table]:
    """Return the spec for a meeting whose statements take these `stances`."""
    if tuple(stances) == STANCES:
        return TABLES
    statements = TABLES["statements"]
    levels = ", ".join(map(str, stances))
    fields = tuple(
        replace(spec, enum=tuple(stances), description=f"one of the levels {levels}")
        if spec.name == "stance"
        else spec
        for spec in statements.fields
    )
    return {**TABLES, "statements": replace(statements, fields=fields)}
