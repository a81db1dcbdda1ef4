"""The command ``camdata``: a meeting's answer, positions and clusters, printed and written."""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import re
import sys
import tempfile
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path

from camdata._display.plain import table as table_text
from camdata._display.plain import wrap
from camdata._display.typeset import NOTHING
from camdata.analysis.chance import cluster_choice
from camdata.analysis.clustering import Clusters, cluster
from camdata.analysis.measures import MEASURES, Agreement, agreement
from camdata.analysis.null import NoNullError
from camdata.analysis.profiles import profile
from camdata.analysis.shares import Multiverse
from camdata.analysis.specifications import multiverse
from camdata.io import coding
from camdata.io.folder import READERS, load_meeting
from camdata.io.table import read_table
from camdata.model.errors import MeetingError, SeveralCodersError
from camdata.model.meeting import Meeting
from camdata.model.source import decode_file
from camdata.model.tally import Tally
from camdata.report._page_sections import MOST_COMPARED
from camdata.report.page import write_page

MOST_ON_A_PAGE = 20_000
"""A page of more statements is too large for a browser."""

EPILOG = """other commands:
  python -m camdata new FOLDER --report report.txt   a folder to fill in
  python -m camdata check FOLDER                     its faults, and what is not coded yet
  python -m camdata cite                             how to cite the library and the report
"""
CITATION = """The camdata maintainers ({year}). camdata: coded positions of a meeting, from the
report's words to agreement clusters. Version {version}.

Organization of American States, Committee on Migration Issues, report of the meeting on the Global
Compact for Migration, http://www.oas.org/en/cidi/cidi_CAM_Docs_17.asp.
"""
YEAR = 2026
"""The year of this version."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a meeting, its verdict, positions and clusters; write charts and tables.

    Parameters
    ----------
    arguments : sequence of str, optional
        The command line without the program's name.

    Returns
    -------
    int
        0, or 2 after an error, which is printed to standard error (1 for ``check``).
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    command: Callable[[Sequence[str]], int] = _report
    commands = {"report": _report, "new": _new, "check": _check, "cite": _cite}
    if given and given[0] in commands:
        command = commands[given.pop(0)]
    try:
        return command(given)
    except (ValueError, TypeError, ImportError) as error:
        print(error, *getattr(error, "__notes__", ()), sep="\n", file=sys.stderr)
        if isinstance(error, SeveralCodersError):
            print("In this command: --coder NAME, once for each of them.", file=sys.stderr)
        return 1 if command is _check and isinstance(error, MeetingError) else 2
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 2
    except OSError as error:
        place = f" {error.filename}" if error.filename else ""
        print(f"Cannot write or read{place}: {error.strerror or error}", file=sys.stderr)
        return 2


def _parser(command: str, description: str, epilog: str | None = None) -> argparse.ArgumentParser:
    return argparse.ArgumentParser(
        prog=f"python -m camdata {command}".rstrip(),
        description=description,
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def _load(path: str | None) -> Meeting:
    """Load a meeting; an error that advises arguments says which Python functions take them."""
    try:
        return load_meeting(path)
    except ValueError as error:
        reader = READERS.get(Path(path or "").suffix.lower())
        if reader is not None and re.search(r"\b[a-z]+=", str(error)):
            names = [reader.__name__] + ["read_wide"] * (reader is read_table)
            functions = " and ".join(f"cam.{name}" for name in names)
            error.add_note(
                f"Arguments such as these are for Python: {functions}, not this command."
            )
        raise


def _report(arguments: Sequence[str]) -> int:
    what = "Load coded positions of a meeting, cluster its actors, draw and write both."
    parser = _parser("", what, EPILOG)
    default = "folder or file of the meeting (default: the bundled meeting of the CAM)"
    parser.add_argument("path", nargs="?", help=default)
    where = "folder for charts and tables (default: %(default)s)"
    parser.add_argument("--out", default="camdata-output", metavar="DIR", help=where)
    parser.add_argument("--coder", action="append", help="whose coding; several count together")
    parser.add_argument("--by", choices=("dimension", "code"), help="the level")
    parser.add_argument("--measure", choices=tuple(MEASURES), help="by default what fits the scale")
    parser.add_argument("--clusters", type=int, metavar="N", help="how many clusters")
    number = "random tables to compare with: fewer for a quick look (default: 999)"
    parser.add_argument("--resamples", type=int, metavar="N", help=number)
    options = parser.parse_args(arguments)
    whole = _load(options.path)
    meeting = whole.select(coder=options.coder) if options.coder else whole
    tally = meeting.tally(options.by)
    if not len(tally.cells.actor):
        raise ValueError("There is nothing to show: this meeting has no recorded positions.")
    shared = agreement(tally, options.measure)
    clusters = _clusters(shared, options.clusters, options.resamples)
    universe = None
    if len(meeting.tally().actors) <= MOST_COMPARED:
        with contextlib.suppress(ValueError):  # fewer than three actors, or no clusters at all
            more = {"coder": options.coder, "n_resamples": options.resamples}
            universe = multiverse(meeting, by=options.by, **more)
    out = Path(options.out)
    out.mkdir(parents=True, exist_ok=True)
    _print(meeting, tally, clusters, universe)
    # everything is made before anything is written, so that no half of it is left
    with tempfile.TemporaryDirectory(dir=out, prefix=".camdata-") as scratch:
        folder = Path(scratch)
        tables = _write_tables(folder, tally, shared, clusters, universe)
        charts = _draw(folder, meeting, shared, clusters)
        page = f"none, for more than {MOST_ON_A_PAGE:,} statements"
        if len(whole.statements) <= MOST_ON_A_PAGE:
            page, shown = "meeting", folder / "meeting.html"
            write_page(whole, shown, coder=options.coder, multiverse=universe, clusters=clusters)
        made = sorted(folder.iterdir())
        for path in made:
            place = out / path.name
            if place.is_dir():
                raise FileExistsError(f"{place} is a folder, where a file is to be written.")
        for path in made:
            os.replace(path, out / path.name)
    print(f"\nWrote to {out}:")
    print(f"  page (HTML): {page}")
    print(f"  charts (PNG and SVG): {', '.join(charts)}")
    print(f"  tables (CSV): {', '.join(tables)}")
    return 0


def _clusters(shared: Agreement, number: int | None, resamples: int | None) -> Clusters | None:
    """Cluster the actors; None where the measure gives no distances."""
    if shared.is_signed:
        shared = shared.rescaled()
    if not shared.bounded:
        return None
    try:
        if number is None and resamples is not None:
            return cluster(shared, cluster_choice(shared, resamples))
        return cluster(shared, number)
    except NoNullError:  # no number can be chosen against chance
        return None


def _print(
    meeting: Meeting, tally: Tally, clusters: Clusters | None, universe: Multiverse | None
) -> None:
    legend = "the level, the mean of several" if tally.ordinal else "1 supports, −1 opposes, 0 both"
    parts = [] if universe is None else [universe.verdict]
    parts += [str(meeting), f"Positions by {tally.by} ({legend}, {NOTHING} nothing recorded)"]
    print("\n\n".join(map(wrap, parts)), table_text(tally.positions), sep="\n\n")
    recorded = meeting.statements["actor"].drop_duplicates()
    others = recorded[~recorded.isin(tally.actors)].tolist()
    parts = []
    if others:
        parts.append(f"Not counted as delegations: {', '.join(others)}.")
    if clusters is not None:
        parts.append(f"Clusters of shared recorded positions, by {tally.by}")
        lines = _describe(tally, clusters)
        lines += [] if clusters.choice is None else [clusters.choice.summary]
        parts.append("\n".join(lines))
    if clusters is not None and universe is not None:
        # the verdict is printed at the beginning
        parts += ["Over all choices", universe.details]
    print("".join(f"\n{wrap(part)}\n" for part in parts), end="")


def _describe(tally: Tally, clusters: Clusters) -> list[str]:
    """Return lines on each cluster: members, number of statements, distinctive positions."""
    statements = {} if tally.statements is None else tally.statements.to_dict()
    standing, lines = profile(clusters), []
    for label, actors in clusters.members.items():
        names = [f"{name} ({statements[name]})" if statements else name for name in actors]
        lines += [f"{label}. {', '.join(names)}", f"   distinctive: {standing.words(label)}"]
    lines += [f"Unplaced: {actor} ({why})" for actor, why in clusters.unplaced.items()]
    if statements:
        lines.append("In brackets after a name: its number of recorded statements.")
    return lines


def _write_tables(
    folder: Path,
    tally: Tally,
    shared: Agreement,
    clusters: Clusters | None,
    universe: Multiverse | None,
) -> list[str]:
    tables = {"tally": tally.frame, "positions": tally.positions, "agreement": shared.frame}
    if clusters is not None:
        tables |= {"clusters": clusters.frame, "cuts": clusters.cuts}
        tables["profile"] = profile(clusters).frame.set_index("cluster")
    if universe is not None:
        tables |= {"specifications": universe.specifications, "pairs": universe.pairs}
    for name, table in tables.items():
        table.to_csv(folder / f"{name}.csv", encoding="utf-8", lineterminator="\n")
    return list(tables)


def _draw(
    folder: Path, meeting: Meeting, shared: Agreement, clusters: Clusters | None
) -> list[str]:
    """Draw the charts as PNG and SVG; return their names."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    from camdata import plots

    charts = {"positions": plots.positions(meeting, clusters=clusters)}
    charts["agreement"] = plots.agreement(shared if clusters is None else clusters)
    if clusters is not None:
        charts["profile"] = plots.profile(profile(clusters))
    for name, ax in charts.items():
        for suffix in ("png", "svg"):
            plots.save(ax, folder / f"{name}.{suffix}")
        plt.close(ax.get_figure(root=True))
    return list(charts)


def _new(arguments: Sequence[str]) -> int:
    parser = _parser("new", "Make a folder to fill in.")
    parser.add_argument("folder", type=Path, help="the folder; it must not hold anything yet")
    texts, who = "the text, or several", "who spoke: a table with a column actor, or names in lines"
    parser.add_argument("--report", type=Path, nargs="+", metavar="FILE", help=texts)
    parser.add_argument("--actors", type=Path, metavar="FILE", help=who)
    other = "the texts, actors and codebook of a meeting, and no statements"
    parser.add_argument("--second-coder-of", metavar="MEETING", help=other)
    options = parser.parse_args(arguments)
    if (options.report is None) == (options.second_coder_of is None):
        parser.error("either --report or --second-coder-of is needed")
    if options.second_coder_of is not None:
        coding.second_coder(load_meeting(options.second_coder_of), options.folder)
        print(f"Made {options.folder} for a second coder: fill in statements.csv.")
        return 0
    paths = list(options.report)
    names = ["report"] if len(paths) == 1 else [path.stem for path in paths]
    if len(set(names)) < len(names):
        parser.error("two of the texts have the same name")
    report = {name: decode_file(path) for name, path in zip(names, paths, strict=True)}
    actors = coding.read_names(options.actors) if options.actors else []
    coding.new_folder(options.folder, report, actors)
    print(f"Made {options.folder}; {coding.GUIDE} says how to go on.")
    return 0


def _check(arguments: Sequence[str]) -> int:
    parser = _parser("check", "List all faults of a meeting, or what is not coded yet.")
    parser.add_argument("path", help="the folder or file")
    options = parser.parse_args(arguments)
    meeting = _load(options.path)
    print(f"No faults in {options.path}.")
    print("\n".join(coding.progress(meeting)))
    return 0


def _cite(arguments: Sequence[str]) -> int:
    _parser("cite", "Print how to cite the library and the report.").parse_args(arguments)
    print(CITATION.format(year=YEAR, version=version("camdata")), end="")
    return 0


if __name__ == "__main__":
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # for names that a console cannot show
    sys.exit(main())
