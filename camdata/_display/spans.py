"""Places in a text as (start, stop)."""

from __future__ import annotations

from collections.abc import Iterable

Span = tuple[int, int]
"""Code points of a text, half open: `start` is the first, `stop` the one after the last."""


def merge_spans(spans: Iterable[Span]) -> list[Span]:
    """Return `spans` in order, those that overlap or touch as one."""
    result: list[Span] = []
    for start, stop in sorted(spans):
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(stop, result[-1][1]))
        else:
            result.append((start, stop))
    return result
