"""Random statements, tallies, positions, agreement tables, labelings; tables with known blocks."""

import numpy as np
import pandas as pd
from hypothesis import strategies as st

import camdata as cam
from camdata.model.tally import NumberedStatements, Tally, make_tally

NAMES = ("Mara", "Beto", "Zoe", "Ana", "Ugo", "Ines", "Caio", "Yara", "Luz")
CODES = ("tax", "quota", "border", "aid", "data")
DIMENSIONS = {"tax": "money", "quota": "rules", "border": "rules", "aid": "money", "data": None}
"""The dimension of each code; the last has none."""

STANCES = (1, -1)
SCALES = (STANCES, (1, 0, -1), (1, 2, 3, 4, 5), (-2, 3))


def actors(least=1, most=6):
    """Return a strategy for names in a speaking order that is not the alphabetical one."""
    return st.lists(st.sampled_from(NAMES), min_size=least, max_size=most, unique=True)


@st.composite
def statements(draw, stances=STANCES):
    """Draw the names of actors, and statements of theirs (some of none), often repeated."""
    names = draw(actors())
    cells = st.tuples(
        st.sampled_from(names),
        st.sampled_from(CODES),
        st.sampled_from(stances),
        st.sampled_from(("monday", "tuesday")),
    )
    rows = draw(st.lists(cells, max_size=25))
    table = pd.DataFrame(rows, columns=["actor", "code", "stance", "document"])
    return names, table.astype({"actor": "str", "code": "str", "stance": "Int8"})


def tally_of(counts, actors, codes, stances=STANCES) -> Tally:
    """Return the tally of statements that are there as often as `counts` says.

    `counts` is an array, actors × codes × stances.
    """
    counts = np.asarray(counts, dtype=np.int64).reshape(len(actors), len(codes), len(stances))
    place = np.repeat(np.arange(counts.size), counts.ravel())
    actor, code, stance = np.unravel_index(place, counts.shape)
    rows = NumberedStatements(actor, code, stance)
    return make_tally(rows, list(actors), list(codes), tuple(stances), by="code", duplicates="all")


@st.composite
def tallies(draw, least=1, most=6, stances=STANCES, largest=3):
    """Draw a tally that counts every statement; half of its cells or more are empty."""
    names = draw(actors(least, most))
    codes = CODES[: draw(st.integers(1, len(CODES)))]
    count = st.one_of(st.just(0), st.integers(0, largest))
    size = len(names) * len(codes) * len(stances)
    return tally_of(draw(st.lists(count, min_size=size, max_size=size)), names, codes, stances)


@st.composite
def positions(draw, least=1, most=6, values=(1, 1, -1, 0, None, None), codes=CODES):
    """Draw positions as the library writes them: Int8, 1, -1, 0 and missing."""
    names = draw(actors(least, most))
    codes = codes[: draw(st.integers(1, len(codes)))]
    row = st.lists(st.sampled_from(values), min_size=len(codes), max_size=len(codes))
    index = pd.Index(names, name="actor", dtype="str")
    columns = pd.Index(codes, name="code", dtype="str")
    cells = [[pd.NA if cell is None else cell for cell in draw(row)] for _ in names]
    return pd.DataFrame(cells, index=index, columns=columns, dtype="Int8")


@st.composite
def agreements(draw, least=1, most=9, gaps=True, ties=None):
    """Draw agreement between 0 and 1, a symmetric frame, its rows in no alphabetical order.

    With `ties` all values are among 0, 1/2 and 1; with `gaps` some pairs are NaN.
    """
    names = draw(actors(least, most))
    if ties is None:
        ties = draw(st.booleans())
    value = st.sampled_from((0.0, 0.5, 1.0)) if ties else st.integers(0, 40).map(lambda k: k / 40)
    if gaps and draw(st.booleans()):
        value = st.one_of(value, value, st.just(float("nan")))
    n = len(names)
    table = np.eye(n)
    pairs = [(i, j) for i in range(n) for j in range(i)]
    drawn = draw(st.lists(value, min_size=len(pairs), max_size=len(pairs)))
    for (i, j), number in zip(pairs, drawn, strict=True):
        table[i, j] = table[j, i] = number
    index = pd.Index(names, name="actor", dtype="str")
    return pd.DataFrame(table, index=index, columns=index)


def labelings(names):
    """Return a strategy for a labeling of `names`, in which any of them may be missing."""
    label = st.one_of(st.none(), st.integers(1, 3))
    return st.fixed_dictionaries(dict.fromkeys(names, label))


def named(table):
    """Return an array as a frame of actors and codes."""
    actors = [f"actor {i:02d}" for i in range(len(table))]
    return pd.DataFrame(table, actors, [f"code {i:02d}" for i in range(table.shape[1])])


def coin_flips(seed, n_actors=12, n_codes=10):
    """Draw votes for or against in which there is no structure."""
    return named(np.random.default_rng(seed).choice([1.0, -1.0], (n_actors, n_codes)))


def planted(seed, blocks=2, n_actors=14, n_codes=16, inside=0.9, outside=0.1):
    """Draw support in as many blocks of actors and codes, of about the same size."""
    own = np.arange(n_actors) * blocks // n_actors
    own = own[:, None] == np.arange(n_codes) * blocks // n_codes
    generator = np.random.default_rng(seed)
    held = generator.random((n_actors, n_codes)) < np.where(own, inside, outside)
    return named(np.where(held, 1.0, np.nan))


def parties(turncoats=0, n_codes=12):
    """Return votes of two parties of five, for and against everything, but for some turncoats."""
    votes = np.where(np.arange(10)[:, None] < 5, 1.0, -1.0) * np.ones(n_codes)
    turned = np.arange(turncoats)
    votes[turned, turned] *= -1
    return named(votes)


def meeting_of(positions):
    """Return a meeting in which actors take these positions (1, -1, missing)."""
    rows = [
        (actor, code, int(stance))
        for actor, row in positions.iterrows()
        for code, stance in row.items()
        if not np.isnan(stance)
    ]
    return cam.Meeting(pd.DataFrame(rows, columns=["actor", "code", "stance"]))
