"""Whose position a coded passage is, and for or against what: by the user's choice."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from camdata._display.words import did_you_mean, listed
from camdata.io._common import Unreadable, Words, stance_suffix, text_names, word_levels
from camdata.io._refi_positions import Located, Span
from camdata.io._refi_project import Case, Code, Coding, Project, Selection
from camdata.io._terms import STANCE_WORDS, fold_stance
from camdata.model.errors import Fault
from camdata.model.schema import STANCES

CodePath = tuple[str, ...]
"""The name of a code after those of the codes that it lies in."""

ACTORS = ("document", "case", "parent code")
STANCE_PLACES = ("code", "suffix")


class Passage(NamedTuple):
    """A code on a selection of a document; `place` in code points, where there is a text."""

    coding: Coding
    document: int
    selection: Selection
    place: Span | None

    @property
    def span(self) -> tuple[float, float]:
        """Where it stands as the program counts; all of the document where it says nothing."""
        start, stop = self.selection.start, self.selection.stop
        return (0, np.inf) if start is None or stop is None else (start, stop)


class Topic(NamedTuple):
    """What a code is about, once the words for actor and stance are off its name."""

    path: CodePath
    word: str
    parent: str


class Around(NamedTuple):
    """Stretches of a document that belong to an actor."""

    start: NDArray[np.float64]
    stop: NDArray[np.float64]
    actor: list[str]


@dataclass(frozen=True)
class Plan:
    """How actors and stances are found in a project.

    Attributes
    ----------
    actor, stance : str
        The user's choices.
    names : sequence of str
        What the documents are called.
    passages : sequence of Passage
        Every code on a text.
    topics : mapping of str to Topic
        The codes that say what a passage is about, by guid.
    lines : mapping of tuple to int
        The line on which a topic first stands.
    marks : mapping of str to str
        The codes that name an actor or a stance instead, with that name.
    around : sequence of Around
        For each document the stretches that belong to an actor.
    rated : mapping
        The words for stances on each passage of each coder.
    values : sequence of mapping
        For each document its variables, and those of the cases that it belongs to.
    variables : sequence of str
        The variables that documents have.
    levels : mapping of str to tuple of int
        The stances that a word stands for.
    scale : tuple of int
        Every stance.
    faults : tuple of Fault
        The words that mean nothing.
    """

    actor: str
    stance: str | None
    names: Sequence[str]
    passages: Sequence[Passage]
    topics: Mapping[str, Topic]
    lines: Mapping[CodePath, int]
    marks: Mapping[str, str]
    around: Sequence[Around]
    rated: Mapping[tuple[Any, ...], list[str]]
    values: Sequence[Mapping[str, str]]
    variables: Sequence[str]
    levels: Mapping[str, tuple[int, ...]]
    scale: tuple[int, ...]
    faults: tuple[Fault, ...]

    def actors_of(self, passage: Passage) -> list[str]:
        """Return whose position a passage is; nobody's where nothing says so."""
        if self.actor == "document":
            return [self.names[passage.document]]
        if self.actor == "parent code":
            parent = self.topics[passage.coding.target].parent
            return [parent] if parent else []
        if self.actor != "case" and self.actor in self.values[passage.document]:
            return [self.values[passage.document][self.actor]]
        around = self.around[passage.document]
        start, stop = passage.span
        inside = (around.start <= start) & (stop <= around.stop)
        if not inside.any():
            return []
        length = np.where(inside, around.stop - around.start, np.inf)
        nearest = np.flatnonzero(inside & (length == length[inside].min()))
        return list(dict.fromkeys(around.actor[i] for i in nearest.tolist()))

    def words_of(self, passage: Passage) -> list[str]:
        """Return the words that say for or against."""
        if self.stance is None:
            return []
        if self.stance == "code":
            return list(dict.fromkeys(self.rated.get(same_passage(passage), ())))
        if self.stance == "suffix":
            word = self.topics[passage.coding.target].word
        else:
            word = self.values[passage.document].get(self.stance, "")
        return [word] if word else []

    def unused(self) -> dict[str, int]:
        """Count the codings of actors and stances on passages that are about nothing."""
        spans: dict[int, list[tuple[float, float]]] = {}
        for passage in self.passages:
            if passage.coding.target in self.topics:
                spans.setdefault(passage.document, []).append(passage.span)
        ends = {}
        for document, own in spans.items():
            own.sort()
            # the first end of all that begin here or later
            ends[document] = np.minimum.accumulate([stop for _, stop in own][::-1])[::-1]
        found: dict[str, int] = {}
        for passage in self.passages:
            name = self.marks.get(passage.coding.target)
            if name is None:
                continue
            start, stop = passage.span
            place = bisect_left(spans.get(passage.document, []), (start, 0))
            later = ends.get(passage.document, np.empty(0))[place : place + 1]
            if not (later <= stop).any():
                found[name] = found.get(name, 0) + 1
        return found


def same_passage(passage: Passage) -> tuple[Any, ...]:
    """Return what two codes of one coder on the same passage have in common."""
    return (passage.document, *passage.span, passage.coding.coder)


def make_plan(
    project: Project, located: Located, actor: str, stance: str | None, stances: Words
) -> Plan:
    """Find out what each code of a project is for.

    Raises
    ------
    Unreadable
        If the project has nothing of the name that the user gave; what it has is listed.
    """
    cases = [case for case in project.cases if case.name]
    actor_codes = _actor_codes(project, actor, cases)
    if actor == "case":
        actor_codes = {guid: case.name for case in cases for guid in (case.guid, *case.codes)}
    told = {fold_stance(str(word)) for word in stances or ()}
    known = told or set(STANCE_WORDS)
    stance_codes = _stance_codes(project, stance, known)
    # some programs write a case as a code of the same identifier
    aside = {*actor_codes, *stance_codes, *(case.guid for case in cases)}
    topics = {
        guid: _topic(code, actor, known if stance == "suffix" else ())
        for guid, code in project.codes.items()
        if guid not in aside
    }
    lines: dict[CodePath, int] = {}
    for guid, topic in topics.items():
        lines.setdefault(topic.path, project.codes[guid].line)
    passages = [
        Passage(coding, number, selection, place)
        for number, document in enumerate(project.documents)
        for selection, place in zip(document.selections, located.spans[number], strict=True)
        for coding in selection.codings
    ]
    rated: dict[tuple[Any, ...], list[str]] = {}
    for passage in passages:
        if passage.coding.target in stance_codes:
            word = stance_codes[passage.coding.target]
            rated.setdefault(same_passage(passage), []).append(word)
    values = _values(project)
    words: list[str] = []
    if stance == "code":
        words = list(stance_codes.values())
    elif stance == "suffix":
        words = [topic.word for topic in topics.values() if topic.word]
    elif stance is not None:
        words = [own[stance] for own in values if stance in own]
    place = Fault(project.file, None, str(stance), "", "", sheet=project.member)
    found = word_levels(words, stances, place)
    had = {name for document in project.documents for name in document.values}
    return Plan(
        actor,
        stance,
        text_names(document.name for document in project.documents),
        passages,
        topics,
        lines,
        {**stance_codes, **actor_codes},
        _around(project, passages, cases if actor == "case" else (), actor_codes),
        rated,
        values,
        [name for name in project.variables if name in had],
        found.levels,
        found.scale if stance is not None else STANCES,
        tuple(found.faults),
    )


def _wrong(project: Project, argument: str, expected: str, got: str) -> Unreadable:
    return Unreadable(Fault(project.file, None, argument, expected, got, sheet=project.member))


def _actor_codes(project: Project, actor: str, cases: Sequence[Case]) -> dict[str, str]:
    """Return the codes that name actors, by guid; none where actors are found otherwise."""
    if actor == "case" and not cases:
        raise _wrong(project, "actor", "a Case with a name", "none: choose another actor=")
    if actor in ACTORS or actor in project.variables:
        return {}
    found = {
        guid: code.name
        for guid, code in project.codes.items()
        if any(above.name == actor for above in code.above)
    }
    if not found:
        parents = {code.above[-1].name: 0 for code in project.codes.values() if code.above}
        there = list(dict.fromkeys([*ACTORS, *project.variables, *parents]))
        expected = f"one of {listed(map(repr, there), 20)}"
        raise _wrong(project, "actor", expected, did_you_mean(actor, there))
    return found


def _stance_codes(project: Project, stance: str | None, known: Container[str]) -> dict[str, str]:
    """Return the codes that are words for stances, by guid, where they are asked for."""
    if stance is None or stance == "suffix" or (stance in project.variables and stance != "code"):
        return {}
    if stance != "code":
        there = [*STANCE_PLACES, *project.variables]
        expected = f"one of {listed(map(repr, there), 20)}"
        raise _wrong(project, "stance", expected, did_you_mean(stance, there))
    codes = project.codes
    found = {guid: code.name for guid, code in codes.items() if fold_stance(code.name) in known}
    if not found:
        there = [repr(code.name) for code in codes.values()]
        expected = "a code that is a word for a stance; give its meaning in stances="
        raise _wrong(project, "stance", expected, f"codes {listed(there, 20)}" if there else "none")
    return found


def _topic(code: Code, actor: str, known: Container[str]) -> Topic:
    """Say what a code is about, by its name and those above it."""
    path, word = code.path, ""
    if known:
        name, word = stance_suffix(code.name, known)
        if name:
            path = (*path[:-1], name)
        elif len(path) > 1:  # a code within the code that it takes a stance on
            path = path[:-1]
        else:
            word = ""
    parent = path[-2] if len(path) > 1 else ""
    return Topic(path[-1:] if actor == "parent code" else path, word, parent)


def _values(project: Project) -> list[dict[str, str]]:
    """Return the variables of each document: its own before those of its cases."""
    own: list[dict[str, str]] = [{} for _ in project.documents]
    by_guid = _documents(project)
    for case in project.cases:
        for number in {by_guid[guid] for guid in case.sources if guid in by_guid}:
            own[number].update(case.values)
    for values, document in zip(own, project.documents, strict=True):
        values.update(document.values)
    return own


def _documents(project: Project) -> dict[str, int]:
    documents = enumerate(project.documents)
    return {guid: number for number, own in documents for guid in own.guids if guid}


def _around(
    project: Project,
    passages: Sequence[Passage],
    cases: Sequence[Case],
    named: Mapping[str, str],
) -> list[Around]:
    """Return the stretches of each document that belong to an actor."""
    found: list[dict[tuple[float, float, str], None]] = [{} for _ in project.documents]
    for passage in passages:
        if passage.coding.target in named:
            found[passage.document][(*passage.span, named[passage.coding.target])] = None
    by_guid = _documents(project)
    selections = {
        selection.guid: (number, selection)
        for number, document in enumerate(project.documents)
        for selection in document.selections
        if selection.guid
    }
    for case in cases:
        for guid in case.sources:
            if guid in by_guid:
                found[by_guid[guid]][(0, np.inf, case.name)] = None
        for guid in case.selections:
            number, selection = selections.get(guid, (0, None))
            if selection is not None and selection.start is not None and selection.stop is not None:
                found[number][(selection.start, selection.stop, case.name)] = None
    return [
        Around(
            np.array([mark[0] for mark in marks], dtype=float),
            np.array([mark[1] for mark in marks], dtype=float),
            [mark[2] for mark in marks],
        )
        for marks in found
    ]
