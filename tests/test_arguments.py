"""Arguments: each wrong value is one ValueError or TypeError, in the library's own words."""

import datetime
import inspect
import traceback
from fractions import Fraction
from functools import cache, partial
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from dated import dated

import camdata as cam

LIBRARY = Path(cam.__file__).parent


@cache
def things():
    """Return one of everything that is passed around; all of it is frozen."""
    meeting = cam.load_meeting()
    tally = meeting.tally()
    agreement = cam.agreement(tally)
    clusters = cam.cluster(agreement, 3)
    table = pd.DataFrame({"actor": list("AAB"), "code": list("xyx"), "coder": "ana"})
    again = table.assign(coder="ben")
    return SimpleNamespace(
        meeting=meeting,
        dated=dated(months=2, actors=4, days=2),
        coded=cam.Meeting(table, recodings=again),
        tally=tally,
        agreement=agreement,
        ratings=cam.agreement(tally, "s"),
        clusters=clusters,
        profile=cam.profile(clusters),
        groups=meeting.actors.set_index("actor")["process"],
        graph=cam.analysis.to_networkx(agreement),
        null=cam.analysis.null_model(tally, 2),
        source=meeting.source,
    )


CALLS = {
    "Meeting": lambda t: (cam.Meeting, {"statements": t.meeting.statements}),
    "Meeting.from_source": lambda t: (cam.Meeting.from_source, {"source": t.source}),
    "Meeting.select": lambda t: (t.meeting.select, {}),
    "Meeting.tally": lambda t: (t.meeting.tally, {}),
    "Meeting.positions": lambda t: (t.meeting.positions, {}),
    "Meeting.evidence": lambda t: (t.meeting.evidence, {"actor": "Peru"}),
    "compare": lambda t: (cam.compare, {"meeting": t.meeting, "a": "Peru", "b": "Chile"}),
    "Meeting.replace": lambda t: (t.meeting.replace, {}),
    "Tally.from_positions": lambda t: (
        cam.Tally.from_positions,
        {"positions": t.tally.positions},
    ),
    "Profile.apart": lambda t: (t.profile.apart, {}),
    "load_meeting": lambda t: (cam.load_meeting, {}),
    "read_jsonl": lambda t: (cam.read_jsonl, {"records": [{"actor": "A", "code": "x"}]}),
    "tally": lambda t: (cam.tally, {"source": t.meeting.statements}),
    "agreement": lambda t: (cam.agreement, {"tally": t.tally}),
    "agreement of ratings": lambda t: (cam.agreement, {"tally": t.tally, "measure": "s"}),
    "dyads": lambda t: (cam.dyads, {"tally": t.tally}),
    "cluster": lambda t: (cam.cluster, {"agreement": t.agreement, "n_clusters": 3}),
    "cluster by louvain": lambda t: (
        cam.cluster,
        {"agreement": t.agreement, "method": "louvain"},
    ),
    "structure": lambda t: (cam.structure, {"agreement": t.agreement, "n_resamples": 3}),
    "cluster_choice": lambda t: (cam.cluster_choice, {"agreement": t.agreement, "n_resamples": 3}),
    "null_model": lambda t: (cam.analysis.null_model, {"tally": t.tally, "n_resamples": 3}),
    "association": lambda t: (
        cam.analysis.association,
        {"agreement": t.agreement, "groups": t.groups, "n_resamples": 3},
    ),
    "cohesion": lambda t: (
        cam.cohesion,
        {"tally": t.dated.tally(), "groups": {"actor 00": "x"}, "n_resamples": 3},
    ),
    "windows": lambda t: (cam.windows, {"meeting": t.dated, "n_resamples": 0}),
    "combine": lambda t: (cam.combine, {"meetings": {"one": t.dated, "two": t.dated}}),
    "stability": lambda t: (cam.analysis.stability, {"clusters": t.clusters, "n_resamples": 3}),
    "sensitivity": lambda t: (cam.analysis.sensitivity, {"clusters": t.clusters}),
    "profile": lambda t: (cam.profile, {"clusters": t.clusters}),
    "compare_clusters": lambda t: (
        cam.analysis.compare_clusters,
        {"labelings": {"one": t.clusters}},
    ),
    "multiverse": lambda t: (
        cam.multiverse,
        {
            "meeting": t.meeting,
            "by": "dimension",
            "basis": "explicit",
            "coder": "camdata",
            "measures": "jaccard",
            "numbers": [3],
            "n_resamples": 3,
        },
    ),
    "reliability": lambda t: (cam.reliability, {"meeting": t.coded}),
    "against_reference": lambda t: (
        cam.analysis.against_reference,
        {"meeting": t.coded, "reference": "ana"},
    ),
    "resolve": lambda t: (cam.analysis.resolve, {"meeting": t.coded}),
    "to_networkx": lambda t: (cam.analysis.to_networkx, {"table": t.agreement}),
    "write_graph": lambda t: (
        cam.analysis.write_graph,
        {"graph": t.graph, "path": "never written.csv"},
    ),
    "write_page": lambda t: (cam.write_page, {"meeting": t.meeting, "path": "never written.html"}),
    "coordinates": lambda t: (cam.coordinates, {"agreement": t.agreement}),
    "pair_tables": lambda t: (cam.analysis.pair_tables, {"source": t.meeting.statements}),
    "to_table": lambda t: (cam.to_table, {"result": t.tally}),
    "evidence_table": lambda t: (cam.report.evidence_table, {"meeting": t.meeting}),
}
"""Every public callable, with arguments that are right."""


def call(name, **changed):
    function, right = CALLS[name](things())
    return function(**{**right, **changed})


def fault(function, argument, value):
    """Say what is wrong with how a wrong value is refused; nothing where it is refused well.

    It must be one error, raised by a statement of the library's own (not from within numpy, pandas,
    scipy or the interpreter), of one line, which names the argument.
    """
    try:
        function(**{argument: value})
    except (TypeError, ValueError) as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        message = str(error)
        named = (f"`{argument}`", "Expected ", *NAMED.get(argument, ()))
        faults = {
            f"raised in {last.filename}": not Path(last.filename).is_relative_to(LIBRARY),
            f"not raised by the library: {last.line}": not str(last.line).startswith("raise"),
            "a chain of errors": not error.__suppress_context__ and error.__context__ is not None,
            "caused by another error": error.__cause__ is not None,
            "long": len(message) > 2_000,
            "several lines": "\n" in message and not isinstance(error, cam.MeetingError),
            "names no argument": not any(words in message for words in named),
        }
        wrong = [words for words, is_so in faults.items() if is_so]
        return f"{', '.join(wrong)}: {message[:200]}" if wrong else ""
    except Exception as error:
        return f"another error: {error!r}"
    return "accepted"


def refused(name, argument, values):
    """Check that every wrong value is refused well."""
    found = [(shown(value), fault(partial(call, name), argument, value)) for value in values]
    assert [(value, wrong) for value, wrong in found if wrong] == []


NAMED = {
    "clusters": ["These clusters do not know their tally"],
    "labelings": ["At least one labeling"],
    "actor": ["no actor", "has no column"],
    "code": ["no code", "has no column"],
    "dimension": ["no dimension"],
    "a": ["no actor", "`actor`", "different actors"],
    "b": ["no actor", "`actor`"],
    "aliases": ["has the actor"],
    "groups": ["At least two groups", "Each actor must", "have no column"],
    "attributes": ["no attribute"],
    "stance": ["has no column"],
    "document": ["has no column"],
    "actors": ["Each actor must"],
    "statements": ["expected this table"],
    "texts": ["text"],
    "path": ["path"],
}
"""How an error may name an argument otherwise than in backticks."""


def shown(value):
    """Return what a test of this value is called."""
    if isinstance(value, int) and abs(value) > 10**6:
        return "a very large number"
    text = " ".join(repr(value).split()) if isinstance(value, str | int | float) else ""
    return f"{type(value).__name__} {text[:20]}"


def needed(values, optional):
    """Return wrong values, without None where it is right."""
    return [value for value in values if value is not None or not optional]


NAN = float("nan")
ANYTHING = [object(), len, {1: 2}, np.ones((2, 2)), pd.DataFrame({"A": [1]}), pd.Series([1, 2])]


# counts

COUNTS = [
    ("structure", "n_resamples"),
    ("cluster_choice", "n_resamples"),
    ("null_model", "n_resamples"),
    ("association", "n_resamples"),
    ("stability", "n_resamples"),
    ("multiverse", "n_resamples"),
    ("agreement of ratings", "min_shared"),
    ("dyads", "min_shared"),
    ("cluster", "n_clusters"),
    ("cohesion", "n_resamples"),
    ("windows", "n_clusters"),
    ("windows", "days"),
    ("windows", "statements"),
    ("Profile.apart", "most"),
]
WRONG_COUNTS = [0, 1.5, True, "3", None, [3]]
MORE_WRONG_COUNTS = [-1, 2.0, np.True_, b"3", NAN, pd.NA, np.array([3]), np.float64(2)]
MORE_WRONG_COUNTS += [10**30, -(10**5000), *ANYTHING]


DEFAULTS = {("cluster", "n_clusters"), ("windows", "days"), ("windows", "statements")}
DEFAULTS |= {("cohesion", "n_resamples")}
DEFAULTS |= {
    (name, "n_resamples") for name in ("structure", "cluster_choice", "association", "multiverse")
}
"""Counts that are chosen by the library where they are None."""


@pytest.mark.parametrize(("name", "argument"), COUNTS)
def test_a_count_is_a_whole_number_from_one(name, argument):
    refused(name, argument, needed(WRONG_COUNTS, (name, argument) in DEFAULTS))


def test_counts_are_checked_in_one_place():
    refused("structure", "n_resamples", MORE_WRONG_COUNTS)
    for kind in (int, np.int64, np.uint8):
        assert call("structure", n_resamples=kind(2)) is not None
    assert call("windows", statements=np.int64(9)) is not None


# seeds

SEEDS = [
    "cluster",
    "structure",
    "cluster by louvain",
    "cluster_choice",
    "null_model",
    "association",
    "cohesion",
    "windows",
    "stability",
    "multiverse",
]
WRONG_SEEDS = [-1, 1.5, "0", True, None, [0]]
MORE_WRONG_SEEDS = ["a", NAN, np.array([0]), np.float64(1), np.random.RandomState(0), *ANYTHING]


@pytest.mark.parametrize("name", SEEDS)
def test_a_seed_is_a_whole_number_or_a_generator(name):
    refused(name, "seed", WRONG_SEEDS)


QUICK = ("cluster", "structure", "null_model")


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=[] if n in QUICK else pytest.mark.slow) for n in SEEDS]
)
def test_the_same_seed_gives_the_same_result(name):
    for same in ((3, np.uint8(3)), (np.random.default_rng(5), np.random.default_rng(5))):
        one, again = (call(name, seed=seed).frame for seed in same)
        pd.testing.assert_frame_equal(one, again, check_exact=True)


def test_seeds_are_checked_in_one_place():
    refused("structure", "seed", MORE_WRONG_SEEDS)
    assert call("structure", seed=2**70) is not None


# probabilities and thresholds

NO_NUMBERS = [NAN, float("inf"), -float("inf"), "0.05", b"1", True, np.True_, None, pd.NA, [0.5]]
NO_NUMBERS += [np.array([0.5]), 1j, datetime.date(2017, 10, 17), 10**400, *ANYTHING]


def test_a_probability_is_a_number_from_0_to_1():
    refused("null_model", "alpha", [-0.1, 1.5, -1, 2, np.float32(1.5), *NO_NUMBERS])
    for value in (0.5, np.float32(0.5), Fraction(1, 2), 1, np.int64(1)):
        assert call("null_model", alpha=value) is not None


def test_a_threshold_is_a_finite_number():
    refused("to_networkx", "threshold", NO_NUMBERS)
    for value in (-1, 0.5, np.float32(0.5), Fraction(1, 2), np.int64(1)):
        assert call("to_networkx", threshold=value) is not None


# choices among options

CHOICES = [
    ("agreement", "measure"),
    ("agreement", "normalization"),
    ("cluster", "method"),
    ("cluster_choice", "method"),
    ("structure", "null"),
    ("cluster_choice", "null"),
    ("association", "null"),
    ("null_model", "null"),
    ("agreement of ratings", "distance"),
    ("stability", "over"),
    ("tally", "duplicates"),
    ("Meeting", "quotes"),
    ("Meeting.from_source", "quotes"),
    ("load_meeting", "quotes"),
    ("read_jsonl", "quotes"),
    ("Meeting.tally", "by"),
    ("windows", "of"),
    ("windows", "measure"),
    ("Meeting.tally", "duplicates"),
    ("Meeting.positions", "by"),
    ("Tally.from_positions", "by"),
    ("compare", "by"),
    ("compare", "measure"),
    ("resolve", "rule"),
]
SEVERAL = [
    ("dyads", "measures"),
    ("dyads", "attributes"),
    ("Meeting.select", "kinds"),
    ("Meeting.select", "basis"),
    ("Meeting.select", "coder"),
    ("Meeting.select", "documents"),
    ("Meeting.select", "actors"),
    ("Meeting.select", "codes"),
    ("Meeting.select", "meeting"),
    ("multiverse", "by"),
    ("multiverse", "basis"),
    ("multiverse", "coder"),
    ("multiverse", "measures"),
    ("multiverse", "methods"),
    ("reliability", "coder"),
    ("resolve", "coder"),
    ("against_reference", "coder"),
    ("write_page", "coder"),
]
OPTIONAL = {
    ("agreement", "measure"),
    ("agreement", "normalization"),
    ("agreement of ratings", "distance"),
    ("structure", "null"),
    ("cluster_choice", "null"),
    ("association", "null"),
    ("stability", "over"),
    ("compare", "by"),
    ("compare", "measure"),
    ("Meeting.tally", "by"),
    ("windows", "of"),
    ("windows", "measure"),
    ("Meeting.positions", "by"),
    ("Tally.from_positions", "by"),
    *SEVERAL,
} - {("dyads", "measures"), ("dyads", "attributes")}
WRONG_WORDS = ["wrong", "", 5, None, ["wrong"], [["x"]]]
MORE_WRONG_WORDS = [True, NAN, pd.NA, b"jaccard", "x" * 10_000, object(), len, np.ones((2, 2))]
MORE_WRONG_WORDS += [{"wrong": 1}, {1}, [None]]


@pytest.mark.parametrize(("name", "argument"), CHOICES)
def test_a_choice_is_one_of_its_options(name, argument):
    refused(name, argument, needed(WRONG_WORDS, (name, argument) in OPTIONAL))


@pytest.mark.parametrize(("name", "argument"), SEVERAL)
def test_a_choice_of_several_is_among_its_options(name, argument):
    refused(name, argument, needed(WRONG_WORDS, (name, argument) in OPTIONAL))


def test_choices_are_checked_in_one_place():
    refused("agreement", "measure", MORE_WRONG_WORDS)
    refused("Meeting.select", "kinds", [*MORE_WRONG_WORDS, pd.DataFrame({1: [2]})])


@pytest.mark.parametrize(
    ("name", "argument", "value", "meant"),
    [
        ("agreement", "measure", "jacard", "jaccard"),
        ("cluster", "method", "Louvain", "louvain"),
        ("stability", "over", "code", "codes"),
        ("Meeting.tally", "by", "dimensions", "dimension"),
        ("Meeting.select", "kinds", ["delegations"], "delegation"),
        ("Meeting.select", "basis", "by reference", "by_reference"),
        ("Meeting.select", "actors", ["Peru", "Brasil"], "Brazil"),
        ("Meeting.evidence", "actor", "Perú", "Peru"),
        ("Meeting.evidence", "dimension", "right", "rights"),
        ("compare", "b", "canada", "Canada"),
        ("dyads", "measures", ["jaccard", "cosin"], "cosine"),
        ("multiverse", "measures", "dise", "dice"),
    ],
)
def test_what_was_probably_meant_is_asked(name, argument, value, meant):
    with pytest.raises(ValueError, match=f"did you mean '{meant}'"):
        call(name, **{argument: value})


# names

NAMES = [
    ("Meeting.evidence", "actor"),
    ("Meeting.evidence", "code"),
    ("Meeting.evidence", "dimension"),
    ("compare", "a"),
    ("compare", "b"),
    ("against_reference", "reference"),
    ("tally", "actor"),
    ("tally", "code"),
    ("tally", "stance"),
    ("tally", "document"),
]
OPTIONAL_NAMES = {
    ("Meeting.evidence", "code"),
    ("Meeting.evidence", "dimension"),
    ("tally", "document"),
}
WRONG_NAMES = ["nobody", "", 5, True, NAN, pd.NA, b"x", None, ["Peru"], {"Peru"}, *ANYTHING]


@pytest.mark.parametrize(("name", "argument"), NAMES)
def test_a_name_is_one_that_is_there(name, argument):
    refused(name, argument, needed(WRONG_NAMES, (name, argument) in OPTIONAL_NAMES))


def test_the_actors_of_a_tally_are_names():
    values = [5, True, b"x", NAN, [None], [["x"]], np.ones((2, 2)), object(), ["A", "A"]]
    refused("tally", "actors", [*values, pd.DataFrame()])


def test_nobody_is_compared_with_themselves():
    refused("compare", "a", ["Chile"])


# scales, days, paths

SCALES = ["Meeting", "Tally.from_positions", "tally"]


@pytest.mark.parametrize("name", SCALES)
def test_a_scale_is_different_whole_numbers(name):
    values = [5, True, "1", b"1", NAN, [], [1, 1], [1.5], ["1"], [True], [None], [2**63], {1: 2}]
    values += [object(), np.ones((2, 2)), pd.DataFrame({"A": [1]}), pd.Series([1, 1]), None]
    refused(name, "stances", needed(values, name == "tally"))


@pytest.mark.parametrize("argument", ["since", "until"])
def test_a_day_is_a_day(argument):
    wrong = ["yesterday", "2017-13-01", "", 5, 20171017, 1.5, True, b"2017-10-17", [], object()]
    for value in [*wrong, NAN]:
        with pytest.raises((TypeError, ValueError), match=f"`{argument}` must be a day") as caught:
            things().dated.select(**{argument: value})
        assert Path(caught.traceback[-1].path).is_relative_to(LIBRARY)


PATHS = [
    ("load_meeting", "path"),
    ("write_graph", "path"),
    ("write_page", "path"),
]


@pytest.mark.parametrize(("name", "argument"), PATHS)
def test_a_path_is_a_path(name, argument, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    values = ["", "a\0b", 5, True, NAN, b"x", None, [], *ANYTHING]
    refused(name, argument, needed(values, name == "load_meeting"))
    assert list(tmp_path.iterdir()) == []


# things

THINGS = {
    ("Meeting", "statements"): {},
    ("Meeting", "actors"): {"none"},
    ("Meeting", "codebook"): {"none"},
    ("Meeting", "interventions"): {"none"},
    ("Meeting", "references"): {"none"},
    ("Meeting", "recodings"): {"none"},
    ("Meeting", "texts"): {"none", "text", "no mapping"},
    ("Meeting", "metadata"): {"none", "no mapping", "mapping"},
    ("Meeting.from_source", "source"): {"source"},
    ("Meeting.replace", "statements"): {"none"},
    ("Meeting.replace", "actors"): {"none"},
    ("Meeting.replace", "codebook"): {"none"},
    ("Meeting.replace", "interventions"): {"none"},
    ("Meeting.replace", "references"): {"none"},
    ("Meeting.replace", "recodings"): {"none"},
    ("Meeting.replace", "texts"): {"none", "text", "no mapping"},
    ("Meeting.replace", "metadata"): {"none", "no mapping", "mapping"},
    ("Tally.from_positions", "positions"): {},
    ("tally", "source"): {},
    ("agreement", "tally"): {"tally"},
    ("dyads", "tally"): {"tally"},
    ("null_model", "tally"): {"tally"},
    ("cluster", "agreement"): {"agreement"},
    ("cluster_choice", "agreement"): {"agreement"},
    ("association", "agreement"): {"agreement", "clusters"},
    ("structure", "agreement"): {"agreement"},
    ("compare", "meeting"): {"meeting"},
    ("association", "groups"): {},
    ("cohesion", "tally"): {"tally"},
    ("cohesion", "groups"): {"clusters"},
    ("windows", "meeting"): {"meeting"},
    ("combine", "meetings"): {},
    ("stability", "clusters"): {"clusters"},
    ("sensitivity", "clusters"): {"clusters"},
    # a labeling of one's own needs a tally
    ("profile", "clusters"): {"clusters"},
    ("profile", "tally"): {"none", "tally"},
    ("compare_clusters", "labelings"): {},
    ("multiverse", "meeting"): {"meeting"},
    ("reliability", "meeting"): {"meeting"},
    ("against_reference", "meeting"): {"meeting"},
    ("resolve", "meeting"): {"meeting"},
    ("to_networkx", "table"): {"agreement", "clusters", "tally"},
    ("to_networkx", "clusters"): {"none", "clusters", "no mapping", "a profile"},
    ("to_networkx", "backbone"): {"none", "null"},
    ("write_graph", "graph"): {"graph"},
    ("write_page", "meeting"): {"meeting"},
    ("write_page", "multiverse"): {"none"},
    ("write_page", "clusters"): {"none", "clusters"},
    ("coordinates", "agreement"): {"agreement", "clusters"},
    ("pair_tables", "source"): {},
    ("evidence_table", "meeting"): {"meeting"},
}
"""For every argument that is a thing, which of the things below it takes."""

VALUES = {
    "none": None,
    "a number": 5,
    "a flag": True,
    "text": "text",
    "bytes": b"x",
    "a list": [1, 2],
    "no list": [],
    "no mapping": {},
    "mapping": {"A": 1},
    "an array": np.ones((2, 2)),
    "a series": pd.Series([1, 2]),
    "a function": len,
    "a class": cam.Tally,
    "any object": object(),
}
OBJECTS = ["meeting", "tally", "agreement", "clusters", "null", "graph", "source"]


@pytest.mark.parametrize(("name", "argument"), THINGS)
def test_another_thing_than_the_one_needed_is_an_error(name, argument):
    every = {**VALUES, **{thing: getattr(things(), thing) for thing in OBJECTS}}
    right = THINGS[name, argument]
    refused(name, argument, [value for thing, value in every.items() if thing not in right])


# charts and doors: what is drawn or read


FIRST = [
    pytest.param(getattr(room, name), id=name)
    for room in (cam.plots, cam.io)
    for name in room.__all__
    if inspect.isfunction(getattr(room, name))
]


@pytest.mark.parametrize("function", FIRST)
def test_charts_and_doors_take_nothing_else_than_what_they_show_or_read(
    function, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    first, *others = inspect.signature(function).parameters.values()
    named = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    needed = [p.name for p in others if p.default is p.empty and p.kind in named]
    checked = partial(function, **dict.fromkeys(needed, "never written.xlsx"))
    values = [None, 5, True, b"x", [1, 2], [], {}, NAN, object(), len, cam.Tally, np.ones((2, 2))]
    found = [(shown(value), fault(checked, first.name, value)) for value in values]
    assert [(value, wrong) for value, wrong in found if wrong] == []
    assert list(tmp_path.iterdir()) == []


# labels

LABELS = [("profile", "clusters"), ("to_networkx", "clusters")]


@pytest.mark.parametrize(("name", "argument"), LABELS)
@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"Peru": 1, "Chile": "x"}, "Labels must be of one kind"),
        ({"Peru": 1.5, "Chile": "x", "Brazil": None}, "Labels must be of one kind"),
        (pd.Series([1, 2], ["Peru", "Peru"]), "Each actor must be there once.*Peru"),
        (pd.Series([1, 2], ["Peru", None]), "Each actor must have a name"),
        ({"Nobody": 1}, "Nobody"),
        ({"Peru": 1, 5: 2}, "5"),
    ],
)
def test_labels_are_of_one_kind_and_of_actors_that_are_there(name, argument, value, words):
    more = {"tally": things().tally} if name == "profile" else {}
    with pytest.raises((TypeError, ValueError), match=words) as caught:
        call(name, **{argument: value}, **more)
    assert Path(caught.traceback[-1].path).is_relative_to(LIBRARY)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({}, "empty|At least one labeling"),
        ({"one": {"A": 1, "B": "x"}}, "one kind"),
        ({"one": 5}, "Expected clusters, or labels"),
        ({1: {"A": 1}, "1": {"A": 1}}, "there once.*1"),
    ],
)
def test_labelings_to_compare(value, words):
    with pytest.raises((TypeError, ValueError), match=words):
        cam.analysis.compare_clusters(value)


@pytest.mark.parametrize(
    "groups",
    [
        pd.Series(["u", "v"], ["Peru", "Peru"]),
        pd.Series(["u", "v"], ["Peru", None]),
        {"Nobody": "u"},
        {},
        pd.Series(dtype="str"),
        {"Peru": None},
    ],
    ids=["twice", "no name", "nobody", "empty", "empty series", "no group"],
)
def test_groups_that_cannot_be_compared(groups):
    with pytest.raises(ValueError, match=r"Each actor must|At least two groups") as caught:
        call("association", groups=groups)
    assert Path(caught.traceback[-1].path).is_relative_to(LIBRARY)


# nothing at all

NOBODY = pd.DataFrame({"actor": [], "code": []}, dtype="str")
EMPTY = {
    "positions of nobody": lambda: cam.Tally.from_positions(pd.DataFrame()),
    "positions on nothing": lambda: cam.Tally.from_positions(pd.DataFrame(index=["A", "B"])),
    "no statements": lambda: cam.tally(NOBODY),
    "no statements of two": lambda: cam.tally(NOBODY, actors=["A", "B"]),
    "a meeting without statements": lambda: cam.Meeting(NOBODY).tally(),
    "one actor": lambda: cam.tally(pd.DataFrame({"actor": ["A"], "code": ["x"]})),
}


@pytest.mark.parametrize("make", EMPTY.values(), ids=list(EMPTY))
def test_of_nothing_everything_is_empty(make):
    tally = make()
    agreement = cam.agreement(tally)
    clusters = cam.cluster(agreement, 1)
    results = [
        tally,
        agreement,
        clusters,
        cam.profile(clusters),
        cam.coordinates(agreement),
        cam.analysis.compare_clusters({"one": clusters}),
    ]
    if tally.statements is not None:
        results += [
            cam.analysis.stability(clusters, "codes", 3),
            cam.analysis.stability(clusters, "statements", 3),
            cam.analysis.sensitivity(clusters),
        ]
    for result in results:
        assert isinstance(result.frame, pd.DataFrame)
        assert repr(result).split() == result.summary.split() != []
        assert result._repr_html_()
    assert clusters.n_clusters == 0
    assert len(cam.dyads(tally)) == max(0, len(tally.actors) * (len(tally.actors) - 1) // 2)
    assert cam.analysis.to_networkx(agreement).number_of_edges() == 0
    for refuses in (cam.structure, cam.cluster_choice, cam.cluster):
        with pytest.raises(ValueError, match="at least three actors"):
            refuses(agreement)
    with pytest.raises(ValueError, match="at least three actors"):
        cam.analysis.null_model(tally, 3)
    with pytest.raises(ValueError, match="At least two groups"):
        cam.analysis.association(agreement, {"A": "u", "B": "v"})


@pytest.mark.parametrize("frame", [pd.DataFrame(), pd.DataFrame({"actor": ["A"]})])
def test_a_table_without_its_columns_says_which(frame):
    with pytest.raises(ValueError, match=r"no column.*'code'"):
        cam.tally(frame)
    with pytest.raises(cam.MeetingError, match="this column"):
        cam.Meeting(frame)


def test_a_column_that_was_named_must_be_there():
    # else every statement would count as support
    table = pd.DataFrame({"actor": ["A"], "code": ["x"], "position": [-1]})
    assert cam.tally(table, stance="position").positions.at["A", "x"] == -1
    with pytest.raises(ValueError, match="no column 'Position'"):
        cam.tally(table, stance="Position")
    with pytest.raises(ValueError, match="Is 'position' the stance"):
        cam.tally(table)
    with pytest.raises(ValueError, match="no column 'session'"):
        cam.tally(table, stance="position", document="session")


# nothing is left out

ELSEWHERE = {
    # in tests of their own above
    ("tally", "actors"),
    ("to_networkx", "threshold"),
    ("null_model", "alpha"),
    ("Meeting.select", "since"),
    ("Meeting.select", "until"),
    ("Meeting.select", "keep_silent"),
    # tests/test_jsonl.py
    *(("read_jsonl", name) for name in ("records", "texts", "coder", "options")),
    # what each coder read: tests/test_coders.py, tests/test_scoring.py, tests/test_resolving.py
    ("reliability", "read"),
    ("reliability", "without"),
    ("against_reference", "read"),
    ("resolve", "read"),
    # what a table is made of, and how: tests/test_tables.py
    *(("to_table", name) for name in ("result", "format", "title", "labels", "notes")),
    ("evidence_table", "searchable"),
    # columns and scale: tests/test_lazy.py
    *(("pair_tables", name) for name in ("actor", "code", "stance", "document", "stances")),
    *(("pair_tables", name) for name in ("actors", "duplicates")),
    # tests/test_analysis_measures.py, tests/test_analysis_multiverse.py
    ("agreement", "undefined"),
    ("multiverse", "numbers"),
    # tests/test_analysis_time.py, tests/test_analysis_coders.py, tests/test_analysis_cohesion.py
    *(("windows", name) for name in ("by", "step", "groups", "n_resamples")),
    ("combine", "aliases"),
    *(("reliability", name) for name in ("units", "level")),
    ("to_networkx", "centrality"),
}


def test_every_argument_of_every_public_callable_has_wrong_values_here():
    covered = {
        *COUNTS,
        ("null_model", "alpha"),
        *CHOICES,
        *SEVERAL,
        *NAMES,
        *PATHS,
        *THINGS,
        *ELSEWHERE,
    }
    covered |= {(name, "seed") for name in SEEDS} | {(name, "stances") for name in SCALES}
    covered = {(name.split(" ")[0], argument) for name, argument in covered}
    functions = {name for name in cam.__all__ if inspect.isfunction(getattr(cam, name))}
    functions -= set(cam.io.__all__)  # the readers have tests of their own
    # tests/test_page.py, tests/test_analysis_coders_models.py
    functions -= {"page", "alternative_test", "compare_codings"}
    assert functions <= {name for name in CALLS if name[0].islower()}
    missing = [
        (name, argument)
        for name, make in CALLS.items()
        for argument in inspect.signature(make(things())[0]).parameters
        if (name.split(" ")[0], argument) not in covered
    ]
    assert missing == []


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in CALLS if "write" not in name])
def test_the_arguments_that_are_right_are_right(name):
    assert call(name) is not None
