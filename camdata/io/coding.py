"""Coding a meeting: folders to fill in, progress, and a prompt for language models."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from camdata._display.words import count, join_names
from camdata.io.datapackage import check_meeting, files_of, put_in_place
from camdata.io.foreign import Log, read_export
from camdata.model.errors import MeetingError
from camdata.model.meeting import Meeting
from camdata.model.schema import tables_for
from camdata.model.source import Source, decode_file, parse_csv
from camdata.model.validate import check

GUIDE, PROMPT = "GUIDE.md", "PROMPT.md"
_TEMPLATE = Path(__file__).parent / "template"
_STARTED = ("actors", "codebook", "interventions", "statements", "references")


def read_names(path: Path) -> list[str]:
    """Return the column ``actor`` of a table, or the lines of a plain file of names."""
    text = decode_file(path)
    lines = text.split("\n")
    if "actor" not in [cell.strip(' "') for cell in lines[0].split(",")]:
        return [line.strip() for line in lines if line.strip()]
    table = read_export(path, ["actor"], log := Log())
    if log.faults:
        raise MeetingError(log.faults, str(path))
    return [name.strip() for name in table.frame["actor"].dropna() if name.strip()]


def new_folder(folder: Path, texts: Mapping[str, str], actors: Sequence[str] = ()) -> None:
    """Create a folder to fill in: texts, actors, tables with their headers, and a guide.

    Raises
    ------
    FileExistsError
        If the folder is not empty.
    MeetingError
        If the name of a text is not a possible file name.
    """
    _check_empty(folder)
    tables = {name: pd.read_csv(_TEMPLATE / f"{name}.csv", dtype="str") for name in _STARTED}
    names = list(dict.fromkeys(actors))
    tables["actors"] = tables["actors"].reindex(range(len(names))).assign(actor=names)
    name = re.sub(r"[^a-z0-9]+", "-", folder.name.lower()).strip("-") or "meeting"
    statements = parse_csv((_TEMPLATE / "statements.csv").read_text(), "statements.csv")[0]
    source = Source(str(folder), {"statements": statements}, texts, {"name": name})
    put_in_place(folder, {GUIDE: _guide(folder), **files_of(tables, check(source).source)})


def second_coder(meeting: Meeting, folder: Path) -> None:
    """Create a folder for a second coder: the same texts, actors and codebook, no statements.

    Raises
    ------
    FileExistsError
        If the folder is not empty.
    """
    _check_empty(folder)
    started = pd.read_csv(_TEMPLATE / "statements.csv", dtype="str")
    columns = [name for name in meeting.statements if name in started]
    kept = {name: getattr(meeting, name) for name in meeting.given if name in _STARTED}
    kept.pop("references", None)
    kept["statements"] = pd.DataFrame(columns=columns, dtype="str")
    put_in_place(folder, {GUIDE: _guide(folder), **files_of(kept, meeting.source)})


def _check_empty(folder: Path) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise FileExistsError(f"{folder} is not empty; nothing was written.")


def _guide(folder: Path) -> bytes:
    words = (_TEMPLATE / GUIDE).read_text(encoding="utf-8").replace("{folder}", folder.name)
    return words.encode("utf-8", "backslashreplace")


def progress(meeting: Meeting) -> list[str]:
    """Report how much of a meeting is coded, and which sentences are not.

    Returns
    -------
    list of str
        Lines: counts, the share of the interventions inside coded quotes, and each sentence outside
        of all quotes.
    """
    statements = meeting.statements
    named = {what: count(statements[what].nunique(), what) for what in ("actor", "code")}
    lines = [f"{count(len(statements), 'statement')} of {named['actor']} on {named['code']}"]
    for what, names in (("code", meeting.codebook["code"]), ("actor", meeting.actors["actor"])):
        unused = names[~names.isin(statements[what])]
        if len(unused):
            lines.append(f"{what}s without a statement: {join_names(unused, 20)}")
    if not meeting.texts:
        return [*lines, "no text, so that no quote can be checked"]
    if meeting.interventions.empty or "quote" not in statements:
        return [*lines, "what is not coded yet is listed once there are interventions and quotes"]
    table = meeting.coverage()
    length = (table["stop"] - table["start"]).where(table["covered"].notna(), 0)
    share = float((table["covered"].fillna(0) * length).sum() / max(length.sum(), 1))
    bare = table[table["covered"] == 0]
    lines.append(
        f"{share:.0%} of {count(len(meeting.interventions), 'intervention')} lies inside coded "
        f"quotes; {count(len(bare), 'sentence')} of {len(table)} without any:"
    )
    return lines + [f"  {row.order}. {row.actor}: {row.text}" for row in bare.itertuples()]


def coding_prompt(meeting: Meeting) -> str:
    """Write the codebook as a prompt for a language model whose answer `read_jsonl` reads.

    Parameters
    ----------
    meeting : Meeting
        A meeting with a codebook; its actors, where there are any, are those to choose from.

    Returns
    -------
    str
        Markdown: the task, the codes with their rules, and the JSON schema of one record. The text
        to code goes after it.

    Raises
    ------
    ValueError
        If the meeting has no codebook.

    Examples
    --------
    >>> import camdata as cam
    >>> print(cam.io.coding_prompt(cam.load_meeting())[:51])
    Code the text below. Write one JSON object per line
    """
    check_meeting(meeting)
    codebook = meeting.codebook
    if codebook.empty:
        raise ValueError("A prompt needs a codebook, and this meeting has none.")
    codes = []
    for row in codebook.to_dict("records"):
        there = {name: value for name, value in row.items() if not pd.isna(value)}
        head = f"- `{there.pop('code')}`" + (f": {there.pop('label')}" if "label" in there else "")
        codes += [head, *(f"  - {name}: {value}" for name, value in there.items())]
    schema = json.dumps(_record_schema(meeting), indent=2, ensure_ascii=False)
    stances = ", ".join(map(str, meeting.stances))
    meaning = " (1 supports, -1 opposes)" if set(meeting.stances) <= {1, -1} else ""
    words = (_TEMPLATE / PROMPT).read_text(encoding="utf-8")
    parts = {"stances": stances + meaning, "codes": "\n".join(codes), "schema": schema}
    return re.sub(r"\{(stances|codes|schema)\}", lambda match: parts[match[1]], words)


def _record_schema(meeting: Meeting) -> dict[str, Any]:
    """Return the JSON Schema of one record that `read_jsonl` reads."""
    fields = {spec.name: spec for spec in tables_for(meeting.stances)["statements"].fields}
    properties: dict[str, Any] = {
        name: {"type": fields[name].type, "description": fields[name].description}
        for name in ("actor", "code", "stance", "quote")
    }
    properties["code"]["enum"] = meeting.codebook["code"].tolist()
    properties["stance"]["enum"] = list(meeting.stances)
    if "actors" in meeting.given:
        properties["actor"]["enum"] = meeting.actors["actor"].tolist()
    if len(meeting.texts) > 1:
        properties["document"] = {"type": "string", "enum": list(meeting.texts)}
    rest = {"required": list(properties), "additionalProperties": False}
    return {"type": "object", "properties": properties, **rest}
