"""What a tally by dimension says of opposition and agreement that no single code shows."""

from itertools import combinations

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

import camdata as cam
from camdata.model.tally import count_pooled

CODEBOOK = pd.DataFrame({"code": ["quota", "exemption", "aid"], "dimension": ["m", "m", "r"]})


def tally_of(rows, stances=(1, -1)):
    statements = pd.DataFrame(rows, columns=["actor", "code", "stance"])
    return cam.Meeting(statements, codebook=CODEBOOK, stances=stances).tally()


def test_a_tally_says_what_pooling_hides():
    tally = tally_of([("A", "quota", -1), ("A", "exemption", 1), ("B", "exemption", 1)])
    assert tally.positions.loc["A", "m"] == 0
    assert tally.summary.splitlines()[-1] == (
        "pooled codes: 1 cell with different stances on different codes "
        "(by='code' keeps them apart)"
    )
    tally = tally_of([("A", "quota", 1), ("B", "exemption", 1)])
    assert tally.summary.splitlines()[-1] == (
        "pooled codes: two actors agree on a dimension 1 time, 1 without a code in common "
        "(by='code' keeps them apart)"
    )


def test_nothing_is_said_where_nothing_is_hidden():
    rows = [("A", "quota", 1), ("A", "quota", -1), ("B", "quota", 1), ("B", "aid", 1)]
    assert "pooled" not in tally_of(rows).summary
    assert "pooled" not in cam.load_meeting().tally("code").summary


def by_definition(rows, keys):
    """Count cell by cell and pair by pair."""
    held = {}
    for actor, code, stance in rows:
        held.setdefault((actor, keys[code]), set()).add((code, stance))
    mixed = agreements = apart = 0
    for said in held.values():
        codes = [code for code, _ in said]
        mixed += len({stance for _, stance in said}) > 1 and len(codes) == len(set(codes))
    for (a, key), (b, other) in combinations(held, 2):
        mine, theirs = held[a, key], held[b, other]
        if key == other and {s for _, s in mine} & {s for _, s in theirs}:
            agreements += 1
            apart += not mine & theirs
    return mixed, agreements, apart


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 5), st.integers(0, 2)), max_size=25))
@settings(deadline=None)
def test_the_note_counts_what_the_definition_counts(rows):
    keys = [0, 0, 1, 1, 1, 2]
    frame = pd.DataFrame(rows, columns=["actor", "code", "stance"], dtype="int64")
    key = frame["code"].map(dict(enumerate(keys))).to_numpy(dtype="int64")
    actor, code, stance = frame.to_numpy().T
    assert count_pooled(actor, code, key, stance) == by_definition(rows, keys)
