"""Find the columns of statements and of the tables beside them by their usual headers."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import partial
from typing import Literal

import pandas as pd

from camdata._display.checks import check_choice, wrong_type
from camdata._display.words import count, join_names, with_suggestion
from camdata.io.blocks import Block, block, frame_block, kept, log_headers
from camdata.io.foreign import Log
from camdata.io.names import merge, read_words
from camdata.io.sheets import Sheet, header_row, text_of, texts_of
from camdata.io.stances import Meaning, is_missing, is_stance, is_stance_word, whole_number
from camdata.model.errors import Fault, MeetingError
from camdata.model.schema import tables_for
from camdata.model.source import SourceTable
from camdata.model.vocabulary import OWN_NAMES, fold_header, fold_stance, headers

Column = str | Literal[False] | None
"""The user's name of a column; None to find it, False for no such column."""

Asked = Mapping[str, Column]

_EXAMPLES = {"actor": "Country", "code": "Issue"}
_MOST_WORDS = 20
"""A column with more different words than this is not asked about."""
_FEW = 7
"""A column of unknown words with more different values than this is not asked about."""


def check_asked(asked: Asked) -> None:
    """Raise a TypeError for a header that is no text; actors and codes cannot be declined."""
    for role, name in asked.items():
        needed = role in _EXAMPLES
        if not isinstance(name, str | None) and (needed or name is not False):
            expected = "the header of a column" + ("" if needed else ", or False for none")
            raise wrong_type(role, expected, name)


def roles_of(names: Sequence[str], asked: Asked) -> dict[str, list[str]]:
    """Return the candidates for each column of statements; camdata's own names come first."""
    folded = {name: fold_header(name) for name in names if name}
    roles: dict[str, list[str]] = {}
    for role, usual in headers().items():
        name = asked.get(role)
        if name is False:
            continue
        exact = [h for h in folded if h == name or (name is None and folded[h] == role)]
        keys = usual if name is None else (fold_header(name),)
        if fitting := exact or [h for h in folded if folded[h] in keys]:
            roles[role] = fitting
    named = [role for role, name in asked.items() if isinstance(name, str)]
    given = {header for role in named for header in roles.get(role, ())}
    # a column has one role only
    free = {
        role: [h for h in own if h not in given or role in named] for role, own in roles.items()
    }
    for own in OWN_NAMES:
        free[own] = [header for header in folded if folded[header] == own]
    return {role: fitting for role, fitting in free.items() if fitting}


def score(names: Sequence[str], asked: Asked) -> int:
    """Count the columns of statements in a row of headers; negative if a needed one is missing.

    A header without a needed column can still be the best row of its sheet.
    """
    roles = {*roles_of(names, asked)}
    roles |= {role for role in ("actor", "code") if numbered_columns(names, role, asked)}
    needed = {"actor", "code", *(role for role, name in asked.items() if isinstance(name, str))}
    return len(roles) if needed <= roles else len(roles) - 100


def numbered_columns(names: Sequence[str], role: str, asked: Asked) -> dict[int, str]:
    """Return headers such as Code 1, Code 2, … by their numbers, where there are several.

    A name that the user gave is the part before the number, or one of the headers.
    """
    name = asked.get(role)
    if name is False:
        return {}
    usual: tuple[str, ...] = (role, *headers()[role])
    if isinstance(name, str):
        match = _numbered(name)
        usual = (match[0] if match else fold_header(name),)
    found: dict[int, str] = {}
    for header in names:
        match = _numbered(header)
        if match and match[0] in usual:
            found.setdefault(match[1], header)
    return found if len(found) > 1 else {}


def _numbered(header: str) -> tuple[str, int] | None:
    match = re.fullmatch(r"(.*\D)(\d{1,2})", header.strip())
    return (fold_header(match[1]), int(match[2])) if match else None


def find_columns(found: Block, asked: Asked) -> dict[str, str]:
    """Return the user's header of each column of statements that the table has.

    A column called statement is the quote if its cells hold several words, else the identifier.

    Raises
    ------
    MeetingError
        With every needed or named column that is missing, and every column for which there are
        several candidates.
    """
    roles = roles_of(found.headers, asked)
    faults = []
    for role in {**roles, **asked}:
        faults += role_faults(found, role, roles.get(role, []), asked.get(role))
    for role, example in _EXAMPLES.items():
        if role not in roles and asked.get(role) is None:
            expected = f"a column of {role}s, or a key, with a usual name such as {example}"
            near = f'say which it is: {role}="…"'
            faults.append(found.fault(None, None, expected, found.there, near))
    columns = {role: fitting[0] for role, fitting in roles.items()}
    for header in dict.fromkeys(columns.values()):
        twice = [role for role, own in columns.items() if own == header]
        if len(twice) > 1:
            got = f"one column {header!r} for {' and '.join(twice)}"
            faults.append(found.fault(None, header, "a column of its own for each", got))
    if faults:
        raise MeetingError(faults, found.place)
    given = "quote" in columns or asked.get("quote") is not None
    if "statement" in columns and asked.get("statement") is None and not given:
        cells = found.frame[columns["statement"]].dropna().astype("str")
        if cells.str.contains(r"\S\s+\S", regex=True).any():  # words, not an identifier
            columns["quote"] = columns.pop("statement")
    return columns


def role_faults(found: Block, role: str, fitting: Sequence[str], asked: Column) -> list[Fault]:
    """List the faults of the candidates for one column: several of them, or a missing named one."""
    if len(fitting) > 1:
        got = " and ".join(map(repr, fitting))
        near = f'choose one, such as {role}="{fitting[0]}"'
        return [found.fault(None, None, f"one column that is the {role}", got, near)]
    if isinstance(asked, str) and not fitting:
        got = f"no column {with_suggestion(asked, found.headers)}; {found.there}"
        return [found.fault(None, asked, f"this column ({role}=)", got)]
    return []


def ask_for_stances(found: Block, columns: Mapping[str, str]) -> None:
    """Raise a MeetingError if a column that is not recognised may be the stance.

    Without a stance, every actor would support everything. A column may be the stance if its header
    or its values are usual words for stances, or 1 and -1, or if it has few different values that
    vary within actors and within codes. Party, region or year do not vary in both.
    """
    faults = []
    for header in found.headers:
        if header in columns.values():
            continue
        words = read_words(found.frame[header], header, Log()).words
        values = [word for word in words if not is_missing(word)]
        only_true = [word.casefold() for word in values] == ["true"]  # support either way
        if not values or len(values) > _MOST_WORDS or only_true:
            continue
        tokens = {fold_header(token) for token in re.findall(r"[^\W\d_]+", header)}
        known = sum(map(is_stance_word, values))
        numbers = {whole_number(fold_stance(word)) for word in values}
        signed = numbers in ({1, -1}, {-1}, {1, 0, -1})
        named = tokens & {*headers()["stance"]} and any(is_stance(w, Meaning()) for w in values)
        if named or signed or 2 * known > len(values) or _varies(found, columns, header, values):
            expected = "a column of stances, or stance=False: everything supports"
            got = f"a column that may be the stance ({join_names(values, 4)})"
            near = f'say stance="{header}" or stance=False'
            faults.append(found.fault(None, header, expected, got, near))
    if faults:
        raise MeetingError(faults, found.place)


def _varies(found: Block, columns: Mapping[str, str], header: str, values: Sequence[str]) -> bool:
    """Whether a column of few short values varies within an actor and within a code."""
    filled = int(found.frame[header].notna().sum())
    if not 2 <= len(values) <= _FEW or filled < 2 * len(values) or 2 * filled < len(found.frame):
        return False
    for word in values:
        number = whole_number(word)
        if len(word) > 25 or len(word.split()) > 3 or (number is not None and abs(number) > 10):
            return False
        if number is None and re.search(r"\d", word):  # dates, pages, identifiers
            return False
    own = {"actor": columns["actor"], "code": columns["code"], "": header}
    cells = pd.DataFrame({role: found.frame[name].map(text_of) for role, name in own.items()})
    frame: pd.DataFrame = cells[found.frame[header].notna()]
    return all(frame.groupby(role)[""].nunique().max() > 1 for role in ("actor", "code"))


# the tables beside the statements


def other_tables(
    grids: Iterable[Sheet],
    found: Block,
    codebook: str | pd.DataFrame | None,
    code: str,
    aliases: Mapping[str, str],
    wanted: Collection[str] | None = None,
) -> dict[str, SourceTable]:
    """Read the tables in other sheets, and a codebook that the caller gives.

    `found` is the table of statements, `code` its header of codes, and `wanted` are the tables that
    are found by the names of sheets.
    """
    tables: dict[str, SourceTable] = {}
    grids = list(grids)
    others = [grid for grid in grids if grid.sheet != found.where.sheet]
    asked = codebook if isinstance(codebook, str) else None
    if asked is not None:
        if not grids:
            raise ValueError(
                "A data frame has no sheets: pass the codebook as a data frame too, such as "
                f"codebook=pandas.read_excel(…), but codebook={codebook!r} was passed."
            )
        if not others:
            raise ValueError(f"There is only one sheet, but codebook={codebook!r} was passed.")
        check_choice("codebook", asked, [grid.sheet for grid in others])
    elif codebook is not None:
        tables["codebook"] = _read("codebook", frame_block(codebook, log=found.log), code, aliases)
    for grid in sorted(others, key=lambda grid: grid.sheet != asked):
        name = "codebook" if grid.sheet == asked else (grid.sheet or "").casefold()
        if name not in (wanted or tables_for()) or name in tables or name == "statements":
            continue
        find = partial(headers_of, table=name, code=code)
        at = header_row(grid, lambda names, find=find: len(find(names)))  # type: ignore[misc]
        columns = find(texts_of(grid.rows[at]))
        if grid.sheet == asked or set(tables_for()[name].needed) <= set(columns):
            tables[name] = _read(name, block(grid, at, found.log), code, aliases)
    return tables


def headers_of(names: Sequence[str], table: str, code: str = "") -> dict[str, str]:
    """Return the headers that are columns of one of camdata's tables, by their own names.

    `code` is the statements' header of codes.
    """
    folded = {fold_header(header): header for header in reversed(names) if header}
    usual: Mapping[str, Sequence[str]] = {}
    if table == "codebook":
        usual = {**headers("codebook"), "code": (fold_header(code), *headers("codebook")["code"])}
    elif table == "actors":
        terms = [term for term in headers()["actor"] if term in folded]
        usual = {"actor": terms if len(terms) == 1 else ()}
    columns: dict[str, str] = {}
    for spec in tables_for()[table].fields:
        for key in (fold_header(spec.name), *usual.get(spec.name, ())):
            if key in folded and folded[key] not in columns.values():
                columns[spec.name] = folded[key]
                break
    return columns


def _read(name: str, found: Block, code: str, aliases: Mapping[str, str]) -> SourceTable:
    """Read another table: names are trimmed and merged, quotes and passages stay unchanged."""
    columns, log = headers_of(found.headers, name, code), found.log
    if name == "codebook" and "code" not in columns:
        expected = f"a column of codes, with a usual header such as Code or {code}"
        raise found.error(None, expected, found.there)
    frame = found.frame.copy()
    sheet = f" of sheet {found.where.sheet}" if found.where.sheet else ""
    what = f"table of {name} read"
    log.remark(what, "", f"{count(len(frame), 'row')}{sheet}", "", len(frame))
    log_headers(found, columns)
    named = {spec.name for spec in tables_for()[name].fields if spec.type == "string"}
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
