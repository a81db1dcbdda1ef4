"""A meeting in the making: a folder to fill in, a draft of passages, what is not coded yet."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from camdata._display.spans import Span
from camdata._display.words import count, listed
from camdata.io.datapackage import write_folder
from camdata.model.errors import MeetingError
from camdata.model.meeting import Meeting
from camdata.model.schema import TABLES
from camdata.model.source import Source, Unread, decode_file, parse_csv, writable

GUIDE = "GUIDE.md"
_SPEAKER = re.compile(r"(?P<name>[^\W\d_][\w.’' -]{1,60}?)\s*:\s")

_GUIDE = """# How to fill in this folder

Each table is a CSV file (UTF-8, cells separated by commas; only an empty cell is missing). Check as
often as you like: `python -m camdata check {folder}` lists every fault and every sentence that is
not coded yet.

{tables}

## Reading rules

1. A row exists only where the text records it, with the shortest verbatim quote that proves the
   code and can be understood alone. One sentence may carry several codes, a row each.
2. Silence is neither opposition nor agreement: who is not recorded on a code has no row there.
3. A position that the text gives an actor only through another's remark is coded with the basis
   `by_reference` and the same quote; everything else is `explicit`.
4. Naming goes one way: who refers to others does not thereby hold their positions. Unnamed others
   get nothing; the reference is kept with an empty end.
5. Named support for another's proposal is a statement of its own and a reference.
6. People who speak for a process, the chair, a secretariat or an organisation are actors of their
   own `kind`.
7. Describing difficulty is no position, nor is what a document says unless the speaker endorses it.
8. Every sentence of every intervention is covered by coded quotes wholly, in part or not at all:
   that is computed, never claimed.
9. Where the text still leaves a choice, the codebook states the rule, and the row follows the rule.

Stances are numbers: 1 supports, -1 opposes. Another scale, such as one with abstentions, is told in
`datapackage.json`: `"stances": [1, 0, -1]`. A quote must occur once in its text; else lengthen it,
or fill the columns `start` and `stop`.

Where any actor is of the kind `delegation`, only delegations count in positions and clusters;
`meeting.select(kinds="all")` counts everyone.

## Two coders

`python -m camdata new second --second-coder-of {folder}` makes the same folder without statements,
for somebody who fills it in without seeing these. How far the two agree, if both read everything:

```python
import camdata as cam

first, second = cam.load_meeting("{folder}"), cam.load_meeting("second")
both = first.replace(recodings=second.statements)
print(cam.reliability(both, read={{"AB": "everything", "CD": "everything"}}))
```

AB and CD stand for what is in the columns `coder`. Of a coder of whom nothing is said, only actors
are compared of whom both recorded something.
"""

_EXAMPLES = {
    "actors": {"actor": "Canada", "iso3": "CAN", "kind": "delegation", "speaking_order": "1"},
    "codebook": {
        "code": "key_terms",
        "dimension": "terms definition",
        "label": "Define the key terms",
        "definition": "The words of the debate are to be defined.",
        "include": "An appeal to define terms.",
        "exclude": "Words that are merely used.",
    },
    "interventions": {
        "order": "1",
        "actor": "Canada",
        "passage": "Canada called for a definition.",
    },
    "statements": {
        "statement": "s001",
        "actor": "Canada",
        "code": "key_terms",
        "stance": "1",
        "basis": "explicit",
        "quote": "called for a definition",
        "coder": "AB",
    },
    "references": {
        "actor": "Canada",
        "target": "Peru",
        "relation": "echoes",
        "quote": "as Peru had said",
    },
}
"""The columns that a new folder starts with, and a row as it might be filled in."""


class Passage(NamedTuple):
    """A paragraph of a text, and whom it was drafted for; nobody where it names several or none."""

    document: str
    start: int
    stop: int
    words: str
    actor: str | None


def draft_passages(texts: Mapping[str, str], actors: Iterable[str] = ()) -> list[Passage]:
    """Split texts into paragraphs and give each to the one actor that it starts with or names.

    Parameters
    ----------
    texts : mapping of str to str
        The documents by name.
    actors : sequence of str
        The names. Besides, a paragraph that starts with a name and a colon goes to that name.

    Returns
    -------
    list of Passage
        In the order of the texts. A draft to be corrected: of a paragraph in which several actors
        speak, or one that speaks of "the delegation", it knows nothing.

    Examples
    --------
    >>> text = "Canada spoke.\\n\\nBoth Peru and Chile agreed.\\n\\nMs. Diaz: We will see."
    >>> [p.actor for p in draft_passages({"report": text}, ["Canada", "Peru", "Chile"])]
    ['Canada', None, 'Ms. Diaz']
    """
    names = sorted({str(name) for name in actors}, key=len, reverse=True)
    pattern = None
    if names:
        pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, names))})(?!\w)")
    found = []
    for document, text in texts.items():
        for start, stop in _paragraphs(text):
            words = text[start:stop]
            found.append(Passage(document, start, stop, words, _speaker(words, pattern)))
    return found


def _paragraphs(text: str) -> list[Span]:
    """Return the stretches between blank lines or line ends that hold more than a heading."""
    spans = []
    for match in re.finditer(r"[^\n]+", text):
        piece = match[0]
        if piece.strip():
            left = match.start() + len(piece) - len(piece.lstrip())
            spans.append((left, left + len(piece.strip())))
    return spans


def _speaker(words: str, pattern: re.Pattern[str] | None) -> str | None:
    if pattern is not None:
        if match := pattern.match(words):
            return str(match[0])
        named = {str(name) for name in pattern.findall(words)}
        if len(named) == 1:
            return named.pop()
        if named:
            return None
    label = _SPEAKER.match(words)
    return label["name"] if label and len(label["name"].split()) <= 6 else None


def read_names(path: Path) -> list[str]:
    """Return the column ``actor`` of a table, or the lines of a file of names."""
    text = decode_file(path)
    lines = text.split("\n")
    if "actor" not in [cell.strip(' "') for cell in lines[0].split(",")]:
        return [line.strip() for line in lines if line.strip()]
    try:
        table, faults = parse_csv(text, str(path))
    except Unread as unread:
        raise MeetingError([unread.fault], str(path)) from None
    if faults:
        raise MeetingError(faults, str(path))
    return [name.strip() for name in table.frame["actor"].dropna() if name.strip()]


def new_folder(folder: Path, texts: Mapping[str, str], actors: Sequence[str] = ()) -> list[Passage]:
    """Make a folder to fill in: texts, tables with their headers, a draft of passages, a guide.

    Returns the drafted passages, of which those without an actor were left out of the table.

    Raises
    ------
    FileExistsError
        If the folder holds anything already.
    MeetingError
        If a text has a name that no file can have.
    """
    _check_empty(folder)
    drafted = draft_passages(texts, actors)
    assigned = [passage for passage in drafted if passage.actor is not None]
    names = list(dict.fromkeys([*actors, *(str(passage.actor) for passage in assigned)]))
    tables = {name: pd.DataFrame(columns=list(row), dtype="str") for name, row in _EXAMPLES.items()}
    tables["actors"] = tables["actors"].reindex(range(len(names))).assign(actor=names)
    located = ["document", "start", "stop"]
    tables["interventions"] = pd.DataFrame(
        {
            "order": range(1, len(assigned) + 1),
            "actor": [passage.actor for passage in assigned],
            "passage": [passage.words for passage in assigned],
            **{name: [getattr(passage, name) for passage in assigned] for name in located},
        }
    )
    metadata = {"name": re.sub(r"[^a-z0-9]+", "-", folder.name.lower()).strip("-") or "meeting"}
    source = writable(Source(str(folder), texts=texts, metadata=metadata))
    if source.faults:
        raise MeetingError(source.faults, str(folder))
    write_folder(folder, tables, source, {GUIDE: _guide(folder)})
    return drafted


def second_coder(meeting: Meeting, folder: Path) -> None:
    """Make a folder for a second coder: the same texts, actors and codebook, no statements.

    Raises
    ------
    FileExistsError
        If the folder holds anything already.
    """
    _check_empty(folder)
    kept = {name: getattr(meeting, name) for name in meeting.given}
    for name in ("recodings", "references"):
        kept.pop(name, None)
    columns = [name for name in meeting.statements if name in _EXAMPLES["statements"]]
    kept["statements"] = pd.DataFrame(columns=columns, dtype="str")
    source = meeting.source
    own = Source(str(folder), {}, source.texts, source.metadata, source.stances)
    write_folder(folder, kept, own, {GUIDE: _guide(folder)})


def _check_empty(folder: Path) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise FileExistsError(f"{folder} is there already, and nothing is written over it.")


def _guide(folder: Path) -> bytes:
    parts = []
    for name, row in _EXAMPLES.items():
        header, cells = " | ".join(row), " | ".join(row.values())
        line = " | ".join("---" for _ in row)
        table = f"| {header} |\n| {line} |\n| {cells} |"
        parts.append(f"`{TABLES[name].file}` — {TABLES[name].grain} For example:\n\n{table}")
    guide = _GUIDE.format(folder=folder.name, tables="\n\n".join(parts))
    return guide.encode("utf-8", "backslashreplace")


def progress(meeting: Meeting) -> list[str]:
    """Say how much of a sound meeting is coded, and which sentences are not yet.

    Returns
    -------
    list of str
        Lines: what there is, how much of the interventions is inside coded quotes, and each
        sentence no part of which is.
    """
    statements = meeting.statements
    lines = [
        f"{count(len(statements), 'statement')} of {count(statements['actor'].nunique(), 'actor')} "
        f"on {count(statements['code'].nunique(), 'code')}"
    ]
    unused = [code for code in meeting.codebook["code"] if code not in set(statements["code"])]
    if unused:
        lines.append(f"codes without a statement: {listed(unused)}")
    silent = [actor for actor in meeting.actors["actor"] if actor not in set(statements["actor"])]
    if silent:
        lines.append(f"actors without a statement: {listed(silent, 20)}")
    if not meeting.texts:
        return [*lines, "no text, so that no quote can be checked"]
    if meeting.interventions.empty or "quote" not in statements:
        return [*lines, "coverage needs interventions and quotes"]
    table = meeting.coverage()
    length = (table["stop"] - table["start"]).where(table["covered"].notna(), 0)
    share = float((table["covered"].fillna(0) * length).sum() / max(length.sum(), 1))
    bare = table[table["covered"] == 0]
    lines.append(
        f"{share:.0%} of {count(len(meeting.interventions), 'intervention')} lies inside coded "
        f"quotes; {count(len(bare), 'sentence')} of {len(table)} without any:"
    )
    lines += [f"  {row.order}. {row.actor}: {row.text}" for row in bare.itertuples()]
    return lines
