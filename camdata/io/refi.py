"""Projects and codebooks of the REFI-QDA standard: NVivo, MAXQDA, ATLAS.ti, QualCoder, …"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd

from camdata._display.checks import check_choice, check_path
from camdata._display.words import did_you_mean, listed
from camdata.io.foreign import kept_apart, left_out, named_apart, text_names, title_of
from camdata.io.positions import span_of, unix_positions
from camdata.io.refi_project import Coding, Project, Selection, read_project
from camdata.io.stances import Meaning, given_meaning, is_stance_word, read_stances
from camdata.model.cells import unix_newlines
from camdata.model.errors import Origin
from camdata.model.meeting import Meeting
from camdata.model.schema import STANCES
from camdata.model.source import Change, Source, SourceTable
from camdata.model.vocabulary import fold_stance

UNITS = ("code points", "utf-16")
_TRIED = 2_000
"""Selections by which the unit of positions is found out."""


def read_refi(
    path: str | Path,
    *,
    actor: str = "document",
    stance: Literal["code", False] | None = None,
    stances: Mapping[str | int, int | None] | None = None,
    positions: str | None = None,
) -> Meeting:
    """Read a project or a codebook of the REFI-QDA standard as a meeting.

    Programs for qualitative analysis (NVivo, MAXQDA, ATLAS.ti, QualCoder, …) exchange their
    projects in this standard. It knows codes on passages; who holds a position, and for or against
    what, is said by the two parameters below.

    Parameters
    ----------
    path : str or pathlib.Path
        A ``.qdpx`` project, or a ``.qdc`` codebook, which gives a meeting without statements.
    actor : str
        Whose position a coded passage is:

        - ``"document"``: that of the document it stands in, such as one speech for each actor;
        - ``"case"``: that of the case that the passage, or else its document, belongs to;
        - the name of a code with others in it: these name the actors, and the smallest passage
          with one of them around a coded passage says whose it is.
    stance : {"code", False}, optional
        How a passage says for or against: ``"code"`` by a second code on the same passage, such as
        "pro" beside "tax"; ``False`` not at all, every coded passage is support. By default
        ``False``, unless codes that are words for stances are used: then it has to be said.
    stances : mapping, optional
        What the codes for stances mean, such as ``{"pro": 1, "mixed": 0, "contra": -1}``, beside
        the usual words.
    positions : {"code points", "utf-16"}, optional
        The unit of positions. By default code points, as the standard says, unless more passages
        begin and end at the edge of a word in UTF-16 units, which NVivo for Windows writes.

    Returns
    -------
    Meeting
        Statements with `statement` (the guid of the coding), `actor`, `code`, `stance`, `quote`,
        `document`, `start`, `stop`, `coder` and `comment` (the passage's description); a codebook
        whose `dimension` is the outermost code or folder that tells codes apart; actors with the
        variables of their document or case; one text for each document. A name that is taken has
        ``refi_`` before it.

        A quote is text of the source: where the file holds no text of a document, quotes are
        missing. What was read how, and what was left out (pictures, sound, areas of PDFs, links,
        notes, passages outside of their text, codings of an unknown code), is in
        ``meeting.source.changes``.

    Raises
    ------
    MeetingError
        If the file is no such project or is damaged, if `actor` or `stance` finds nothing, or as
        for `Meeting`.
    ValueError
        If `stances` or `positions` is none of these.
    ImportError
        If defusedxml is not installed: ``pip install 'camdata[qda]'``.

    Notes
    -----
    The standard is described at https://www.qdasoftware.org.

    Examples
    --------
    >>> import pathlib, tempfile, zipfile
    >>> import camdata as cam
    >>> xml = '''<Project name="Talks" xmlns="urn:QDA-XML:project:1.0">
    ... <CodeBook><Codes>
    ... <Code guid="c1" name="tax"/><Code guid="c2" name="against"/>
    ... </Codes></CodeBook>
    ... <Sources><TextSource guid="d1" name="Brazil">
    ... <PlainTextContent>We want no tax.</PlainTextContent>
    ... <PlainTextSelection guid="s1" startPosition="8" endPosition="14">
    ... <Coding guid="k1"><CodeRef targetGUID="c1"/></Coding>
    ... <Coding guid="k2"><CodeRef targetGUID="c2"/></Coding></PlainTextSelection>
    ... </TextSource></Sources></Project>'''
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "talks.qdpx"
    ...     with zipfile.ZipFile(path, "w") as archive:
    ...         archive.writestr("project.qde", xml)
    ...     meeting = cam.io.read_refi(path, stance="code")
    >>> meeting.statements[["actor", "code", "stance", "quote"]]
        actor code  stance   quote
    0  Brazil  tax      -1  no tax
    """
    path = check_path("path", path)
    if positions is not None:
        check_choice("positions", positions, UNITS)
    check_choice("stance", stance, (None, False, "code"))
    if stances is not None and not isinstance(stances, Mapping):
        raise ValueError("`stances` must say what words mean, such as {'pro': 1, 'contra': -1}.")
    if stances is not None and stance != "code":
        raise ValueError("`stances` says what codes mean: pass stance='code' as well.")
    project = read_project(path)
    plan = _plan(project, actor, stance, given_meaning(stances), positions)
    return Meeting.from_source(_source(path, project, plan))


class _Passage(NamedTuple):
    """A code on a selection of a document; `place` in code points, where there is a text."""

    coding: Coding
    document: int
    selection: Selection
    place: tuple[int, int] | None

    @property
    def span(self) -> tuple[float, float]:
        """Where it stands as the program counts; all of the document where it says nothing."""
        start, stop = self.selection.start, self.selection.stop
        return (0, np.inf) if start is None or stop is None else (start, stop)

    @property
    def key(self) -> tuple[Any, ...]:
        """The coding itself."""
        return ("coding", self.coding.number)

    @property
    def same(self) -> tuple[Any, ...]:
        """What two codes of one coder on the same passage have in common."""
        return (self.document, *self.span, self.coding.coder)


@dataclass
class _Plan:
    """How actors and stances are found in a project.

    `actors` and `stances` are the codes, by guid, that name an actor or a stance; `around` holds
    for each document the stretches that belong to an actor, with the passage that says so.
    """

    actor: str
    names: Sequence[str]
    passages: list[_Passage]
    actors: dict[str, str]
    stances: dict[str, str]
    levels: Mapping[str, tuple[int, ...]]
    scale: tuple[int, ...]
    rated: bool
    changes: list[Change]
    around: list[list[tuple[float, float, str, _Passage | None]]] = field(default_factory=list)

    def is_topic(self, passage: _Passage) -> bool:
        """Whether the code says what the passage is about."""
        return passage.coding.target not in {**self.actors, **self.stances}


# positions


def _located(project: Project, unit: str | None) -> tuple[list[_Passage], list[Change]]:
    """Find out how positions were counted, and count them in code points."""
    units = UNITS if unit is None else (unit,)
    scores: dict[str, int] = dict.fromkeys(units, 0)
    tried = 0
    for document in project.documents:
        if document.text is None or tried > _TRIED:
            continue
        tried += len(document.selections)
        text = unix_newlines(document.text)
        for own in units:
            places = unix_positions(document.text, utf16=own == "utf-16")
            for selection in document.selections:
                span = span_of(places, selection.start or 0, selection.stop or 0)
                scores[own] += sum(_at_edge(text, end) for end in span or ())
    best: str = max(scores, key=scores.__getitem__)  # of equals the standard's
    passages: list[_Passage] = []
    for number, document in enumerate(project.documents):
        text = document.text
        places = None if text is None else unix_positions(text, utf16=best == "utf-16")
        for selection in document.selections:
            start, stop = selection.start, selection.stop
            place = None
            if places is not None and start is not None and stop is not None:
                place = span_of(places, start, stop)
                if place is None:
                    why = "on a passage that is empty or outside of the text"
                    project.lost["codings", why] += len(selection.codings)
                    continue
            passages += [_Passage(coding, number, selection, place) for coding in selection.codings]
    read = sum(passage.place is not None for passage in passages)
    how = f"{scores[best]:,} of {2 * tried:,} ends at the edge of a word"
    return passages, [Change("positions read as", "", how, best, read)] if read else []


def _at_edge(text: str, place: int) -> bool:
    return not (0 < place < len(text) and text[place - 1].isalnum() and text[place].isalnum())


# actors and stances


def _plan(
    project: Project,
    actor: str,
    stance: Literal["code", False] | None,
    meaning: Meaning,
    unit: str | None,
) -> _Plan:
    """Find out what each code of a project is for."""
    passages, changes = _located(project, unit)
    cases = [case for case in project.cases if case.name]
    actors = _actor_codes(project, actor)
    if actor == "case":
        actors = {guid: case.name for case in cases for guid in (case.guid, *case.parts)}
    if actor != "case":  # some programs write a case as a code of the same guid
        of_cases = {case.guid for case in project.cases}
        kept = [passage for passage in passages if passage.coding.target not in of_cases]
        project.lost["codings", "of cases"] += len(passages) - len(kept)
        passages = kept
    known = {
        guid: code.name
        for guid, code in project.codes.items()
        if fold_stance(code.name) in meaning.words or is_stance_word(code.name)
    }
    used = {passage.coding.target for passage in passages}
    found = known if stance == "code" else {}
    if stance == "code" and not known:
        there = listed((repr(code.name) for code in project.codes.values()), 20) or "none"
        expected = "a code that is a word for a stance; give its meaning in stances="
        raise project.fault("stance", expected, f"codes {there}")
    if stance is None and (asked := [name for guid, name in known.items() if guid in used]):
        expected = 'stance="code" (a second code on the passage) or stance=False (all support)'
        got = f"codes that are words for stances ({listed(map(repr, asked), 5)})"
        raise project.fault("stance", expected, got)
    counts = Counter(found[p.coding.target] for p in passages if p.coding.target in found)
    read = read_stances(counts, meaning, place=project.file, column="code")
    plan = _Plan(
        actor,
        text_names(document.name for document in project.documents),
        passages,
        actors,
        found,
        read.levels,
        read.scale if found else STANCES,
        stance == "code",
        [*changes, *read.changes],
    )
    plan.around = [[] for _ in project.documents]
    for passage in passages:
        if passage.coding.target in actors:
            name = actors[passage.coding.target]
            plan.around[passage.document].append((*passage.span, name, passage))
    for case in cases if actor == "case" else ():
        for number, document in enumerate(project.documents):
            if document.guids & case.parts:
                plan.around[number].append((0, np.inf, case.name, None))
            for own in document.selections:
                if own.guid in case.parts and own.start is not None and own.stop is not None:
                    plan.around[number].append((own.start, own.stop, case.name, None))
    return plan


def _actor_codes(project: Project, actor: str) -> dict[str, str]:
    """Return the codes that name actors, by guid; none where actors are found otherwise."""
    if actor == "case" and not any(case.name for case in project.cases):
        raise project.fault("actor", "a Case with a name", "none: choose another actor=")
    if actor in ("document", "case"):
        return {}
    found = {guid: code.name for guid, code in project.codes.items() if actor in code.above}
    if not found:
        parents = {code.above[-1]: 0 for code in project.codes.values() if code.above}
        there = ["document", "case", *parents]
        expected = f"one of {listed(map(repr, there), 20)}"
        raise project.fault("actor", expected, did_you_mean(actor, there))
    return found


# tables


def _source(path: Path, project: Project, plan: _Plan) -> Source:
    """Put a project into tables, and say what was done with it."""
    book = _codebook(project, plan)
    statements, changes = _statements(project, plan, {p: row["code"] for p, row in book.items()})
    tables = {"statements": statements}
    file = Origin(project.file, sheet=project.member)
    if book:
        tables["codebook"] = _table(list(book.values()), ["code"], file)
    holders = []
    if plan.actor == "document":
        holders = [(n, d.values) for n, d in zip(plan.names, project.documents, strict=True)]
    elif plan.actor == "case":
        holders = [(case.name, case.values) for case in project.cases if case.name]
    if plan.actor != "case":
        why = f"not asked for by actor={plan.actor!r}"
        changes += left_out("cases", "", why, len(project.cases))
    apart = kept_apart(project.variables, "actors", "refi_")
    rows: dict[str, dict[str, Any]] = {}
    for name, values in holders:
        own = rows.setdefault(name, {"actor": name, **dict.fromkeys(apart.values())})
        own |= {apart[variable]: value for variable, value in values.items()}
    if rows:
        tables["actors"] = _table(list(rows.values()), ["actor"], file)
    named = [document.name for document in project.documents]
    ones = dict.fromkeys(plan.names, 1)
    changes = [*plan.changes, *named_apart("document", named, plan.names, ones), *changes]
    texts = {
        name: unix_newlines(document.text)
        for document, name in zip(project.documents, plan.names, strict=True)
        if document.text is not None
    }
    about = {"title": project.title or title_of(path)}
    made = (*changes, *project.changes)
    return Source(str(path), tables, texts, about, plan.scale, (), made)


def _table(rows: list[dict[str, Any]], needed: Sequence[str], origin: Origin) -> SourceTable:
    """Return a table without the columns that hold nothing at all."""
    frame = pd.DataFrame(rows, columns=list(rows[0]) if rows else ["actor", "code"])
    empty = [name for name in frame if name not in needed and frame[name].isna().all()]
    return SourceTable(frame.drop(columns=empty), origin)


def _statements(
    project: Project, plan: _Plan, keys: Mapping[tuple[str, ...], str]
) -> tuple[SourceTable, list[Change]]:
    """Make a statement of each code on a passage, for each of its actors and stances."""
    texts = [None if d.text is None else unix_newlines(d.text) for d in project.documents]
    words: dict[tuple[Any, ...], list[str]] = {}
    for passage in plan.passages:
        if passage.coding.target in plan.stances:
            words.setdefault(passage.same, []).append(plan.stances[passage.coding.target])
    rows: list[dict[str, Any]] = []
    numbers: list[int] = []
    times: Counter[str] = Counter()
    useful: set[tuple[Any, ...]] = set()
    nobody = unrated = taken = 0
    for passage in filter(plan.is_topic, plan.passages):
        useful.add(passage.same)
        actors, signs = _actors_of(plan, passage)
        useful |= signs
        if not actors:
            nobody += 1
            continue
        taken += 1
        levels: list[int | None] = [
            level for word in words.get(passage.same, ()) for level in plan.levels.get(word, ())
        ]
        if not plan.rated:
            levels = [1]
        elif not levels:
            unrated += 1
            levels = [None]
        text, place = texts[passage.document], passage.place
        guid = passage.coding.guid or f"coding {passage.coding.number}"
        for actor, level in product(actors, dict.fromkeys(levels)):
            times[guid] += 1
            rows.append(
                {
                    "statement": guid if times[guid] == 1 else f"{guid}/{times[guid]}",
                    "actor": actor,
                    "code": keys[project.codes[passage.coding.target].path],
                    "stance": level,
                    "quote": None if text is None or place is None else text[slice(*place)],
                    "document": plan.names[passage.document],
                    "start": None if place is None else place[0],
                    "stop": None if place is None else place[1],
                    "coder": passage.coding.coder or None,
                    "comment": passage.selection.comment or None,
                }
            )
            numbers.append(passage.coding.number)
    changes = left_out("codings", plan.actor, "without an actor", nobody)
    if not plan.rated and taken:
        changes.append(Change("stance taken as", "", "nothing says it", "1", taken))
    if unrated:
        changes.append(Change("stance missing", "code", "no value", "counted in no tally", unrated))
    lonely = Counter(
        {**plan.actors, **plan.stances}[passage.coding.target]
        for passage in plan.passages
        if not plan.is_topic(passage) and not {passage.key, passage.same} & useful
    )
    for what, number in lonely.items():
        changes += left_out("codings", what, "with nothing else on the passage", number)
    origin = Origin(
        project.file, np.array(numbers, dtype=np.int64), sheet=project.member, unit="coding"
    )
    return _table(rows, ("actor", "code", "stance"), origin), changes


def _actors_of(plan: _Plan, passage: _Passage) -> tuple[list[str], set[tuple[Any, ...]]]:
    """Return whose position a passage is, and the keys of the codings that say so."""
    if plan.actor == "document":
        return [plan.names[passage.document]], set()
    start, stop = passage.span
    inside = [
        mark for mark in plan.around[passage.document] if mark[0] <= start and stop <= mark[1]
    ]
    if not inside:
        return [], set()
    shortest = min(mark[1] - mark[0] for mark in inside)
    nearest = [mark for mark in inside if mark[1] - mark[0] == shortest]
    signs = {mark[3].key for mark in inside if mark[3] is not None}
    return list(dict.fromkeys(mark[2] for mark in nearest)), signs


def _codebook(project: Project, plan: _Plan) -> dict[tuple[str, ...], dict[str, Any]]:
    """Return a row for each thing that is coded, by its place among the codes."""
    used = {passage.coding.target for passage in plan.passages}
    aside = {*plan.actors, *plan.stances, *(case.guid for case in project.cases)}
    paths: dict[tuple[str, ...], str] = {}
    for guid, code in project.codes.items():
        if (code.codable or guid in used) and guid not in aside:
            paths.setdefault(code.path, code.definition)
    names = Counter(path[-1] for path in paths)
    twice = {name for name, number in names.items() if number > 1}
    folders = {path[:-1] for path in paths}
    shared = 0  # folders around everything tell nothing apart
    while all(len(f) > shared for f in folders) and len({f[: shared + 1] for f in folders}) == 1:
        shared += 1
    dimensions = any(len(folder) > shared for folder in folders)
    return {
        path: {
            "code": " > ".join(path) if path[-1] in twice else path[-1],
            "dimension": path[shared] if dimensions else None,
            "label": path[-1] if path[-1] in twice else None,
            "definition": definition or None,
        }
        for path, definition in paths.items()
    }
