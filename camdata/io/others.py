"""The tables beside the statements: in other sheets of a workbook, or given."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from camdata._display.checks import check_choice
from camdata._display.words import count, listed
from camdata.io.blocks import Block, block, frame_block, header_changes, kept
from camdata.io.names import merge, read_words
from camdata.io.sheets import Grid, header_row
from camdata.model.errors import MeetingError
from camdata.model.schema import TABLES
from camdata.model.source import Change, SourceTable
from camdata.model.vocabulary import fold_header, headers


def other_tables(
    grids: Iterable[Grid],
    own: str | None,
    codebook: str | pd.DataFrame | None,
    code: str,
    wanted: Sequence[str] | None = None,
) -> dict[str, tuple[Block, dict[str, str]]]:
    """Return the tables that stand in other sheets, or were given, with their columns.

    `own` is the sheet of the statements, `code` what it calls the codes, and `wanted` are the
    tables that are looked for by the names of sheets.
    """
    found: dict[str, tuple[Block, dict[str, str]]] = {}
    others = [grid for grid in grids if grid.sheet != own]
    if isinstance(codebook, str):
        if not others:
            raise ValueError(f"There is no other sheet, but codebook={codebook!r} was passed.")
        check_choice("codebook", codebook, [grid.sheet for grid in others])
        grid = next(grid for grid in others if grid.sheet == codebook)
        found["codebook"] = _codebook(block(grid, _codebook_row(grid, code)), code)
        others.remove(grid)
    elif codebook is not None:
        found["codebook"] = _codebook(frame_block(codebook), code)
    for grid in others:
        name = (grid.sheet or "").casefold()
        if (
            name not in (TABLES if wanted is None else wanted)
            or name in found
            or name == "statements"
        ):
            continue
        if name == "codebook":
            other = block(grid, _codebook_row(grid, code))
            columns = codebook_columns(other.headers, code)
        else:
            other = block(grid, _own_row(grid, name))
            columns = _own_columns(other.headers, name)
        if set(TABLES[name].needed) <= set(columns):
            found[name] = other, columns
    return found


def _own_row(grid: Grid, table: str) -> int:
    return header_row(grid, lambda row: len(_own_columns(row, table)))


def _own_columns(there: Sequence[str], table: str) -> dict[str, str]:
    """Return the headers that are columns of one of camdata's tables, by their own names."""
    folded = {fold_header(header): header for header in reversed(there) if header}
    names = {spec.name: fold_header(spec.name) for spec in TABLES[table].fields}
    columns = {name: folded[key] for name, key in names.items() if key in folded}
    if table == "actors" and "actor" not in columns:
        terms = [folded[key] for key in headers()["actor"] if key in folded]
        if len(terms) == 1:
            columns["actor"] = terms[0]
    return columns


def codebook_columns(names: Sequence[str], code: str) -> dict[str, str]:
    """Return the headers of a codebook's columns; `code` is what the other table calls codes."""
    folded = {fold_header(header): header for header in reversed(names) if header}
    columns: dict[str, str] = {}
    for role, usual in headers("codebook").items():
        first = [fold_header(code)] if role == "code" else []
        for key in [role, *first, *usual]:
            if key in folded and folded[key] not in columns.values():
                columns[role] = folded[key]
                break
    for name in ("include", "exclude"):
        if name in folded:
            columns[name] = folded[name]
    return columns


def _codebook_row(grid: Grid, code: str) -> int:
    return header_row(grid, lambda row: len(codebook_columns(row, code)))


def _codebook(found: Block, code: str) -> tuple[Block, dict[str, str]]:
    columns = codebook_columns(found.headers, code)
    if "code" not in columns:
        expected = f"a column of codes, with a usual header such as Code or {code}"
        got = f"columns {listed(found.headers, 12)}"
        raise MeetingError([found.fault(None, None, expected, got)], found.place)
    return found, columns


def other_table(
    name: str, found: tuple[Block, dict[str, str]], aliases: Mapping[str, str]
) -> tuple[SourceTable, list[Change]]:
    """Read another table: names trimmed and merged, words of a text as they are."""
    read, columns = found
    changes = list(read.changes)
    frame = read.frame.copy()
    sheet = f" of sheet {read.sheet}" if read.sheet else ""
    rows = count(len(frame), "row")
    changes.append(Change(f"table of {name} read", "", f"{rows}{sheet}", "", len(frame)))
    changes += header_changes(read, columns)
    named = {spec.name for spec in TABLES[name].fields if spec.type == "string"}
    for role, header in columns.items():
        if role not in named - {"quote", "passage"}:
            continue
        words, trimmed = read_words(frame[header], header)
        changes += trimmed
        if role in ("actor", "target", "code", "coder"):
            words, merged = merge(words, aliases, header)
            changes += merged
        frame[header] = words.series().set_axis(frame.index)
    for header in frame.columns.difference(list(columns.values()), sort=False):
        frame[header], mixed = kept(frame[header], header)
        changes += mixed
    own = {theirs: role for role, theirs in columns.items()}
    return SourceTable(frame.rename(columns=own), read.origin(columns)), changes
