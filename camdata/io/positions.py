"""Places in a text as other programs count them, in code points of the text with unix newlines."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def unix_positions(text: str, *, utf16: bool = False) -> NDArray[np.int64]:
    """Say where each position in a text stands once its newlines are unix ones.

    Parameters
    ----------
    text : str
        The text as the other program has it.
    utf16 : bool
        Whether that program counts UTF-16 code units, as Java and .NET do: a character beyond the
        basic plane counts for two. Otherwise it counts code points.

    Returns
    -------
    numpy.ndarray of int64
        For each position from 0 to the length of the text, both included, the code point in the
        text with unix newlines; -1 inside a character.
    """
    encoding, width = ("utf-16-le", "<u2") if utf16 else ("utf-32-le", "<u4")
    units = np.frombuffer(text.encode(encoding), width)
    second = (units >= 0xDC00) & (units <= 0xDFFF) & utf16
    dropped = second.copy()
    dropped[:-1] |= (units[:-1] == 13) & (units[1:] == 10)
    places = np.concatenate([[0], np.cumsum(~dropped)]).astype(np.int64)
    places[:-1][second] = -1
    return places


def span_of(places: NDArray[np.int64], start: int, stop: int) -> tuple[int, int] | None:
    """Return a stretch in code points; nothing where it is empty, outside, or cuts a character."""
    if not 0 <= start < stop < len(places):
        return None
    a, b = int(places[start]), int(places[stop])
    return (a, b) if 0 <= a < b else None
