"""What clusters stand for: the positions that set each of them apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from camdata._display.checks import check_count
from camdata._display.results import Result
from camdata._display.words import count, join_names, minus
from camdata.analysis.clustering import Clusters
from camdata.analysis.labels import Labeling, as_labels, members
from camdata.model.tally import Tally, as_tally


@dataclass(frozen=True, eq=False, repr=False)
class Profile(Result):
    """What each cluster stands for.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per cluster and position that a member holds, ordered by cluster and then by how
        much the position sets it apart. Columns: `cluster` (Int64), `code` or `dimension`, `label`
        (str, what charts call it), `stance` (int64), `members` (size of the cluster), `holders`
        (members recorded with this position), `share` (holders / members), `rest` (the share among
        the other placed actors, ``NaN`` where there are none) and `difference` (share - rest). Also
        as `frame`.
    labels : pandas.Series
        The clusters, by actor.
    tally : Tally
        The positions.

    Examples
    --------
    >>> import camdata as cam
    >>> tally = cam.load_meeting().tally()
    >>> cam.profile(cam.cluster(cam.agreement(tally), n_clusters=3))
    1 (Colombia, United States, Chile, Brazil, Costa Rica, Guatemala, Dominican Republic): rights
    (5 of 7, others 0 of 6), coordination (7 of 7, others 2 of 6)
    2 (Canada, Paraguay, Peru, Uruguay): terms definition (4 of 4, others 0 of 9), pragmatism (3 of
    4, others 3 of 9)
    3 (El Salvador, Mexico): pragmatism (2 of 2, others 4 of 11)
    """

    table: pd.DataFrame
    labels: pd.Series[int]
    tally: Tally

    @property
    def members(self) -> dict[int, list[str]]:
        """The actors of each cluster."""
        return members(self.labels)

    def apart(self, most: int = 3) -> pd.DataFrame:
        """Return the rows that set a cluster apart: at most `most` each, more frequent inside."""
        check_count("most", most)
        table = self.table
        table = table[(table["difference"] > 0) | table["rest"].isna()]
        return table.groupby("cluster", sort=False).head(most)

    @property
    def summary(self) -> str:
        """The positions that set each cluster apart, in words."""
        lines = [f"{k} ({join_names(who)}): {self.words(k)}" for k, who in self.members.items()]
        return "\n".join(lines) or "there are no clusters"

    def words(self, cluster: int, most: int = 3) -> str:
        """Return the positions that set one cluster apart, in words, and how many more do."""
        apart = self.apart(len(self.table) or 1)
        apart = apart[apart["cluster"] == cluster]
        placed = int(self.labels.notna().sum())
        words = []
        for row in apart.head(most).to_dict("records"):
            others = placed - row["members"]
            beside = "" if not others else f", others {round(row['rest'] * others)} of {others}"
            name = stance_words(row["label"], row["stance"], self.tally.ordinal)
            words.append(f"{name} ({row['holders']} of {row['members']}{beside})")
        words += [f"and {len(apart) - most} more"] if len(apart) > most else []
        return ", ".join(words) or "nothing sets it apart"


def stance_words(label: str, stance: int, ordinal: bool) -> str:
    """Return a position in words: support is the label itself, opposition is said."""
    if ordinal:
        return f"{label}: {minus(str(stance))}"
    return label if stance > 0 else f"against {label}"


def profile(clusters: Labeling, tally: Tally | pd.DataFrame | None = None) -> Profile:
    """Say what each cluster stands for.

    Parameters
    ----------
    clusters : Clusters or Series or mapping
        Labels by actor; unplaced actors are left out on both sides.
    tally : Tally or pandas.DataFrame, optional
        The positions, by default those that were clustered; another level, or another part of the
        meeting, is given here. Needed for a labeling of your own.

    Returns
    -------
    Profile

    Raises
    ------
    ValueError
        If there is no tally, or a placed actor has no row in it.

    Notes
    -----
    There are no tests of these differences: the positions made the clusters, so any p value would
    be circular.

    Examples
    --------
    >>> import camdata as cam
    >>> clusters = cam.cluster(cam.agreement(cam.load_meeting().tally()), n_clusters=3)
    >>> table = cam.profile(clusters).frame
    >>> table.loc[table["cluster"] == 2, ["dimension", "members", "holders", "share"]]
              dimension  members  holders  share
    3  terms definition        4        4   1.00
    4        pragmatism        4        3   0.75
    5      coordination        4        1   0.25
    """
    if tally is None:
        tally = clusters.agreement.tally if isinstance(clusters, Clusters) else None
        if tally is None:
            raise ValueError("These clusters do not know their tally: give it as tally=….")
    tally = as_tally(tally)
    labels = as_labels(clusters)
    placed = labels.dropna()
    held = tally.frame > 0
    absent = placed.index.difference(held.index, sort=False)
    if len(absent):
        who = f"{count(len(absent), 'placed actor')} without a row in the tally"
        raise ValueError(f"{who}: {join_names(absent)}.")
    groups = held.loc[placed.index].groupby(placed.astype("int64").to_numpy())
    holders, size = groups.sum(), groups.size()  # by cluster
    share = holders.div(size, axis=0)
    rest = (holders.sum() - holders).div(len(placed) - size, axis=0)  # 0 / 0 where there are none
    row, column = np.nonzero(holders.to_numpy())
    positions = held.columns[column]
    parts = {"holders": holders, "share": share, "rest": rest}
    table = pd.DataFrame(
        {
            "cluster": holders.index.to_numpy()[row],
            tally.by: positions.get_level_values(0).astype("str"),
            "label": np.array(tally.labels, dtype=object)[column // len(tally.stances)],
            "stance": positions.get_level_values("stance").astype("int64"),
            "members": size.to_numpy()[row],
            **{name: part.to_numpy()[row, column] for name, part in parts.items()},
        }
    )
    table = table.astype({"cluster": "Int64", "label": "str"})
    table["difference"] = table["share"] - table["rest"]
    order = ["cluster", "difference", "share"]
    table = table.sort_values(order, ascending=[True, False, False], ignore_index=True)
    return Profile(table, labels, tally)
