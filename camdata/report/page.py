"""The page to hand over: one file with a meeting's verdict, grid, report and clusters."""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import pandas as pd

from camdata._display.checks import check_path, wrong_type
from camdata._display.words import count, listed, p_words
from camdata.analysis.clustering import Clusters
from camdata.analysis.specifications import CHOICE_WORDS, Multiverse
from camdata.model.grid import Grid, legend, make_grid
from camdata.model.meeting import Meeting
from camdata.report import _page_sections as sections
from camdata.report._page_parts import Said, isolated, said


def write_page(
    meeting: Meeting,
    path: str | Path,
    *,
    coder: str | Sequence[str] | None = None,
    multiverse: Multiverse | None = None,
    clusters: Clusters | None = None,
) -> None:
    """Write a meeting as one HTML file that opens anywhere and asks for nothing from outside.

    Verdict, grid of actors and codes whose cells open to their words, the report with every coded
    quote marked, two actors side by side, clusters, coders, codebook, sources. It works without
    JavaScript, by keyboard, on a phone, in print, in the dark and with a screen reader; its Content
    Security Policy allows nothing but the file itself. What the meeting cannot give (quotes, texts,
    a codebook, several actors or coders) is left out, with the reason in its place.

    Parameters
    ----------
    meeting : Meeting
        The meeting.
    path : str or pathlib.Path
        The file; what is there is overwritten.
    coder : str or sequence of str, optional
        Whose coding is shown where several coders coded the same actors, as in `Meeting.select`;
        the part on the coders compares all of them.
    multiverse : Multiverse, optional
        By default `camdata.multiverse`, up to 60 actors.
        are given.
    clusters : Clusters, optional
        By default those of the meeting's agreement.

    Raises
    ------
    TypeError
        If an argument is something else.
    ValueError
        If several coders coded the same actor and `coder` is not given; if `clusters` or
        `multiverse` are of other actors.
    OSError
        If the file cannot be written.

    Notes
    -----
    The same meeting gives the same bytes. What each single statement carries is left out for more
    than 500 statements.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import camdata as cam
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "meeting.html"
    ...     cam.write_page(cam.load_meeting(), path)
    ...     path.read_text(encoding="utf-8")[:15], path.stat().st_size < 1_000_000
    ('<!doctype html>', True)
    """
    if not isinstance(meeting, Meeting):
        raise wrong_type("meeting", "a Meeting", meeting)
    if not isinstance(multiverse, Multiverse | None):
        raise wrong_type("multiverse", "a Multiverse", multiverse)
    if not isinstance(clusters, Clusters | None):
        raise wrong_type("clusters", "Clusters", clusters)
    target = check_path("path", path)
    shown = meeting if coder is None else meeting.select(coder=coder)
    page = _render(_contents(shown, multiverse, clusters, meeting))
    target.write_bytes(page.encode("utf-8"))


def _contents(
    meeting: Meeting, multiverse: Multiverse | None, clusters: Clusters | None, whole: Meeting
) -> dict[str, Any]:
    """Return everything that the template shows of a meeting, and of the coders of the whole."""
    tally = meeting.tally()
    for name, labels in (
        ("clusters", None if clusters is None else clusters.labels),
        ("multiverse", None if multiverse is None else multiverse.labels),
    ):
        strange = [] if labels is None else sorted(set(labels.index) - set(tally.actors))
        if strange:
            raise ValueError(
                f"`{name}` has actors that do not count in this meeting: {listed(strange)}."
            )
    statements, actors = meeting.statements, meeting.actors
    counting, recorded = set(tally.actors), set(statements["actor"])
    others = [name for name in actors["actor"] if name in recorded and name not in counting]
    grid = make_grid(statements, [*tally.actors, *others], meeting.codebook, meeting.stances)
    entries = said(meeting, grid)
    cells: dict[tuple[int, int], list[Said]] = {}
    for entry in entries:
        cells.setdefault((entry.actor, entry.code), []).append(entry)
    found = sections.clustered(meeting, tally, multiverse, clusters)
    kinds = actors.set_index("actor")["kind"] if "kind" in actors else None
    delegations = kinds is not None and (kinds.reindex(list(tally.actors)) == "delegation").all()
    numbers = Counter(entry.actor for entry in entries if entry.cell.stances)
    return {
        "title": meeting.title or "Positions of a meeting",
        "description": str(meeting.metadata.get("description", "")),
        "noun": "delegation" if delegations else "actor",
        "n_counting": len(tally.actors),
        "grid": grid,
        "legend": legend(grid),
        "cells": cells,
        "numbers": [numbers[place] for place in range(len(grid.actors))],
        "entries": {entry.number: entry for entry in entries},
        "by_statement": {entry.statement: entry.number for entry in entries},
        "quoted": "quote" in statements,
        "facts": sections.facts(tally),
        "found": found,
        "standing": sections.standing(meeting, tally, found.clusters),
        "carried": sections.attempt(sections.carried, tally, found.clusters),
        "report": sections.attempt(sections.report, meeting, entries),
        "coders": sections.attempt(sections.coders, whole),
        "codebook": _rules(meeting, grid),
        "sources": sections.sources(meeting),
        "count": count,
        "p_words": p_words,
        "enumerate": enumerate,
        "choices": CHOICE_WORDS,
        "universe_rows": [] if found.universe is None else sections.universe_table(found.universe),
    }


def _rules(meeting: Meeting, grid: Grid) -> list[dict[str, str]]:
    """Return the codebook in the order of the grid; what it does not say is empty."""
    columns = ["code", "dimension", "label", "definition", "include", "exclude"]
    book = meeting.codebook
    if not len(book):
        return []
    ordered = book.set_index("code", drop=False).loc[list(grid.codes)].reindex(columns=columns)
    return [
        {name: "" if pd.isna(cell) else str(cell) for name, cell in zip(columns, row, strict=True)}
        for row in ordered.itertuples(index=False)
    ]


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
    style, script = _template("page.css"), _template("page.js")
    policy = (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
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
