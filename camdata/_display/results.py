"""The family that every result belongs to: frozen, a table, an answer in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import numpy as np
import pandas as pd

from camdata._display import html as _html
from camdata._display import plain


class Frozen:
    """A frozen dataclass whose fields stay as they are.

    Fields cannot be set and arrays cannot be written, also after copying and unpickling. Frames,
    series and mappings are the result's own: copy them before changing them.
    """

    def __post_init__(self) -> None:
        for field in fields(self):  # type: ignore[arg-type]
            value = getattr(self, field.name)
            if isinstance(value, np.ndarray) and value.flags.writeable:
                value = value.view()
                value.flags.writeable = False
                object.__setattr__(self, field.name, value)

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        # arrays can be written again once they are unpickled
        vars(self).update(state)
        self.__post_init__()


class Result(Frozen):
    """What every result has: its main table as `frame`, its answer in words as `summary`.

    What a result is about (the tally, the measure, the clusters) is held in its fields, which are
    frozen. Its `frame` is its field `table`, unless it makes a fresh one.
    """

    table: pd.DataFrame

    @property
    def frame(self) -> pd.DataFrame:
        """The main table, a fresh frame."""
        return self.table.copy()

    @property
    def summary(self) -> str:
        """The answer in words."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return plain.wrap(self.summary)

    def _repr_html_(self) -> str:
        return _html.paragraph(self.summary) + _html.frame(self.frame)
