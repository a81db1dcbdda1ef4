"""Cells as text, and the formats that they are written in: LaTeX, Word-ready HTML, Markdown."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from camdata._display import html as _html

SUPPORTS, OPPOSES, BOTH = "✓", "−", "±"
NOTHING = "·"
"""Nothing is recorded: no dash, which beside the minus of opposition would be read as one."""
MISSING = "–"
"""A number that there is none of."""


LONG = 40
"""How many rows fit on a page."""
HEADING = 12
"""How many characters a line of a heading has in LaTeX."""


@dataclass(frozen=True)
class Table:
    """Cells as text, before any format; a row of fewer is a heading for those below it.

    `align` has a letter for each column: ``l``, ``c``, ``r``, or ``p`` where words run over
    lines (``P`` in twice the room).
    """

    header: list[str]
    align: str
    rows: list[list[str]]
    notes: list[str]


def minus(number: str) -> str:
    """Return a number with a true minus, and nothing below zero that rounds to it."""
    return number.lstrip("-") if re.fullmatch("-0(\\.0+)?", number) else number.replace("-", "−")


def _line(text: str) -> str:
    """Return a text in one line, without the signs that no format can hold."""
    return " ".join(re.sub("[\0-\x08\x0e-\x1b\x7f]", "", text).split())


_LATEX: dict[str, str | int | None] = {
    **{sign: f"\\{sign}" for sign in "{}$&#_%"},
    "\\": r"\textbackslash{}",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedblright{}",
    "`": r"\textasciigrave{}",
    NOTHING: r"$\cdot$",
    SUPPORTS: r"\checkmark{}",
    OPPOSES: "$-$",
    BOTH: r"$\pm$",
}


def _latex(table: Table, title: str, note: str) -> str:
    def tex(text: str) -> str:
        escaped = _line(text).translate(str.maketrans(_LATEX))
        return re.sub("-(?=-)", "-{}", escaped)  # two hyphens would become a dash

    def line(cells: Sequence[str]) -> str:
        if len(cells) < width:
            # a box without width, since long words would widen the last column
            box = f"\\parbox[t]{{\\linewidth}}{{\\raggedright\\textit{{{tex(cells[0])}}}\\strut}}"
            return f"\\multicolumn{{{width}}}{{@{{}}l@{{}}}}{{\\makebox[0pt][l]{{{box}}}}} \\\\"
        words = " & ".join(map(tex, cells))
        # a bracket or star behind the end of a row would be read as belonging to it
        return f"{'{}' if words.startswith(('[', '*')) else ''}{words} \\\\"

    def heading(text: str, side: str) -> str:
        parts = textwrap.wrap(_line(text), HEADING, break_long_words=False)
        if len(parts) < 2 or side in "pP":
            return tex(text)
        stacked = " \\\\ ".join(map(tex, parts))
        return f"\\begin{{tabular}}[b]{{@{{}}{side}@{{}}}}{stacked}\\end{{tabular}}"

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
    header = " & ".join(map(heading, table.header, table.align))
    long = len(table.rows) > LONG
    kind = "longtable" if long else "tabular"
    narrow, float_ = width > 6, bool(title) and not long
    lines = ["\\begin{table}", "\\centering", f"\\caption{{{tex(title)}}}"] * float_
    lines += ["\\noindent"] * (not title and not long)
    lines += ["\\begingroup\\small\\setlength{\\tabcolsep}{3pt}"] * narrow
    lines.append(f"\\begin{{{kind}}}{{@{{}}{columns}@{{}}}}")
    lines += [f"\\caption{{{tex(title)}}} \\\\"] * bool(title and long)
    lines += ["\\toprule", f"{header} \\\\", "\\midrule"] + ["\\endhead"] * long
    for number, cells in enumerate(table.rows):
        lines += ["\\addlinespace"] * (len(cells) < width and number > 0)
        lines.append(line(cells))
    lines += ["\\bottomrule", f"\\end{{{kind}}}"] + ["\\endgroup"] * narrow
    if note:
        lines += [
            "\\par\\smallskip",
            f"{{\\footnotesize\\raggedright\\textit{{Note.}} {tex(note)}\\par}}",
        ]
    lines += ["\\end{table}"] * float_
    return "\n".join(lines) + "\n"


_RULE = "solid windowtext"
_THIN = f";border-bottom:0.75pt {_RULE}"
_ALIGN = {"l": "left", "c": "center", "r": "right", "p": "left", "P": "left"}


def _word(table: Table, title: str, note: str) -> str:
    """Return a document with borders at the cells, since Word has none at rows."""
    width = len(table.header)

    def cell(tag: str, text: str, side: str, look: str) -> str:
        style = f"padding:2pt 6pt;text-align:{_ALIGN[side]};vertical-align:top;font-weight:normal"
        name = tag.partition(" ")[0]
        return f"<{tag} style='{style}{look}'>{_html.escape(_line(text))}</{name}>"

    def row(cells: Sequence[str], first: str, other: str, look: str = "") -> str:
        if len(cells) < width:
            heading = f"th scope='colgroup' colspan='{width}'"
            return cell(heading, cells[0], "l", f"{look};font-style:italic")
        tags = [first, *[other] * (width - 1)]
        return "".join(map(cell, tags, cells, table.align, [look] * width))

    rule = f";border-bottom:1.5pt {_RULE}"
    head = "th scope='col'"
    top = row(table.header, head, head, f";border-top:1.5pt {_RULE}{_THIN}")
    body = [row(cells, "th scope='row'", "td") for cells in table.rows[:-1]]
    body += [row(cells, "th scope='row'", "td", rule) for cells in table.rows[-1:]]
    shown = _html.escape(_line(title))
    parts = [
        "<!doctype html>",
        f"<html lang='en'><head><meta charset='utf-8'><title>{shown or 'Table'}</title></head>",
        "<body style='font-family:serif;font-size:10pt'>",
        *[f"<p><strong>{shown}</strong></p>"] * bool(title),
        "<table style='border-collapse:collapse;font-size:10pt'>",
        f"<thead><tr>{top}</tr></thead>",
        "<tbody>",
        *(f"<tr>{line}</tr>" for line in body),
        "</tbody></table>",
        *[f"<p style='font-size:9pt'><em>Note.</em> {_html.escape(_line(note))}</p>"] * bool(note),
        "</body></html>",
    ]
    return "\n".join(parts) + "\n"


def _markdown(table: Table, title: str, note: str) -> str:
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


WRITERS: dict[str, Callable[[Table, str, str], str]] = {
    "latex": _latex,
    "html": _word,
    "markdown": _markdown,
}
