"""Read projects and codebooks of the REFI-QDA standard (NVivo, MAXQDA, ATLAS.ti, QualCoder, …)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from camdata._display.checks import check_choice, check_path
from camdata._display.words import join_names, with_suggestion
from camdata.io import foreign
from camdata.io.refi_project import Passage, Project, read_project
from camdata.io.stances import Levels, read_signs, read_stances
from camdata.model.errors import Origin
from camdata.model.meeting import Meeting
from camdata.model.schema import STANCES
from camdata.model.source import SourceTable

UNITS = ("code points", "utf-16")
_TRIED = 2_000
"""How many passages are used to find the unit of positions."""


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
    projects in this standard. It has codes on passages, but no positions: the parameters `actor`
    and `stance` say where these are.

    Parameters
    ----------
    path : str or pathlib.Path
        A ``.qdpx`` project, or a ``.qdc`` codebook, which gives a meeting without statements.
    actor : str
        Who holds the position in a coded passage:

        - ``"document"``: the document, such as one speech for each actor;
        - ``"case"``: the case of the passage, or else of its document;
        - the name of a code with subcodes, which name the actors; a coded passage belongs to the
          actor of the smallest passage around it.
    stance : {"code", False}, optional
        Where the stance is: ``"code"`` in a second code on the same passage, such as "pro" beside
        "tax"; ``False`` nowhere, every coded passage is support. By default ``False``; required
        if codes that are words for stances are used.
    stances : mapping, optional
        What the codes for stances mean, such as ``{"pro": 1, "mixed": 0, "contra": -1}``, beside
        the usual words.
    positions : {"code points", "utf-16"}, optional
        The unit of positions, counted from the first character after a byte order mark. By default
        code points, as the standard says, unless most ends of passages, and more than in code
        points, lie at the edge of a word in UTF-16 units, which NVivo for Windows writes.

    Returns
    -------
    Meeting
        Statements with `statement` (the guid of the coding), `actor`, `code`, `stance`, `quote`,
        `document`, `start`, `stop`, `coder` and `comment` (the passage's description); a codebook
        whose `dimension` is the outermost code or folder that not all codes share; actors with the
        variables of their document or case; one text for each document. A variable with the name
        of a column of camdata gets the prefix ``refi_``.

        A quote is text of the source: where the file holds no text of a document, quotes are
        missing. How it was read, and what was left out (pictures, sound, areas of PDFs, links,
        notes, passages outside of their text, codings of an unknown code), is in
        ``meeting.source.changes``.

    Raises
    ------
    MeetingError
        If the file is no such project or is damaged, if `actor` or `stance` finds nothing, or as
        for `Meeting`.
    ValueError
        If `stances` or `positions` has another value.
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
    check_choice("positions", positions, (None, *UNITS))
    project = read_project(path)
    located = _located(project, positions)
    plan = _plan(project, located, actor, stance, stances)
    return _meeting(path, project, plan, actor)


Located = dict[Passage, tuple[int, int] | None]
"""The passages that are read, each with its place in code points if there is a text."""


def _located(project: Project, unit: str | None) -> Located:
    """Find the unit of positions, and convert them to code points."""
    documents, units = project.documents, UNITS if unit is None else (unit,)
    tried = [p for p in project.passages if p.place and documents[p.document].text is not None]
    found: dict[str, Located] = {}
    scores: dict[str, int] = {}
    for own in units:
        places = [foreign.unix_positions(d.text or "", utf16=own == "utf-16") for d in documents]
        found[own] = {p: foreign.span_of(places[p.document], *(p.place or (0, 0))) for p in tried}
        ends = [(p.document, end) for p in tried[:_TRIED] for end in found[own][p] or ()]
        scores[own] = sum(_is_edge(documents[number].plain, end) for number, end in ends)
    n_ends = 2 * len(tried[:_TRIED])
    best = max(scores, key=lambda own: scores[own])  # the standard's if equal
    how = f"{scores[best]:,} of {n_ends:,} ends at the edge of a word"
    # in a text without spaces few ends of passages are at the edge of a word, by chance
    differ = any(places != found[best] for places in found.values())
    if differ and 2 * scores[best] <= n_ends:
        best, how = units[0], f"as the standard says: only {how} either way"
    outside = {passage for passage, place in found[best].items() if place is None}
    project.lost["codings", "on a passage that is empty or outside of the text"] += len(outside)
    project.log.add("positions read as", "", how, best, len(tried) - len(outside))
    return {p: found[best].get(p) for p in project.passages if p not in outside}


def _is_edge(text: str, place: int) -> bool:
    """Whether a place in a text is at the edge of a word or outside of words."""
    return place in (0, len(text)) or not text[place - 1 : place + 1].isalnum()


Stretch = tuple[float, float, str, Passage | None]
"""Start and stop of a part of a document, its actor, and the coding that names the actor."""


@dataclass
class _Plan:
    """How actors and stances are found in a project.

    `aside` are the codes, by guid, that name an actor or a stance, and `stances` those that name a
    stance; `around` holds the stretches of each document.
    """

    located: Located
    aside: dict[str, str]
    stances: dict[str, str]
    read: Levels
    around: list[list[Stretch]]

    def actors_of(self, passage: Passage) -> tuple[list[str], set[Any]]:
        """Return the actors of the smallest stretches around a passage, and all codings around."""
        start, stop = passage.span
        inside = [s for s in self.around[passage.document] if s[0] <= start and stop <= s[1]]
        shortest = min((stretch[1] - stretch[0] for stretch in inside), default=0)
        nearest = [stretch[2] for stretch in inside if stretch[1] - stretch[0] == shortest]
        return list(dict.fromkeys(nearest)), {stretch[3] for stretch in inside}


def _plan(project: Project, located: Located, actor: str, stance: object, stances: object) -> _Plan:
    """Find which codes name actors, stances and topics."""
    if actor != "case":  # some programs write a case as a code of the same guid
        of_cases = {case.guid for case in project.cases}
        project.lost["codings", "of cases"] += sum(p.target in of_cases for p in located)
        located = {p: place for p, place in located.items() if p.target not in of_cases}
    actors, around = _actors(project, located, actor)
    every = {guid: code.name for guid, code in project.codes.items()}
    used = {every[p.target] for p in located if p.target in every}
    meaning, found = read_signs("code", stance, stances, [*every.values()], used, project.fault)
    signs = {guid: name for guid, name in every.items() if name in found}
    counts = Counter(signs[passage.target] for passage in located if passage.target in signs)
    read = read_stances(counts, meaning, project.log, place=project.file, column="code")
    return _Plan(located, {**actors, **signs}, signs, read, around)


def _actors(
    project: Project, located: Located, actor: str
) -> tuple[dict[str, str], list[list[Stretch]]]:
    """Return the codes that name actors, and the stretches of each document with an actor."""
    around: list[list[Stretch]] = [[] for _ in project.documents]
    codes: dict[str, str] = {}
    if actor == "document":
        around = [[(0, np.inf, document.name, None)] for document in project.documents]
    elif actor == "case":
        for case in [case for case in project.cases if case.name]:
            codes |= dict.fromkeys((case.guid, *case.parts), case.name)
            for number, document in enumerate(project.documents):
                if document.guids & case.parts:
                    around[number].append((0, np.inf, case.name, None))
            for guid in case.parts & set(project.stretches):
                number, start, stop = project.stretches[guid]
                around[number].append((start, stop, case.name, None))
        if not codes:
            raise project.fault("actor", "a Case with a name", "none: choose another actor=")
    else:
        codes = {guid: code.name for guid, code in project.codes.items() if actor in code.above}
        if not codes:
            parents = {code.above[-1]: 0 for code in project.codes.values() if code.above}
            there = ["document", "case", *parents]
            expected = f"one of {join_names(map(repr, there), 20)}"
            raise project.fault("actor", expected, with_suggestion(actor, there))
    for passage in located:
        if passage.target in codes:
            mark = (*passage.span, codes[passage.target], passage)
            around[passage.document].append(mark)
    return codes, around


# tables


def _meeting(path: Path, project: Project, plan: _Plan, actor: str) -> Meeting:
    """Make the tables of a project, and record what was left out."""
    book, log = _codebook(project, plan), project.log
    file = Origin(project.file, sheet=project.member)
    tables = {"statements": _statements(project, plan, book, actor)}
    if book:
        tables["codebook"] = _table(list(book.values()), ["code"], file)
    cases = [case for case in project.cases if case.name]
    named: Any = {"document": project.documents, "case": cases}.get(actor, ())
    apart = foreign.kept_apart(project.variables, "actors", "refi_")
    rows: dict[str, dict[str, Any]] = {}
    for one in named:
        own = rows.setdefault(one.name, {"actor": one.name, **dict.fromkeys(apart.values())})
        own |= {apart[variable]: value for variable, value in one.values.items()}
    if rows:
        tables["actors"] = _table(list(rows.values()), ["actor"], file)
    if actor != "case":
        log.left_out("cases", "", f"not asked for by actor={actor!r}", len(project.cases))
    for (what, why), number in project.lost.items():
        log.left_out(what, "", why, number)
    texts = {d.name: d.plain for d in project.documents if d.text is not None}
    scale = plan.read.scale if plan.stances else STANCES
    about = foreign.title_of(path, project.title)
    more: Any = {"texts": texts, "stances": scale, "metadata": about}
    return foreign.meeting_of(str(path), tables, log, **more)


def _table(rows: list[dict[str, Any]], needed: Sequence[str], origin: Origin) -> SourceTable:
    """Return a table without its empty columns."""
    frame = pd.DataFrame(rows, columns=None if rows else ["actor", "code"])
    empty = [name for name in frame if name not in needed and frame[name].isna().all()]
    return SourceTable(frame.drop(columns=empty), origin)


def _statements(project: Project, plan: _Plan, book: Mapping[Any, Any], actor: str) -> SourceTable:
    """Make one statement for each topic code of the codebook on a passage, actor and stance."""
    words: dict[Any, list[str]] = {}
    for passage in plan.located:
        if passage.target in plan.stances:
            words.setdefault(passage.same, []).append(plan.stances[passage.target])
    rows: list[dict[str, Any]] = []
    numbers: list[int] = []
    useful: set[Any] = set()
    counts: Counter[str] = Counter()
    for passage, place in plan.located.items():
        if passage.target in plan.aside:
            continue
        actors, signs = plan.actors_of(passage)
        useful |= {passage.same, *signs}
        counts["taken" if actors else "nobody"] += 1
        here = words.get(passage.same, ())
        levels: list[int | None] = [n for word in here for n in plan.read.levels.get(word, ())]
        levels = levels if plan.stances else [1]
        counts["unrated"] += bool(actors and not levels)
        guid = passage.guid or f"coding {passage.number}"
        code = book[project.codes[passage.target].path]["code"]
        document = project.documents[passage.document]
        own: dict[str, Any] = {"document": document.name}
        own["quote"] = place and document.plain[slice(*place)]
        own |= {"start": place and place[0], "stop": place and place[1]}
        own |= {"coder": passage.coder or None, "comment": passage.comment or None}
        for name, level in product(actors, dict.fromkeys(levels or [None])):
            rows.append({"statement": guid, "actor": name, "code": code, "stance": level, **own})
            numbers.append(passage.number)
    log = project.log
    log.left_out("codings", actor, "without an actor", counts["nobody"])
    log.all_support(0 if plan.stances else counts["taken"])
    log.without_stance("code", counts["unrated"])
    aside = [p for p in plan.located if p.target in plan.aside and not {p, p.same} & useful]
    lonely = Counter(plan.aside[passage.target] for passage in aside)
    for what, number in lonely.items():
        log.left_out("codings", what, "with nothing else on the passage", number)
    lines = np.array(numbers, dtype=np.int64)
    origin = Origin(project.file, lines, None, project.member, unit="coding")
    found = _table(rows, ("actor", "code", "stance"), origin)
    if rows:
        found.frame["statement"] = foreign.statement_ids(found.frame["statement"])
    return found


def _codebook(project: Project, plan: _Plan) -> dict[tuple[str, ...], dict[str, Any]]:
    """Return the rows of the codebook by the paths of their codes."""
    used = {passage.target for passage in plan.located}
    paths: dict[tuple[str, ...], str] = {}
    aside = {*plan.aside, *(case.guid for case in project.cases)}
    for guid, code in project.codes.items():
        if (code.codable or guid in used) and guid not in aside:
            paths.setdefault(code.path, code.definition)
    names = Counter(path[-1] for path in paths)
    folders = {path[:-1] for path in paths}
    shared = 0  # leave out the folders that all codes share
    while all(len(f) > shared for f in folders) and len({f[: shared + 1] for f in folders}) == 1:
        shared += 1
    dimensions = any(len(folder) > shared for folder in folders)
    book: dict[tuple[str, ...], dict[str, Any]] = {}
    for path, definition in paths.items():
        twice, outermost = names[path[-1]] > 1, path[shared] if dimensions else None
        book[path] = {"code": " > ".join(path) if twice else path[-1], "dimension": outermost}
        book[path] |= {"label": path[-1] if twice else None, "definition": definition or None}
    return book
