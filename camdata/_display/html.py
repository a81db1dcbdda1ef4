"""The one dialect of HTML in which results show themselves: escaped, with styles inside the tags.

Notebooks, pages made of them and previews on a code host all drop style sheets, so each tag carries
its own few styles.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape as escape  # the one way in which text gets into HTML

import pandas as pd

from camdata._display.spans import Span, merge_spans

_CELL = "text-align:left;vertical-align:top;white-space:normal"
MOST_ROWS = 60


def paragraph(words: str) -> str:
    """Return a text as a paragraph; its line breaks stay."""
    return f"<p style='white-space:pre-line'>{escape(words)}</p>"


def heading(words: str, more: str = "") -> str:
    """Return a heading, with more words behind it in plain type."""
    rest = f": {escape(more)}" if more else ""
    return f"<p><strong>{escape(words)}</strong>{rest}</p>"


def quotation(body: str, note: str = "") -> str:
    """Return a passage that is HTML already, with a note below it."""
    below = f"<br><small>{escape(note)}</small>" if note else ""
    return f"<blockquote style='white-space:pre-line'>{body}{below}</blockquote>"


def mark_spans(passage: str, spans: Iterable[Span]) -> str:
    """Return `passage` escaped, with `spans` (offsets within it) marked."""
    pieces, done = [], 0
    for start, stop in merge_spans(spans):
        pieces += [escape(passage[done:start]), f"<mark>{escape(passage[start:stop])}</mark>"]
        done = stop
    pieces.append(escape(passage[done:]))
    return "".join(pieces)


def rows(header: Sequence[str], body: Iterable[Sequence[str]], caption: str = "") -> str:
    """Return a table of cells that are HTML already; a row of one cell is a heading."""
    top = "".join(f"<th style='{_CELL}'>{escape(name)}</th>" for name in header)
    lines = []
    for cells in body:
        if len(cells) == 1:
            lines.append(f"<tr><th colspan='{len(header)}' style='{_CELL}'>{cells[0]}</th></tr>")
        else:
            inside = "".join(f"<td style='{_CELL}'>{cell}</td>" for cell in cells)
            lines.append(f"<tr>{inside}</tr>")
    head = f"<thead><tr>{top}</tr></thead>" if any(header) else ""
    title = f"<caption>{escape(caption)}</caption>" if caption else ""
    return f"<table>{title}{head}<tbody>{''.join(lines)}</tbody></table>"


def frame(table: pd.DataFrame) -> str:
    """Return a data frame as a table, escaped, with a dash where a cell is missing."""
    cut = table.head(MOST_ROWS)
    # pandas writes <NA> for what is missing in nullable columns, whatever `na_rep` says
    dashed = cut.astype("object").where(cut.notna(), "–")
    shown = dashed.to_html(float_format=lambda value: f"{value:.3g}", border=0)
    more = len(table) - len(cut)
    return shown + (paragraph(f"… and {more:,} more rows in .frame") if more else "")
