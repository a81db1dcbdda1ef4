"""Charts in rows: profiles, sensitivity, coders, coverage and references."""

import numpy as np
import pandas as pd
import pytest
from charts import (
    legend,
    note,
    of,
    title,
    with_gid,
    y_labels,
)

import camdata as cam
from camdata import plots


def words(ax):
    return [text.get_text() for text in with_gid(ax.texts, "words")]


# profile


def test_bars_of_a_profile_are_the_shares_of_members_and_others():
    profile = of(14).profile
    ax = plots.profile(profile)
    apart = profile.apart(3)
    bars = [patch for patch in ax.patches if str(patch.get_gid()).startswith("cluster")]
    assert [bar.get_width() for bar in bars] == apart["share"].tolist()
    marks = with_gid(ax.collections, "rest")
    rest = [segment[0, 0] for mark in marks for segment in mark.get_segments()]
    assert rest == apart["rest"].dropna().tolist()
    first = apart.iloc[0]
    assert words(ax)[1].startswith(f"{first['holders']} of {first['members']}")


def test_members_stand_beside_their_cluster():
    ax = plots.profile(of(14).profile)
    for label, members in of(14).profile.members.items():
        if len(members) > 1:
            (text,) = with_gid(ax.texts, f"members {label}")
            assert text.get_text().startswith(members[0])
            assert f"Cluster {label} ({len(members)})" in y_labels(ax)


def test_a_profile_has_room_on_a_page():
    ax = plots.profile(of(200).profile, most=9)
    assert len(y_labels(ax)) <= 36
    assert ax.get_figure().get_size_inches()[1] < 9.51
    with pytest.raises(ValueError, match="`most`"):
        plots.profile(of(14).profile, most=0)


# sensitivity


def test_rows_of_sensitivity_are_the_statements_that_change_something():
    found = of(14).sensitivity
    ax = plots.sensitivity(found)
    changing = found.frame[found.effect]
    assert len(y_labels(ax)) == len(changing)
    (dots,) = with_gid(ax.lines, "effect")
    assert np.array_equal(dots.get_xdata(), changing["adjusted_rand"].to_numpy(), equal_nan=True)
    assert f"{len(changing)} of {len(found.frame)} statements" in title(ax)
    assert 1 in ax.get_xticks()


def test_moves_are_read_from_the_frame_whatever_names_hold():
    names = ["Group: A → 1", "B; C", "Delta", "Echo", "Foxtrot"]
    rows = [(names[i], code) for i, code in enumerate("xxxyy")] + [(names[0], "y"), (names[1], "z")]
    meeting = cam.Meeting(pd.DataFrame(rows, columns=["actor", "code"]))
    clusters = cam.cluster(cam.agreement(meeting.tally("code")), 2)
    found = cam.analysis.sensitivity(clusters)
    ax = plots.sensitivity(found)
    moved = {name for name in names if any(name in text for text in words(ax))}
    assert moved
    assert moved <= set(found.moves["actor"])


def test_no_effect_is_a_sentence():
    frame = pd.DataFrame(
        [(actor, code) for actor in "ABCDEF" for code in ("xyz" if actor in "ABC" else "uvw")],
        columns=["actor", "code"],
    )
    found = cam.analysis.sensitivity(
        cam.cluster(cam.agreement(cam.Meeting(frame).tally("code")), 2)
    )
    ax = plots.sensitivity(found)
    assert title(ax) == "No single statement changes the clusters"
    assert len(with_gid(ax.texts, "sentence")) == 1


# coders


def test_rows_of_coders_are_those_below_one_and_the_rest_is_counted():
    reliability = of(14).reliability
    ax = plots.coders(reliability)
    alphas = pd.concat([reliability.frame["alpha"], reliability.pairs["alpha"]])
    dots = [line.get_xdata()[0] for line in with_gid(ax.lines, "alpha")]
    assert all(alpha < 1 for alpha in dots[1:])
    perfect = int((alphas == 1).sum())
    drawn = len(dots) + len(with_gid(ax.lines, "undefined"))
    assert f"{perfect} rows" in note(ax)
    assert drawn + perfect == len(alphas)


# coverage


def test_bars_of_coverage_are_the_shares_of_each_sentence():
    coverage = cam.load_meeting().coverage()
    ax = plots.coverage(coverage)
    sentences = [p for p in ax.patches if p.get_gid() == "sentence"]
    covered = [p for p in ax.patches if p.get_gid() == "covered"]
    shares = [c.get_width() / s.get_width() for c, s in zip(covered, sentences, strict=True)]
    assert np.allclose(shares, coverage["covered"].fillna(0))
    length = coverage["stop"] - coverage["start"]
    assert f"{(coverage['covered'] * length).sum() / length.sum():.0%}" in title(ax)
    with pytest.raises(ValueError, match=r"Meeting\.coverage"):
        plots.coverage(coverage.drop(columns="covered"))


# references


def test_every_reference_is_an_arc_to_the_row_of_its_target():
    table = of(14).meeting.references
    ax = plots.references(of(14).meeting)
    rows = dict(zip(y_labels(ax), ax.get_yticks(), strict=True))
    heads = [line for line in ax.lines if str(line.get_gid()).startswith("to ")]
    assert len(heads) == len(table)
    for head in heads:
        assert abs(head.get_ydata()[0] - rows[head.get_gid().removeprefix("to ")]) < 0.5
    assert {words.replace(" ", "_") for words in legend(ax)} == set(table["relation"])
    assert y_labels(ax)[-1] == "unnamed actor"


def test_many_actors_are_a_matrix_of_how_often():
    meeting = of(60).meeting
    ax = plots.references(meeting)
    (mesh,) = with_gid(ax.collections, "agreement")
    known = meeting.references
    known = known[known["actor"] != known["target"]]
    assert mesh.get_array().filled(0).sum() == len(known)


def test_a_meeting_without_references_is_said():
    meeting = cam.Meeting(pd.DataFrame({"actor": ["A"], "code": ["x"]}))
    with pytest.raises(ValueError, match="no references"):
        plots.references(meeting)
