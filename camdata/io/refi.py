"""Projects and codebooks of the REFI-QDA standard: NVivo, MAXQDA, ATLAS.ti, QualCoder, …"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from camdata._display.checks import check_choice, check_path
from camdata.io._common import Unreadable, kept_apart, left_out, title_of
from camdata.io._refi_plan import CodePath, Plan, make_plan
from camdata.io._refi_positions import UNITS, Located, locate_selections
from camdata.io._refi_project import Case, Document, Project, read_project
from camdata.model.cells import unix_newlines
from camdata.model.errors import Fault, MeetingError, Origin
from camdata.model.meeting import Meeting
from camdata.model.source import Change, Source, SourceTable


def read_refi(
    path: str | Path,
    *,
    actor: str = "document",
    stance: str | None = None,
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
        - ``"parent code"``: that of the code in which the passage's code lies (Brazil > tax);
        - the name of a variable of the documents or their cases;
        - the name of a code with others in it: these name the actors, and the smallest passage
          with one of them around a coded passage says whose it is.
    stance : str, optional
        How a passage says for or against:

        - by default not at all: every coded passage is support, which is reported;
        - ``"code"``: by a second code on the same passage, such as "pro" beside "tax";
        - ``"suffix"``: by the end of a code's name, as in "tax: oppose" or "tax (+)", or by a code
          within a code (tax > oppose);
        - the name of a variable of the documents or their cases.
    stances : mapping, optional
        What the words for stances mean, such as ``{"pro": 1, "mixed": 0, "contra": -1}``; by
        default the usual English ones.
    positions : {"code points", "utf-16"}, optional
        How the program counted positions. By default each way is tried, and the one taken with
        which most passages hold the words that the file gives for them and begin and end with a
        word.

    Returns
    -------
    Meeting
        Statements with `statement` (the guid of the coding), `actor`, `code`, `stance`, `quote`,
        `document`, `start`, `stop`, `coder`, `comment` (the passage's description), and the
        variables of the document; a codebook whose `dimension` is the outermost code or folder that
        tells codes apart; actors with the variables of their document or case; one text for each
        document. A name that is taken has ``refi_`` before it.

        Where the file holds no text of a document (it may refer to one elsewhere, which is not
        followed), quotes are the words that the file itself gives. What was read how, and what was
        left out (pictures, sound, links, notes, codes that are only words for stances), is in
        ``meeting.source.changes``.

    Raises
    ------
    MeetingError
        If the file is no such project or is damaged, if a reference leads nowhere or an identifier
        stands for two things, if a passage lies outside of its text, or as for `Meeting`.
    ValueError
        If `stances` or `positions` is none of these.
    ImportError
        If defusedxml is not installed: ``pip install 'camdata[qda]'``.

    Notes
    -----
    The standard (https://www.qdasoftware.org) counts positions in code points from 0, the end not
    included; NVivo for Windows writes UTF-16 code units after the byte order mark.

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
    if stances is not None and not isinstance(stances, Mapping):
        raise ValueError("`stances` must say what words mean, such as {'pro': 1, 'contra': -1}.")
    if stances is not None and stance is None:
        raise ValueError("`stances` says what words mean, but no `stance` says where they stand.")
    try:
        project = read_project(path)
        located = locate_selections(project.documents, positions)
        plan = make_plan(project, located, actor, stance, stances)
    except Unreadable as unreadable:
        raise MeetingError(unreadable.faults, str(path)) from None
    return Meeting.from_source(_source(path, project, located, plan))


class _Part(NamedTuple):
    """A table in the making: its rows, the lines they come from, and what was done."""

    rows: list[dict[str, Any]]
    lines: list[int]
    changes: list[Change]

    def table(self, project: Project, columns: Mapping[str, str]) -> SourceTable:
        """Return the table without the columns that hold nothing at all."""
        frame = pd.DataFrame(
            self.rows, columns=list(self.rows[0]) if self.rows else ["actor", "code"]
        )
        needed = {"actor", "code", "stance"}
        empty = [name for name in frame if name not in needed and frame[name].isna().all()]
        lines = np.array(self.lines, dtype=np.int64)
        origin = Origin(project.file, lines, sheet=project.member, columns=columns)
        return SourceTable(frame.drop(columns=empty), origin)


def _source(path: Path, project: Project, located: Located, plan: Plan) -> Source:
    """Put a project into tables, and say what was done with it."""
    documents = list(zip(project.documents, plan.names, strict=True))
    codebook = _codebook(project, plan)
    keys = {path: row["code"] for path, row in codebook.items()}
    statements = _statements(project, plan, keys)
    tables = {"statements": statements.table(project, _STATEMENTS)}
    if codebook:
        part = _Part(list(codebook.values()), [plan.lines[path] for path in codebook], [])
        tables["codebook"] = part.table(project, _CODEBOOK)
    actors = _actors(project, plan)
    if actors.rows:
        tables["actors"] = actors.table(project, {"actor": "name"})
    changes = [*located.changes]
    changes += [
        Change("document named", "document", document.name, name, 1)
        for document, name in documents
        if document.name != name
    ]
    coders = Counter(passage.coding.coder for passage in plan.passages)
    changes += [
        Change("coder named", "coder", given, own, coders[own])
        for own, given in project.renamed.items()
    ]
    changes += statements.changes + actors.changes
    for what, number in project.ignored.items():
        changes += left_out(what, "", "not read", number)
    texts = {
        name: unix_newlines(document.text)
        for document, name in documents
        if document.text is not None
    }
    return Source(
        str(path),
        tables,
        texts,
        {"title": project.title or title_of(path)},
        plan.scale,
        (*project.faults, *_outside(project, located), *plan.faults),
        tuple(changes),
    )


_STATEMENTS = {
    "statement": "Coding guid",
    "code": "CodeRef targetGUID",
    "quote": "PlainTextSelection",
    "start": "startPosition",
    "stop": "endPosition",
    "coder": "creatingUser",
}
_CODEBOOK = {"code": "Code name", "definition": "Description"}


def _outside(project: Project, located: Located) -> list[Fault]:
    """Return the passages that lie outside of their text."""
    faults = []
    for document, places in zip(project.documents, located.spans, strict=True):
        for selection, place in zip(document.selections, places, strict=True):
            a, b = selection.start, selection.stop
            if document.text is None or place is not None or a is None or b is None:
                continue
            expected = (
                f"a passage within the {len(document.text):,} characters of {document.name!r}"
            )
            fault = Fault(project.file, selection.line, "startPosition", expected, f"{a} to {b}")
            faults.append(fault._replace(sheet=project.member))
    return faults


def _statements(project: Project, plan: Plan, keys: Mapping[CodePath, str]) -> _Part:
    """Make a statement of each code on a passage, for each of its actors and stances."""
    on_actors = plan.actor == "document"
    shown = [] if on_actors else [n for n in plan.variables if n not in (plan.actor, plan.stance)]
    apart = kept_apart(shown, "statements", "refi_", also=("comment", "words"))
    texts = [None if d.text is None else unix_newlines(d.text) for d in project.documents]
    some = any(text is not None for text in texts)
    part = _Part([], [], [])
    numbers: dict[str, int] = {}
    told: dict[tuple[str, int], int] = {}
    counts = dict.fromkeys(("coded", "nobody", "unrated"), 0)
    without: dict[str, int] = {}
    for passage in plan.passages:
        topic = plan.topics.get(passage.coding.target)
        if topic is None:
            continue
        counts["coded"] += 1
        actors = plan.actors_of(passage)
        if not actors:
            counts["nobody"] += 1
            continue
        levels: list[int | None] = []
        for word in plan.words_of(passage):
            for level in plan.levels.get(word, ()):
                told[word, level] = told.get((word, level), 0) + 1
                levels.append(level)
        if plan.stance is None:
            levels = [1]
        elif not levels:
            counts["unrated"] += 1
            levels = [None]
        document, text = project.documents[passage.document], texts[passage.document]
        selection, place = passage.selection, passage.place
        words: str | None = selection.words or selection.comment or None
        if text is None:
            without[plan.names[passage.document]] = without.get(plan.names[passage.document], 0) + 1
        elif place is not None:
            words = text[slice(*place)]
        else:
            words = None
        for actor, level in product(actors, dict.fromkeys(levels)):
            guid = passage.coding.guid or f"line {passage.coding.line}"
            numbers[guid] = numbers.get(guid, 0) + 1
            part.rows.append(
                {
                    "statement": guid if numbers[guid] == 1 else f"{guid}/{numbers[guid]}",
                    "actor": actor,
                    "code": keys[topic.path],
                    "stance": level,
                    # words of a text that the file does not hold are in no text of the meeting
                    "quote": None if text is None and some else words,
                    "document": plan.names[passage.document],
                    "start": None if place is None else place[0],
                    "stop": None if place is None else place[1],
                    "coder": passage.coding.coder or None,
                    "comment": selection.comment or None,
                    "words": words if text is None and some else None,
                    **{column: document.values.get(name) for name, column in apart.items()},
                }
            )
            part.lines.append(passage.coding.line)
    for name, number in without.items():
        part.changes.append(
            Change("text not in the file", "document", name, "words as given", number)
        )
    part.changes.extend(left_out("codings", plan.actor, "without an actor", counts["nobody"]))
    if plan.stance is None and counts["coded"]:
        taken = counts["coded"] - counts["nobody"]
        part.changes.append(Change("stance taken as", "", "nothing says it", "1", taken))
    stance = str(plan.stance)
    for (word, level), number in told.items():
        part.changes.append(Change("stance read as", stance, word, str(level), number))
    if counts["unrated"]:
        why = "counted in no tally"
        part.changes.append(Change("stance missing", stance, "no value", why, counts["unrated"]))
    for what, number in plan.unused().items():
        part.changes.extend(left_out("codings", what, "with nothing else on the passage", number))
    known = {*plan.topics, *plan.marks}
    aside = sum(passage.coding.target not in known for passage in plan.passages)
    part.changes.extend(left_out("codings", "", "of cases", aside))
    return part


def _codebook(project: Project, plan: Plan) -> dict[CodePath, dict[str, Any]]:
    """Return a row for each thing that is coded, by its place among the codes."""
    used = {passage.coding.target for passage in plan.passages}
    paths: dict[CodePath, str] = {}
    for guid, topic in plan.topics.items():
        code = project.codes[guid]
        if code.codable or guid in used:
            paths.setdefault(topic.path, code.definition)
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


def _actors(project: Project, plan: Plan) -> _Part:
    """Return documents or cases as actors, with their variables; others are named by statements."""
    part = _Part([], [], [])
    cases = [case for case in project.cases if case.name]
    holders: list[tuple[str, Document | Case]] = []
    if plan.actor == "document":
        holders = list(zip(plan.names, project.documents, strict=True))
    elif plan.actor == "case":
        holders = [(case.name, case) for case in cases]
    apart = kept_apart(project.variables, "actors", "refi_")
    merged: dict[str, dict[str, str]] = {}
    lines: dict[str, int] = {}
    for name, holder in holders:
        merged.setdefault(name, {}).update(holder.values)
        lines.setdefault(name, holder.line)
    for name, values in merged.items():
        own = {column: values.get(variable) for variable, column in apart.items()}
        part.rows.append({"actor": name, **own})
        part.lines.append(lines[name])
    if plan.actor != "case":
        part.changes.extend(
            left_out("cases", "", f"not asked for by actor={plan.actor!r}", len(cases))
        )
    return part
