"""Two actors side by side: what they share, and what each statement adds."""

import numpy as np
import pandas as pd
import pytest

import camdata as cam


def small():
    """Return a meeting of three actors, of whom two differ in one code."""
    rows = [
        ("A", "x", 1, "A on x"),
        ("A", "y", 1, "A on y"),
        ("A", "y", 1, "A again"),
        ("A", "z", 1, None),
        ("B", "x", 1, "<b>B on x"),
        ("B", "y", -1, "B on y"),
        ("B", "w", 1, "B on w"),
        ("C", "w", 1, "C on w"),
    ]
    table = pd.DataFrame(rows, columns=["actor", "code", "stance", "quote"])
    table["statement"] = [f"s{i}" for i in range(len(table))]
    return cam.Meeting(table)


def test_positions_are_shared_opposed_or_one_sided_with_their_words():
    pair = cam.compare(small(), "A", "B")
    table = pair.frame.set_index("code")
    assert table["relation"].to_dict() == {
        "x": "shared",
        "y": "opposed",
        "z": "one-sided",
        "w": "one-sided",
    }
    assert table.at["y", "quotes_a"] == ("A on y", "A again")
    assert table.loc["z", ["quotes_a", "quotes_b"]].tolist() == [(), ()]
    assert table.at["w", "quotes_b"] == ("B on w",)
    assert (table.at["y", "stance_a"], table.at["y", "stance_b"]) == (1, -1)
    assert table.at["z", "stance_b"] is pd.NA
    assert pair.codes("opposed") == ["y"]
    assert pair.value == pytest.approx(1 / 5)
    html = pair._repr_html_()
    assert "&lt;b&gt;B on x" in html
    assert "<b>B" not in html


@pytest.mark.slow
@pytest.mark.parametrize("by", ["dimension", "code"])
@pytest.mark.parametrize(
    ("a", "b", "measure"),
    [("Canada", "Uruguay", None), ("Peru", "Chile", "cosine"), ("Mexico", "Brazil", "congruence")],
)
def test_the_effect_of_a_statement_is_agreement_without_it(meeting, by, a, b, measure):
    pair = cam.compare(meeting, a, b, by=by, measure=measure)
    whole = cam.agreement(meeting.tally(by), measure).frame.at[a, b]
    assert pair.value == whole
    statements = meeting.statements
    own = statements[statements["actor"].isin([a, b]) & statements["stance"].notna()]
    assert sorted(pair.without["statement"]) == sorted(own["statement"])
    for row in pair.without.itertuples():
        left = statements[statements["statement"] != row.statement]
        part = meeting.replace(statements=left, actors=meeting.actors)
        expected = cam.agreement(part.tally(by), measure).frame.at[a, b]
        assert row.agreement == pytest.approx(expected, nan_ok=True)
    change = (pair.without["agreement"] - whole).abs().fillna(np.inf)
    assert change.is_monotonic_decreasing


def test_the_words_say_what_agreement_depends_on(meeting):
    pair = cam.compare(meeting, "Canada", "Uruguay")
    first = pair.without.iloc[0]
    changed = int(((pair.without["agreement"] - pair.value).abs() > 1e-9).sum())
    assert pair.summary.startswith("Canada and Uruguay: 1.00 (Jaccard coefficient")
    assert f"without {first['statement']} of {first['actor']}: {first['agreement']:.2f}" in str(
        pair
    )
    assert f"{changed} statements of {len(pair.without)} change it" in str(pair)
    turned = cam.compare(meeting, "Uruguay", "Canada")
    assert (turned.value, turned.codes("shared")) == (pair.value, pair.codes("shared"))
    silent = cam.compare(meeting, "Canada", "Bolivia")
    assert np.isnan(silent.value)
    assert "nothing to compare" in silent.summary


def test_actors_that_cannot_be_compared_are_named(meeting):
    with pytest.raises(ValueError, match=r"no actor .*did you mean 'Canada'"):
        cam.compare(meeting, "canada", "Peru")
    with pytest.raises(ValueError, match="Two different actors"):
        cam.compare(meeting, "Peru", "Peru")
    with pytest.raises(TypeError, match="a Meeting"):
        cam.compare(meeting.tally(), "Peru", "Chile")
