"""A meeting's folder described and written, as a Frictionless Data Package."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd

from camdata._display.words import listed
from camdata.io.folder import DESCRIPTOR, STAGED, meeting_files
from camdata.model.cells import field_type, written
from camdata.model.schema import STANCES, TABLES, Field, Table, tables_for
from camdata.model.source import Source, sha256


def _described(spec: Field) -> dict[str, Any]:
    descriptor: dict[str, Any] = {
        "name": spec.name,
        "type": spec.type,
        "description": spec.description,
    }
    constraints: dict[str, Any] = {}
    if spec.filled:
        constraints["required"] = True
    if spec.enum:
        constraints["enum"] = list(spec.enum)
    if spec.minimum is not None:
        constraints["minimum"] = spec.minimum
    if constraints:
        descriptor["constraints"] = constraints
    return descriptor


def table_descriptor(
    table: Table, frame: pd.DataFrame, data: bytes, present: Iterable[str]
) -> dict[str, Any]:
    """Describe one written table as a resource of a Frictionless Data Package.

    Parameters
    ----------
    table : Table
        The spec.
    frame : pandas.DataFrame
        What is written; columns outside the spec have their dtype described.
    data : bytes
        The file.
    present : iterable of str
        The tables that are written, since a foreign key to an absent one would be invalid.
    """
    fields = []
    for name in frame.columns:
        spec = table.field(name)
        extra = {"name": name, "description": "not part of camdata's spec"}
        fields.append({**extra, **field_type(frame[name])} if spec is None else _described(spec))
    schema: dict[str, Any] = {"fields": fields, "missingValues": [""]}
    key = [name for name in table.key if name in frame]
    if key and table.key[-1] in key:
        schema["primaryKey"] = key
    foreign = [
        {"fields": [column], "reference": {"resource": target, "fields": [key]}}
        for column, (target, key) in table.foreign.items()
        if target in set(present)
    ]
    if foreign:
        schema["foreignKeys"] = foreign
    return {
        "name": table.name,
        "type": "table",
        "path": table.file,
        "description": table.grain,
        "scheme": "file",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": len(data),
        "hash": sha256(data),
        "schema": schema,
    }


def text_descriptor(name: str, data: bytes, taken: Sequence[str]) -> dict[str, Any]:
    """Describe one text as a resource whose name is not `taken`."""
    own = re.sub(r"[^a-z0-9._-]+", "-", name.lower()).strip("-") or "text"
    while own in taken:
        own += "-text"
    return {
        "name": own,
        "type": "text",
        "path": text_file(name),
        "description": "The text that quotes and passages are located in.",
        "format": "txt",
        "mediatype": "text/plain",
        "encoding": "utf-8",
        "bytes": len(data),
        "hash": sha256(data),
    }


def text_file(name: str) -> str:
    """Return the path of a text in its folder."""
    return "report.txt" if name == "report" else f"texts/{name}.txt"


def files_of(tables: Mapping[str, pd.DataFrame], source: Source) -> dict[str, bytes]:
    """Return every file of a meeting's folder by its path in it, ``datapackage.json`` the last."""
    spec = tables_for(source.stances)
    files: dict[str, bytes] = {}
    resources: list[dict[str, Any]] = []
    for name, table in tables.items():
        cells = pd.DataFrame({column: written(table[column]) for column in table})
        data = _encoded(cells.to_csv(index=False, lineterminator="\n"))
        files[spec[name].file] = data
        resources.append(table_descriptor(spec[name], table, data, tables))
    for name, text in source.texts.items():
        data = _encoded(text)
        files[text_file(name)] = data
        resources.append(text_descriptor(name, data, [str(r["name"]) for r in resources]))
    descriptor: dict[str, Any] = {**source.metadata}
    if source.stances != STANCES:
        descriptor["stances"] = list(source.stances)
    descriptor["resources"] = resources
    files[DESCRIPTOR] = (json.dumps(descriptor, indent=2, ensure_ascii=False) + "\n").encode()
    return files


def _encoded(text: str) -> bytes:
    """Return a text in UTF-8; one that begins with a byte order mark is marked, to keep it."""
    return text.encode("utf-8-sig" if text.startswith("\ufeff") else "utf-8")


def write_folder(
    folder: Path,
    tables: Mapping[str, pd.DataFrame],
    source: Source,
    beside: Mapping[str, bytes] = MappingProxyType({}),
) -> None:
    """Write a meeting's folder as a whole or not at all; see `camdata.Meeting.write`.

    Files `beside` those of the meeting, by their names, are written with them.

    Everything is written beside the files that it replaces, and counts from the moment in which one
    renaming makes it complete: `camdata.folders.read_folder` then reads it from there, also if
    anything stops before the files are in their places.
    """
    ordered = {name: tables[name] for name in TABLES if name in tables}
    files = {**beside, **files_of(ordered, source)}
    unfinished = folder / f"{STAGED}.unfinished"
    for outside in (folder / STAGED, unfinished, folder / "texts"):
        if outside.is_symlink():
            raise FileExistsError(f"{outside} is a link, and nothing is written through a link.")
    settle(folder)
    foreign = sorted(set(meeting_files(folder)) - set(files))
    if foreign:
        raise FileExistsError(
            f"{folder} already holds {listed(foreign)}, which this meeting does not have "
            "and which would be read with it: write to another folder, or remove what is there."
        )
    for file in files:
        if (folder / file).is_dir():
            raise FileExistsError(f"{folder / file} is a folder, where a file is to be written.")
    folder.mkdir(parents=True, exist_ok=True)
    if unfinished.exists():
        shutil.rmtree(unfinished)
    try:
        for file, data in files.items():
            path = unfinished / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        os.rename(unfinished, folder / STAGED)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
    settle(folder)


def settle(folder: Path) -> None:
    """Put complete files that were written beside the others into their places."""
    staged = folder / STAGED
    if not staged.is_dir():
        return
    for path in sorted(staged.rglob("*")):
        if path.is_file():
            target = folder / path.relative_to(staged)
            target.parent.mkdir(exist_ok=True)
            os.replace(path, target)
    shutil.rmtree(staged)
