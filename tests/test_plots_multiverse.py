"""The curve of specifications: every cell, every choice, its order and its words."""

import matplotlib.pyplot as plt
import pytest

import camdata as cam
from camdata.analysis.specifications import CHOICES


@pytest.fixture(scope="module")
def universe():
    return cam.multiverse(cam.load_meeting(), measures=["jaccard", "dice"])


@pytest.fixture
def ax(universe):
    yield cam.plots.multiverse(universe)
    plt.close("all")


def rows(ax):
    return [tick.get_text() for tick in ax.get_yticklabels()]


def test_every_actor_has_a_row_and_those_never_placed_come_last(universe, ax):
    names = rows(ax)[: len(universe.labels)]
    assert sorted(names) == sorted(universe.labels.index)
    assert names[-1] == "Bolivia"


def test_every_cell_carries_its_clusters_number(universe, ax):
    names = rows(ax)
    numbers = {}
    for text in ax.texts:
        if text.get_text().isdecimal():
            x, y = text.get_position()
            numbers.setdefault(names[int(y)], []).append((x, int(text.get_text())))
    for actor in universe.labels.index.drop("Bolivia"):
        found = sorted(number for _, number in numbers[actor])
        assert found == sorted(universe.labels.loc[actor].dropna().astype(int))
    assert "Bolivia" not in numbers


def test_actors_of_a_core_stand_together(universe, ax):
    names = rows(ax)
    for core in universe.cores:
        places = sorted(names.index(actor) for actor in core)
        assert places == list(range(places[0], places[0] + len(core)))


def test_each_choice_is_marked_under_as_many_specifications_as_take_it(universe, ax):
    marked = {
        line.get_gid(): len(line.get_xdata())
        for line in ax.lines
        if str(line.get_gid()).startswith("choice ")
    }
    expected = {
        f"choice {choice} {option}": number
        for choice in CHOICES
        for option, number in universe.specifications[choice].value_counts().items()
        if len(universe.specifications[choice].unique()) > 1
    }
    assert marked == expected


def test_the_title_says_how_many_and_who_is_together(universe, ax):
    title = ax.get_title(loc="left").replace("\n", " ")
    assert f"{len(universe.specifications)} specifications" in title
    assert ", ".join(universe.cores[0]) in title
    assert universe.verdict.splitlines()[0] in ax.figure.alt


def test_something_else_is_refused():
    with pytest.raises(TypeError, match=r"[Mm]ultiverse"):
        cam.plots.multiverse(cam.load_meeting())
