"""Split several codes or actors in a cell or in numbered columns into one row each."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

import numpy as np
import pandas as pd

from camdata._display.checks import as_list, wrong_type
from camdata._display.words import join_names, shorten
from camdata.io.blocks import Block
from camdata.io.columns import Asked, numbered_columns, roles_of
from camdata.io.sheets import text_of
from camdata.io.stances import Meaning, is_missing, is_stance
from camdata.model.columns import factorize, unwritable
from camdata.model.errors import MeetingError

Separators = str | Mapping[str, str | Literal[False]] | Literal[False] | None
"""The separator of codes or actors in a cell, for both or for each; False for none."""

SPLIT = ("actor", "code")
_COMMON = (";", "|", "\n", ",", "/", "&")


def separator_of(sep: Separators, role: str) -> str | Literal[False] | None:
    """Return the separator of one column."""
    own = sep.get(role) if isinstance(sep, Mapping) else sep
    if own is not None and own is not False and (not isinstance(own, str) or not own):
        raise wrong_type("sep", "text such as ';', or False", own)
    return own


def spread_numbered(found: Block, asked: Asked) -> Block:
    """Make one row for each of several numbered columns (Code 1, Code 2, …).

    Numbered stances and quotes go with the code of their number. If the user chose one of the
    columns by name, the others are only reported.
    """
    for role in SPLIT:
        columns = numbered_columns(found.headers, role, asked)
        there = roles_of(found.headers, asked).get(role, [])
        others = [header for header in columns.values() if header not in there]
        cells = {text_of(cell) for name in others for cell in found.frame[name].tolist()} - {""}
        if there and others:
            rows = int(found.frame[others].notna().any(axis=1).sum())
            what = f"not read: numbered like {there[0]!r}"
            found.log.add(what, "", join_names(others), "kept as they are", rows)
        # columns that hold stances (Bill 1, Bill 2) are codes themselves, as `read_wide` reads them
        elif not all(is_stance(cell, Meaning()) or is_missing(cell) for cell in cells):
            found = _spread(found, role, columns, asked)
    return found


def _spread(found: Block, role: str, columns: dict[int, str], asked: Asked) -> Block:
    beside = {role: columns}
    if role == "code":
        beside |= {own: numbered_columns(found.headers, own, asked) for own in ("stance", "quote")}
        if numbered_columns(found.headers, "actor", asked):
            expected = "numbered columns of codes or of actors, not both: write a row for each"
            raise found.error(None, expected, found.there)
    beside = {own: named for own, named in beside.items() if named}
    moved = {header for named in beside.values() for header in named.values()}
    kept = found.frame[[header for header in found.headers if header not in moved]]
    first = {own: next(iter(named.values())) for own, named in beside.items()}
    bases = {own: re.sub(r"[\s_.#-]*\d+\s*$", "", header) for own, header in first.items()}
    names = {own: own if not base or base in kept else base for own, base in bases.items()}
    # keep a row without any code, so that it is reported as a fault
    empty = found.frame[list(columns.values())].isna().all(axis=1)
    parts = []
    for number in sorted(columns):
        part = kept.copy()
        for own, named in beside.items():
            part[names[own]] = found.frame[named[number]] if number in named else None
        blank = part[names[role]].map(text_of).str.strip() == ""
        parts.append(part[~blank | (empty & (number == min(columns)))])
    for header in sorted(moved, key=found.headers.index):
        number = next(n for named in beside.values() for n, own in named.items() if own == header)
        alone = _filled(found, header)
        if number in columns:
            alone &= ~_filled(found, columns[number])
        found.log.left_out("cells", header, f"beside no {role}", int(alone.sum()))
    together = pd.concat(parts).sort_index(kind="stable")
    what, before = "numbered columns: one statement for each", join_names(columns.values())
    found.log.add(what, names[role], before, names[role], len(together))
    return found.taken(together.index.to_numpy(), together.reset_index(drop=True))


def _filled(found: Block, header: str) -> pd.Series[Any]:
    return found.frame[header].map(text_of).str.strip() != ""


def split_cells(
    found: Block, columns: Mapping[str, str], role: str, sep: str | Literal[False] | None
) -> Block:
    """Make one row for each of several values in a cell: lists, JSON arrays, text with `sep`.

    Raises
    ------
    MeetingError
        If a cell holds a mapping.
    ValueError
        If no separator was given, but most cells hold one and their parts recur.
    """
    header = columns[role]
    codes, values = factorize(found.frame[header].reset_index(drop=True))
    wrong = [number for number, value in enumerate(values) if isinstance(value, Mapping)]
    if wrong:
        rows = np.flatnonzero(np.isin(codes, wrong)).tolist()
        expected = f"a {role}, or a list of several"
        faults = [found.fault(row, header, expected, shorten(values[codes[row]])) for row in rows]
        raise MeetingError(faults, found.place)
    parts = [_parts(value, sep) for value in values]
    # a name that a cell holds twice is one statement
    parts = [own and [*{text_of(part).strip(): part for part in own}.values()] for own in parts]
    counts = np.bincount(codes[codes >= 0], minlength=len(values)).tolist()
    many = [number for number, own in enumerate(parts) if own is not None]
    if not many:
        texts = {v: n for v, n in zip(values, counts, strict=True) if isinstance(v, str)}
        if sep is not False:
            _check_undivided(found, header, role, texts)
        return found
    cells = [[v] if own is None else own or [None] for v, own in zip(values, parts, strict=True)]
    cells.append([None])
    take = np.repeat(np.arange(len(codes)), np.array(list(map(len, cells)))[codes])
    frame = found.frame.take(take).reset_index(drop=True)
    frame[header] = pd.Series([cell for code in codes for cell in cells[code]], dtype=object)
    if "statement" in columns:  # each part of a row needs its own identifier
        ids = frame[columns["statement"]].map(text_of)
        turn = pd.Series(take).groupby(take).cumcount() + 1
        apart = ids.where((turn == 1) | (ids == ""), ids + "/" + turn.astype("str"))
        frame[columns["statement"]] = apart.where(apart != "")
    rows = sum(counts[number] for number in many)
    sample = shorten(text_of(values[many[0]]))
    found.log.add("several in one cell: one statement for each", header, sample, "", rows)
    return found.taken(take, frame)


def _parts(cell: Any, sep: str | Literal[False] | None) -> list[Any] | None:
    """Return the values in a cell that may hold several; None for a single value."""
    if isinstance(cell, list | tuple | set | frozenset | np.ndarray):
        return [part for part in cell if text_of(part).strip()]
    if not isinstance(cell, str):
        return None
    try:
        found = json.loads(cell) if cell.lstrip().startswith("[") else None
        if isinstance(found, list) and all(map(_is_name, found)):
            return found
    except (ValueError, RecursionError):
        pass
    split = cell.split(sep) if sep else []
    return [part.strip() for part in split if part.strip()] if len(split) > 1 else None


def _is_name(part: Any) -> bool:
    return isinstance(part, int) or (isinstance(part, str) and not unwritable(part))


def _check_undivided(found: Block, header: str, role: str, cells: Mapping[str, int]) -> None:
    """Ask about cells that seem to hold several values, or report them if they are few."""
    filled = sum(rows for cell, rows in cells.items() if cell.strip())
    whole = {cell.strip() for cell in cells}
    for sep in _COMMON:
        divided = {c: [part.strip() for part in c.split(sep)] for c in cells if sep in c}
        first = {own[0] for own in divided.values()} | (whole - set(divided))
        later = {part for own in divided.values() for part in own[1:] if part}
        rows = sum(cells[cell] for cell in divided)
        if 2 * rows > filled and later and 2 * len(later & first) >= len(later):
            raise ValueError(
                f"{found.place}, column {header}: {rows:,} of {filled:,} cells hold {sep!r} "
                f"(such as {shorten(next(iter(divided)))}), and the parts recur. Say sep={sep!r} "
                f"if they are several {role}s, or sep=False if each cell is one."
            )
        some = [cell for cell, own in divided.items() if set(own) - {""} <= whole]
        before = join_names((" ".join(cell.split()) for cell in some), 3)
        what = f"not divided: {role}s in one cell, as sep={sep!r} would"
        found.log.add(what, header, before, "", sum(cells[cell] for cell in some))


def with_key(found: Block, columns: Mapping[str, str], role: str, key: Sequence[str]) -> Block:
    """Add the values of other columns, such as the term of a vote, to codes or actors."""
    header = columns[role]
    as_list("key", key, found.headers)
    names = found.frame[header].map(text_of)
    for name in key:
        cells = found.frame[name].map(text_of)
        names = names.where((names == "") | (cells == ""), names + f", {name} " + cells)
    sample = join_names(names[names != ""].head(1))
    frame = found.frame.assign(**{header: names.where(names != "")})
    found.log.add(f"{role} with {join_names(key)}", header, "", sample, len(frame))
    return replace(found, frame=frame)
