"""Read records of language models: JSON Lines, dicts, chat messages, langextract."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from camdata._display.checks import as_names, check_path, wrong_type
from camdata._display.words import shorten
from camdata.io.blocks import frame_block
from camdata.io.foreign import Log
from camdata.io.table import read_table
from camdata.model.columns import WRITABLE, unwritable
from camdata.model.errors import Fault, MeetingError, Origin
from camdata.model.meeting import Meeting
from camdata.model.source import Change, Quotes, decode_file

_CODER = ("model", "prompt", "run")
_WRAPS = ("response", "body", "choices", "message")
_FENCE = re.compile(r"```[\w-]*[ \t]*\n(.*?)(?:```|\Z)", re.DOTALL)
_FENCES = re.compile(r"^```[\w-]*[ \t]*$", re.MULTILINE)
_START = re.compile(r"[{\[]")
_WORD = re.compile(r"[^\s,]")
_DECODER = json.JSONDecoder()


def read_jsonl(
    records: str | Path | Iterable[Mapping[str, Any]],
    *,
    texts: str | Mapping[str, str] | None = None,
    coder: str | Sequence[str] | None = None,
    quotes: Quotes = "triage",
    **options: Any,
) -> Meeting:
    """Read statements that a language model has coded, and grade their quotes.

    Parameters
    ----------
    records : str, pathlib.Path or iterable of mappings
        A file of one JSON object per line (or one JSON array), or such objects as dicts. Each is

        - a statement: `actor`, `code` (one or a list: a statement for each), `stance`, `quote`,
          `document` and whatever else, which is kept;
        - an object that holds such objects in a list, whose other keys hold for all of them;
        - a result of langextract: `extractions` with `extraction_text` (the quote),
          `char_interval` and `attributes`; without an attribute `code` the class is the code;
        - a chat message or the answer of a chat interface (`content`, `message`, `choices`,
          `response`, `body`), whose content is JSON, in a fence or not. Messages of the user and
          the system are left out.
    texts : str or mapping of str to str, optional
        The texts that quotes are located in, as for `Meeting`; by default those that results of
        langextract hold.
    coder : str or sequence of str, optional
        The key that says who coded, or several that are joined; or a name for all records. By
        default `coder`, or `model`, `prompt` and `run` joined: "gpt-x, prompt 3, run 1".
    quotes : {"triage", "strict"}
        What happens to a statement whose quote is not in its text. ``"triage"``: each quote is
        graded verbatim, typographic (only white space, quotation marks, dashes, case or accents
        differ), near or absent. Typographic ones are read as the words of the text; statements
        whose quote is near or absent wait in ``meeting.queue`` and count nowhere until
        ``meeting.accept`` takes them. ``"strict"``: it is a fault.
    **options
        Arguments of `read_table`, which reads the statements: `stances`, `aliases`, `codebook`, …

    Returns
    -------
    Meeting
        The number of quotes of each grade is printed with it and in ``meeting.source.changes``.

    Raises
    ------
    MeetingError
        With every fault by its line: invalid JSON, and records that are not readable as statements.

    Examples
    --------
    >>> import camdata as cam
    >>> text = 'Peru asked for "clear terms". Chile wanted a quota.'
    >>> record = {"model": "m", "run": 1, "actor": "Peru", "code": ["terms", "clarity"]}
    >>> records = [
    ...     {**record, "quote": "asked for “clear terms”"},
    ...     {"model": "m", "run": 1, "actor": "Chile", "code": "quota", "quote": "refused a tax"},
    ... ]
    >>> meeting = cam.io.read_jsonl(records, texts=text)
    >>> meeting.statements[["actor", "code", "quote", "coder"]]
      actor     code                    quote     coder
    0  Peru    terms  asked for "clear terms"  m, run 1
    1  Peru  clarity  asked for "clear terms"  m, run 1
    >>> meeting.queue[["actor", "code", "grade"]]
       actor   code   grade
    0  Chile  quota  absent
    """
    found, name, unit = _Found(), "`records`", "record"
    if isinstance(records, str | Path):
        name, unit = str(records), "line"
        text = decode_file(check_path("records", records))
        for line, value in found.values_of(text, prose=False):
            found.add(value, line, {})
    elif isinstance(records, bytes) or not isinstance(records, Iterable):
        raise wrong_type("records", "a path, or records as dicts", records)
    else:
        for number, record in enumerate([records] if isinstance(records, Mapping) else records, 1):
            found.add(record, number, {})
    if not found.rows and not found.faults:
        found.faults.append((None, "a statement", "nothing"))
    faults = [Fault(name, *f[:1], None, *f[1:], unit=unit) for f in found.faults]
    if not found.rows:
        raise MeetingError(faults, name)
    try:
        frame = _with_coder(_frame(found.rows), coder)
        where = Origin(name, np.array(found.lines, dtype=np.int64), unit=unit)
        table: Any = replace(frame_block(frame, log=Log(found.changes())), where=where)
        named = found.texts if texts is None else texts
        meeting = read_table(table, texts=named, quotes=quotes, **options)
    except ValueError as error:
        if not faults:
            raise
        more = error.found if isinstance(error, MeetingError) else ()
        raise MeetingError([*faults, *more], name) from None
    if faults:
        raise MeetingError(faults, name)
    return meeting


@dataclass
class _Found:
    """The statements found so far, with their lines, texts, faults and changes."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)
    faults: list[tuple[int | None, str, str]] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def changes(self) -> list[Change]:
        """Return the counts as changes."""
        found = [(what, "code" if "code" in what else "", n) for what, n in self.counts.items()]
        return [Change(what, column, "", "", n) for what, column, n in found if n]

    def values_of(self, text: str, *, prose: bool) -> Iterator[tuple[int, Any]]:
        """Yield the JSON objects and arrays of a text, one after the other, with their lines.

        Fences are skipped, and with `prose` all words between the values.
        """
        text = _FENCES.sub("", text)
        place, line, counted = 0, 1, 0
        while place >= 0:
            match = _START.search(text, place)
            start = match.start() if match else len(text)
            between = _WORD.search(text, place, start)
            if between and not prose:
                at, got = text.count("\n", 0, between.start()) + 1, text[between.start() : start]
                self.faults.append((at, "one JSON object per line", shorten(got.strip())))
            if match is None:
                return
            line, counted = line + text.count("\n", counted, start), start
            try:
                value, place = _DECODER.raw_decode(text, start)
                yield line, value
            except (ValueError, RecursionError) as error:
                got = f"{getattr(error, 'msg', error)} in {shorten(text[start:], 60)}"
                self.faults.append((line, "JSON", got))
                place = text.find("\n", start)  # the next line may be sound

    def add(self, value: Any, line: int, shared: Mapping[str, Any]) -> None:
        """Add the statements in a JSON value of any shape; each gets the keys of `shared`."""
        rest = dict(value) if isinstance(value, Mapping) else {}
        wraps = [w for w in _WRAPS if isinstance(rest.get(w), Mapping | list)]
        if isinstance(value, list):
            for item in value:
                self.add(item, line, shared)
        elif not isinstance(value, Mapping):
            self.faults.append((line, "a JSON object with a statement", shorten(value)))
        elif wraps:
            coder = {key: own for key, own in value.items() if key in _CODER}
            self.add(value[wraps[0]], line, {**shared, **coder})
        elif isinstance(value.get("extractions"), list):
            document = value.get("document", rest.pop("document_id", None))
            if isinstance(text := rest.pop("text", None), str):
                self.texts[str(document or "report")] = text
            if document is not None:
                rest["document"] = document
            for item in rest.pop("extractions"):
                add = self._add_extraction if isinstance(item, Mapping) else self.add
                add(item, line, {**shared, **rest})
        elif "actor" not in value and "content" in value:
            rest = {k: v for k, v in rest.items() if k not in ("role", "content", "type", "id")}
            for answer in self._answer(value, line):
                self.add(answer, line, {**shared, **rest})
        elif "actor" not in value and (lists := [k for k, v in rest.items() if _is_records(v)]):
            inside = [record for key in lists for record in rest.pop(key)]
            self.add(inside, line, {**shared, **rest})
        else:
            self._add_statement({**shared, **rest}, line)

    def _answer(self, message: Mapping[str, Any], line: int) -> list[Any]:
        """Return the JSON values in the content of a chat message."""
        if message.get("role", "assistant") not in ("assistant", "model"):
            self.counts["message of another role left out"] += 1
            return []
        content = message["content"]
        parts = content if isinstance(content, list) else [content]
        words = [part.get("text") if isinstance(part, Mapping) else part for part in parts]
        text = "\n".join(word for word in words if isinstance(word, str))
        # an empty list is an answer: nothing is recorded
        found = list(self.values_of("\n".join(_FENCE.findall(text)) or text, prose=True))
        if not found and not self.faults:
            self.faults.append((line, "a message whose content is JSON", shorten(text)))
        return [value for _, value in found]

    def _add_extraction(self, item: Any, line: int, shared: Mapping[str, Any]) -> None:
        """Add an extraction of langextract: a statement, whatever the names of its attributes."""
        for key in ("attributes", "char_interval"):
            if not isinstance(item.get(key) or {}, Mapping):
                self.faults.append((line, f"an object as {key}", shorten(item[key])))
                return
        attributes = dict(item.get("attributes") or {})
        if "code" not in attributes:
            attributes["code"] = item.get("extraction_class")
            self.counts["class read as code"] += 1
        interval = item.get("char_interval") or {}
        places = {"start": interval.get("start_pos"), "stop": interval.get("end_pos")}
        quoted = {"quote": item.get("extraction_text"), **places}
        self._add_statement({**shared, **attributes, **quoted}, line)

    def _add_statement(self, record: dict[str, Any], line: int) -> None:
        if "codes" in record and "code" not in record:
            record["code"] = record.pop("codes")
        codes = record.get("code")
        self.counts["one statement for each code"] += isinstance(codes, list)
        for code in (codes or [None]) if isinstance(codes, list) else [codes]:
            row = {**record, "code": code} if "code" in record else record
            made = {str(key): _cell(cell) for key, cell in row.items()}
            words = [word for word in (*made, *made.values()) if isinstance(word, str)]
            wrong = [(line, WRITABLE, ascii(shorten(word))) for word in words if unwritable(word)]
            for name in ("actor", "code", "stance", "quote", "document"):
                if _is_nested(row.get(name)):
                    wrong.append((line, f"text as {name}", shorten(made[name])))
            self.faults += wrong
            if not wrong:
                self.rows.append(made)
                self.lines.append(line)


def _is_records(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(v, Mapping) for v in value)


def _is_nested(value: Any) -> bool:
    """Whether a value is an object, or a list with objects or lists."""
    inside = value if isinstance(value, list) else []
    return isinstance(value, Mapping) or any(isinstance(v, Mapping | list) for v in inside)


def _cell(value: Any) -> Any:
    """Return a value as a cell of a table; truth values, lists and objects as JSON."""
    if isinstance(value, bool | Mapping | list):
        return json.dumps(value, ensure_ascii=False)
    return value


def _frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Return records as a table, columns of numbers as numbers, all others as text."""
    columns = {}
    for name in dict.fromkeys(key for row in rows for key in row):
        cells = [row.get(name) for row in rows]
        there = [cell for cell in cells if cell is not None]
        whole = all(isinstance(cell, int) and abs(cell) < 2**63 for cell in there)
        if there and (whole or all(isinstance(cell, int | float) for cell in there)):
            columns[name] = pd.Series(cells, dtype="Int64" if whole else "float64")
        else:
            words = [None if cell is None else str(cell) for cell in cells]
            columns[name] = pd.Series(words, dtype="str")
    return pd.DataFrame(columns).dropna(axis="columns", how="all")


def _with_coder(frame: pd.DataFrame, coder: str | Sequence[str] | None) -> pd.DataFrame:
    """Return the records with a column `coder`."""
    if isinstance(coder, str):
        return frame.assign(coder=frame[coder].astype("str") if coder in frame else coder)
    if coder is None and "coder" in frame:
        return frame
    keys = _CODER if coder is None else as_names("coder", coder)
    if coder is not None and (missing := [name for name in keys if name not in frame]):
        raise ValueError(f"`coder` names the key {missing[0]!r}, which no record has.")
    names = [name for name in keys if name in frame]
    words = frame[names].astype("str")
    for name in names[1:]:
        words[name] = name + " " + words[name]
    rows = words.itertuples(index=False)
    joined = [", ".join(word for word in row if isinstance(word, str)) or None for row in rows]
    return frame.assign(coder=pd.Series(joined, dtype="str")) if names else frame
