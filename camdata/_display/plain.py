"""Results on the console: wrapped lines, and tables whose cells are text."""

from __future__ import annotations

import textwrap
from typing import Any

import numpy as np
import pandas as pd

from camdata._display.typeset import NOTHING
from camdata._display.words import minus

WIDTH = 88
"""How many characters a printed line has at most."""


def wrap(text: str) -> str:
    """Return a text with each of its lines wrapped at 88 characters; indents stay."""
    lines = []
    for line in text.split("\n"):
        indent = line[: len(line) - len(line.lstrip())]
        wrapper = textwrap.TextWrapper(WIDTH, subsequent_indent=indent)
        wrapper.break_long_words = wrapper.break_on_hyphens = False
        lines.append(wrapper.fill(line))
    return "\n".join(lines)


def cells(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table as text: fixed decimals, real minus signs, a dot where a value is missing.

    Measured numbers have two decimals, unless all of them in the table are whole.
    """
    columns = [table.iloc[:, place] for place in range(table.shape[1])]
    values = [
        column.to_numpy(dtype=float, na_value=np.nan)
        for column in columns
        if pd.api.types.is_float_dtype(column)
    ]
    whole = all(bool((v[~np.isnan(v)] % 1 == 0).all()) for v in values)
    words = {place: _column(column, whole) for place, column in enumerate(columns)}
    return pd.DataFrame(words, table.index, dtype="str").set_axis(table.columns, axis="columns")


def is_number(column: pd.Series[Any]) -> bool:
    """Whether a column holds numbers; True and False are words."""
    return pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)


def _column(column: pd.Series[Any], whole: bool) -> list[str]:
    if is_number(column):
        measured = pd.api.types.is_float_dtype(column) and not whole
        column = column.map(lambda value: minus(f"{value:.{2 * measured}f}"), na_action="ignore")
    elif pd.api.types.is_datetime64_any_dtype(column):
        column = column.astype("str")  # without the time of day where no cell has one
    return [NOTHING if pd.isna(value) else str(value) for value in column]


def table(frame: pd.DataFrame) -> str:
    """Return a table as lines of at most 88 characters; wide tables are cut into blocks."""
    shown = cells(frame).rename_axis(index=None, columns=None)
    return shown.to_string(line_width=WIDTH, justify="right")
