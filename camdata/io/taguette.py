"""Highlights that Taguette exports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from camdata._display.checks import check_choice, check_path
from camdata._display.words import did_you_mean, listed
from camdata.io._common import (
    Unreadable,
    Words,
    left_out,
    stance_suffix,
    title_of,
    word_levels,
)
from camdata.io._terms import STANCE_WORDS, fold_stance
from camdata.model.errors import MeetingError, Origin
from camdata.model.meeting import Meeting
from camdata.model.schema import STANCES
from camdata.model.source import Change, Source, SourceTable, Unread, decode, parse_csv, read_bytes

COLUMNS = ("id", "document", "tag", "content")
"""The columns of Taguette's export."""


def read_taguette(
    path: str | Path,
    *,
    actor: str = "document",
    stance: str | None = None,
    stances: Mapping[str | int, int | None] | None = None,
) -> Meeting:
    """Read the highlights that Taguette exports as a meeting.

    Parameters
    ----------
    path : str or pathlib.Path
        The CSV file of all highlights ("Export this view", CSV): one row for each tag of each
        highlight, with `id`, `document`, `tag` and `content`.
    actor : {"document", "parent tag"}
        Whose position a highlight is: that of its document, or of the tag above its own
        (Brazil.tax).
    stance : {"tag", "suffix"}, optional
        How a highlight says for or against: by a second tag, such as "pro" beside "tax", or by the
        end of its tag, as in "tax.oppose" or "tax (+)". By default not at all: every highlight is
        support, which is reported.
    stances : mapping, optional
        What the words for stances mean, such as ``{"pro": 1, "mixed": 0, "contra": -1}``; by
        default the usual English ones.

    Returns
    -------
    Meeting
        Statements with `statement` (the highlight's id, with a number after it where there are
        several), `actor`, `code` (the tag), `stance`, `quote`, `document` and `highlight`; where
        tags lie in others, a codebook whose `dimension` is the outermost one. The export holds no
        texts, so quotes are not located. What was read how, and what was left out (highlights
        without a tag), is in ``meeting.source.changes``.

    Raises
    ------
    MeetingError
        If the file is not such an export, or as for `Meeting`.
    ValueError
        If `actor`, `stance` or `stances` is none of these.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import camdata as cam
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "all_tags.csv"
    ...     _ = path.write_text(
    ...         "id,document,tag,content\\n1,Brazil,tax,We want a tax.\\n2,Chile,tax,A tax!\\n"
    ...     )
    ...     meeting = cam.io.read_taguette(path)
    >>> meeting.positions(by="code")
    code    tax
    actor
    Brazil    1
    Chile     1
    """
    path = check_path("path", path)
    check_choice("actor", actor, ("document", "parent tag"))
    check_choice("stance", stance, (None, "tag", "suffix"))
    if stances is not None and (stance is None or not isinstance(stances, Mapping)):
        raise ValueError(
            "`stances` must say what the words that `stance` finds mean, such as "
            "{'pro': 1, 'contra': -1}."
        )
    try:
        text = decode(read_bytes(path, path.name), path.name)
        raw, faults = parse_csv(text, path.name)
        there = [str(name) for name in raw.frame.columns]
        missing = [
            raw.origin.fault(None, name, "this column", f"no column {did_you_mean(name, there)}")
            for name in COLUMNS
            if name not in there
        ]
        if faults or missing:
            raise Unreadable(*faults, *missing)
        source = _source(path, raw, actor, stance, stances)
    except Unreadable as unreadable:
        raise MeetingError(unreadable.faults, str(path)) from None
    except Unread as unread:
        raise MeetingError([unread.fault], str(path)) from None
    return Meeting.from_source(source)


class _Tag(NamedTuple):
    """What a tag is about: its actor, if it names one, its code, the word for a stance in it."""

    actor: str
    code: str
    word: str


def _source(
    path: Path,
    raw: SourceTable,
    actor: str,
    stance: str | None,
    stances: Words,
) -> Source:
    frame, origin = raw
    tags = frame["tag"].dropna().unique().tolist()
    known = {fold_stance(str(word)) for word in stances or ()} or set(STANCE_WORDS)
    aside = {tag for tag in tags if stance == "tag" and fold_stance(tag) in known}
    if stance == "tag" and not aside and tags:
        expected = "a tag that is a word for a stance; give its meaning in stances="
        got = f"tags {listed(map(repr, tags), 20)}"
        raise Unreadable(origin.fault(None, "tag", expected, got))
    about = {tag: _about(tag, actor, stance, known) for tag in tags if tag not in aside}
    words = [*aside, *(tag.word for tag in about.values() if tag.word)]
    found = word_levels(words, stances, origin.fault(None, "tag", "", ""))
    second: dict[str, list[str]] = {}
    for highlight, tag in zip(frame["id"], frame["tag"], strict=True):
        if tag in aside:
            second.setdefault(highlight, []).append(tag)
    rows: list[tuple[Any, ...]] = []
    places: list[int] = []
    numbers: dict[str, int] = {}
    told: dict[tuple[str, int], int] = {}
    counts = dict.fromkeys(("untagged", "nobody", "unrated", "taken"), 0)
    rated = set()
    for row, (highlight, document, tag, content) in enumerate(
        frame[list(COLUMNS)].itertuples(index=False, name=None)
    ):
        if tag in aside:
            continue
        if tag not in about:
            counts["untagged"] += 1
            continue
        own = about[tag]
        who = own.actor if actor == "parent tag" else document
        if who == "":
            counts["nobody"] += 1
            continue
        rated.add(highlight)
        levels: list[int | None] = []
        for word in second.get(highlight, []) if stance == "tag" else [own.word][: bool(own.word)]:
            for level in found.levels.get(word, ()):
                told[word, level] = told.get((word, level), 0) + 1
                levels.append(level)
        if stance is None:
            counts["taken"] += 1
            levels = [1]
        elif not levels:
            counts["unrated"] += 1
            levels = [None]
        for own_level in dict.fromkeys(levels):
            number = numbers[highlight] = numbers.get(highlight, 0) + 1
            name = highlight if number == 1 else f"{highlight}/{number}"
            rows.append((name, who, own.code, own_level, content, document, highlight))
            places.append(row)
    columns = ["statement", "actor", "code", "stance", "quote", "document", "highlight"]
    statements = pd.DataFrame(rows, columns=columns)
    lonely = sum(len(own) for highlight, own in second.items() if highlight not in rated)
    changes = [
        *left_out("highlights", "tag", "without a tag", counts["untagged"]),
        *left_out("highlights", "tag", "without a tag above it", counts["nobody"]),
        *left_out("highlights", "tag", "with no other tag", lonely),
        *_taken(counts["taken"]),
        *(
            Change("stance read as", "tag", word, str(level), n)
            for (word, level), n in told.items()
        ),
    ]
    if counts["unrated"]:
        why = "counted in no tally"
        changes.append(Change("stance missing", "tag", "no value", why, counts["unrated"]))
    lines = np.array([origin.at(row) for row in places], dtype=np.int64)
    names = {"statement": "id", "code": "tag", "quote": "content", "actor": actor.split()[-1]}
    tables = {"statements": SourceTable(statements, replace(origin, rows=lines, columns=names))}
    codebook = _codebook([about[tag].code for tag in about])
    if codebook is not None:
        tables["codebook"] = SourceTable(codebook, Origin(path.name, columns={"code": "tag"}))
    return Source(
        str(path),
        tables,
        metadata={"title": title_of(path)},
        stances=found.scale if stance is not None else STANCES,
        faults=tuple(found.faults),
        made=tuple(changes),
    )


def _taken(number: int) -> list[Change]:
    return [Change("stance taken as", "", "nothing says it", "1", number)] if number else []


def _about(tag: str, actor: str, stance: str | None, known: set[str]) -> _Tag:
    """Say what a tag is about, once the words for actor and stance are off it."""
    code, word = tag, ""
    if stance == "suffix":
        code, word = stance_suffix(tag, known)
        if not code:
            code, word = tag, ""
    above, _, last = code.rpartition(".")
    return _Tag(above, last, word) if actor == "parent tag" else _Tag("", code, word)


def _codebook(codes: list[str]) -> pd.DataFrame | None:
    """Return the outermost tag of each as its dimension; nothing where no tag lies in another."""
    different = list(dict.fromkeys(codes))
    if not any("." in code.strip(".") for code in different):
        return None
    outermost = [code.partition(".")[0] or code for code in different]
    return pd.DataFrame({"code": different, "dimension": outermost})
