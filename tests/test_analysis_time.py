"""Windows, shifts and memberships over time; meetings combined."""

import numpy as np
import pandas as pd
import pytest
from conftest import sizes
from dated import dated
from sklearn.metrics import adjusted_rand_score

import camdata as cam

KEYS = ["actor", "code", "stance", "date"]


@pytest.fixture(scope="module")
def changed():
    return cam.windows(dated(change=3), "month", n_resamples=199)


def test_planted_change_is_found_in_its_window(changed):
    changes = changed.changes
    found = changes[changes["p_adjusted"] <= 0.05]
    assert found[["before", "after"]].to_numpy().tolist() == [["2020-03", "2020-04"]]
    assert "2020-03 to 2020-04" in changed.summary
    table = changed.frame
    assert (table["polarization"].iloc[3:] > table["polarization"].iloc[:3].max()).all()
    assert (table["polarization_p"].iloc[3:] <= 0.05).all()
    assert (table["p_value"].iloc[3:] <= 0.05).all()


def test_aligned_memberships_are_the_planted_blocs(changed):
    blocs = np.arange(12) % 2
    labels = changed.memberships
    for name in changed.names[3:]:
        assert adjusted_rand_score(blocs, labels[name].to_numpy(dtype=int)) == 1
    assert labels["2020-04"].tolist() == labels["2020-06"].tolist()
    assert changed.changes["rand"].iloc[-1] == pytest.approx(1)
    assert changed.membership_distances.loc["2020-04", "2020-05"] == pytest.approx(0)


def test_windows_part_a_meeting_and_have_the_same_actors(changed):
    meeting = changed.meeting
    parts = [changed.part(name) for name in changed.names]
    joined = pd.concat([part.statements for part in parts])[KEYS]
    assert sorted(map(tuple, joined.to_numpy())) == sorted(
        map(tuple, meeting.statements[KEYS].to_numpy())
    )
    whole = meeting.tally()
    for name, part in zip(changed.names, parts, strict=True):
        tally = changed.tally(name)
        assert (tally.actors, tally.keys) == (whole.actors, whole.keys)
        own = part.tally()
        assert own.actors == whole.actors
        pd.testing.assert_frame_equal(
            tally.positions, own.positions.reindex(columns=tally.positions.columns)
        )
        pd.testing.assert_series_equal(tally.statements, own.statements)


def test_the_frame_is_what_each_part_gives(changed):
    row = changed.frame.loc["2020-05"]
    tally = changed.part("2020-05").tally()
    agreement = cam.agreement(tally)
    assert row["statements"] == len(changed.part("2020-05").statements)
    assert row["agreement"] == pytest.approx(np.nanmean(agreement.pairs))
    assert row["start"] == pd.Timestamp("2020-05-01")
    assert row["end"] == pd.Timestamp("2020-05-22")
    labels = changed.memberships["2020-05"]
    result = cam.analysis.association(agreement, labels.astype(str), 19)
    assert row["within"] == pytest.approx(result.within)
    assert row["between"] == pytest.approx(result.between)
    import networkx as nx

    graph = cam.analysis.to_networkx(agreement)
    blocs = [set(labels.index[labels == k]) for k in (1, 2)]
    assert row["modularity"] == pytest.approx(nx.community.modularity(graph, blocs))


def test_distances_are_mean_absolute_differences(changed):
    a, b = (cam.agreement(changed.tally(name)).pairs for name in ("2020-01", "2020-06"))
    assert changed.distances.loc["2020-01", "2020-06"] == pytest.approx(np.nanmean(np.abs(a - b)))
    np.testing.assert_allclose(changed.distances, changed.distances.T)


def test_shifts_are_the_positions_that_differ():
    rows = [
        ("A", "tax", 1, "2020-01-05", "we want it"),
        ("A", "tax", -1, "2020-02-05", "we do not"),
        ("B", "tax", 1, "2020-01-05", "yes"),
        ("B", "tax", 1, "2020-02-06", "still"),
        ("B", "aid", 1, "2020-02-06", "aid too"),
        ("C", "aid", -1, "2020-01-05", "no aid"),
    ]
    meeting = cam.Meeting(pd.DataFrame(rows, columns=[*KEYS, "quote"]))
    windows = cam.windows(meeting, n_resamples=0)
    found = windows.shifts("2020-01", "2020-02")
    assert found.frame[["actor", "code", "change"]].to_numpy().tolist() == [
        ["A", "tax", "moved"],
        ["B", "aid", "new"],
        ["C", "aid", "dropped"],
    ]
    moved = found.frame.iloc[0]
    assert (moved["stance_before"], moved["stance_after"]) == (1, -1)
    assert (moved["quotes_before"], moved["quotes_after"]) == (("we want it",), ("we do not",))
    assert found.both == 2
    assert "A, tax: 1 → −1 “we want it” “we do not”" in found.summary
    with pytest.raises(ValueError, match="no window"):
        windows.shifts("2020-01", "2020-3")


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ({"by": "year"}, ["2019", "2020"]),
        ({"by": "quarter"}, ["2019Q4", "2020Q1"]),
        ({"by": "2MS"}, ["2019-11-01", "2020-01-01"]),
        ({"by": "week"}, ["2019-12-30", "2020-01-06"]),
        ({"by": "document"}, ["one", "two"]),
        ({"days": 5, "step": 4}, ["2019-12-31 to 2020-01-04", "2020-01-04 to 2020-01-08"]),
        ({"statements": 2}, ["statements 1 to 2", "statements 3 to 4"]),
    ],
)
def test_windows_of_every_kind(given, names):
    days = ["2019-12-31", "2020-01-01", "2020-01-05", "2020-01-07"]
    if given.get("by") == "2MS":
        days[0] = "2019-11-30"
    table = pd.DataFrame(
        {"actor": list("ABAB"), "code": "tax", "date": days, "document": ["one"] * 2 + ["two"] * 2}
    )
    found = cam.windows(cam.Meeting(table), **given, n_resamples=0)
    assert list(found.names) == names
    assert len(found) == 2
    assert found.frame["statements"].sum() == (5 if given.get("step") == 4 else 4) - (
        given.get("step") == 4
    )


def test_empty_windows_stay_and_statements_without_a_date_are_counted():
    table = pd.DataFrame(
        {"actor": list("ABA"), "code": "tax", "date": ["2020-01-01", "2020-03-01", None]}
    )
    found = cam.windows(cam.Meeting(table), n_resamples=0)
    assert found.frame["statements"].tolist() == [1, 0, 1]
    assert found.left_out == 1
    assert "having no date: 1 statement" in found.summary


def test_what_is_one_window_is_said_in_one_sentence(meeting):
    with pytest.raises(ValueError, match="no column 'date'") as caught:
        cam.windows(meeting)
    assert "\n" not in str(caught.value)
    day = meeting.replace(statements=meeting.statements.assign(date="2017-10-17"))
    with pytest.raises(ValueError, match="all its statements are of one day, 2017-10-17"):
        cam.windows(day, "year")
    with pytest.raises(ValueError, match="did you mean 'month'"):
        cam.windows(dated(), "mnth")
    with pytest.raises(ValueError, match="an offset of pandas, not 'date'"):
        cam.windows(dated(), "date")
    with pytest.raises(ValueError, match="Give one of"):
        cam.windows(dated(), "month", days=3)


def test_overlapping_windows_are_not_tested():
    found = cam.windows(dated(months=3), days=60, step=30, n_resamples=19)
    assert found.changes["p_value"].isna().all()
    assert "No test of change" in found.summary


def test_order_of_rows_changes_nothing():
    meeting = dated(months=3, change=1)
    other = meeting.replace(
        statements=meeting.statements.sample(frac=1, random_state=0), actors=meeting.actors
    )
    one, again = (cam.windows(m, n_resamples=0) for m in (meeting, other))
    pd.testing.assert_frame_equal(one.frame, again.frame)
    pd.testing.assert_frame_equal(one.distances, again.distances)


def test_groups_are_a_column_of_the_actors():
    meeting = dated(months=2, change=0)
    names = meeting.actors["actor"]
    actors = pd.DataFrame({"actor": names, "bloc": np.where(np.arange(12) % 2, "odd", "even")})
    found = cam.windows(meeting.replace(actors=actors), groups="bloc", n_resamples=0).frame
    assert (found["within"] > found["between"] + 0.2).all()
    assert (found["modularity"] > 0.15).all()


def test_actors_without_a_group_are_in_no_bloc_and_are_named():
    meeting = dated(months=2, change=0)
    groups = {f"actor {i:02d}": "odd" if i % 2 else "even" for i in range(10)}
    found = cam.windows(meeting, groups=groups, n_resamples=0)
    assert found.without_group == ("actor 10", "actor 11")
    assert "left out: 2 actors without a group (actor 10, actor 11)" in found.summary
    whole = cam.agreement(found.tally("2020-01")).values[:10, :10]
    pairs = [whole[i, j] for i in range(10) for j in range(i) if i % 2 == j % 2]
    assert found.frame["within"].iloc[0] == pytest.approx(np.mean(pairs))


def test_windows_too_small_to_be_tested_are_named_and_days_are_printed_as_dates():
    statements = dated(months=2).statements
    few = statements["date"] < pd.Timestamp("2020-02-01")
    kept = statements[~few | (statements["actor"] < "actor 02")]
    found = cam.windows(cam.Meeting(kept[KEYS].reset_index(drop=True)), n_resamples=19)
    assert found.too_small == ("2020-01",)
    assert "forced by the totals): 2020-01" in found.summary
    assert not cam.windows(dated(months=2), n_resamples=0).too_small
    html = found._repr_html_()
    assert ">2020-02-01<" in html
    assert "00:00" not in html


# meetings combined


def test_combined_meetings_are_chosen_again(meeting):
    both = cam.combine({"CAM 2017": meeting, "CAM 2018": meeting})
    for name in ("CAM 2017", "CAM 2018"):
        part = both.select(meeting=name)
        assert list(part.texts) == [name]
        np.testing.assert_array_equal(part.tally("code").dense(), meeting.tally("code").dense())
        words = [q.quote for q in part.evidence("Peru")]
        assert words == [q.quote for q in meeting.evidence("Peru")]
    assert both.statements["statement"].is_unique
    assert (
        both.actors["kind"].value_counts().to_dict()
        == meeting.actors["kind"].value_counts().to_dict()
    )
    windows = cam.windows(both, "meeting", n_resamples=0)
    assert windows.names == ("CAM 2017", "CAM 2018")
    assert windows.changes["distance"].item() == 0
    assert not len(windows.shifts("CAM 2017", "CAM 2018").frame)
    with pytest.raises(ValueError, match="did you mean 'CAM 201"):
        both.select(meeting="CAM 2019x")


def frame(**columns):
    return cam.Meeting(pd.DataFrame(columns))


def test_coders_of_different_documents_are_no_conflict():
    coded = {"actor": ["A", "B"], "code": ["tax", "tax"]}
    both = cam.combine(
        {"one": frame(**coded, coder=["x", "x"]), "two": frame(**coded, coder=["y", "y"])}
    )
    assert both.tally(duplicates="all").n_statements == 4
    twice = cam.combine(
        {
            "one": frame(**coded, coder=["x", "x"]),
            "two": frame(actor=["A", "A"], code=["tax", "tax"], coder=["x", "y"]),
        }
    )
    with pytest.raises(ValueError, match="coded by more than one coder"):
        twice.tally()


def test_conflicting_attributes_are_faults_and_missing_ones_are_filled():
    statements = pd.DataFrame({"actor": ["A", "B"], "code": ["tax", "tax"]})
    actors = [
        pd.DataFrame({"actor": ["A", "B"], "kind": kinds, "speaking_order": order})
        for kinds, order in (
            (["chair", None], [1, 2]),
            (["chair", "official"], [2, 1]),
            (["official", "official"], [1, 2]),
        )
    ]
    one, two, three = (cam.Meeting(statements, actors=table) for table in actors)
    both = cam.combine({"one": one, "two": two})
    assert both.actors.to_dict("list") == {"actor": ["A", "B"], "kind": ["chair", "official"]}
    with pytest.raises(cam.MeetingError, match="one kind of A") as caught:
        cam.combine({"one": one, "three": three})
    assert caught.value.faults["got"].tolist() == ["chair in one, official in three"]


def test_near_duplicates_are_reported_and_merged_by_aliases_only():
    one, two = frame(actor=["Venezuela"], code=["a"]), frame(actor=["Venezuella"], code=["b"])
    with pytest.warns(UserWarning, match="Venezuela and Venezuella"):
        both = cam.combine({"one": one, "two": two})
    assert len(both.actors) == 2
    merged = cam.combine({"one": one, "two": two}, aliases={"Venezuella": "Venezuela"})
    assert merged.actors["actor"].tolist() == ["Venezuela"]
    with pytest.raises(ValueError, match="No meeting has the actor"):
        cam.combine({"one": one, "two": two}, aliases={"Peru": "Venezuela"})


def test_meetings_that_do_not_fit_are_refused(meeting):
    one = frame(actor=["A"], code=["a"])
    ordinal = cam.Meeting(
        pd.DataFrame({"actor": ["A"], "code": ["a"], "stance": [2]}), stances=(1, 2)
    )
    with pytest.raises(ValueError, match="different scales"):
        cam.combine({"one": one, "two": ordinal})
    with pytest.raises(TypeError, match="two or more meetings"):
        cam.combine({"one": one})
    with pytest.raises(ValueError, match="no text to find them in"):
        cam.combine({"one": frame(actor=["A"], code=["a"], quote=["q"]), "two": meeting})


@sizes("series", 40, 200)
def test_no_change_is_found_in_stationary_noise_in_more_than_one_of_twenty(series):
    found = []
    for seed in range(series):
        changes = cam.windows(dated(seed, months=4, actors=6), measure="s", n_resamples=99).changes
        found.append((changes["p_adjusted"] <= 0.05).any())
    assert np.mean(found) <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / series)


@pytest.mark.slow
@pytest.mark.parametrize("measure", ["jaccard", "matching"])
def test_saying_more_is_no_change_of_agreement(measure):
    """Without leaving out statements of the busier month, all of these series show a change."""
    found = []
    for seed in range(30):
        meeting = dated(seed, months=2, days=10, actors=8)
        statements = meeting.statements
        few = np.random.default_rng(seed).random(len(statements)) < 0.25
        kept = statements[few | (statements["date"] < pd.Timestamp("2020-02-01"))]
        busy = cam.Meeting(kept[KEYS].reset_index(drop=True))
        changes = cam.windows(busy, "month", measure=measure, n_resamples=99).changes
        found.append(changes["p_value"].iloc[0] <= 0.05)
    assert np.mean(found) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 30)
