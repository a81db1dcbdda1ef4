"""Results are frozen and know what they are about."""

import copy
import pickle
from dataclasses import FrozenInstanceError, fields
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from coded import rated
from dated import dated
from numpy.testing import assert_array_equal
from pandas.testing import assert_frame_equal, assert_series_equal

import camdata as cam
from camdata import Tally
from camdata._display.results import Frozen, Result
from camdata.analysis.measures import as_agreement
from camdata.model.evidence import Evidence

PACKAGE = Path(cam.__file__).parent


def two_coders():
    """Return a meeting that two coders have coded, who differ in one statement."""
    rows = [("Ana", "tax", 1), ("Ana", "aid", -1), ("Beto", "tax", 1), ("Beto", "aid", 1)]
    table = [(*row, "Eva") for row in rows] + [(*row, "Leo") for row in rows[:-1]]
    return cam.Meeting(pd.DataFrame(table, columns=["actor", "code", "stance", "coder"]))


@cache
def codes():
    return cam.load_meeting().tally("code")


@cache
def changing():
    return cam.windows(dated(months=2, actors=4, days=2), n_resamples=0)


@cache
def clusters():
    return cam.cluster(cam.agreement(codes()), n_clusters=5)


MAKE = {
    "AgainstReference": lambda: cam.analysis.against_reference(two_coders(), "Eva"),
    "Agreement": lambda: clusters().agreement,
    "Association": lambda: cam.analysis.association(clusters(), "process", 20),
    "ClusterChoice": lambda: cam.cluster_choice(clusters().agreement, 20),
    "Clusters": clusters,
    "Brokers": lambda: cam.analysis.brokers(clusters()),
    "Divisions": lambda: cam.analysis.divisions(codes(), "process", 9),
    "EIIndex": lambda: cam.analysis.ei_index(clusters().agreement, "process", 9),
    "MRQAP": lambda: cam.analysis.mrqap(clusters().agreement, {"same": "process"}, 9),
    "Polarization": lambda: cam.analysis.polarization(changing().tally("2020-01"), n_resamples=9),
    "Shifts": lambda: changing().shifts("2020-01", "2020-02"),
    "Windows": lambda: changing(),
    "Cohesion": lambda: cam.cohesion(codes(), "process", 9),
    "Comparison": lambda: cam.compare(cam.load_meeting(), "Canada", "Uruguay"),
    "AlternativeTest": lambda: cam.alternative_test(
        rated([[1, 2, 1]] * 4, (1, 2)), "coder 0", [f"coder {i}" for i in (1, 2, 3)], min_units=2
    ),
    "CodingComparison": lambda: cam.compare_codings(cam.load_meeting(), n_resamples=9),
    "EvidenceTable": lambda: cam.report.evidence_table(cam.load_meeting()),
    "Coordinates": lambda: cam.coordinates(clusters()),
    "PairTables": lambda: cam.analysis.pair_tables(cam.load_meeting().statements),
    "Evidence": lambda: cam.load_meeting().evidence("Canada"),
    "LabelComparison": lambda: cam.analysis.compare_clusters(
        {"five": clusters(), "same": clusters()}
    ),
    "Multiverse": lambda: cam.multiverse(cam.load_meeting(), measures="dice", n_resamples=9),
    "NullModel": lambda: cam.analysis.null_model(codes(), 20),
    "Profile": lambda: cam.profile(clusters()),
    "Reliability": lambda: cam.reliability(two_coders()),
    "Resolution": lambda: cam.analysis.resolve(two_coders()),
    "Sensitivity": lambda: cam.analysis.sensitivity(clusters()),
    "Stability": lambda: cam.analysis.stability(clusters(), n_resamples=20),
    "Structure": lambda: cam.structure(clusters().agreement, 20),
    "Tally": codes,
}
"""How one result of every class is made."""


@cache
def result_of(name):
    return MAKE[name]()


every_result = pytest.mark.parametrize("name", MAKE)


def inside(thing, path=""):
    """Yield where each array, frame, series and mapping of a result is, and what it is."""
    for field in fields(thing):
        value = getattr(thing, field.name)
        place = f"{path}.{field.name}"
        if isinstance(value, Frozen):
            yield from inside(value, place)
        elif isinstance(value, np.ndarray | pd.DataFrame | pd.Series | dict):
            yield place, value
        else:
            assert not isinstance(value, list | set | bytearray), f"{place} can be changed"


def at(thing, place):
    """Return what is at a place of a result."""
    for name in place.split(".")[1:]:
        thing = getattr(thing, name)
    return thing


def assert_same(first, second):
    if isinstance(first, pd.DataFrame):
        assert_frame_equal(first, second)
    elif isinstance(first, pd.Series):
        assert_series_equal(first, second)
    elif isinstance(first, np.ndarray):
        assert_array_equal(first, second)
    else:
        assert first == second


# frozen


def test_every_kind_of_result_is_tested():
    rooms = (cam, cam.analysis, cam.report)
    public = {name: getattr(room, name) for room in rooms for name in room.__all__}
    public["Evidence"] = Evidence
    kinds = {n for n, kind in public.items() if isinstance(kind, type) and issubclass(kind, Result)}
    assert kinds == set(MAKE)


@every_result
def test_fields_cannot_be_set_or_deleted(name):
    result = result_of(name)
    assert type(result).__name__ == name
    for field in fields(result):
        with pytest.raises(FrozenInstanceError):
            setattr(result, field.name, None)
        with pytest.raises(FrozenInstanceError):
            delattr(result, field.name)
    with pytest.raises(FrozenInstanceError):
        result.something_else = 1


@every_result
def test_arrays_cannot_be_written(name):
    for place, value in inside(result_of(name)):
        if isinstance(value, np.ndarray):
            assert not value.flags.writeable, place
            if value.size:
                with pytest.raises(ValueError, match="read-only"):
                    value[(0,) * value.ndim] = 0


def test_a_table_given_is_not_tied_to_the_result():
    table = pd.DataFrame({"tax": [1.0, -1.0], "aid": [1.0, 1.0]}, ["Ana", "Beto"])
    tally = Tally.from_positions(table)
    own = cam.agreement(tally).frame
    agreement, before = as_agreement(own), own.copy()
    own.iloc[0, 1] = own.iloc[1, 0] = 99
    table.iloc[0, 0] = np.nan
    assert_frame_equal(agreement.frame, before)
    assert tally.positions.at["Ana", "tax"] == 1


@every_result
@pytest.mark.parametrize(
    "remake", [lambda result: pickle.loads(pickle.dumps(result)), copy.deepcopy, copy.copy]
)
def test_a_copy_is_the_same_and_as_frozen(name, remake):
    result = result_of(name)
    again = remake(result)
    assert type(again) is type(result)
    assert repr(again) == repr(result)
    assert_same(again.frame, result.frame)
    for place, value in inside(result):
        other = at(again, place)
        assert_same(other, value)
        if isinstance(other, np.ndarray):
            assert not other.flags.writeable, place
    with pytest.raises(FrozenInstanceError):
        setattr(again, fields(again)[0].name, None)


# how results show themselves


@every_result
def test_a_result_prints_its_summary_and_shows_its_table(name):
    result = result_of(name)
    assert result.summary
    assert repr(result).split() == result.summary.split()
    assert max(map(len, repr(result).splitlines())) <= 88
    assert isinstance(result.frame, pd.DataFrame)
    html = result._repr_html_()
    assert html.startswith("<")
    assert "<table" in html or name == "Evidence"  # which shows passages
    assert "<NA>" not in html
    assert "&lt;NA&gt;" not in html


def test_html_is_escaped_and_long_tables_are_cut():
    actors = [f"<b>{i}</b> & co" for i in range(70)]
    table = pd.DataFrame({"x": [1] * 70}, actors)
    html = cam.profile(dict.fromkeys(actors, 1), table)._repr_html_()
    assert "<b>" not in html
    assert "&lt;b&gt;0&lt;/b&gt; &amp; co" in html
    long = cam.cluster(cam.agreement(table), 1)._repr_html_()
    assert "… and 60 more rows in .frame" in long


def test_cells_of_html_tables_are_text_with_fixed_decimals():
    positions = pd.DataFrame({"x": [1, -1, None], "y": [1, 1, 1]}, list("ABC"))
    agreement = cam.agreement(positions, "jaccard")
    html = agreement._repr_html_()
    assert ">1.00</td>" in html
    assert ">0.33</td>" in html
    assert "text-align:right" in html


# what a result is about is in the result, and nowhere else


def test_no_module_reads_or_writes_hidden_attributes():
    found = [
        path.relative_to(PACKAGE).as_posix()
        for path in sorted(PACKAGE.rglob("*.py"))
        if ".attrs" in path.read_text("utf-8")
    ]
    assert found == []


@every_result
def test_no_frame_carries_hidden_attributes(name):
    result = result_of(name)
    for place, value in inside(result):
        assert not getattr(value, "attrs", None), place
    assert not result.frame.attrs


def test_a_part_of_the_positions_does_not_speak_of_the_whole():
    meeting = cam.load_meeting()
    whole = meeting.tally("code")
    part = whole.positions.iloc[:3, :2]
    tally = Tally.from_positions(part)
    assert tally.statements is None
    assert "statement" not in tally.summary
    assert "3 actors on 2 codes" in tally.summary
    for words in (cam.agreement(part, "dice").summary, repr(cam.cluster(cam.agreement(part), 1))):
        assert str(whole.n_statements) not in words
        assert "statement" not in words
    chosen = meeting.select(actors=list(part.index), codes=list(part.columns)).tally("code")
    inside = meeting.statements
    inside = inside[inside["actor"].isin(part.index) & inside["code"].isin(part.columns)]
    assert chosen.n_statements == len(inside) < whole.n_statements
    assert f"{len(inside)} statement" in chosen.summary


def test_positions_of_two_meetings_put_together_claim_no_number_of_statements():
    meeting = cam.load_meeting()
    first = meeting.tally("code")
    other = first.positions.rename(index="other {}".format)
    both = pd.concat([first.positions, other])
    tally = Tally.from_positions(both)
    assert tally.n_statements is None
    assert str(first.n_statements) not in cam.agreement(both).summary
    rows = meeting.select(kinds="delegation").statements[["actor", "code", "stance"]]
    together = pd.concat([rows, rows.assign(actor="other " + rows["actor"])])
    assert cam.tally(together).n_statements == 2 * first.n_statements


def test_what_is_reckoned_from_agreement_is_no_longer_that_measure():
    agreement = cam.agreement(cam.load_meeting().tally())
    with pytest.raises(TypeError):
        1 - agreement
    apart = as_agreement(1 - agreement.frame)
    assert (apart.measure, apart.label, apart.tally) == (None, "agreement", None)
    assert "Jaccard" not in apart.summary
    assert apart.frame.loc["Canada", "Uruguay"] == 1 - agreement.frame.loc["Canada", "Uruguay"]
    part = as_agreement(agreement.frame.iloc[:3, :3])
    assert (part.label, part.tally) == ("agreement", None)


def test_a_rescaled_measure_says_so_and_one_rescaled_by_hand_is_not_called_s():
    s = cam.agreement(cam.load_meeting().tally(), "s")
    assert s.rescaled().label == "S, rescaled to 0 to 1"
    assert " of 14 actors" in s.rescaled().summary
    by_hand = as_agreement((1 + s.frame) / 2)
    assert_array_equal(by_hand.values, s.rescaled().values)
    assert by_hand.label == "agreement"


def test_rows_renamed_to_iso_codes_have_no_counts_and_the_tally_knows_both():
    tally = cam.load_meeting().tally()
    iso = tally.attributes["iso3"]
    renamed = Tally.from_positions(tally.positions.rename(index=iso))
    assert renamed.actors == tuple(iso)
    assert renamed.statements is None
    assert repr(renamed).startswith("positions of 14 actors")
    assert repr(tally).startswith(f"{tally.n_statements} statements of 14 actors")
    assert iso.index.equals(tally.statements.index)
    assert_array_equal(cam.agreement(renamed).values, cam.agreement(tally).values)
    table = cam.dyads(tally, attributes=["iso3"])
    assert (table["iso3_a"] == table["actor_a"].map(iso)).all()


def test_hidden_attributes_of_a_frame_change_no_clusters():
    own = cam.agreement(cam.load_meeting().tally("code")).frame
    expected = cam.cluster(own, n_clusters=5)
    for attrs in ({}, {"actors": own.index.tolist()[::-1], "statements": {"Canada": 99}}):
        changed = own.copy()
        changed.attrs = attrs
        found = cam.cluster(changed, n_clusters=5)
        assert_series_equal(found.labels, expected.labels)
        assert_frame_equal(found.frame, expected.frame)
        table = cam.load_meeting().positions("code")
        table.attrs = attrs
        assert cam.agreement(table).tally.statements is None


def test_graphs_have_the_counts_of_their_own_tally_or_none():
    meeting = cam.load_meeting()
    tally = meeting.tally("code")
    said = {
        a: d.get("statements")
        for a, d in cam.analysis.to_networkx(cam.agreement(tally)).nodes.items()
    }
    assert said == tally.statements.to_dict()
    explicit = meeting.select(basis="explicit").tally("code")
    counted = cam.analysis.to_networkx(cam.agreement(explicit)).nodes
    assert {a: counted[a]["statements"] for a in counted} == explicit.statements.to_dict()
    assert explicit.statements["Canada"] < tally.statements["Canada"] or (
        explicit.n_statements < tally.n_statements
    )
    own = cam.agreement(tally).frame
    for frame in (own.iloc[:3, :3], 1 - own, tally.positions):
        nodes = cam.analysis.to_networkx(frame).nodes
        assert all("statements" not in nodes[node] for node in nodes)


def test_analyses_know_what_they_are_about_without_being_told_again():
    assert clusters().agreement.tally is codes()
    assert result_of("Profile").tally is codes()
    assert result_of("Stability").clusters is clusters()
    assert result_of("Sensitivity").clusters is clusters()
    assert result_of("NullModel").tally is codes()
    assert result_of("ClusterChoice").agreement is clusters().agreement
