"""A bar for what takes longer than a few seconds, where somebody watches and tqdm is there."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterable
from typing import TypeVar

Step = TypeVar("Step")

DELAY = 3.0
"""Seconds before a bar appears."""


def progress(steps: Iterable[Step], what: str, total: int | None = None) -> Iterable[Step]:
    """Return the steps, with a bar of their progress on a terminal.

    Without tqdm (``camdata[progress]``) or a terminal, and for whatever is done within three
    seconds, nothing is shown.
    """
    if not sys.stderr.isatty():
        return steps
    try:
        tqdm = importlib.import_module("tqdm")
    except ModuleNotFoundError:
        return steps
    bar: Iterable[Step] = tqdm.tqdm(
        steps, desc=what, total=total, file=sys.stderr, delay=DELAY, leave=False
    )
    return bar
