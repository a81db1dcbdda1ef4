"""Usual headers and words for stances in several languages (``data/words.json``)."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

LANGUAGES = ("en", "es", "pt", "fr", "de")

OWN_NAMES = ("basis", "start", "stop")
"""Columns of statements without other usual names."""


def fold_header(words: str) -> str:
    """Return a header as it is compared: letters and digits without case and accents."""
    return re.sub(r"[\W_]+", "", _plain(words))


def fold_stance(words: str) -> str:
    """Return a word for a stance as it is compared: without case and accents, one kind of dash."""
    folded = re.sub(r"[\u2010-\u2015\u2212]", "-", _plain(words)).replace("’", "'").strip()
    if len(folded) > 1:
        folded = re.sub(r"[\s_]+|(?<=[^\W\d])-(?=[^\W\d])", " ", folded)
    return folded


def _plain(words: str) -> str:
    decomposed = unicodedata.normalize("NFKD", words.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


@cache
def _file() -> Mapping[str, Any]:
    path = Path(__file__).parents[1] / "data" / "words.json"
    found: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


@cache
def headers(table: str = "headers") -> Mapping[str, tuple[str, ...]]:
    """Return the usual headers of each column, folded; `table` may be ``"codebook"``."""
    found = {role: chain(*languages.values()) for role, languages in _file()[table].items()}
    return {role: tuple(dict.fromkeys(map(fold_header, words))) for role, words in found.items()}


@cache
def stance_words() -> Mapping[str, Mapping[str, int | None]]:
    """Return what each folded word for a stance means in each language that knows it.

    ``None`` says that nothing is recorded.
    """
    found: dict[str, dict[str, int | None]] = {}
    for level, languages in _file()["stances"].items():
        for language, words in languages.items():
            for word in words:
                meaning = None if level == "missing" else int(level)
                found.setdefault(fold_stance(word), {})[language] = meaning
    return found
