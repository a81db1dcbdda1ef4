"""Read highlights that Taguette exports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from camdata._display.checks import check_choice, check_path
from camdata.io.foreign import Log, meeting_of, read_export, statement_ids, title_of
from camdata.io.stances import read_signs, read_stances
from camdata.model.errors import MeetingError, Origin
from camdata.model.meeting import Meeting
from camdata.model.schema import STANCES
from camdata.model.source import SourceTable

EXPORTED = ("id", "document", "tag", "content")
"""The columns of Taguette's export."""


def read_taguette(
    path: str | Path,
    *,
    actor: str = "document",
    stance: Literal["tag", False] | None = None,
    stances: Mapping[str | int, int | None] | None = None,
) -> Meeting:
    """Read the highlights that Taguette exports as a meeting.

    Parameters
    ----------
    path : str or pathlib.Path
        The CSV file of all highlights ("Export this view", CSV): one row for each tag of each
        highlight, with `id`, `document`, `tag` and `content`.
    actor : {"document", "parent tag"}
        Who holds the position in a highlight: its document, or the parent of its tag
        (Brazil.tax).
    stance : {"tag", False}, optional
        Where the stance is: ``"tag"`` in a second tag, such as "pro" beside "tax"; ``False``
        nowhere, every highlight is support. By default ``False``; required if tags that are words
        for stances are used.
    stances : mapping, optional
        What the tags for stances mean, such as ``{"pro": 1, "mixed": 0, "contra": -1}``, beside the
        usual words.

    Returns
    -------
    Meeting
        Statements with `statement` (the highlight's id, with a number after it where there are
        several), `actor`, `code` (the tag), `stance`, `quote`, `document` and `highlight`; where
        tags lie in others, a codebook whose `dimension` is the outermost one. The export holds no
        texts, so quotes are not located. How it was read, and what was left out (highlights
        without a tag), is in ``meeting.source.changes``.

    Raises
    ------
    MeetingError
        If the file is not such an export, if tags that are words for stances are used and `stance`
        is not given, or as for `Meeting`.
    ValueError
        If `actor`, `stance` or `stances` has another value.

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
    log = Log()
    raw = read_export(path, EXPORTED, log)
    tags = raw.frame["tag"].dropna().unique().tolist()

    def error(column: str, expected: str, got: str) -> MeetingError:
        return MeetingError([raw.origin.fault(None, column, expected, got)], str(path))

    meaning, signs = read_signs("tag", stance, stances, tags, tags, error)
    counts = {tag: int((raw.frame["tag"] == tag).sum()) for tag in signs}
    read = read_stances(counts, meaning, log, place=f"{path.name}, column tag", column="tag")
    tables = _tables(raw, actor, {tag: read.column([tag])[0] for tag in signs}, log)
    scale = read.scale if signs else STANCES
    return meeting_of(str(path), tables, log, stances=scale, metadata=title_of(path))


def _tables(raw: SourceTable, actor: str, levels: Mapping[Any, Any], log: Log) -> dict[str, Any]:
    """Make one statement for each tag on a highlight; `levels` are the stances of tags."""
    frame, origin = raw.frame, raw.origin
    tagged, sign = frame["tag"].notna(), frame["tag"].isin(list(levels))
    coded = frame[tagged & ~sign].reset_index(names="row")
    log.left_out("highlights", "tag", "without a tag", (~tagged).sum())
    coded["actor"], coded["code"] = coded["document"], coded["tag"]
    if actor == "parent tag":
        parts = coded["tag"].str.rpartition(".")
        coded["actor"], coded["code"] = parts[0].where(parts[0] != ""), parts[2]
        log.left_out("highlights", "tag", "without a tag above it", coded["actor"].isna().sum())
        coded = coded[coded["actor"].notna()]
    rated = frame.loc[sign, ["id"]]
    log.left_out("highlights", "tag", "with no other tag", (~rated["id"].isin(coded["id"])).sum())
    if levels:
        rated["stance"] = frame.loc[sign, "tag"].map(levels).astype("Int64")
        coded = coded.merge(rated.drop_duplicates(), on="id", how="left")
        coded = coded.sort_values("row", kind="stable", ignore_index=True)
        log.without_stance("tag", coded["stance"].isna().sum())
    else:
        coded = coded.assign(stance=1)
        log.all_support(len(coded))
    coded["statement"] = statement_ids(coded["id"])
    coded = coded.rename(columns={"content": "quote"}).assign(highlight=coded["id"])
    columns = ["statement", "actor", "code", "stance", "quote", "document", "highlight"]
    names = {"statement": "id", "code": "tag", "quote": "content", "actor": actor.split()[-1]}
    statements = coded[columns].reset_index(drop=True)
    lines = origin.of_rows(coded["row"].to_numpy())
    tables = {"statements": SourceTable(statements, replace(lines, columns=names))}
    codes = pd.Series(statements["code"].unique(), dtype="str")
    if actor == "document" and codes.str.strip(".").str.contains(".", regex=False).any():
        outermost = codes.str.partition(".")[0]
        book = pd.DataFrame({"code": codes, "dimension": outermost.where(outermost != "", codes)})
        tables["codebook"] = SourceTable(book, Origin(origin.file, columns={"code": "tag"}))
    return tables
