"""The coverage of interventions by quotes, read back from its artists."""

from itertools import pairwise

import pandas as pd
import pytest
from charts import (
    closed_figures,  # noqa: F401 (a fixture)
    drawn_at,
    faults,
    legend,
    of,
    title,
    with_gid,
    y_labels,
)

import camdata as cam
from camdata import plots


def table_of(number):
    """Return a coverage of so many interventions of one to four sentences."""
    if number == "bundled":
        return of("bundled").meeting.coverage()
    rows = [
        (
            i + 1,
            f"Republic of Landmass {i:02d}",
            j + 1,
            (i * j % 5) / 4,
            400 * j,
            400 * j + 50 * i + 9,
        )
        for i in range(number)
        for j in range(1 + i % 4)
    ]
    return pd.DataFrame(rows, columns=["order", "actor", "sentence", "covered", "start", "stop"])


@pytest.mark.parametrize("width", [None, 3.5, 7])
@pytest.mark.parametrize("number", [3, "bundled", 60])
def test_everything_can_be_read(number, width):
    ax = drawn_at(lambda x, **look: plots.coverage(table_of(number), **look), "bundled", width)
    assert faults(ax) == {}


@pytest.mark.parametrize("number", [3, "bundled", 60])
def test_bars_are_sentences(number):
    table = table_of(number)
    ax = plots.coverage(table)
    sentences, covered = with_gid(ax.patches, "sentence"), with_gid(ax.patches, "covered")
    assert len(sentences) == len(covered) == len(table)
    lengths = (table["stop"] - table["start"]).to_numpy(dtype=float)
    shares = [
        dark.get_width() / bar.get_width() for dark, bar in zip(covered, sentences, strict=True)
    ]
    assert shares == pytest.approx(table["covered"].tolist())
    assert [bar.get_width() for bar in sentences] == pytest.approx(lengths.tolist(), abs=8)
    assert y_labels(ax) == table.drop_duplicates("order")["actor"].tolist()
    weighted = (table["covered"] * lengths).groupby(table["order"], sort=False).sum()
    total = pd.Series(lengths).groupby(table["order"], sort=False).sum()
    shown = [text.get_text() for text in ax.texts if text.get_text().endswith("%")]
    assert shown == [f"{share:.0%}" for share in weighted / total]
    whole = weighted.sum() / total.sum()
    interventions = f"{whole:.0%} of {table['order'].nunique()} interventions"
    assert title(ax) == f"What coded quotes cover: {interventions}, {len(table)} sentences"


def test_interventions_of_several_documents_have_a_bar_each():
    one = table_of(3)
    both = pd.concat([one.assign(document="monday"), one.assign(document="tuesday")])
    ax = plots.coverage(both)
    assert y_labels(ax) == one.drop_duplicates("order")["actor"].tolist() * 2
    assert "6 interventions" in title(ax)


def test_a_very_short_sentence_is_a_bar_too():
    text = "We want a common position. So."
    meeting = cam.Meeting(
        pd.DataFrame({"actor": ["A"], "code": ["x"], "quote": ["We want"]}),
        interventions=pd.DataFrame({"order": [1], "actor": ["A"], "passage": [text]}),
        texts=text,
    )
    table = meeting.coverage()
    assert len(table) == 2
    bars = with_gid(plots.coverage(table).patches, "sentence")
    assert all(bar.get_width() > 0 for bar in bars)
    edges = [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in bars]
    assert all(before[1] <= after[0] for before, after in pairwise(edges))


def test_names_and_colors_are_the_users():
    names = {"Republic of Landmass 01": "Landmass"}
    ax = plots.coverage(table_of(3), labels=names, palette=["navy", "pink"])
    assert y_labels(ax)[1] == "Landmass"
    assert {bar.get_facecolor() for bar in with_gid(ax.patches, "covered")} == {
        (0, 0, 128 / 255, 1)
    }
    assert legend(ax) == ["inside a coded quote", "not coded"]
    with pytest.raises(ValueError, match="`labels` must be a mapping"):
        plots.coverage(table_of(3), labels="iso3")


def test_another_table_is_refused():
    with pytest.raises(ValueError, match="'covered'"):
        plots.coverage(pd.DataFrame({"order": [1], "actor": ["A"], "start": [0], "stop": [9]}))


def test_nothing_to_cover_is_drawn():
    assert "0% of 0 interventions, 0 sentences" in title(plots.coverage(table_of(3).head(0)))
