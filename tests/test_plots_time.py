"""Bars, lines over time, memberships and two columns: what they draw is what the results hold."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from charts import legend, note, title, y_labels
from dated import dated
from matplotlib.colors import to_hex

import camdata as cam
from camdata._display.words import p_words


@pytest.fixture(scope="module")
def windows():
    return cam.windows(dated(change=3), "month", n_resamples=99)


def test_bars_are_the_numbers_for_and_against():
    votes = pd.DataFrame({"b1": [1, 1, -1], "b2": [-1, -1, 0], "b3": [1, None, None]})
    ax = cam.plots.bars(votes)
    drawn = {
        side: [bar.get_width() for bars in ax.containers for bar in bars if bar.get_gid() == side]
        for side in ("for", "against")
    }
    names = y_labels(ax)
    assert dict(zip(names, drawn["for"], strict=True)) == {"b1": 2, "b2": 0, "b3": 1}
    assert dict(zip(names, drawn["against"], strict=True)) == {"b1": -1, "b2": -2, "b3": 0}
    assert "b1, 2 for and 1 against" in title(ax)


@pytest.mark.parametrize(
    ("third", "called"),
    [([0], "neither"), ([1, 0], "neither or both"), ([1, -1], "both")],
)
def test_bars_say_whether_the_rest_abstains_or_is_recorded_both_ways(third, called):
    votes = [("A", "law", 1), ("B", "law", -1), *(("C", "law", stance) for stance in third)]
    table = pd.DataFrame(votes, columns=["actor", "code", "stance"])
    ax = cam.plots.bars(cam.Meeting(table, stances=(1, 0, -1) if 0 in third else (1, -1)).tally())
    (words,) = [text.get_text() for text in ax.texts if text.get_gid() == "words"]
    assert words == f"1 for, 1 against, 1 {called}"
    assert legend(ax) == ["against", "for", called]


def test_codes_that_tie_are_named_together_in_any_order():
    for columns in (["b1", "b2"], ["b2", "b1"]):
        votes = pd.DataFrame({name: [1, -1, -1 if name == "b1" else 1] for name in columns})
        assert (
            title(cam.plots.bars(votes))
            == "Most contested: b1 and b2, 1 actor or more on each side"
        )
    ax = cam.plots.bars(pd.DataFrame({"b1": [1, 1], "b2": [1, 1], "b3": [1, 1]}))
    assert title(ax) == "Most supported: 3 codes, by 2 of 2 actors each"


def test_lines_are_the_measures_of_each_window(windows):
    events = {"2020-03-28": "summit", "2020-05": "vote"}
    ax = cam.plots.over_time(windows, measures=["agreement", "polarization"], events=events)
    lines = {line.get_gid(): line for line in ax.lines}
    for name, column in (
        ("agreement", "agreement"),
        ("polarization", "polarization"),
        ("chance", "polarization_expected"),
    ):
        np.testing.assert_allclose(lines[name].get_ydata(), windows.frame[column])
    heights = [bar.get_height() for bar in ax.containers[0]]
    np.testing.assert_allclose(
        np.array(heights) / max(heights),
        windows.frame["statements"] / windows.frame["statements"].max(),
    )
    marks = sorted(line.get_xdata()[0] for line in ax.lines if line.get_gid() == "event")
    assert 2 < marks[0] < 3
    assert marks[1] == 4
    assert "1: summit. 2: vote" in note(ax)
    assert "2020-03 and 2020-04" in title(ax)
    assert f"(adjusted {p_words(windows.changes['p_adjusted'].min())})" in title(ax)
    assert f"{len(windows) - 1} of {len(windows) - 1} tested" in note(ax)


def test_events_are_windows_or_iso_days_within_them(windows):
    ax = cam.plots.over_time(windows, events={date(2020, 3, 28): "a date", "2020-06-30": "late"})
    marks = [line.get_xdata()[0] for line in ax.lines if line.get_gid() == "event"]
    assert 2 < marks[0] < 3
    assert marks[1] == len(windows) - 1
    mixed = {"10/02/2024": "x", "2020-02-30": "x", "2020-03": "x"}
    with pytest.raises(ValueError, match=r"these are neither: '10/02/2024', '2020-02-30'\."):
        cam.plots.over_time(windows, events=mixed)
    with pytest.raises(ValueError, match=r"go from 2020-01-\d\d to .* outside: 2019-02-10\."):
        cam.plots.over_time(windows, events={"2019-02-10": "x", "2020-03-01": "x"})


def test_lines_are_said_to_be_what_they_are(windows):
    def subtitle(ax):
        return next(text.get_text() for text in ax.texts if text.get_gid() == "subtitle")

    assert "Lines: means over pairs of actors." in subtitle(cam.plots.over_time(windows))
    ax = cam.plots.over_time(windows, measures=["between", "polarization"])
    assert "measures of each window (between: mean over pairs of actors)" in subtitle(ax)
    one = dict.fromkeys(windows.meeting.actors["actor"], "one")
    everybody = cam.windows(windows.meeting, n_resamples=0, groups=one)
    ax = cam.plots.over_time(everybody)
    assert legend(ax) == ["agreement", "within", "statements"]
    assert "Not defined in any window: between" in note(ax)


def test_memberships_say_whom_they_compare():
    days = pd.to_datetime(["2020-01-01", "2020-02-01"])
    rows = [
        (actor, "tax", 1 if actor in "AB" else -1, day)
        for day in days
        for actor in "ABCD"
        if (actor, day) != ("D", days[1])
    ]
    votes = pd.DataFrame(rows, columns=["actor", "code", "stance", "date"])
    ax = cam.plots.memberships(cam.windows(cam.Meeting(votes), n_resamples=0))
    assert title(ax) == "0 of 3 actors placed at both ends are in another cluster at the end"


def test_cells_are_the_memberships(windows):
    ax = cam.plots.memberships(windows, palette={1: "red", 2: "blue"})
    names = y_labels(ax)
    colors = {1: "#ff0000", 2: "#0000ff"}
    drawn = {}
    for cells in ax.collections:
        for path in cells.get_paths():
            column, row = path.vertices[:4].mean(axis=0).round().astype(int)
            drawn[names[row], windows.names[column]] = to_hex(cells.get_facecolor()[0])
    expected = {
        (name, column): colors[number]
        for column, numbers in windows.memberships.items()
        for name, number in numbers.items()
    }
    assert drawn == expected
    assert "structure than chance gives in" in note(ax)
    assert f"(by chance in {0.05 * len(windows):.1f})" in note(ax)


def test_lines_join_actors_with_their_codes():
    votes = pd.DataFrame({"b1": [1, 1, -1], "b2": [-1, 0, None]}, index=list("ABC"))
    ax = cam.plots.two_mode(votes)
    lines = {c.get_gid(): len(c.get_segments()) for c in ax.collections if c.get_gid()}
    assert lines == {"support": 3, "opposition": 3}
    assert {text.get_text() for text in ax.texts if text.get_gid() == "code"} == {"b1", "b2"}
    assert "6 positions on 2 codes, 3 of them against" in title(ax)
