"""Cells as text, and the formats that they are written in: LaTeX, Word-ready HTML, Markdown."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from html import escape as escape_html
from typing import TYPE_CHECKING, Literal

import pandas as pd

if TYPE_CHECKING:
    from pandas.io.formats.style import Styler

SUPPORTS, OPPOSES, BOTH = "■", "⊟", "◧"
NOTHING = "·"
"""Nothing is recorded: no dash, which beside the minus of opposition would be read as one."""
MISSING = "–"
"""A number that there is none of."""


LONG = 40
"""How many rows fit on a page."""


@dataclass(frozen=True)
class TextTable:
    """Cells as text, before any format; a row of fewer is a heading for those below it.

    `align` has a letter for each column: ``l``, ``c``, ``r``, or ``p`` where words run over
    lines (``P`` in twice the room).
    """

    header: list[str]
    align: str
    rows: list[list[str]]
    notes: list[str]


def _line(text: str) -> str:
    """Return a text in one line, without the signs that no format can hold."""
    return " ".join(re.sub("[\0-\x08\x0e-\x1b\x7f]", "", text).split())


_SIGNS = {
    NOTHING: r"$\cdot$",
    SUPPORTS: r"$\blacksquare$",
    OPPOSES: r"$\boxminus$",
    BOTH: r"$\blacksquare\boxminus$",
}
_ALIGN = {"l": "left", "c": "center", "r": "right", "p": "left", "P": "left"}


def _styler(table: TextTable, escape: Literal["html", "latex"]) -> Styler:
    """Return the table as a Styler of pandas, whose rows of one cell are headings in italics."""
    width = len(table.header)
    rows = [[*map(_line, row), *[""] * (width - len(row))] for row in table.rows]
    frame = pd.DataFrame(rows, columns=range(width), dtype="str")
    headings = [i for i, row in enumerate(table.rows) if len(row) < width]
    from pandas.io.formats.style import Styler  # loads jinja2

    styler = Styler(frame, uuid="table", cell_ids=False).hide(axis="index")
    styler.format(escape=escape)
    called = [_escaped(name) if escape == "latex" else escape_html(name) for name in table.header]
    # pandas takes these names for format strings
    safe = [name.replace("{", "{{").replace("}", "}}") for name in called]
    styler.relabel_index(safe, axis="columns")
    if headings:
        styler.set_properties(subset=(headings, [0]), **{"font-style": "italic"})
    return styler


def _escaped(text: str) -> str:
    """Return a text for LaTeX, escaped as a Styler escapes it."""
    found = pd.DataFrame([_line(text)]).style.format(escape="latex").hide(axis="index")
    return found.hide(axis="columns").to_latex().split("\n")[1].removesuffix(r" \\")


def _latex(table: TextTable, title: str, note: str) -> str:
    width, room = len(table.header), {"p": 1, "P": 2}
    runs = sum(room.get(side, 0) for side in table.align)
    # what is left beside the columns of one line
    free = 0.92 - 0.12 * sum(side not in room for side in table.align)
    columns = "".join(
        f">{{\\raggedright\\arraybackslash}}p{{{room[side] * free / runs:.2f}\\linewidth}}"
        if side in room
        else side
        for side in table.align
    )
    long = len(table.rows) > LONG
    body = _styler(table, "latex").to_latex(
        column_format=f"@{{}}{columns}@{{}}",
        caption=_escaped(title) if title else None,
        environment="longtable" if long else None,
        position_float="centering" if title and not long else None,
        hrules=True,
        convert_css=True,
    )
    # a heading is a box without width, since its words would widen the first column
    box = rf"\\multicolumn{{{width}}}{{@{{}}l@{{}}}}{{\\makebox[0pt][l]{{"
    box += r"\\parbox[t]{\\linewidth}{\\raggedright\\textit{\1}\\strut}}} \\\\"
    body = re.sub(r"(?m)^\\itshape (.*?)(?: & )+ *\\\\$", box, body)
    # a bracket or star behind the end of a row would be read as belonging to it
    body = re.sub(r"(?m)^(?=[\[*])", "{}", body)
    words = f"{{\\footnotesize\\raggedright\\textit{{Note.}} {_escaped(note)}\\par}}\n"
    parts = ["\\begingroup\\small\\setlength{\\tabcolsep}{3pt}\n", body, "\\endgroup\n"]
    parts = [*(parts if width > 6 else [body]), *(["\\par\\smallskip\n", words] if note else [])]
    if title and not long:
        head, tail = body.split("\\begin{tabular}", 1)
        parts[parts.index(body)] = "\\begin{tabular}" + tail.removesuffix("\\end{table}\n")
        parts = [head, *parts, "\\end{table}\n"]
    found = "".join(parts)
    for sign, command in _SIGNS.items():
        found = found.replace(sign, command)
    return found


def _word(table: TextTable, title: str, note: str) -> str:
    """Return a whole document, which word processors open."""
    rule, thin = "1.5pt solid windowtext", "0.75pt solid windowtext"
    styler = _styler(table, "html")
    look = {
        "": f"border-collapse:collapse;font:10pt serif;border-bottom:{rule}",
        "thead th": f"border-top:{rule};border-bottom:{thin}",
        "th, td": "padding:2pt 6pt;vertical-align:top;font-weight:normal",
        "caption": "text-align:left;font-weight:bold",
        **{f".col{i}": f"text-align:{_ALIGN[side]}" for i, side in enumerate(table.align)},
    }
    styler.set_table_styles([{"selector": part, "props": props} for part, props in look.items()])
    if title:
        styler.set_caption(escape_html(_line(title)))
    page = styler.to_html(doctype_html=True)
    words = f"<p style='font:9pt serif'><em>Note.</em> {escape_html(_line(note))}</p>\n"
    return page.replace("</body>", f"{words}</body>") if note else page


def _markdown(table: TextTable, title: str, note: str) -> str:
    def plain(text: str) -> str:
        return re.sub(r"([\\`*_\[\]~$|<>&])", r"\\\1", _line(text))

    width = len(table.header)
    rows = [list(map(plain, table.header))]
    for cells in table.rows:
        heading = len(cells) < width
        marked = [f"**{plain(cells[0])}**"] if heading else list(map(plain, cells))
        rows.append(marked + [""] * (width - len(cells)))
    sides = table.align.lower().replace("p", "l")
    # long words are not worth blanks in all other rows
    wide = [min(max(3, *(len(row[place]) for row in rows)), 40) for place in range(width)]
    rule = {
        "l": lambda n: ":" + "-" * (n - 1),
        "c": lambda n: ":" + "-" * (n - 2) + ":",
        "r": lambda n: "-" * (n - 1) + ":",
    }
    pad = {"l": str.ljust, "c": str.center, "r": str.rjust}
    lines = [[pad[s](c, n) for c, s, n in zip(row, sides, wide, strict=True)] for row in rows]
    lines.insert(1, [rule[s](n) for s, n in zip(sides, wide, strict=True)])
    parts = [f"**{plain(title)}**\n"] * bool(title)
    parts += [f"| {' | '.join(line)} |" for line in lines]
    parts += [f"\n*Note.* {plain(note)}"] * bool(note)
    return "\n".join(parts) + "\n"


WRITERS: dict[str, Callable[[TextTable, str, str], str]] = {
    "latex": _latex,
    "html": _word,
    "markdown": _markdown,
}
