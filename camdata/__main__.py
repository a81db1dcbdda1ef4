"""The command ``camdata``: a meeting's answer, positions and clusters, printed and written."""

from __future__ import annotations

import argparse
import io
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from camdata._display.plain import table as table_text
from camdata._display.plain import wrap
from camdata._display.typeset import NOTHING
from camdata.analysis.chance import cluster_choice
from camdata.analysis.clustering import Clusters, cluster
from camdata.analysis.measures import MEASURES, Agreement, agreement
from camdata.analysis.null import NoNullError
from camdata.analysis.profiles import Profile, profile
from camdata.analysis.shares import Multiverse
from camdata.analysis.specifications import multiverse
from camdata.io import coding
from camdata.io.folder import load_meeting
from camdata.model.errors import MeetingError
from camdata.model.meeting import Meeting
from camdata.model.source import decode_file
from camdata.model.tally import By, Tally
from camdata.report.page import write_page

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_ON_A_PAGE = 20_000
"""A page of more statements is too large for a browser."""
MOST_COMPARED = 60
"""With more actors the command does not compare all choices, which takes long."""

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
    except MeetingError as error:
        print(error, file=sys.stderr)
        return 1 if command is _check else 2
    except (ValueError, TypeError, ImportError) as error:
        print(error, file=sys.stderr)
        return 2
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 2
    except OSError as error:
        place = f" {error.filename}" if error.filename else ""
        print(f"Cannot write or read{place}: {error.strerror or error}", file=sys.stderr)
        return 2


def _report(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m camdata",
        description="Load coded positions of a meeting, cluster its actors, draw and write both.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "path",
        nargs="?",
        help="folder or file of the meeting (default: the bundled meeting of the CAM)",
    )
    parser.add_argument(
        "--out",
        default="camdata-output",
        metavar="DIR",
        help="folder for charts and tables (default: %(default)s)",
    )
    parser.add_argument("--coder", action="append", help="whose coding; several count together")
    parser.add_argument("--by", choices=("dimension", "code"), help="the level")
    parser.add_argument("--measure", choices=tuple(MEASURES), help="by default what fits the scale")
    parser.add_argument("--clusters", type=int, metavar="N", help="how many clusters")
    parser.add_argument(
        "--resamples",
        type=int,
        metavar="N",
        help="random tables to compare with: fewer for a quick look (default: 999)",
    )
    options = parser.parse_args(arguments)
    whole = load_meeting(options.path)
    meeting = whole.select(coder=options.coder) if options.coder else whole
    tally = meeting.tally(options.by)
    if not len(tally.cells.actor):
        raise ValueError("There is nothing to show: this meeting has no recorded positions.")
    shared = agreement(tally, options.measure)
    clusters = _clusters(shared, options.clusters, options.resamples)
    universe = _universe(meeting, options.by, options.coder, options.resamples)
    out = Path(options.out)
    out.mkdir(parents=True, exist_ok=True)
    _print(meeting, tally, clusters, universe)
    # everything is made before anything is written, so that no half of it is left
    with tempfile.TemporaryDirectory(dir=out, prefix=".camdata-") as scratch:
        tables = _write_tables(Path(scratch), tally, shared, clusters, universe)
        charts = _draw(Path(scratch), meeting, tally, shared, clusters)
        page = _page(Path(scratch), whole, options.coder, universe, clusters)
        made = sorted(Path(scratch).iterdir())
        for path in made:
            if (out / path.name).is_dir():
                raise FileExistsError(
                    f"{out / path.name} is a folder, where a file is to be written."
                )
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


def _universe(
    meeting: Meeting, by: By | None, coder: list[str] | None, resamples: int | None
) -> Multiverse | None:
    """Cluster under every choice; None with too many actors, or where it cannot be computed."""
    if len(meeting.tally().actors) > MOST_COMPARED:
        return None
    try:
        return multiverse(meeting, by=by, coder=coder, n_resamples=resamples)
    except ValueError:  # fewer than three actors, or codings that cannot be clustered
        return None


def _print(
    meeting: Meeting, tally: Tally, clusters: Clusters | None, universe: Multiverse | None
) -> None:
    parts = [] if universe is None else [universe.verdict]
    parts += [str(meeting), f"Positions by {tally.by} ({_legend(tally)})"]
    print("\n\n".join(map(wrap, parts)), table_text(tally.positions), sep="\n\n")
    recorded = meeting.statements["actor"].drop_duplicates()
    others = recorded[~recorded.isin(tally.actors)].tolist()
    parts = []
    if others:
        parts.append(f"Not counted as delegations: {', '.join(others)}.")
    if clusters is not None:
        parts.append(f"Clusters of shared recorded positions, by {tally.by}")
        lines = _describe(tally, profile(clusters), clusters)
        lines += [] if clusters.choice is None else [clusters.choice.summary]
        parts.append("\n".join(lines))
    if clusters is not None and universe is not None:
        parts += ["Over all choices", universe.summary]
    print("".join(f"\n{wrap(part)}\n" for part in parts), end="")


def _legend(tally: Tally) -> str:
    if tally.ordinal:
        return f"the level, the mean of several; {NOTHING} nothing recorded"
    return f"1 supports, −1 opposes, 0 both, {NOTHING} nothing recorded"


def _describe(tally: Tally, standing: Profile, clusters: Clusters) -> list[str]:
    """Return lines on each cluster: members, number of statements, distinctive positions."""
    statements = {} if tally.statements is None else tally.statements.to_dict()
    lines = []
    for label, actors in clusters.members.items():
        apart = standing.words(label)
        names = ", ".join(
            f"{actor} ({statements[actor]})" if actor in statements else actor for actor in actors
        )
        lines += [f"{label}. {names}", f"   distinctive: {apart}"]
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
    folder: Path, meeting: Meeting, tally: Tally, shared: Agreement, clusters: Clusters | None
) -> list[str]:
    """Draw the charts as PNG and SVG; return their names."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    from camdata import plots

    charts: dict[str, Axes] = {"positions": plots.positions(meeting, clusters=clusters)}
    charts["agreement"] = plots.agreement(shared if clusters is None else clusters)
    if clusters is not None:
        charts["profile"] = plots.profile(profile(clusters))
    for name, ax in charts.items():
        for suffix in ("png", "svg"):
            plots.save(ax, folder / f"{name}.{suffix}")
        plt.close(ax.get_figure(root=True))
    return list(charts)


def _page(
    folder: Path,
    meeting: Meeting,
    coder: list[str] | None,
    universe: Multiverse | None,
    clusters: Clusters | None,
) -> str:
    """Write the page, except with very many statements; return its name or why there is none."""
    if len(meeting.statements) > MOST_ON_A_PAGE:
        return f"none, for more than {MOST_ON_A_PAGE:,} statements"
    path = folder / "meeting.html"
    write_page(meeting, path, coder=coder, multiverse=universe, clusters=clusters)
    return "meeting"


def _new(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m camdata new", description="Make a folder to fill in."
    )
    parser.add_argument("folder", type=Path, help="the folder; it must not hold anything yet")
    parser.add_argument(
        "--report", type=Path, nargs="+", metavar="FILE", help="the text, or several"
    )
    parser.add_argument(
        "--actors",
        type=Path,
        metavar="FILE",
        help="who spoke: a table with a column actor, or a name on each line",
    )
    parser.add_argument(
        "--second-coder-of",
        metavar="MEETING",
        help="the texts, actors and codebook of a meeting, and no statements",
    )
    options = parser.parse_args(arguments)
    if (options.report is None) == (options.second_coder_of is None):
        parser.error("either --report or --second-coder-of is needed")
    if options.second_coder_of is not None:
        coding.second_coder(load_meeting(options.second_coder_of), options.folder)
        print(f"Made {options.folder} for a second coder: fill in statements.csv.")
        return 0
    paths = list(options.report)
    names = ["report"] if len(paths) == 1 else [path.stem for path in paths]
    texts = {name: decode_file(path) for name, path in zip(names, paths, strict=True)}
    if len(texts) < len(paths):
        parser.error("two of the texts have the same name")
    actors = coding.read_names(options.actors) if options.actors else []
    coding.new_folder(options.folder, texts, actors)
    print(f"Made {options.folder}; {coding.GUIDE} says how to go on.")
    return 0


def _check(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m camdata check",
        description="List all faults of a meeting, or what is not coded yet.",
    )
    parser.add_argument("path", help="the folder or file")
    options = parser.parse_args(arguments)
    meeting = load_meeting(options.path)
    print(f"No faults in {options.path}.")
    print("\n".join(coding.progress(meeting)))
    return 0


def _cite(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m camdata cite", description="Print how to cite the library and the report."
    )
    parser.parse_args(arguments)
    print(CITATION.format(year=YEAR, version=version("camdata")), end="")
    return 0


if __name__ == "__main__":
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # for names that a console cannot show
    sys.exit(main())
