"""`load_meeting`: the bundled meeting, a folder, or a single file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from camdata._display.checks import check_path
from camdata.io.dna import read_dna
from camdata.io.folder import read_folder
from camdata.io.jsonl import read_jsonl
from camdata.io.refi import read_refi
from camdata.io.table import read_table
from camdata.model.errors import Fault, MeetingError
from camdata.model.meeting import Meeting
from camdata.model.source import Quotes

BUNDLED = Path(__file__).parents[1] / "data"
TABLES = (".csv", ".tsv", ".xlsx", ".xls", ".xlsm", ".ods")
READERS: Mapping[str, Callable[..., Meeting]] = {
    **dict.fromkeys(TABLES, read_table),
    ".dna": read_dna,
    ".qdpx": read_refi,
    ".jsonl": read_jsonl,
}


def load_meeting(path: str | Path | None = None, *, quotes: Quotes = "strict") -> Meeting:
    """Load a meeting from a folder or a single file, by default the bundled meeting of the CAM.

    Parameters
    ----------
    path : str or pathlib.Path, optional
        A folder with ``statements.csv`` and, where there are any, ``actors.csv``, ``codebook.csv``,
        ``interventions.csv``, ``references.csv``, ``recodings.csv``, ``report.txt`` or
        ``texts/NAME.txt``, and ``datapackage.json``. CSV files are UTF-8, cells separated by
        commas; only an empty cell is missing. A folder that holds texts and no statements is a
        meeting that is still to be coded. Or one file: a table (``.csv``, ``.tsv``, ``.xlsx``,
        ``.ods``) as `camdata.io.read_table` reads it, a ``.dna`` database of Discourse
        Network Analyzer, a ``.qdpx`` project or a ``.jsonl`` file of records, with the defaults of
        their readers.

    quotes : {"strict", "triage"}
        As for `Meeting`: whether a quote that is not in its text is a fault or waits in the queue.
        For folders and tables; other formats take their quotes from the text.

    Returns
    -------
    Meeting

    Raises
    ------
    MeetingError
        With every fault: the file, the physical line, the column, what was expected and what was
        found.

    Examples
    --------
    >>> import camdata as cam
    >>> meeting = cam.load_meeting()
    >>> meeting.positions().shape
    (14, 4)
    """
    if path is None:
        return Meeting.from_source(read_folder(BUNDLED), quotes=quotes)
    path = check_path("path", path)
    if path.is_file():
        reader = READERS.get(path.suffix.lower())
        if reader is None:
            expected = f"a folder, or a file that ends in {', '.join(READERS)}"
            raise MeetingError([Fault(str(path), None, None, expected, "another file")], str(path))
        # other formats take their quotes from the text
        return reader(path, quotes=quotes) if reader is read_table else reader(path)
    return Meeting.from_source(read_folder(path), quotes=quotes)
