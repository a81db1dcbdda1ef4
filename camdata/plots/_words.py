"""Sentences that charts make from results."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from camdata._display.words import capital, count, p_words
from camdata.analysis.chance import NullModel
from camdata.analysis.clustering import Clusters
from camdata.analysis.measures import MEASURES, Agreement
from camdata.model.tally import Tally
from camdata.plots._layout import Chart

LONGEST_TITLE = 100
"""How many characters a title may have."""

ALONE = "There are no two actors to compare", "Agreement needs at least two actors."
"""Title and sentence in place of a chart."""

SIDES = {1: "for", 0: "abstains or neutral", -1: "against"}
"""The levels of votes in words."""

_NUMBERS = "no one two three four five six seven eight nine ten eleven twelve".split()


def number_word(number: int) -> str:
    """Return a number as a word up to twelve, as digits beyond."""
    return _NUMBERS[number] if number < len(_NUMBERS) else f"{number:,}"


def level_words(levels: Iterable[int], scale: Iterable[int]) -> str:
    """Return levels of votes in words, such as "for and against"; nothing for another scale."""
    return " and ".join(SIDES[level] for level in levels) if {*scale} == {*SIDES} else ""


def sentence_of_groups(chart: Chart, tally: Tally, labels: pd.Series[int]) -> str:
    """Return a sentence on what the two largest groups are recorded on more than all others.

    A group speaks more on a dimension (or code) if the share of its members recorded with it
    exceeds the share of all other placed actors by 0.25 or more; it stresses it where nothing
    but support is recorded. Returns an empty text where there is none, or where the sentence
    would be longer than a title.
    """
    counts = tally.dense()
    held = counts.sum(axis=2) > 0
    supports = np.array(tally.stances) == 1
    only_support = not tally.ordinal and not counts[:, :, ~supports].any()
    verb = "stress" if only_support else "speak more on"
    dimensions = np.array(tally.groups if tally.groups and tally.by == "code" else tally.keys)
    names = list(dict.fromkeys(dimensions.tolist()))
    raised = np.array([held[:, dimensions == name].any(axis=1) for name in names]).T
    numbers = labels.reindex(list(tally.actors)).astype("float64").to_numpy()
    parts: list[str] = []
    for group in (1, 2):
        inside, others = numbers == group, ~np.isnan(numbers) & (numbers != group)
        if inside.sum() < 2 or not others.any():
            continue
        excess = raised[inside].mean(axis=0) - raised[others].mean(axis=0)
        # the two largest, unless a third is as large
        third = np.sort(excess)[-3] if len(excess) > 2 else -np.inf
        best = np.argsort(-excess, kind="stable")[:2]
        best = best[(excess[best] >= 0.25) & (excess[best] > third + 1e-9)]
        if len(best):
            what = " and ".join(chart.code(names[i]) for i in best)
            noun = "" if parts else " actors"
            parts.append(f"{number_word(int(inside.sum()))}{noun} {verb} {what}")
    words = capital("; ".join(parts))
    return words if len(words) <= LONGEST_TITLE else ""


def chance_of(clusters: Clusters) -> str:
    """Return a note on how clear the clusters are compared with random tables."""
    if clusters.choice is None:
        return "The number of clusters was given, not tested against chance"
    if np.isnan(clusters.choice.p_value):
        return "There is no test of these clusters against chance"
    how = "clearer" if clusters.choice.is_clear else "not significantly clearer"
    return f"Clusters {how} than in random tables ({p_words(clusters.choice.p_value)})"


def measured(agreement: Agreement) -> str:
    """Return what is measured, with its gloss."""
    gloss = MEASURES[agreement.measure].gloss if agreement.measure else ""
    return f"{capital(agreement.label)}{f' ({gloss})' if gloss else ''}"


def beyond_chance(null: NullModel) -> str:
    """Return how many pairs share significantly more than chance gives, and how many could."""
    kept, could = len(null.backbone), f"{null.n_reachable:,} of {len(null.table):,} could have been"
    who = f"{count(kept, 'pair')} share{'s' * (kept == 1)}" if kept else "No pair shares"
    return f"{who} significantly more than chance; {could} significant"
