"""What a tally by dimension hides because it pools the codes of each dimension."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from camdata._display.words import count

Numbers = NDArray[Any]


class Pooling(NamedTuple):
    """What pooling codes hides.

    Attributes
    ----------
    mixed : int
        Cells in which an actor takes different stances on different codes, but on no single code.
    agreements : int
        Pairs of actors with a stance in common on a key, once for each key.
    apart : int
        Of these, those without a code in common on which both take that stance.
    sentence : str
        The same in words; empty where nothing is hidden.
    """

    mixed: int
    agreements: int
    apart: int
    sentence: str


def pooling_note(
    actor: Numbers, code: Numbers, key: Numbers, stance: Numbers, *, noun: str = "dimension"
) -> Pooling:
    """Count how often pooling codes makes opposition or agreement that no single code shows.

    Parameters
    ----------
    actor, code, key, stance : numpy.ndarray
        The numbers of each statement's actor, code, key (what the code is pooled into) and stance.
    noun : str
        The name of a key in the sentence.

    Examples
    --------
    >>> import numpy as np
    >>> actor, code = np.array([0, 0, 1]), np.array([0, 1, 2])
    >>> note = pooling_note(actor, code, np.zeros(3, dtype=int), np.array([0, 1, 0]))
    >>> note[:3]
    (1, 1, 1)
    """
    mixed = agreements = apart = 0
    for number in np.unique(key):
        here = key == number
        who, what, how = actor[here], code[here], stance[here]
        _, who = np.unique(who, return_inverse=True)
        pooled = _incidence(who, how)
        single = _incidence(who, np.unique(np.stack([what, how]), axis=1, return_inverse=True)[1])
        cells = np.unique(np.stack([who, what, how]), axis=1)
        per_code = np.unique(cells[:2], axis=1, return_counts=True)
        torn = np.zeros(len(pooled), dtype=bool)  # different stances on one code
        torn[per_code[0][0][per_code[1] > 1]] = True
        mixed += int(((pooled.sum(axis=1) > 1) & ~torn).sum())
        together = np.triu(pooled @ pooled.T > 0, 1)
        agreements += int(together.sum())
        apart += int((together & (single @ single.T == 0)).sum())
    parts = []
    if mixed:
        parts.append(f"{count(mixed, 'cell')} with different stances on different codes")
    if apart:
        times = count(agreements, "time")
        parts.append(f"two actors agree on a {noun} {times}, {apart:,} without a code in common")
    sentence = f"pooled codes: {'; '.join(parts)} (by='code' keeps them apart)" if parts else ""
    return Pooling(mixed, agreements, apart, sentence)


def _incidence(row: Numbers, column: Numbers) -> NDArray[np.float32]:
    """Return which rows have which columns, as 1 and 0."""
    shape = int(row.max()) + 1, int(column.max()) + 1
    table = np.zeros(shape, dtype=np.float32)
    table[row, column.ravel()] = 1
    return table
