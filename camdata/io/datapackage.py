"""Write a meeting as a folder described by a Frictionless Data Package."""

from __future__ import annotations

import json
import os
import re
import shutil
import time
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from camdata._display.checks import check_path, wrong_type
from camdata._display.words import join_names
from camdata.io.folder import DESCRIPTOR, is_text_name, meeting_files, own_names, workplace
from camdata.model.columns import type_of, written
from camdata.model.meeting import Meeting
from camdata.model.schema import STANCES, Field, Table, tables_for
from camdata.model.source import Source, sha256

# describing


def _described(spec: Field) -> dict[str, Any]:
    own: dict[str, Any] = {"name": spec.name, "type": spec.type, "description": spec.description}
    rules = {"required": spec.filled or None, "enum": [*spec.enum] or None, "minimum": spec.minimum}
    some = {name: rule for name, rule in rules.items() if rule is not None}
    return {**own, "constraints": some} if some else own


def _schema(table: Table, frame: pd.DataFrame, present: Collection[str]) -> dict[str, Any]:
    """Return the Table Schema of a written table, with foreign keys to tables that are present."""
    fields = []
    for name in frame.columns:
        kind, spec = type_of(frame[name]), table.field(name)
        own = {"name": name, "description": "not part of camdata's spec", "type": kind}
        form = {"format": "any"} if kind == "datetime" else {}
        fields.append({**own, **form} if spec is None else _described(spec))
    schema: dict[str, Any] = {"fields": fields, "missingValues": [""]}
    key = [name for name in table.key if name in frame]
    if key and table.key[-1] in key:
        schema["primaryKey"] = key
    ends = [(own, other, key) for own, (other, key) in table.foreign.items() if other in present]
    foreign = [{"fields": [a], "reference": {"resource": b, "fields": [c]}} for a, b, c in ends]
    return {**schema, "foreignKeys": foreign} if foreign else schema


def _resource(name: str, path: str, description: str, data: bytes) -> dict[str, Any]:
    table = {"scheme": "file", "format": "csv", "mediatype": "text/csv"}
    text = {"format": "txt", "mediatype": "text/plain"}
    csv = path.endswith(".csv")
    own = {"name": name, "type": "table" if csv else "text", "path": path}
    rest = {"encoding": "utf-8", "bytes": len(data), "hash": sha256(data)}
    return {**own, "description": description, **(table if csv else text), **rest}


def _text_name(name: str, taken: Sequence[str]) -> str:
    own = re.sub(r"[^a-z0-9._-]+", "-", name.lower()).strip("-") or "text"
    while own in taken:
        own += "-text"
    return own


def files_of(tables: Mapping[str, pd.DataFrame], source: Source) -> dict[str, bytes]:
    """Return the files of a meeting's folder by their paths, ``datapackage.json`` last."""
    spec = tables_for(source.stances)
    files: dict[str, bytes] = {}
    resources: list[dict[str, Any]] = []
    for name, table in tables.items():
        file, grain = spec[name].file, spec[name].grain
        cells = pd.DataFrame({column: written(table[column]) for column in table})
        files[file] = _encoded(cells.to_csv(index=False, lineterminator="\n"))
        schema = _schema(spec[name], table, tables)
        resources.append({**_resource(name, file, grain, files[file]), "schema": schema})
    for name, text in source.texts.items():
        file = "report.txt" if name == "report" else f"texts/{name}.txt"
        files[file] = _encoded(text)
        own = _text_name(name, [str(resource["name"]) for resource in resources])
        about = "The text that quotes and passages are located in."
        resources.append(_resource(own, file, about, files[file]))
    descriptor: dict[str, Any] = {**source.metadata}
    if source.stances != STANCES:
        descriptor["stances"] = list(source.stances)
    descriptor["resources"] = resources
    files[DESCRIPTOR] = (json.dumps(descriptor, indent=2, ensure_ascii=False) + "\n").encode()
    return files


def _encoded(text: str) -> bytes:
    """Return a text in UTF-8, with a second byte order mark if its own is to survive reading."""
    return text.encode("utf-8-sig" if text.startswith("\ufeff") else "utf-8")


# writing


def write_folder(meeting: Meeting, folder: str | Path) -> None:
    """Write a meeting as a folder that `load_meeting` reads, with its ``datapackage.json``.

    Parameters
    ----------
    meeting : Meeting
        The meeting; statements that wait in its queue are in ``queue.csv``, where a true in the
        column `accepted` makes them count.
    folder : str or pathlib.Path
        The folder to write; created if it does not exist. The files of a meeting in it are
        replaced, all of them or none; other files stay.

    Raises
    ------
    FileExistsError
        If the folder holds a table or a text that is not part of this meeting but would be read
        with it; if it is the current folder; if another program is writing it, or was
        interrupted. In these cases nothing is written.

    Notes
    -----
    The new folder is first written to ``.NAME.camdata`` beside the old one, which it then replaces
    by renaming. Another program reads either the old meeting or the new one. If this program is
    killed between the two renamings, the old files are in ``.NAME.camdata/old``, and the error on
    reading says so.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import pandas as pd
    >>> import camdata as cam
    >>> meeting = cam.Meeting(pd.DataFrame({"actor": ["A"], "code": ["tax"]}))
    >>> with tempfile.TemporaryDirectory() as parent:
    ...     folder = pathlib.Path(parent, "mine")
    ...     cam.io.write_folder(meeting, folder)
    ...     sorted(path.name for path in folder.iterdir())
    ['datapackage.json', 'statements.csv']
    """
    check_meeting(meeting)
    tables = {name: getattr(meeting, name) for name in meeting.given}
    put_in_place(check_path("folder", folder), files_of(tables, meeting.source))


def check_meeting(value: object) -> None:
    """Raise a TypeError unless the value is a meeting."""
    if not isinstance(value, Meeting):
        raise wrong_type("meeting", "a Meeting", value)


def put_in_place(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write all files of a meeting's folder, or none; see `write_folder`."""
    folder = folder.resolve()  # a link to the folder stays a link
    if folder.exists() and not folder.is_dir():
        raise FileExistsError(f"{folder} is a file, where a folder is to be written.")
    if Path.cwd().resolve().is_relative_to(folder):
        raise FileExistsError(f"{folder} is the current folder: change to another one to write it.")
    work = workplace(folder)
    work.parent.mkdir(parents=True, exist_ok=True)
    _lock(work)
    try:
        foreign = sorted(set(meeting_files(folder)) - set(files))
        if foreign:
            raise FileExistsError(
                f"{folder} already holds {join_names(foreign)}, which this meeting does not have, "
                "but which would be read: write to another folder, or remove what is there."
            )
        for file, data in files.items():
            path, there = work / "new" / file, folder / file
            if there.is_dir():
                raise FileExistsError(f"{there} is a folder, where a file is to be written.")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        if folder.is_dir():
            shutil.copymode(folder, work / "new")
            os.rename(folder, work / "old")
        os.rename(work / "new", folder)
    finally:
        _unlock(folder, work)


def _lock(work: Path) -> None:
    """Create the temporary folder; it locks out other writers."""
    for _ in range(200):
        try:
            work.mkdir()
            return
        except FileExistsError:
            time.sleep(0.05)
    raise FileExistsError(
        f"{work} exists: another program is writing this folder, or was interrupted. If none is "
        "writing, move what you need out of it, and remove it."
    )


def _unlock(folder: Path, work: Path) -> None:
    """Remove the temporary folder; the user's other files go back to the meeting's folder."""
    old = work / "old"
    if old.is_dir() and not folder.exists():  # the new folder did not replace it
        os.rename(old, folder)
    if old.is_dir():
        ours = {name.casefold() for name in own_names()}
        entries = [entry for entry in old.iterdir() if entry.name.casefold() not in ours]
        if not (old / "texts").is_symlink():
            entries += [e for e in (old / "texts").glob("*") if not is_text_name(e.name)]
        for entry in entries:
            target = folder / entry.relative_to(old)
            target.parent.mkdir(exist_ok=True)
            os.rename(entry, target)
    shutil.rmtree(work)
