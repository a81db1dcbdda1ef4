"""The tables beside the statements: in other sheets of a workbook, or given."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import partial

import pandas as pd

from camdata._display.checks import check_choice
from camdata._display.words import count
from camdata.io.blocks import Block, block, frame_block, kept, log_headers
from camdata.io.names import merge, read_words
from camdata.io.sheets import Grid, header_row, texts_of
from camdata.model.schema import TABLES
from camdata.model.source import SourceTable
from camdata.model.vocabulary import fold_header, headers


def other_tables(
    grids: Iterable[Grid],
    found: Block,
    codebook: str | pd.DataFrame | None,
    code: str,
    aliases: Mapping[str, str],
    wanted: Collection[str] = TABLES,
) -> dict[str, SourceTable]:
    """Read the tables that stand in other sheets, or were given.

    `found` is the table of the statements, `code` what it calls the codes, and `wanted` are the
    tables that are looked for by the names of sheets.
    """
    tables: dict[str, SourceTable] = {}
    others = [grid for grid in grids if grid.sheet != found.where.sheet]
    asked = codebook if isinstance(codebook, str) else None
    if asked is not None:
        if not others:
            raise ValueError(f"There is no other sheet, but codebook={codebook!r} was passed.")
        check_choice("codebook", asked, [grid.sheet for grid in others])
    elif codebook is not None:
        tables["codebook"] = _read("codebook", frame_block(codebook, log=found.log), code, aliases)
    for grid in sorted(others, key=lambda grid: grid.sheet != asked):
        name = "codebook" if grid.sheet == asked else (grid.sheet or "").casefold()
        if name not in wanted or name in tables or name == "statements":
            continue
        at = header_row(grid, partial(_known, table=name, code=code))
        columns = _columns(texts_of(grid.rows[at]), name, code)
        if grid.sheet == asked or set(TABLES[name].needed) <= set(columns):
            tables[name] = _read(name, block(grid, at, found.log), code, aliases)
    return tables


def _known(names: Sequence[str], table: str, code: str) -> int:
    return len(_columns(names, table, code))


def _columns(names: Sequence[str], table: str, code: str) -> dict[str, str]:
    """Return the headers that are columns of one of camdata's tables, by their own names."""
    if table == "codebook":
        return codebook_columns(names, code)
    folded = {fold_header(header): header for header in reversed(names) if header}
    own = {spec.name: fold_header(spec.name) for spec in TABLES[table].fields}
    columns = {name: folded[key] for name, key in own.items() if key in folded}
    terms = [folded[key] for key in headers()["actor"] if key in folded]
    if table == "actors" and "actor" not in columns and len(terms) == 1:
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
    return columns | {name: folded[name] for name in ("include", "exclude") if name in folded}


def _read(name: str, found: Block, code: str, aliases: Mapping[str, str]) -> SourceTable:
    """Read another table: names trimmed and merged, words of a text as they are."""
    columns, log = _columns(found.headers, name, code), found.log
    if name == "codebook" and "code" not in columns:
        expected = f"a column of codes, with a usual header such as Code or {code}"
        raise found.error(None, expected, found.there)
    frame = found.frame.copy()
    sheet = f" of sheet {found.where.sheet}" if found.where.sheet else ""
    what = f"table of {name} read"
    log.remark(what, "", f"{count(len(frame), 'row')}{sheet}", "", len(frame))
    log_headers(found, columns)
    named = {spec.name for spec in TABLES[name].fields if spec.type == "string"}
    for role, header in columns.items():
        if role in named - {"quote", "passage"}:
            words = read_words(frame[header], header, log)
            if role in ("actor", "target", "code", "coder"):
                words = merge(words, aliases, header, log)
            frame[header] = words.series().set_axis(frame.index)
    for header in frame.columns.difference(list(columns.values()), sort=False):
        frame[header] = kept(frame[header], header, log)
    own = {theirs: role for role, theirs in columns.items()}
    return SourceTable(frame.rename(columns=own), found.origin(columns))
