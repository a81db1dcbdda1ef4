"""Anyone's table of statements: a spreadsheet, a CSV file, a data frame."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd

from camdata._display.checks import check_choice, wrong_type
from camdata._display.words import did_you_mean, listed, shorten
from camdata.io._common import kept_apart
from camdata.io._names import Words, merge, near_names, read_words, trim
from camdata.io._others import other_table, other_tables
from camdata.io._sheets import (
    Block,
    Grid,
    block,
    choose_sheet,
    frame_block,
    header_changes,
    header_row,
    kept,
    read_grids,
    text_of,
)
from camdata.io._stances import (
    Given,
    Votes,
    is_missing,
    is_plainly,
    is_stance,
    read_stances,
    stance_changes,
)
from camdata.io._terms import HEADERS, OWN_NAMES, STANCE_TERMS, fold_header
from camdata.model.errors import Fault, MeetingError
from camdata.model.meeting import Meeting
from camdata.model.schema import STANCES
from camdata.model.source import Change, Source, SourceTable, from_frames

Column = str | Literal[False] | None
"""The user's name of a column; nothing to find it, False for no such column."""

_NAMES = ("actor", "code", "coder")
"""Columns whose values are names that are compared, and merged where that was asked for."""

MOST_WORDS = 20
"""A column of more different words is hardly one of stances."""


def read_table(
    table: str | Path | pd.DataFrame,
    *,
    actor: str | None = None,
    code: str | None = None,
    stance: Column = None,
    quote: Column = None,
    coder: Column = None,
    date: Column = None,
    document: Column = None,
    statement: Column = None,
    stances: Given = None,
    votes: Votes = None,
    aliases: Mapping[str, str] | None = None,
    dates: str | None = None,
    fill_down: str | Sequence[str] = (),
    codebook: str | pd.DataFrame | None = None,
    texts: str | Mapping[str, str] | None = None,
    sheet: str | None = None,
    encoding: str | None = None,
) -> Meeting:
    """Read a table of statements that somebody has coded, as a meeting.

    Parameters
    ----------
    table : str, pathlib.Path or data frame
        One row per statement: a CSV file (commas, semicolons or tabs), a workbook of Excel or
        OpenDocument, or a data frame of any kind that narwhals reads.
    actor, code : str, optional
        The headers of the columns that say who, and on what. By default they are found by usual
        words (country, delegation, party, …; issue, concept, topic, …) in any case.
    stance, quote, coder, date, document, statement : str or False, optional
        Likewise; ``False`` where a column that would be found is not meant. Without a column of
        stances every statement supports; one that looks like stances and has another header is a
        fault until it is named, or ``stance=False``.
    stances : mapping of str or int to int or None, or sequence of int, optional
        What words or numbers mean, beside the usual words for stances: ``{"contra": -1}``; ``None``
        where a word says that nothing is recorded. Or the levels of an ordinal scale, such as
        ``(1, 0, -1)``, whose numbers are in the table.
    votes : {"signs", "binary", "voeten", "rollcall"}, optional
        How votes are coded by numbers: ``signs`` 1 yes, 0 abstains, -1 no; ``binary`` 1 yes, 0 no,
        9 missing; ``voeten`` 1 yes, 2 abstains, 3 no, 8 and 9 missing; ``rollcall`` 1 to 3 yea, 4
        to 6 nay, 7 to 9 and 0 missing. Words (yes, no, abstain, absent) need nothing.
    aliases : mapping of str to str, optional
        Names of actors, codes or coders to those that they are read as. Nothing else is merged.
    dates : str, optional
        How dates are written where they are text and not year, month, day: ``"%d.%m.%Y"`` for
        4.3.2024, in the signs of `datetime.datetime.strptime`.
    fill_down : str or sequence of str
        Columns (``"actor"``, ``"code"``, ``"coder"``, ``"document"``, ``"date"``) whose blank cells
        mean the value above them. By default none: a blank is a fault, or missing.
    codebook : str or pandas.DataFrame, optional
        A sheet of the workbook, or a table, with a code in each row and its `dimension`, `label`
        and `definition`.
    texts : str or mapping of str to str, optional
        The texts that quotes are located in, as for `Meeting`.
    sheet : str, optional
        The sheet to read; by default the one named ``statements`` or the only one that has columns
        of actors and codes. Hidden sheets are not read.
    encoding : str, optional
        Of a CSV file that is neither UTF-8 nor UTF-16, such as ``"cp1252"``.

    Returns
    -------
    Meeting
        Other columns are kept in its statements under their own headers (``table_…`` where
        camdata means something else by the name). What was done to the table is in
        ``meeting.source.changes``: headers and words as they were read, cells trimmed, names
        merged, and names that look like the same one but were *not* merged.

    Raises
    ------
    MeetingError
        With every fault by the file's own sheet, row and column: no column or several that could be
        meant, words that are neither usual nor in `stances`, and whatever `Meeting` checks.
    ValueError
        If the sheet, or what its numbers mean, has to be chosen: numbers such as 9 or -99 that
        stand apart from the others are asked for, and so is a 0 beside nothing but 1.
    ImportError
        For a workbook, without python-calamine, which comes with ``camdata[excel]``.

    Notes
    -----
    Headers are compared by their letters and digits. An own name (actor, code, …) comes first, then
    the usual ones:

    - actor: actors, actor name, country, countries, country name, state, member state, nation,
      delegation, speaker, party, political party, party name, organization, organisation,
      stakeholder, interest group, participant, legislator, senator, deputy, mep, voter
    - code: codes, issue, issues, concept, topic, theme, category, item, question, claim, proposal,
      demand, policy, policy issue, bill, motion, resolution, roll call, rollcall, roll call id,
      rcid, vote id, ballot
    - stance: position, vote, voted, vote cast, attitude, opinion, agreement, direction, polarity,
      support, evaluation
    - quote: quotes, quotation, excerpt, verbatim, passage, text, text segment, or "statement" where
      it holds several words
    - coder: coders, coder name, coder id, coded by, annotator, rater
    - date: date of statement, statement date, meeting date, vote date
    - document: documents, document id, document name, document title, doc, doc id, file, file name
    - statement: statement id; `basis`, `start` and `stop` by their own names only

    Stances are whole numbers as they are, or words in any case: forms of support, pro, for, in
    favor, agree, endorse, approve, positive, yes, yea, true and + are 1; of oppose, contra, con,
    against, disagree, reject, disapprove, negative, no, nay, false and - are -1; of abstain,
    neutral and undecided 0, with which the scale is (1, 0, -1). Absent, excused, not voting, did
    not vote, no position, not a member, n/a and the like say that nothing is recorded, as a blank
    cell does. Numbers beside words, a 0 beside nothing but 1, and more than eleven different
    numbers are questions to the caller.

    Names are trimmed (no-break and zero-width spaces too), spaces inside them are single, and their
    Unicode is composed (NFC). Quotes lose white space at their ends unless `start` or `stop` say
    where they are. A row without a stance is kept and counted nowhere.

    The header is the row among the first 25 that has most of the columns; rows above it are left
    out. Merged cells hold their value for all the rows that they cover. Formulas are read as their
    last results, errors among them as blank.

    In a workbook, sheets named as camdata's tables (actors, codebook, interventions, references,
    recodings) are these tables if they have the columns needed: so is read what `write_excel`
    writes. Texts are in no sheet.

    Examples
    --------
    >>> import pandas as pd
    >>> import camdata as cam
    >>> coding = pd.DataFrame(
    ...     {
    ...         "Country": ["Argentina", "Argentina ", "USA", "United States"],
    ...         "Issue": ["tax", "quota", "tax", "quota"],
    ...         "Position": ["support", "contra", "support", None],
    ...     }
    ... )
    >>> meeting = cam.io.read_table(coding)
    >>> meeting.positions()
    code           tax  quota
    actor
    Argentina        1     -1
    USA              1   <NA>
    United States <NA>   <NA>
    >>> meeting.source.changes[["what", "before", "after", "rows"]].iloc[3:]
                             what        before                  after  rows
    3         white space trimmed  'Argentina '            'Argentina'     1
    4              stance read as       support                      1     2
    5              stance read as        contra                     -1     1
    6  no stance: counted nowhere                                           1
    7    not merged: same country           USA  United States (1 row)     1
    """
    asked: dict[str, Column] = {
        "actor": actor,
        "code": code,
        "stance": stance,
        "quote": quote,
        "coder": coder,
        "date": date,
        "document": document,
        "statement": statement,
    }
    grids: list[Grid] = []
    if isinstance(table, str | Path):
        grids = read_grids(table, encoding)
        grid = choose_sheet(grids, sheet, "statements", lambda g: _complete(_top(g, asked), asked))
        found = block(grid, header_row(grid, lambda row: len(_roles(row, asked))))
        name = str(table)
    else:
        if sheet is not None or encoding is not None:
            raise ValueError("`sheet` and `encoding` are for files, not for data frames.")
        found, name = frame_block(table), "the table"
    columns = find_columns(found, asked)
    if "statement" in columns and "quote" not in columns and statement is None and quote is None:
        columns = _quote_or_id(found, columns)
    if stance is None and "stance" not in columns and stances is None and votes is None:
        _check_no_stances(found, columns)
    _check_dates(dates)
    how = _How(stances, votes, aliases or {}, dates, _several(fill_down))
    statements, scale, faults, made = _statements(found, columns, how)
    tables = {"statements": statements}
    for own, other in other_tables(grids, found.sheet, codebook, columns["code"]).items():
        tables[own], changes = other_table(own, other, aliases or {})
        made += changes
    words = from_frames({}, texts)
    every = (*faults, *words.faults)
    return Meeting.from_source(Source(name, tables, words.texts, {}, scale, every, tuple(made)))


# columns


def _roles(headers: Sequence[str], asked: Mapping[str, Column]) -> dict[str, list[str]]:
    """Return the headers that could be each column of statements; an own name comes first."""
    folded = {header: fold_header(header) for header in headers if header}
    roles: dict[str, list[str]] = {}
    for role, usual in HEADERS.items():
        name = asked.get(role)
        if name is False:
            continue
        if name is not None:
            fitting = [h for h in folded if h == name] or [
                h for h in folded if folded[h] == fold_header(name)
            ]
        else:
            terms = {fold_header(term) for term in usual}
            fitting = [h for h in folded if folded[h] == role] or [
                h for h in folded if folded[h] in terms
            ]
        if fitting:
            roles[role] = fitting
    named = [role for role, name in asked.items() if isinstance(name, str)]
    given = {header for role in named for header in roles.get(role, ())}
    for role, fitting in list(roles.items()):
        if asked.get(role) is None:  # a column that was given to one role is no other
            roles[role] = [header for header in fitting if header not in given]
            if not roles[role]:
                del roles[role]
    for name in OWN_NAMES:
        fitting = [header for header in folded if folded[header] == name]
        if fitting:
            roles[name] = fitting
    return roles


def _top(grid: Grid, asked: Mapping[str, Column]) -> dict[str, list[str]]:
    at = header_row(grid, lambda row: len(_roles(row, asked)))
    return _roles([text_of(cell).strip() for cell in grid.rows[at]], asked)


def _complete(roles: Mapping[str, list[str]], asked: Mapping[str, Column]) -> bool:
    needed = {"actor", "code", *(role for role, name in asked.items() if isinstance(name, str))}
    return needed <= set(roles)


def find_columns(found: Block, asked: Mapping[str, Column]) -> dict[str, str]:
    """Return the user's header of each column of statements that the table has.

    Raises
    ------
    MeetingError
        With every column that is needed or was named and is not there, and every one that several
        headers could be.
    """
    roles = _roles(found.headers, asked)
    there = f"columns {listed(found.headers, 12)}" if found.headers else "no columns"
    faults: list[Fault] = []
    for role in ("actor", "code"):
        if role not in roles and asked.get(role) is None and role in asked:
            example = HEADERS[role][0 if role == "code" else 3].capitalize()
            expected = f"a column of {role}s, with a usual header such as {example}"
            near = f'say which it is: {role}="…"'
            faults.append(found.fault(None, None, expected, there, near))
    for role, name in asked.items():
        if isinstance(name, str) and role not in roles:
            got = f"no column {did_you_mean(name, found.headers)}; {there}"
            faults.append(found.fault(None, name, f"this column ({role}=)", got))
    columns: dict[str, str] = {}
    for role, fitting in roles.items():
        if len(fitting) > 1:
            got = " and ".join(map(repr, fitting))
            near = f'choose one, such as {role}="{fitting[0]}"'
            faults.append(found.fault(None, None, f"one column that is the {role}", got, near))
        columns[role] = fitting[0]
    for header in dict.fromkeys(columns.values()):
        twice = [role for role, own in columns.items() if own == header]
        if len(twice) > 1:
            got = f"one column {header!r} for {' and '.join(twice)}"
            faults.append(found.fault(None, header, "a column of its own for each", got))
    if faults:
        raise MeetingError(faults, found.place)
    return columns


# the statements


class _How(NamedTuple):
    """What the user says of a table beside its columns."""

    stances: Given
    votes: Votes
    aliases: Mapping[str, str]
    dates: str | None
    fill_down: list[str]


def _check_dates(dates: object) -> None:
    """Raise an error unless dates written in this form are dates with a day, a month and a year."""
    if dates is None:
        return
    if not isinstance(dates, str):
        raise wrong_type("dates", "a form of dates such as '%d.%m.%Y'", dates)
    day = datetime.datetime(2024, 1, 31)
    try:
        read = datetime.datetime.strptime(day.strftime(dates), dates)
    except ValueError:
        read = None
    if read is None or read.date() != day.date():
        raise ValueError(
            f"`dates` must say day, month and year in the signs of strptime, such as '%d.%m.%Y', "
            f"but {dates!r} was passed."
        )


def _several(fill_down: str | Sequence[str]) -> list[str]:
    if not isinstance(fill_down, Iterable) or isinstance(fill_down, bytes):
        raise wrong_type("fill_down", "a column such as 'actor', or several", fill_down)
    roles = [fill_down] if isinstance(fill_down, str) else list(fill_down)
    for role in roles:
        check_choice("fill_down", role, (*_NAMES, "document", "date"))
    return roles


def _statements(
    found: Block, columns: dict[str, str], how: _How
) -> tuple[SourceTable, tuple[int, ...], list[Fault], list[Change]]:
    """Read each column of statements; return also the scale, the faults and what was done."""
    made = [*found.changes, *header_changes(found, columns)]
    near: list[Change] = []
    faults: list[Fault] = []
    values: dict[str, pd.Series[Any]] = {}
    scale: tuple[int, ...] = STANCES
    given, votes, aliases, dates, fill_down = how
    unused = {trim(name) for name in aliases}
    located = "start" in columns or "stop" in columns
    for role, header in columns.items():
        column = found.frame[header]
        if role in ("start", "stop") or (role == "quote" and located):
            values[role] = column
            continue
        if role == "quote":
            values[role], changes = _trimmed(column, header)
            made += changes
            continue
        words, changes = read_words(column, header)
        made += changes
        if role in fill_down:
            words, changes = _filled_down(words, header)
            made += changes
        if role == "stance":
            values[role], scale, wrong, changes = _stances(words, header, found, given, votes)
            faults += wrong
            made += changes
            continue
        if role in _NAMES:
            unused -= set(words.words)
            words, changes = merge(words, aliases, header)
            made += changes
            near += near_names(words, header, countries=role == "actor")
        if role == "date":
            words, changes = _days(words, header, dates)
            made += changes
        values[role] = words.series()
    if "stance" not in columns:
        if given is not None or votes is not None:
            expected = "a column of stances, since stances= or votes= was passed"
            got = f"columns {listed(found.headers, 12)}"
            raise MeetingError([found.fault(None, None, expected, got, 'say which: stance="…"')])
        made.append(Change("no column of stances: all support", "", "", "1", len(found.frame)))
    made += [Change("alias not found", "", name, "", 0) for name in sorted(unused)]
    taken = set(columns.values())
    own = kept_apart((h for h in found.headers if h not in taken), "statements", "table_")
    rows = len(found.frame)
    made += [Change("column renamed", h, h, name, rows) for h, name in own.items() if h != name]
    for header, name in own.items():
        values[name], changes = kept(found.frame[header], header)
        made += changes
    names = {header: role for role, header in columns.items()} | own
    frame = pd.DataFrame(
        {names[header]: values[names[header]] for header in found.headers},
        index=found.frame.index,
    )
    theirs = columns | {name: header for header, name in own.items()}
    return SourceTable(frame, found.origin(theirs)), scale, faults, made + near


def _check_no_stances(found: Block, columns: Mapping[str, str]) -> None:
    """Raise a MeetingError if a column that nobody named looks like stances.

    Read without it, everyone would support.
    """
    faults = []
    for header in found.headers:
        if header in columns.values():
            continue
        cells = found.frame[header].dropna().head(10_000)
        words = {text_of(cell).strip() for cell in cells.tolist()}
        said = [word for word in words if word and not is_missing(word)]
        named = set(re.findall(r"[^\W\d_]+", header.casefold())) & STANCE_TERMS
        few = len(said) <= MOST_WORDS
        if said and few and all(is_stance(w, None) if named else is_plainly(w) for w in said):
            expected = "stances in a column with a usual header, or stance=False: all support"
            near = f'say that it is: stance="{header}"'
            faults.append(found.fault(None, header, expected, "what looks like stances", near))
    if faults:
        raise MeetingError(faults, found.place)


def _quote_or_id(found: Block, columns: dict[str, str]) -> dict[str, str]:
    """Take a column called "statement" for the words of statements where it holds several words."""
    header = columns["statement"]
    cells = found.frame[header].dropna().astype("str")
    if not cells.str.contains(r"\S\s+\S", regex=True).any():
        return columns
    return {"quote" if role == "statement" else role: own for role, own in columns.items()}


def _trimmed(column: pd.Series[Any], header: str) -> tuple[pd.Series[Any], list[Change]]:
    """Return quotes without white space at their ends; the words themselves stay verbatim."""
    text = column.astype("str").where(column.notna())
    bare = text.str.strip()
    changed = int((bare != text).where(text.notna(), False).sum())
    changes = [Change("white space trimmed", header, "", "", changed)] if changed else []
    return bare.where(bare != ""), changes


def _filled_down(words: Words, header: str) -> tuple[Words, list[Change]]:
    """Give blank cells the value of the nearest cell above them that is filled."""
    filled = np.where(words.number >= 0, np.arange(len(words.number)), 0)
    number = words.number[np.maximum.accumulate(filled)]
    rows = int((number != words.number).sum())
    return Words(number, words.words), [Change("filled down", header, "", "", rows)] * (rows > 0)


def _days(words: Words, header: str, dates: str | None) -> tuple[Words, list[Change]]:
    """Write dates as year, month and day, and leave out the time of day."""
    changes = []
    days = [_day(word, dates) for word in words.words]
    read = [place for place, day in enumerate(days) if day != words.words[place]]
    if read:
        before, after = (listed((each[place] for place in read), 3) for each in (words.words, days))
        changes.append(Change("date read as", header, before, after, int(words.rows[read].sum())))
    bare = [re.sub(r"^(\d{4}-\d{2}-\d{2})[T ]\d{2}:\d{2}.*$", r"\1", day) for day in days]
    timed = [place for place, day in enumerate(bare) if day != days[place]]
    if timed:
        rows = int(words.rows[timed].sum())
        changes.append(Change("time of day left out", header, days[timed[0]], bare[timed[0]], rows))
    return Words(words.number, bare), changes


def _day(word: str, dates: str | None) -> str:
    """Return a date that is written otherwise as year, month and day; else the word as it is."""
    try:
        return word if dates is None else f"{datetime.datetime.strptime(word, dates):%Y-%m-%d}"
    except ValueError:
        return word


def _stances(
    words: Words, header: str, found: Block, given: Given, votes: Votes
) -> tuple[pd.Series[Any], tuple[int, ...], list[Fault], list[Change]]:
    read = read_stances(words.words, given, votes, place=f"{found.place}, column {header}")
    faults = []
    strange = np.array([*(word in read.unknown for word in words.words), False])
    for row in np.flatnonzero(strange[words.number]).tolist():
        word = words.words[words.number[row]]
        expected, near = read.unknown[word]
        faults.append(found.fault(row, header, expected, shorten(word, 1000), near))
    known = [read.levels.get(word) or (0,) for word in words.words]
    gone = np.array([not read.levels.get(word) for word in words.words] + [True])
    levels = np.array([*(level[0] for level in known), 0], dtype=np.int64)
    column = pd.Series(pd.arrays.IntegerArray(levels[words.number], gone[words.number]))
    changes = stance_changes(read, words.words, words.rows, header)
    blank = int((words.number < 0).sum())
    if blank:
        changes.append(Change("no stance: counted nowhere", header, "", "", blank))
    return column, read.scale, faults, changes
