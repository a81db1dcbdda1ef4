"""Tables for a paper: a result as LaTeX, Word-ready HTML or Markdown; the evidence, searchable."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from camdata import _html
from camdata._checks import check_choice, need, wrong_type
from camdata._words import count, did_you_mean, listed
from camdata.clustering import Clusters
from camdata.coders import Reliability, decimals, percentage
from camdata.counts import Tally, as_tally
from camdata.evidence import Comparison, Evidence, Quotation
from camdata.labels import members
from camdata.measures import MEASURES, Agreement
from camdata.meeting import Meeting
from camdata.profiles import Profile, stance_words

Format = Literal["latex", "html", "markdown"]
Labels = Mapping[str, str] | str | None
Namer = Callable[[str], str]
Sections = Iterable[tuple[str, list[list[str]]]]

SUPPORTS, OPPOSES, BOTH = "✓", "−", "±"
NOTHING = "·"
"""Nothing is recorded: no dash, which beside the minus of opposition would be read as one."""
MISSING = "–"
"""A number that there is none of."""

_ACROSS = 75
"""How many characters of headings fit beside each other on a page."""
_LONG = 40
"""How many rows fit on a page."""
_HEADING = 12
"""How many characters a line of a heading has in LaTeX."""
_MOST_SHOWN = 500
"""How many statements plain HTML shows; each brings its whole passage."""


@dataclass(frozen=True)
class _Table:
    """Cells as text, before any format; a row of fewer is a heading for those below it.

    `align` has a letter for each column: ``l``, ``c``, ``r``, or ``p`` where words run over
    lines (``P`` in twice the room).
    """

    header: list[str]
    align: str
    rows: list[list[str]]
    notes: list[str]


def to_table(
    result: Meeting
    | Tally
    | Agreement
    | Clusters
    | Profile
    | Reliability
    | Comparison
    | EvidenceTable
    | pd.DataFrame,
    format: Format = "latex",
    *,
    title: str | None = None,
    labels: Labels = None,
    notes: bool = True,
) -> str:
    r"""Return a result as a table for a paper.

    Parameters
    ----------
    result : Meeting, Tally, Agreement, Clusters, Profile, Reliability, Comparison or EvidenceTable
        What to show; a meeting as its positions. A DataFrame is either dyads, one row per pair of
        actors as `camdata.dyads` returns them, or positions.
    format : {"latex", "html", "markdown"}
        LaTeX needs ``\usepackage{array,booktabs,amssymb}``, and ``longtable`` where there are more
        than 40 rows; HTML is a whole document that Word opens, all styles inside its tags; Markdown
        is a pipe table.
    title : str, optional
        Stands above. In LaTeX it makes a float with a caption (a ``longtable`` has it itself);
        without one there is the bare table, to be put into a float of your own.
    labels : mapping of str to str, or str, optional
        What actors and codes are called, or a column of the actors, such as ``iso3``. Codes have
        their labels from the codebook anyway.
    notes : bool
        Whether to say below what is shown, at which level and on how many statements, and what
        signs, numbers and dashes mean.

    Returns
    -------
    str
        Positions have actors in rows; where the names of the codes do not fit side by side, these
        stand in rows and the actors in columns, numbered where even their names do not fit.
        Agreement is the lower triangle, its columns numbered as its rows.

    Raises
    ------
    ValueError
        For an unknown format or an unknown column of labels.
    TypeError
        For a result that there is no table for. A frame of numbers is written by pandas itself,
        `pandas.DataFrame.to_csv` or `to_latex`.

    Notes
    -----
    Everything is escaped for its format, so names may hold anything. LaTeX is UTF-8; names outside
    the Latin alphabet need XeLaTeX or LuaLaTeX and a font that has them.

    Examples
    --------
    >>> import camdata as cam
    >>> from camdata.tables import to_table
    >>> tally = cam.load_meeting().select(actors=["Canada", "Chile"]).tally()
    >>> print(to_table(tally, "markdown", labels="iso3"))
    | Actor | terms definition | pragmatism | rights | coordination | Statements |
    | :---- | :--------------: | :--------: | :----: | :----------: | ---------: |
    | CHL   |        ·         |     ·      |   ✓    |      ✓       |          2 |
    | CAN   |        ✓         |     ✓      |   ·    |      ·       |          6 |
    <BLANKLINE>
    *Note.* Recorded positions of 2 actors on 4 dimensions, 8 statements. ✓ supports, · nothing is
    recorded. Statements: how many stand behind the row.
    <BLANKLINE>
    """
    check_choice("format", format, _WRITERS)
    if title is not None and not isinstance(title, str):
        raise wrong_type("title", "a text or None", title)
    if not isinstance(notes, bool | np.bool_):
        raise wrong_type("notes", "True or False", notes)
    table = _table(result, labels)
    return _WRITERS[format](table, title or "", " ".join(table.notes) if notes else "")


def _table(result: object, labels: Labels) -> _Table:
    if isinstance(result, Agreement):
        return _agreement(result, *_names(labels, result.tally))
    if isinstance(result, Clusters):
        return _clusters(result, *_names(labels, result.agreement.tally))
    if isinstance(result, Profile):
        return _profile(result, *_names(labels, result.tally))
    if isinstance(result, Reliability):
        return _reliability(result, *_names(labels, None, result.labels))
    if isinstance(result, EvidenceTable):
        return _evidence(result, *_names(labels, None, result.labels))
    if isinstance(result, Comparison):
        codes = dict(zip(result.table["code"], result.table["label"], strict=True))
        return _comparison(result, *_names(labels, None, codes))
    if isinstance(result, pd.DataFrame) and {"actor_a", "actor_b"} <= set(result.columns):
        return _dyads(result, *_names(labels, None))
    if isinstance(result, Meeting):
        result = result.tally()
    if isinstance(result, Tally | pd.DataFrame):
        tally = as_tally(result)
        return _positions(tally, *_names(labels, tally))
    expected = (
        "a Meeting, Tally, Agreement, Clusters, Profile, Reliability, Comparison, EvidenceTable, "
        "or a frame of dyads or positions"
    )
    if isinstance(result, Evidence):
        expected += " (evidence_table(meeting.select(actors=…)) instead of this evidence)"
    raise wrong_type("result", expected, result)


def _names(
    labels: Labels, tally: Tally | None, codes: Mapping[str, str] | None = None
) -> tuple[Namer, Namer]:
    """Return what actors, and what codes (or dimensions), are called."""
    if tally is not None:
        codes = dict(zip(tally.keys, tally.labels, strict=True))
    codes = dict(codes or {})
    if isinstance(labels, str):
        known = tally.attributes if tally is not None else None
        columns = [] if known is None else list(known.columns)
        if known is None or labels not in columns:
            raise ValueError(
                f"`labels` must be a mapping or name a column of the actors, which are here "
                f"{listed(columns) or 'not known'}, but {did_you_mean(labels, columns)} was passed."
            )
        found = known[labels].dropna()
        called = {str(name): str(value) for name, value in found.items()}
    elif labels is None or isinstance(labels, Mapping):
        called = {str(name): str(value) for name, value in (labels or {}).items()}
        codes |= called
    else:
        raise wrong_type("labels", "a mapping of names or the name of a column", labels)
    return (lambda name: called.get(name, name)), (lambda code: codes.get(code, code))


# one table for each kind of result


def _positions(tally: Tally, actor: Namer, code: Namer) -> _Table:
    names, keys = [actor(a) for a in tally.actors], [code(k) for k in tally.keys]
    values = tally.positions.to_numpy("float64", na_value=np.nan)
    flat = _numbers(values.ravel(), None, NOTHING)
    if not tally.ordinal:
        signed = {"1": SUPPORTS, "−1": OPPOSES, "0": BOTH, NOTHING: NOTHING}
        flat = [signed[number] for number in flat]
    cells = np.array(flat, dtype=object).reshape(values.shape)
    known = [] if tally.statements is None else [f"{n:,}" for n in tally.statements]
    about = f"{count(len(names), 'actor')} on {count(len(keys), tally.by)}"
    if tally.n_statements is not None:
        about += f", {count(tally.n_statements, 'statement')}"
    notes = [f"Recorded positions of {about}."]
    signs = {
        SUPPORTS: "supports",
        OPPOSES: "opposes",
        BOTH: "both ways",
        NOTHING: "nothing is recorded",
    }
    found = set(cells.ravel())
    said = [f"{sign} {words}" for sign, words in signs.items() if sign in found]
    if tally.ordinal:
        scale = listed((_minus(str(level)) for level in tally.stances), 20)
        notes.append(f"Numbers are levels of the scale {scale}; several are shown by their mean.")
    if said:
        notes.append(f"{', '.join(said)}.")
    side = "r" if tally.ordinal else "c"
    if sum(map(len, keys)) <= _ACROSS:
        rows = [[name, *row] for name, row in zip(names, cells.tolist(), strict=True)]
        header, align = ["Actor", *keys], "l" + side * len(keys)
        if known:
            header, align = [*header, "Statements"], align + "r"
            rows = [[*row, number] for row, number in zip(rows, known, strict=True)]
    else:
        groups = tally.groups or ("",) * len(keys)
        lines: dict[str, list[list[str]]] = {}
        for group, key, row in zip(groups, keys, cells.T.tolist(), strict=True):
            lines.setdefault(group, []).append([key, *row])
        rows = _sections(lines.items())
        header, align = [tally.by.capitalize(), *names], "l" + side * len(names)
        if known:
            rows += _sections([("All", [["Statements", *known]])])
        if sum(map(len, names)) > _ACROSS:
            header[1:] = [str(number) for number in range(1, len(names) + 1)]
            pairs = (f"{number} {name}" for number, name in enumerate(names, 1))
            notes.append(f"Columns: {', '.join(pairs)}.")
    if known:
        across = "row" if header[0] == "Actor" else "column"
        notes.append(f"Statements: how many stand behind the {across}.")
    return _Table(header, align, rows, notes)


def _agreement(agreement: Agreement, actor: Namer, _: Namer) -> _Table:
    n, tally = len(agreement.actors), agreement.tally
    below = np.tril_indices(n, -1)
    shown = np.full((n, n), "", dtype=object)
    shown[below] = _numbers(agreement.values[below], agreement.measure)
    names = [f"{number} {actor(name)}" for number, name in enumerate(agreement.actors, 1)]
    rows = [[name, *row[:-1]] for name, row in zip(names, shown.tolist(), strict=True)]
    header, align = ["Actor", *map(str, range(1, n))], "l" + "r" * (n - 1)
    about = count(n, "actor")
    if tally is not None:
        about += f" on {count(len(tally.keys), tally.by)}"
        if tally.statements is not None and tally.n_statements is not None:
            about += f", {count(tally.n_statements, 'statement')}"
            header, align = [header[0], "Statements", *header[1:]], "lr" + align[1:]
            said = [f"{number:,}" for number in tally.statements]
            rows = [[row[0], number, *row[1:]] for row, number in zip(rows, said, strict=True)]
    notes = [f"{_capital(agreement.label)} of {about}; columns are numbered as the rows."]
    if np.isnan(agreement.values[below]).any():
        notes.append(f"{MISSING} nothing to compare.")
    return _Table(header, align, rows, notes)


def _dyads(table: pd.DataFrame, actor: Namer, _: Namer) -> _Table:
    called = {"actor_a": "Actor A", "actor_b": "Actor B", "shared_codes": "Recorded by both"}
    header, align, columns = [], "", []
    for key, column in table.items():
        name = str(key)
        words = called.get(name, name.replace("_", " "))
        if name in MEASURES:
            words = _capital(MEASURES[name].label)
        elif re.fullmatch(".+_[ab]", name) and name not in called:
            words = f"{_capital(words[:-2])} {name[-1].upper()}"
        number = pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)
        if number:
            cells = _numbers(column.to_numpy("float64", na_value=np.nan), name)
        else:
            cells = [MISSING if pd.isna(value) else actor(str(value)) for value in column]
        columns.append(cells)
        header.append(words)
        align += "r" if number else "l"
    notes = [f"{count(len(table), 'pair')} of actors."]
    if "shared_codes" in table:
        notes.append("Recorded by both: on how many codes (or dimensions), whatever the stances.")
    if any(MISSING in cells for cells in columns):
        notes.append(f"{MISSING} nothing to compare, or not known.")
    return _Table(header, align, [list(row) for row in zip(*columns, strict=True)], notes)


def _clusters(clusters: Clusters, actor: Namer, _: Namer) -> _Table:
    known = clusters.frame["statements"]

    def called(name: str) -> str:
        return actor(name) if pd.isna(known[name]) else f"{actor(name)} ({known[name]:,})"

    rows = [
        [str(label), f"{len(group):,}", ", ".join(map(called, group))]
        for label, group in clusters.members.items()
    ]
    agreement, tally = clusters.agreement, clusters.agreement.tally
    level = "" if tally is None else f" on {count(len(tally.keys), tally.by)}"
    notes = [f"Clustering: {clusters.method}; agreement: {agreement.label}{level}."]
    if known.notna().any():
        notes.append("In brackets: the number of statements.")
    if not np.isnan(clusters.silhouette):
        notes.append(f"Mean silhouette {_minus(f'{clusters.silhouette:.2f}')}.")
    if len(clusters.unplaced):
        reasons = (f"{actor(str(name))} ({why})" for name, why in clusters.unplaced.items())
        notes.append(f"Not placed: {', '.join(reasons)}.")
    return _Table(["Cluster", "Actors", "Members"], "lrp", rows, notes)


def _profile(profile: Profile, actor: Namer, code: Namer) -> _Table:
    by, placed = profile.tally.by, int(profile.labels.notna().sum())
    parts: list[tuple[str, list[list[str]]]] = []
    for label, group in members(profile.labels).items():
        lines = []
        for row in profile.table[profile.table["cluster"] == label].to_dict("records"):
            others = placed - row["members"]
            rest = f"{round(row['rest'] * others)} of {others}" if others else MISSING
            lines.append(
                [
                    stance_words(code(row[by]), row["stance"], profile.tally.ordinal),
                    f"{row['holders']} of {row['members']}",
                    rest,
                    *_numbers([row["difference"]], "difference"),
                ]
            )
        parts.append((f"Cluster {label}: {', '.join(map(actor, group))}", lines))
    tally = profile.tally
    about = f"{count(placed, 'actor')} on {count(len(tally.keys), by)}"
    if tally.n_statements is not None:
        about += f"; {count(tally.n_statements, 'statement')} in all"
    notes = [
        f"Positions held by {about}. Members and others: how many hold the position; difference: "
        "of the two shares."
    ]
    if len(parts) == 1:
        notes.append(f"{MISSING} there are no others.")
    header = ["Position", "Members", "Others", "Difference"]
    return _Table(header, "lrrr", _sections(parts), notes)


def _reliability(result: Reliability, coder: Namer, code: Namer) -> _Table:
    two = len(result.coders) == 2

    def line(name: str, row: Mapping[Any, Any]) -> list[str]:
        def coefficient(value: float) -> str:
            return MISSING if np.isnan(value) else _minus(decimals(value))

        low, high = coefficient(row["low"]), coefficient(row["high"])
        interval = MISSING if MISSING in (low, high) else f"{low} to {high}"
        percent = MISSING if np.isnan(row["percent"]) else percentage(row["percent"])
        cells = [name, f"{row['units']:,}", coefficient(row["alpha"]), interval, percent]
        return [*cells, coefficient(row["kappa"])] if two else cells

    def lines(table: pd.DataFrame, called: Callable[[Any], str] = str) -> list[list[str]]:
        index, records = table.index.tolist(), table.to_dict("records")
        return [line(called(name), row) for name, row in zip(index, records, strict=True)]

    pairs = [] if two else lines(result.pairs, lambda pair: " and ".join(map(coder, pair)))
    parts = [
        ("", lines(result.overall, lambda _: "All units")),
        ("By kind of actor", lines(result.by_kind)),
        ("By dimension", lines(result.by_dimension)),
        ("By code", lines(result.by_code, code)),
        ("By two coders", pairs),
    ]
    notes = [
        f"{listed(map(coder, result.coders), 20)} on {count(result.n_actors, 'actor')}. A unit is "
        "an actor and a code (in a document). Alpha: Krippendorff's, nominal; interval: its 2.5th "
        "to 97.5th percentile when actors are drawn again; agreement: the share of units on which "
        "all agree."
    ]
    if two:
        notes.append("Kappa: Cohen's.")
    if result.n_left_out:
        notes.append(f"Left out: {count(result.n_left_out, 'statement')} added after comparison.")
    rows = _sections(parts)
    if any(MISSING in row for row in rows):
        notes.append(f"{MISSING} not defined: only one value was used.")
    header = ["Units of", "Units", "Alpha", "95% interval", "Agreement", *(["Kappa"] * two)]
    return _Table(header, "lrrrr" + "r" * two, rows, notes)


def _evidence(table: EvidenceTable, actor: Namer, code: Namer) -> _Table:
    several = table._several
    rows, signs = [], dict[str, str]()
    for q in table:
        sign, meaning = _sign(q, table.stances)
        signs[sign] = meaning
        note = " (by reference)" if q.basis == "by_reference" else ""
        words = f"“{q.quote}”{note}" if q.quote else MISSING
        rows.append([*([q.document] * several), actor(q.actor), code(q.code), sign, words])
    notes = [f"{count(len(rows), 'statement')}, in the words of the text."]
    if said := ", ".join(f"{sign} {words}" for sign, words in signs.items() if words):
        notes.append(f"{said}.")
    header = [*(["Document"] * several), "Actor", "On", "Stance", "Words"]
    return _Table(header, "l" * several + "ppcP", rows, notes)


def _sign(quotation: Quotation, stances: Sequence[int]) -> tuple[str, str]:
    """Return the sign of a stance and what it means, which a level says itself."""
    stance = quotation.stance
    if stance is None:
        return NOTHING, "not coded"
    if not set(stances) <= {1, -1}:
        return _minus(str(stance)), ""
    return (SUPPORTS, "supports") if stance > 0 else (OPPOSES, "opposes")


def _comparison(comparison: Comparison, actor: Namer, code: Namer) -> _Table:
    parts: dict[str, list[list[str]]] = {}
    a, b, shared = actor(comparison.a), actor(comparison.b), set(comparison.shared)
    for row in comparison.table.to_dict("records"):
        held, cells = [], []
        for side in ("a", "b"):
            stance, quotes = row[f"stance_{side}"], row[f"quotes_{side}"]
            held.append(not pd.isna(stance))
            said = " … ".join(f"“{quote}”" for quote in quotes) or "recorded"
            cells.append(said if held[-1] else NOTHING)
        if all(held):
            same = row["code"] in shared
            part = "Recorded on both" if same else "Recorded on both, with different stances"
            if not same:
                for place, side in enumerate("ab"):
                    stance = int(row[f"stance_{side}"])
                    sign = f"{stance:+d}" if stance else "both ways"
                    cells[place] = f"{_minus(sign)}: {cells[place]}"
        else:
            part = f"Recorded on {a if held[0] else b} only"
        parts.setdefault(part, []).append([code(row["code"]), *cells])
    order = ["Recorded on both", "Recorded on both, with different stances"]
    order += [f"Recorded on {name} only" for name in (a, b)]
    rows = _sections((part, parts[part]) for part in order if part in parts)
    notes = [f"{NOTHING} nothing is recorded."] if any(NOTHING in row for row in rows) else []
    return _Table(["On", a, b], "ppp", rows, notes)


def _sections(parts: Sections) -> list[list[str]]:
    """Return lines below their headings; parts without lines or without a heading have none."""
    rows: list[list[str]] = []
    for heading, lines in parts:
        rows += [[heading]] * bool(heading and lines) + lines
    return rows


def _numbers(values: Any, of: str | None, missing: str = MISSING) -> list[str]:
    """Return numbers with the same digits: none where they count something, else two."""
    numbers = np.asarray(values, dtype=np.float64)
    there = numbers[~np.isnan(numbers)]
    share = of == "difference" or (of in MEASURES and MEASURES[of].family != "count")
    whole = not share and bool((there % 1 == 0).all())
    digits = 0 if whole else 2
    return [missing if np.isnan(v) else _minus(f"{v + 0.0:,.{digits}f}") for v in numbers]


def _minus(number: str) -> str:
    """Return a number with a true minus, and nothing below zero that rounds to it."""
    return number.lstrip("-") if re.fullmatch("-0(\\.0+)?", number) else number.replace("-", "−")


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


# one writer for each format


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


def _latex(table: _Table, title: str, note: str) -> str:
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
        parts = textwrap.wrap(_line(text), _HEADING, break_long_words=False)
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
    long = len(table.rows) > _LONG
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


def _word(table: _Table, title: str, note: str) -> str:
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


def _markdown(table: _Table, title: str, note: str) -> str:
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


_WRITERS: dict[str, Callable[[_Table, str, str], str]] = {
    "latex": _latex,
    "html": _word,
    "markdown": _markdown,
}


# the evidence, searchable


@dataclass(frozen=True, eq=False, repr=False)
class EvidenceTable(Evidence):
    """The words behind all positions: `Evidence` of everyone, shown as one table.

    Attributes
    ----------
    quotations : tuple of Quotation
        In the order of the texts.
    title : str
        What the evidence is for.
    labels : mapping of str to str
        What the codes are called.
    stances : tuple of int
        The scale.
    searchable : bool
        Whether it shows itself, in Jupyter, with a search box and columns that sort.
    """

    labels: Mapping[str, str]
    stances: tuple[int, ...]
    searchable: bool = False

    @property
    def frame(self) -> pd.DataFrame:
        """One row per statement, as in `Evidence`, with the `label` of its code; a fresh frame."""
        table = super().frame
        labels = table["code"].map(self._label).astype("str")
        table.insert(list(table).index("code") + 1, "label", labels)
        return table

    def _label(self, code: str) -> str:
        return self.labels.get(code, code)

    @property
    def _several(self) -> bool:
        return len({q.document for q in self.quotations}) > 1

    def _cells(self, most: int | None = None) -> pd.DataFrame:
        """Return what is shown, as HTML: each quote marked in its passage."""
        rows = []
        for q in self.quotations[:most]:
            sign, meaning = _sign(q, self.stances)
            note = " (by reference)" if q.basis == "by_reference" else ""
            spans = [(q.start - q.offset, q.stop - q.offset)] if q.start >= 0 else []
            words = _html.marked(q.passage, spans or [(0, len(q.passage))])
            stance = f"{sign} {meaning}{note}".strip()
            plain = [q.document, q.actor, self._label(q.code), stance]
            # pandas would spell line breaks and tabs out as \n and \t
            cells = [*map(_html.escape, plain), words]
            rows.append([cell.replace("\t", " ").replace("\n", "<br>") for cell in cells])
        columns = ["Document", "Actor", "On", "Stance", "Words"]
        table = pd.DataFrame(rows, columns=columns, dtype="str")
        return table if self._several else table.drop(columns="Document")

    def _repr_html_(self) -> str:
        title = _html.heading(self.title, count(len(self), "statement"))
        if not self.searchable:
            table = self._cells(_MOST_SHOWN)
            more = len(self) - len(table)
            shown = _html.rows(list(table.columns), table.to_numpy().tolist())
            rest = _html.paragraph(f"… and {count(more, 'more row')} in .frame") if more else ""
            return title + shown + rest
        itables = need("itables.javascript", "notebooks")
        shown = itables.to_html_datatable(
            self._cells(),
            connected=False,
            allow_html=True,  # every text in it is escaped
            maxBytes=0,  # all rows
            showIndex=False,
            classes="display",
            style="width:100%;margin:0",
            css=".dt-container td { vertical-align: top }",
            display_logo_when_loading=False,
        )
        # the library itself goes with the table, so that neither needs a network or another cell
        bundle = itables.generate_init_offline_itables_html(itables.opt.dt_bundle)
        return f"{title}{bundle}{shown}"


def evidence_table(meeting: Meeting, *, searchable: bool = False) -> EvidenceTable:
    """Return the words behind all positions in one table, each quote marked in its passage.

    Parameters
    ----------
    meeting : Meeting
        The meeting, or a part of it: ``meeting.select(actors=…, codes=…)``.
    searchable : bool
        Show it, in Jupyter, with a search box and columns that sort. This takes itables, works
        without a network, and adds about a megabyte to the notebook for each table that is kept in
        it. Otherwise it is plain HTML, which every preview of a notebook shows.

    Returns
    -------
    EvidenceTable

    Raises
    ------
    ValueError
        If the meeting has no quotes, or several coders coded an actor and none is selected.
    ImportError
        If it is to be searchable and itables, which comes with ``camdata[notebooks]``, is missing.

    Examples
    --------
    >>> import camdata as cam
    >>> from camdata.tables import evidence_table
    >>> table = evidence_table(cam.load_meeting().select(codes="key_terms"))
    >>> table.frame[["actor", "label", "stance"]].head(2)
        actor                 label  stance
    0  Canada  Define the key terms       1
    1    Peru  Define the key terms       1
    """
    if not isinstance(meeting, Meeting):
        raise wrong_type("meeting", "a Meeting", meeting)
    if not isinstance(searchable, bool | np.bool_):
        raise wrong_type("searchable", "True or False", searchable)
    if searchable:
        need("itables", "notebooks")
    recorded = set(meeting.statements["actor"])
    found = [q for a in meeting.actors["actor"] if a in recorded for q in meeting.evidence(a)]
    order = {name: place for place, name in enumerate(meeting.texts)}
    found.sort(key=lambda q: (order.get(q.document, len(order)), q.document, q.start))
    codebook = meeting.codebook
    labels = {}
    if "label" in codebook:
        named = codebook.dropna(subset=["label"])
        labels = dict(zip(named["code"], named["label"], strict=True))
    title = meeting.title or "Evidence"
    return EvidenceTable(tuple(found), title, labels, meeting.stances, bool(searchable))
