"""The page to hand over: one file with a meeting's verdict, grid, report and clusters."""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from importlib import resources
from pathlib import Path
from typing import Any

import pandas as pd

from camdata._display.checks import check_path, wrong_type
from camdata._display.files import write_file
from camdata._display.words import count, decimals, join_names, minus, p_words, percent
from camdata.analysis.clustering import Clusters
from camdata.analysis.shares import CHOICE_WORDS, Multiverse
from camdata.model.grid import Cell, Grid, make_grid
from camdata.model.meeting import Meeting
from camdata.report import _page_sections as sections
from camdata.report._page_parts import Said, isolated, said


@dataclass(frozen=True, repr=False)
class Page:
    """A meeting as one HTML file that opens anywhere and loads nothing from outside.

    Made by `page`; a notebook shows it, `write` saves it.

    Attributes
    ----------
    title : str
        Of the meeting.
    html : str
        The whole file.
    """

    title: str
    html: str

    def write(self, path: str | Path) -> None:
        """Write the page; an existing file is replaced.

        Parameters
        ----------
        path : str or pathlib.Path
            The file.

        Raises
        ------
        OSError
            If the file cannot be written.
        """
        write_file(check_path("path", path), self.html.encode("utf-8"))

    def __repr__(self) -> str:
        return f"Page of {self.title!r}, {len(self.html) // 1000:,} kB; .write(path) saves it"

    def _repr_html_(self) -> str:
        return (
            f'<iframe srcdoc="{escape(self.html)}" title="{escape(self.title)}" '
            'style="width:100%;height:700px;border:1px solid #d9dce0"></iframe>'
        )


def page(
    meeting: Meeting,
    *,
    coder: str | Sequence[str] | None = None,
    multiverse: Multiverse | None = None,
    clusters: Clusters | None = None,
) -> Page:
    """Make a meeting one HTML page for readers without Python.

    The answer with its picture, the grid of actors and codes whose cells open to their words, the
    report with every coded quote marked, two actors side by side, clusters, coders, codebook,
    sources. It works without JavaScript, by keyboard, on a phone, in print, in the dark and with a
    screen reader; its Content Security Policy allows nothing but the file itself. Parts
    that need quotes, texts, a codebook, several actors or several coders are left out where the
    meeting has none, with the reason in their place.

    Parameters
    ----------
    meeting : Meeting
        The meeting.
    coder : str or sequence of str, optional
        Whose coding to show where several coders coded the same actors, as in `Meeting.select`;
        the section on coders compares all of them.
    multiverse : Multiverse, optional
        By default `camdata.multiverse`, up to 60 actors.
    clusters : Clusters, optional
        By default those of the meeting's agreement.

    Returns
    -------
    Page

    Raises
    ------
    TypeError
        If an argument is something else.
    ValueError
        If several coders coded the same actor and `coder` is not given; if `clusters` or
        `multiverse` are of other actors.

    Notes
    -----
    The same meeting gives the same bytes. The effect of single statements is left out for more
    than 500 statements.

    Examples
    --------
    >>> import camdata as cam
    >>> meeting = cam.load_meeting()
    >>> universe = cam.multiverse(meeting, coder="camdata", n_resamples=19)
    >>> cam.page(meeting, multiverse=universe)  # doctest: +ELLIPSIS
    Page of 'Positions on the Global Compact ...
    """
    if not isinstance(meeting, Meeting):
        raise wrong_type("meeting", "a Meeting", meeting)
    if not isinstance(multiverse, Multiverse | None):
        raise wrong_type("multiverse", "a Multiverse", multiverse)
    if not isinstance(clusters, Clusters | None):
        raise wrong_type("clusters", "Clusters", clusters)
    shown = meeting if coder is None else meeting.select(coder=coder)
    contents = _contents(shown, multiverse, clusters, meeting)
    return Page(contents["title"], _render(contents))


def write_page(
    meeting: Meeting,
    path: str | Path,
    *,
    coder: str | Sequence[str] | None = None,
    multiverse: Multiverse | None = None,
    clusters: Clusters | None = None,
) -> None:
    """Write the page of a meeting: ``page(meeting, …).write(path)``.

    Parameters
    ----------
    meeting, coder, multiverse, clusters
        As for `page`.
    path : str or pathlib.Path
        The file; an existing one is replaced.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import camdata as cam
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "meeting.html"
    ...     cam.write_page(cam.load_meeting(), path)
    ...     path.read_text(encoding="utf-8")[:15]
    '<!doctype html>'
    """
    target = check_path("path", path)
    page(meeting, coder=coder, multiverse=multiverse, clusters=clusters).write(target)


def _contents(
    meeting: Meeting, multiverse: Multiverse | None, clusters: Clusters | None, whole: Meeting
) -> dict[str, Any]:
    """Return all values that the template shows."""
    tally = meeting.tally()
    for name, labels in (
        ("clusters", None if clusters is None else clusters.labels),
        ("multiverse", None if multiverse is None else multiverse.labels),
    ):
        strange = [] if labels is None else sorted(set(labels.index) - set(tally.actors))
        if strange:
            raise ValueError(
                f"`{name}` has actors that do not count in this meeting: {join_names(strange)}."
            )
    statements, actors = meeting.statements, meeting.actors
    counting, recorded = set(tally.actors), set(statements["actor"])
    others = [name for name in actors["actor"] if name in recorded and name not in counting]
    found = sections.clustered(meeting, tally, multiverse, clusters)
    # as in the chart: actors by cluster, codes by who holds them
    ordered, codes = _orders(meeting, found.clusters)
    book = meeting.codebook
    if book.empty:
        book = statements[["code"]].drop_duplicates()
    place = {code: at for at, code in enumerate(codes)}
    book = book.sort_values("code", key=lambda c: c.map(place).fillna(len(place)), kind="stable")
    grid = make_grid(statements, [*ordered, *others], book, meeting.stances)
    entries = said(meeting, grid)
    cells: dict[tuple[int, int], list[Said]] = {}
    for entry in entries:
        cells.setdefault((entry.actor, entry.code), []).append(entry)
    kinds = actors.set_index("actor")["kind"] if "kind" in actors else None
    delegations = kinds is not None and (kinds.reindex(list(tally.actors)) == "delegation").all()
    numbers = Counter(entry.actor for entry in entries if entry.cell.stances)
    quoted, rules = any(entry.quote for entry in entries), _rules(meeting, grid)
    told = ("definition", "include", "exclude")
    ruled = {place for place, row in enumerate(rules) if any(row[name] for name in told)}
    file = meeting.source.tables["statements"].origin.file
    return {
        "title": meeting.title or "Positions of a meeting",
        "description": str(meeting.metadata.get("description", "")),
        "noun": "delegation" if delegations else "actor",
        "n_counting": len(tally.actors),
        "spoke": [tally.actors.index(name) for name in ordered],
        "pictures": sections.pictures(meeting.tally("code"), found),
        "cover": sections.cover(meeting),
        "csv": sections.csv_of(meeting),
        "csv_from": file if Path(file).suffix and file != "statements.csv" else "",
        "grid": grid,
        "legend": grid.legend,
        "step": _step,
        "cells": cells,
        "numbers": [numbers[place] for place in range(len(grid.actors))],
        "entries": {entry.number: entry for entry in entries},
        "by_statement": {entry.statement: entry.number for entry in entries},
        "quoted": quoted,
        "behind": "quotes" if quoted else "statements",
        "facts": sections.facts(tally),
        "found": found,
        "standing": sections.standing(meeting, tally, found.clusters),
        "carried": sections.attempt(sections.carried, tally, found.clusters),
        "report": sections.attempt(sections.report, meeting, entries),
        "coders": sections.attempt(sections.coders, whole),
        "codebook": rules,
        "ruled": ruled,
        "sources": sections.sources(meeting),
        "count": count,
        "decimals": decimals,
        "p_words": p_words,
        "percent": percent,
        "enumerate": enumerate,
        "choices": CHOICE_WORDS,
        "universe_rows": [] if found.universe is None else sections.universe_table(found.universe),
    }


def _orders(meeting: Meeting, clusters: Clusters | None) -> tuple[list[str], list[str]]:
    """Return the counting actors and their codes in the order of the chart of positions."""
    from camdata.plots._positions import orders

    return orders(meeting.tally("code"), clusters)


def _step(cell: Cell) -> int:
    """Return which of seven colors, from opposition to support, a level of a scale has."""
    low, high = min(cell.scale), max(cell.scale)
    mean = sum(cell.stances) / max(len(cell.stances), 1)
    return round(6 * (mean - low) / max(high - low, 1))


def _words(cell: Cell) -> str:
    """Return what a cell holds in words: votes for, against or abstaining, else its own words."""
    from camdata.plots._words import level_words

    words = level_words(cell.stances, cell.scale)
    return f"{words}{', by reference' * cell.by_reference}" if words else cell.words


def _rules(meeting: Meeting, grid: Grid) -> list[dict[Any, str]]:
    """Return the codebook in the order of the grid, with empty text for missing cells."""
    columns = ["code", "dimension", "label", "definition", "include", "exclude"]
    book = meeting.codebook
    if not len(book):
        return []
    ordered = book.set_index("code", drop=False).loc[list(grid.codes)].reindex(columns=columns)
    return ordered.astype("object").fillna("").astype("str").to_dict("records")


def _render(contents: Mapping[str, Any]) -> str:
    # the template engine is loaded where it is used: importing the package stays light
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(_template),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["isolated"] = isolated
    environment.filters["words"] = _words
    environment.filters["number"] = lambda v: "–" if pd.isna(v) else minus(f"{v:.2f}")
    style, script = _template("page.css"), _template("page.js")
    policy = (
        "default-src 'none'; img-src data:; "
        f"style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    page = environment.get_template("page.html.j2")
    # style and script are the package's own files, the only ones that are not escaped
    return page.render(contents, style=style, script=script, policy=policy)


def _template(name: str) -> str:
    file = resources.files("camdata.report").joinpath("templates", name)
    return file.read_text(encoding="utf-8").replace("\r\n", "\n")


def _hash(words: str) -> str:
    digest = hashlib.sha256(words.encode("utf-8")).digest()
    return f"sha256-{base64.b64encode(digest).decode('ascii')}"
