"""The family that every result belongs to: frozen, a table, an answer in words."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np
import pandas as pd

from camdata import _html


class Result:
    """What every result has: its main table as `frame`, its answer in words as `summary`.

    Results are frozen: fields cannot be set, arrays cannot be written, and a frame or series that
    is taken from one is the caller's own, so that changing it changes nothing here. What a result
    is about (the tally, the measure, the clusters) is held in its fields.
    """

    def __post_init__(self) -> None:
        for field in fields(self):  # type: ignore[arg-type]
            value = getattr(self, field.name)
            if isinstance(value, np.ndarray) and value.flags.writeable:
                value = value.view()
                value.flags.writeable = False
                object.__setattr__(self, field.name, value)

    def __getattribute__(self, name: str) -> Any:
        value = object.__getattribute__(self, name)
        # under copy-on-write this copies nothing until somebody writes
        return value.copy(deep=False) if isinstance(value, pd.DataFrame | pd.Series) else value

    @property
    def frame(self) -> pd.DataFrame:
        """The main table, a fresh frame."""
        raise NotImplementedError

    @property
    def summary(self) -> str:
        """The answer in words."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return self.summary

    def _repr_html_(self) -> str:
        return _html.paragraph(self.summary) + _html.frame(self.frame)
