"""``python -m camdata``: a meeting's positions and clusters, printed, drawn and written."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from camdata.chance import cluster_choice
from camdata.clustering import Clusters, cluster, profile
from camdata.measures import agreement
from camdata.meeting import Meeting, load_meeting
from camdata.positions import STATEMENTS, By
from camdata.schema import MeetingError

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a meeting, its positions and its clusters; write charts and tables.

    Parameters
    ----------
    arguments : sequence of str, optional
        The command line without the program's name.

    Returns
    -------
    int
        0, or 2 if the folder is at fault; its faults are then printed to the standard error.
    """
    parser = argparse.ArgumentParser(
        prog="python -m camdata",
        description="Load a meeting's coded positions, cluster its actors, draw and write both.",
    )
    parser.add_argument(
        "folder", nargs="?", help="folder of the meeting (default: the bundled meeting of the CAM)"
    )
    parser.add_argument(
        "--out",
        default="camdata-output",
        metavar="DIR",
        help="folder for charts and tables (default: %(default)s)",
    )
    options = parser.parse_args(arguments)
    try:
        meeting = load_meeting(options.folder)
    except MeetingError as error:
        print(error, file=sys.stderr)
        return 2
    by: By = "dimension" if "dimension" in meeting.codebook else "code"
    try:
        tally = meeting.tally(by)
    except ValueError as error:  # several coders coded the same actors
        print(error, file=sys.stderr)
        return 2
    if not tally.to_numpy().any():
        print("There is nothing to show: no statement is recorded of anyone.", file=sys.stderr)
        return 2
    out = Path(options.out)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        print(f"Cannot write to {out}: {error.strerror}", file=sys.stderr)
        return 2
    report(meeting, tally, by, out)
    return 0


def report(meeting: Meeting, tally: pd.DataFrame, by: By, out: Path) -> None:
    """Print what is in a meeting and write its charts and tables into a folder."""
    shared = agreement(tally)
    clusters = cluster(shared)
    standing = profile(tally, clusters)
    print(meeting)
    ordinal = not set(meeting.stances) <= {1, -1}
    if ordinal:
        print(f"\nStatements by {by} and stance\n")
        print(tally.to_string())
        tables = {"tally": tally}
    else:
        print(f"\nPositions by {by} (1 supports, -1 opposes, 0 both, <NA> nothing recorded)\n")
        positions = meeting.positions(by)
        print(positions.to_string())
        tables = {"positions": positions, "positions_by_code": meeting.positions("code")}
    print("\nClusters of shared recorded positions\n")
    print("\n".join(describe(tally, standing, clusters)))
    if len(clusters.placed) > 1:
        print(cluster_choice(tally).summary)
    tables |= {
        "agreement": shared,
        "clusters": clusters.labels.to_frame(),
        "choice": clusters.choice,
        "profile": standing.set_index("cluster"),
    }
    for name, table in tables.items():
        table.to_csv(out / f"{name}.csv", encoding="utf-8", lineterminator="\n")
    charts = draw(None if ordinal else meeting, shared, clusters, standing, out)
    print(f"\nWrote to {out}:")
    print(f"  charts (PNG and SVG): {', '.join(charts)}")
    print(f"  tables (CSV): {', '.join(tables)}")


def describe(tally: pd.DataFrame, standing: pd.DataFrame, clusters: Clusters) -> list[str]:
    """Say in lines who is together, on what, how much is recorded of each, and who is unplaced."""
    statements: dict[str, int] = tally.attrs[STATEMENTS]
    key = standing.columns[1]
    lines = []
    for label, actors in clusters.members.items():
        names = ", ".join(f"{actor} ({statements[actor]})" for actor in actors)
        lines.append(f"{label}. {names}")
        own = standing[standing["cluster"] == label]
        everyone = own[own["recorded"] == own["members"]]
        shared = [
            str(name) if stance == 1 else f"{name} ({stance:+d})"
            for name, stance in zip(everyone[key], everyone["stance"], strict=True)
        ]
        if len(actors) > 1:
            lines.append(f"   share: {', '.join(shared) or 'nothing that all of them hold'}")
        else:
            lines.append(f"   alone with: {', '.join(shared)}")
    lines += [f"Unplaced: {actor} ({why})" for actor, why in clusters.unplaced.items()]
    lines.append("In brackets: the number of statements recorded of each.")
    return lines


def draw(
    meeting: Meeting | None,
    shared: pd.DataFrame,
    clusters: Clusters,
    standing: pd.DataFrame,
    out: Path,
) -> list[str]:
    """Draw the charts as PNG and SVG; return their names."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    from camdata import plots

    charts: dict[str, Axes] = {"agreement": plots.agreement(shared, clusters)}
    if meeting is not None:
        charts = {"positions": plots.positions(meeting), **charts}
    if len(standing):
        charts["profile"] = plots.profile(standing)
    for name, ax in charts.items():
        for suffix in ("png", "svg"):
            plots.save(ax, out / f"{name}.{suffix}")
        plt.close(ax.get_figure(root=True))
    return list(charts)


if __name__ == "__main__":
    sys.exit(main())
