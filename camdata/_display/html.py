"""The one dialect of HTML in which results show themselves: escaped, with styles inside the tags.

Notebooks, pages made of them and previews on a code host all drop style sheets, so each tag carries
its own few styles.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from html import escape as escape  # the one way in which text gets into HTML

import pandas as pd

from camdata._display import plain
from camdata._display.spans import Span, merge_spans
from camdata._display.words import count

_CELL = "text-align:left;vertical-align:top;white-space:normal"
MOST_ROWS = 10
"""How many rows of a table a notebook shows."""


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


def rows(
    header: Sequence[str],
    body: Iterable[Sequence[str]],
    caption: str = "",
    numbers: Container[int] = (),
) -> str:
    """Return a table of cells that are HTML already; a row of one cell is a heading.

    The columns in `numbers` (by place) are aligned to the right, all others to the left.
    """
    styles = [_CELL.replace("left", "right") if i in numbers else _CELL for i in range(len(header))]
    heads = zip(header, styles, strict=True)
    top = "".join(f"<th style='{style}'>{escape(name)}</th>" for name, style in heads)
    lines = []
    for cells in body:
        if len(cells) == 1:
            lines.append(f"<tr><th colspan='{len(header)}' style='{_CELL}'>{cells[0]}</th></tr>")
        else:
            own = zip(cells, styles, strict=True)
            inside = "".join(f"<td style='{style}'>{cell}</td>" for cell, style in own)
            lines.append(f"<tr>{inside}</tr>")
    head = f"<thead><tr>{top}</tr></thead>" if any(header) else ""
    title = f"<caption>{escape(caption)}</caption>" if caption else ""
    return f"<table>{title}{head}<tbody>{''.join(lines)}</tbody></table>"


def frame(table: pd.DataFrame) -> str:
    """Return the first ten rows of a data frame as a table, and how many more there are."""
    if not isinstance(table.index, pd.RangeIndex):
        taken = set(table.columns)
        names = [name if name not in taken else f"{name} " for name in table.index.names]
        table = table.reset_index(names=["" if name is None else name for name in names])
    numbers = [i for i in range(table.shape[1]) if plain.is_number(table.iloc[:, i])]
    cut = plain.cells(table.head(MOST_ROWS))
    body = [[escape(cell) for cell in row] for row in cut.itertuples(index=False)]
    more = len(table) - len(cut)
    rest = paragraph(f"… and {count(more, 'more row')} in .frame") if more else ""
    return rows([str(name) for name in cut.columns], body, numbers=numbers) + rest
