"""Read words and numbers as stances: one rule for every reader."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal, NamedTuple

import pandas as pd

from camdata._display.checks import check_choice, wrong_type
from camdata._display.words import join_names
from camdata.io.foreign import Log
from camdata.model.schema import STANCES, scale_fault
from camdata.model.vocabulary import LANGUAGES, fold_stance, stance_words

Given = Mapping[str | int, int | None] | Sequence[int] | None
"""The meaning of words, or the levels of a scale."""

Votes = Literal["signs", "binary", "voeten", "rollcall"] | None
Zero = Literal["neutral", "both", "missing"] | None
Ends = tuple[int, int] | None

VOTES: Mapping[str, Mapping[int, int | None]] = {
    "signs": {1: 1, 0: 0, -1: -1},
    "binary": {1: 1, 0: -1, 9: None},
    "voeten": {1: 1, 2: 0, 3: -1, 8: None, 9: None},
    "rollcall": {n: 1 if n in (1, 2, 3) else -1 if n in (4, 5, 6) else None for n in range(10)},
}
"""Codings of votes by numbers; ``None`` is missing.

- ``signs``: 1 yes, 0 abstains, -1 no.
- ``binary``: 1 yes, 0 no, 9 not in the legislature; the defaults of ``rollcall`` in the R package
  pscl (Jackman).
- ``voeten``: 1 yes, 2 abstains, 3 no, 8 absent, 9 not a member; the General Assembly votes of
  Voeten, Strezhnev & Bailey, doi:10.7910/DVN/LEJUQZ.
- ``rollcall``: 1 yea, 2 paired yea, 3 announced yea, 4 announced nay, 5 paired nay, 6 nay; 7 and 8
  present, 9 not voting, 0 not a member. Poole & Rosenthal's coding of the United States
  Congress, published by Voteview (https://voteview.com), read as ``readKH`` of pscl reads it.
"""

WIDEST = 100
"""The largest difference between the ends of a scale."""

_TRUTH = {"true": 1, "false": 0}
_DECIMAL = re.compile(r"[+-]?\d*[.,]\d+", re.ASCII)


@dataclass(frozen=True)
class Meaning:
    """The checked arguments of a reader about stances.

    `words` and `numbers` map values to levels (None: nothing is recorded); `scale` holds the
    levels, if they were given; `in_cells` says that the table has one cell for each actor and code,
    in which a 0 or a count often records occurrence.
    """

    words: Mapping[str, int | None] = field(default_factory=dict)
    numbers: Mapping[int, int | None] = field(default_factory=dict)
    scale: tuple[int, ...] = ()
    zero: Zero = None
    language: str | None = None
    in_cells: bool = False

    @property
    def is_given(self) -> bool:
        """Whether any argument about stances was given, apart from the language."""
        return bool(self.words or self.numbers or self.scale or self.zero)

    @property
    def levels(self) -> set[int]:
        """The levels given to words and numbers."""
        return {n for n in (*self.words.values(), *self.numbers.values()) if n is not None}

    def of_word(self, folded: str) -> set[int | None]:
        """Return the meanings of a word, in the given language or in all."""
        if folded in self.words:
            return {self.words[folded]}
        known = stance_words().get(folded, {})
        own = self.language
        return {known[own]} if own is not None and own in known else set(known.values())

    def of_number(self, number: int) -> tuple[int, ...] | None:
        """Return the levels given to a number; None if it is its own level."""
        if number == 0 and self.zero in ("both", "missing"):
            return (1, -1) if self.zero == "both" else ()
        level = self.numbers.get(number)
        return (level,) if level is not None else () if number in self.numbers else None

    def refused(self, number: int) -> str:
        """Return what is expected instead of a number outside of the scale; empty if inside."""
        known = self.scale or tuple(n for n, level in self.numbers.items() if level is not None)
        if self.of_number(number) is not None or not known or number in known:
            return ""
        return f"one of {join_names(sorted({*known, *self.numbers}), 20)}"

    def is_clear(self, numbers: set[int]) -> bool:
        """Whether the meaning of numbers is clear."""
        own = {number for number in numbers if self.of_number(number) is None}
        if not own or self.scale or any(map(self.refused, own)):
            return not any(map(self.refused, own))
        if self.in_cells and self.zero == "missing" and 0 in numbers and max(own) > 1:
            return False  # counts of what occurs, or ratings?
        if self.zero == "neutral" or (self.in_cells and 0 in own and own <= {1, 0, -1}):
            return self.zero == "neutral" and own <= {1, 0, -1}
        return is_plain_scale(own)


def is_plain_scale(numbers: set[int]) -> bool:
    """Whether numbers are accepted as stances without a question.

    They are 1 and -1 (or one of them), a whole range from -k to k (k up to 5), from 1 to k (k from
    3 to 7), or from 0 to 10.
    """
    low, high = min(numbers, default=0), max(numbers, default=0)
    ends = (low == -high and high <= 5) or (low == 1 and 3 <= high <= 7) or (low, high) == (0, 10)
    whole = len(numbers) == high - low + 1
    return bool(numbers) and (numbers <= {1, -1} or (whole and ends and high > 0))


def meaning_of(
    stances: Given,
    votes: Votes = None,
    scale: Ends = None,
    missing: Iterable[int | str] = (),
    *,
    zero: Zero = None,
    language: str | None = None,
    in_cells: bool = False,
) -> Meaning:
    """Check the arguments about stances.

    Raises
    ------
    ValueError
        If an argument is not a mapping, scale or coding of votes, or if two of them contradict.
    """
    check_choice("votes", votes, (None, *VOTES))
    check_choice("language", language, (None, *LANGUAGES))
    check_choice("zero", zero, (None, "neutral", "both", "missing"))
    if isinstance(missing, str | bytes) or not isinstance(missing, Iterable):
        raise wrong_type("missing", "a list of values that record nothing", missing)
    meanings: list[tuple[Any, int | None]] = list(VOTES[votes].items()) if votes else []
    levels: tuple[int, ...] = ()
    if isinstance(stances, Mapping):
        meanings += stances.items()
    elif stances is not None:
        wrong = "text" if isinstance(stances, str) else scale_fault(list(stances))
        if wrong or scale is not None:
            raise ValueError(
                "`stances` must give words their meaning, such as {'support': 1, 'contra': -1}, or "
                "be a scale of different whole numbers, such as (1, 0, -1), but holds "
                f"{wrong or 'a scale beside the one in `scale`: give one of them'}."
            )
        levels = tuple(int(level) for level in stances)
    if scale is not None:
        ends = list(scale) if isinstance(scale, list | tuple) else []
        if len(ends) != 2 or scale_fault(ends) or not 0 < ends[1] - ends[0] <= WIDEST:
            raise ValueError(
                "`scale` must be the lowest and the highest level, such as (1, 5), at most "
                f"{WIDEST} apart, but {scale!r} was passed."
            )
        levels = tuple(range(int(ends[1]), int(ends[0]) - 1, -1))
    words: dict[str, int | None] = {}
    numbers: dict[int, int | None] = {}
    for word, level in (*meanings, *((word, None) for word in missing)):
        if level is not None and scale_fault([level]):
            raise ValueError(
                "`stances` must give each word a whole number, or None where nothing is recorded, "
                f"but gives {word!r} {level!r}."
            )
        folded = fold_stance(str(word))
        if (number := whole_number(folded)) is None:
            words[folded] = level
        else:
            numbers[number] = level
    if zero is not None and (0 in numbers or (levels and zero == "neutral")):
        raise ValueError("`zero` was passed, but another argument says what a 0 is already.")
    return Meaning(words, numbers, levels, zero, language, in_cells)


def whole_number(word: str) -> int | None:
    """Return a word as a whole number; None if it is not one."""
    match = re.fullmatch(r"([+-]?\d{1,18})(?:\.0+)?", word, re.ASCII)
    return int(match[1]) if match else None


class Levels(NamedTuple):
    """The meaning of each word of a column.

    `levels` are the stances of a word: none if nothing is recorded. Words without a meaning are in
    `unknown`, with what was expected and a likely correction (or a function that finds it).
    """

    levels: dict[str, tuple[int, ...]]
    scale: tuple[int, ...]
    unknown: dict[str, tuple[str, str | Callable[[], str]]]

    def column(self, words: Iterable[Any]) -> pd.Series[Any]:
        """Return the first level of each word, missing if it has none."""
        levels = [(self.levels.get(word) or (None,))[0] for word in words]
        return pd.Series(levels, dtype="Int64")


def read_stances(
    counts: Mapping[str, int], meaning: Meaning, log: Log, *, place: str, column: str = ""
) -> Levels:
    """Read the different values of a column of stances.

    Parameters
    ----------
    counts : mapping of str to int
        The number of rows of each value.
    meaning : Meaning
        The arguments about stances.
    log : Log
        The log.
    place : str
        What an error calls the column.
    column : str
        The header, for the changes.

    Raises
    ------
    ValueError
        If numbers can mean several things; the error lists them with their counts and the arguments
        that answer it.
    """
    levels: dict[str, tuple[int, ...]] = {}
    unknown: dict[str, tuple[str, str | Callable[[], str]]] = {}
    numbers: dict[str, int] = {}
    signs: list[str] = []
    in_words: list[str] = []
    for word in counts:
        folded = fold_stance(word)
        number, meanings = whole_number(folded), meaning.of_word(folded)
        if meaning.in_cells and folded in _TRUTH and folded not in meaning.words:
            number = _TRUTH[folded]  # in a matrix these are occurrence, or yes and no
        if number is not None and (expected := meaning.refused(number)):
            unknown[word] = expected, f"missing=({number},) if it records nothing"
        elif number is not None:
            numbers[word] = number
        elif len(meanings) == 1:
            levels[word] = tuple(level for level in meanings if level is not None)
            if levels[word] and folded not in meaning.words:
                in_words.append(word)
        elif meanings:
            known = stance_words()[folded]
            expected = f"a word of one meaning ({join_names(f'{k} {v}' for k, v in known.items())})"
            unknown[word] = expected, f'say which language, such as language="{next(iter(known))}"'
        elif folded in ("+", "-"):
            signs.append(word)
        else:
            expected = "a number or usual word for a stance, or its meaning in stances="
            unknown[word] = expected, partial(near_stance, folded, meaning.words)
    _check_decimals([w for w in unknown if _DECIMAL.fullmatch(w)], counts, place)
    only_signs = not in_words and not unknown and len(set(map(fold_stance, signs))) == 2
    for word in signs:
        plus = fold_stance(word) == "+"
        if plus and not only_signs:
            unknown[word] = "+ in a column of + and - only, or its meaning in stances=", ""
        else:  # beside words a dash is a blank cell
            levels[word] = (1 if plus else -1,) if only_signs else ()
    rows: Counter[int] = Counter()
    for word, number in numbers.items():
        rows[number] += counts[word]
    _ask_about_numbers(rows, in_words, meaning, place)
    own = {word: n for word, n in numbers.items() if meaning.of_number(n) is None}
    for word, number in numbers.items():
        levels[word] = (number,) if word in own else meaning.of_number(number) or ()
    used = {level for several in levels.values() for level in several}
    usual = [scale for scale in (STANCES, (1, 0, -1)) if used | meaning.levels <= {*scale}]
    scale = meaning.scale or (*usual, tuple(sorted(used | meaning.levels, reverse=True)))[0]
    if strange := used - set(scale):
        found = join_names(sorted(strange))
        raise ValueError(f"{place} holds words for {found}, which the scale {scale} does not have.")
    for w, several in levels.items():
        if w not in own:
            after = " and ".join(map(str, several)) or "missing"
            log.remark("stance read as", column, w, after, counts[w])
    # words that lie between make a scale of support and opposition, with another default measure
    between = [word for word in in_words if levels[word] == (0,) and not meaning.scale]
    if own or between:
        low, high = min(scale), max(scale)
        what = f"read as an ordinal scale {low}{'–' if low >= 0 else ' to '}{high}"
        if set(scale) == {1, -1}:
            what = "read as 1 supports, -1 opposes"
        values = join_names(sorted(set(own.values())) or between, 11)
        after = f"stances={{{between[0]!r}: None}} if it records nothing" if between else ""
        log.add(what, column, values, after, sum(counts[word] for word in own or between))
    return Levels(levels, scale, unknown)


_NEGATIONS = frozenset(
    "not no non never without nicht kein keine nie ohne pas ne sans sin sem nunca nao".split()
)


def near_stance(folded: str, given: Iterable[str] = ()) -> str:
    """Suggest the usual word for a mistyped one, never a word of another meaning.

    There is no hint for a word with a negation, for a word that begins otherwise (unfavourable,
    favourable), and for a word that is as similar to support as to opposition.
    """
    from rapidfuzz import fuzz, process

    if len(folded) < 3 or _NEGATIONS & set(re.findall(r"\w+", folded)) or "n't" in folded:
        return ""
    known = stance_words()
    options = [w for w in {**dict.fromkeys(given), **known} if w[:1] == folded[:1]]
    near = process.extract(folded, options, scorer=fuzz.ratio, score_cutoff=80, limit=5)
    meanings = {frozenset(known[word].values()) for word, *_ in near if word in known}
    near = [found for found in near if len(found[0].split()) == len(folded.split())]
    return f"did you mean {near[0][0]!r}?" if near and len(meanings) <= 1 else ""


def is_stance(word: str, meaning: Meaning) -> bool:
    """Whether a value can be a stance: a number, a known word or sign, one with a given meaning."""
    folded = fold_stance(word)
    if whole_number(folded) is not None or folded in ("+", "-"):
        return True
    # refused later, with advice
    decimal = meaning.in_cells and _DECIMAL.fullmatch(folded) is not None
    return decimal or bool(meaning.of_word(folded) - {None})


def is_stance_word(word: str) -> bool:
    """Whether a value is a usual word for a stance."""
    return bool(Meaning().of_word(fold_stance(word)) - {None})


def read_signs(
    what: str, stance: Any, stances: Any, names: Sequence[str], used: Collection[str], error: Any
) -> tuple[Meaning, list[str]]:
    """Return the meaning of codes (or tags) as stances, and those of `names` that are stances.

    `what` is code or tag; `error` makes an error of a column, what is expected and what was found.
    Raises an error if the arguments `stance` and `stances` contradict each
    other, ask for stances that do not exist, or don't say what those in use are.
    """
    check_choice("stance", stance, (None, False, what))
    if stances is not None and (stance != what or not isinstance(stances, Mapping)):
        raise ValueError(
            f"`stances` must give {what}s their meaning, such as {{'pro': 1, 'contra': -1}}, and "
            f"needs stance={what!r}."
        )
    meaning = meaning_of(stances if isinstance(stances, Mapping) else None)
    known = [n for n in names if fold_stance(n) in meaning.words or is_stance_word(n)]
    if stance == what and names and not known:
        expected = f"a {what} that is a word for a stance; give its meaning in stances="
        raise error("stance", expected, f"{what}s {join_names(map(repr, names), 20)}")
    here = [name for name in known if name in used]
    if stance is None and here:
        expected = f'stance="{what}" (a second {what} on the passage) or stance=False (all support)'
        got = f"{what}s that are words for stances ({join_names(map(repr, here), 5)})"
        raise error("stance", expected, got)
    return meaning, known if stance == what else []


def is_missing(word: str, meaning: Meaning | None = None) -> bool:
    """Whether a value is blank-like: a word that records nothing, or a dash."""
    folded = fold_stance(word)
    return folded == "-" or (meaning or Meaning()).of_word(folded) == {None}


# questions about numbers that can mean several things

_SIGNS = {1: "supports", 0: "is neutral", -1: "opposes"}
_VOTES_IN_WORDS = {
    "signs": "1 is yes, 0 abstains, -1 is no",
    "binary": "1 is yes, 0 is no, 9 records nothing",
    "voeten": "1 is yes, 2 abstains, 3 is no, 8 and 9 record nothing",
    "rollcall": "1 to 3 are yea, 4 to 6 nay, 0 and 7 to 9 record nothing",
}


def _check_decimals(decimals: Sequence[str], counts: Mapping[str, int], place: str) -> None:
    """Raise a ValueError for continuous positions; a few decimals are faults of their cells."""
    if (rows := sum(counts[word] for word in decimals)) > 3:
        raise ValueError(
            f"{place} holds {rows:,} numbers that are not whole ({join_names(decimals, 3)}): "
            "positions on a continuous scale are rounded or binned first, such as by "
            "frame[column].round() or pandas.cut(frame[column], 5, labels=[1, 2, 3, 4, 5])."
        )


def _ask_about_numbers(
    rows: Mapping[int, int], in_words: Sequence[str], meaning: Meaning, place: str
) -> None:
    """Raise a ValueError if numbers, each with its rows, can mean several things.

    `in_words` are the words for stances in the same column.
    """
    own = tuple(number for number in sorted(rows) if meaning.of_number(number) is None)
    some = join_names((f"{number} ({rows[number]:,}×)" for number in sorted(rows)), 12)
    if own and in_words and not meaning.scale:
        ways = f"missing={own} if they record nothing"
        if {*own} <= {*_SIGNS}:  # likely stances, which `missing` would throw away
            says = ", ".join(f"{number} {_SIGNS[number]}" for number in own[::-1])
            same = ", ".join(f"{number}: {number}" for number in own[::-1])
            ways = f"stances={{{same}}} if {says}, {ways}"
        raise ValueError(
            f"{place} holds numbers ({some}) beside words ({join_names(map(repr, in_words))}): say "
            f"{ways}, or give each its meaning in stances=."
        )
    if meaning.is_clear(set(rows)):
        return
    ways = "".join(f"\n  {words}  # {says}" for words, says in _suggestions(set(rows), meaning))
    if len(rows) > 11:
        raise ValueError(
            f"{place} holds {len(rows)} different numbers ({join_names(sorted(rows), 8)}), which "
            f"are hardly stances. If they are, give the scale; if not, say which columns are.{ways}"
        )
    ask = "Say what they mean by one of these, or give" if ways else "Give"
    raise ValueError(
        f"{place} holds numbers that can mean several things: {some}. {ask} each its meaning in "
        f"stances=, None where nothing is recorded{':' if ways else '.'}{ways}"
    )


def _suggestions(numbers: set[int], meaning: Meaning) -> list[tuple[str, str]]:
    """Return arguments that give numbers a meaning, each with an explanation, the likely one first.

    With each of them, the same numbers are read without another question.
    """
    gone = {number for number, level in meaning.numbers.items() if level is None}
    left = numbers - gone or numbers
    codes = _codes(numbers - gone)
    rest, cells, low, high = left - codes or left, meaning.in_cells, min(left), max(left)
    gaps = len(left) <= high - low
    rated = low > 0 and len(left) > 2 and (high <= 5 or (low > 1 and high <= 7 and not gaps))
    marked: dict[str, Any] = {"missing": tuple(sorted(gone | codes))}
    if not _answers(numbers, marked, meaning):
        marked["scale"] = (min(rest), max(rest))
    occur = {n: 1 if n and n in left else None for n in sorted(numbers)}
    counts = cells and len(left) <= 11 and low >= 0 and high > 1
    nothing = f"{join_names(sorted(codes))} record nothing, the others are levels"
    tried: list[tuple[object, dict[str, Any], str]] = [
        (rated, {"scale": (1, 5 if high <= 5 else 7)}, "levels, some of which do not occur"),
        (cells, {"zero": "missing"}, "0 records nothing (1 where something occurs)"),
        (cells, {"zero": "neutral"}, "0 lies between 1 and -1"),
        (cells, {"zero": "both"}, "0 is 1 and -1, both recorded"),
        (counts and 0 in left and not gaps, {"stances": occur}, "counts: what occurs is supported"),
        (not cells and numbers <= {0, 1}, {"missing": (0,)}, "0 records nothing"),
        (numbers == {1, 2}, {"stances": {1: 1, 2: -1}}, "1 is yes, 2 is no"),
        *((numbers <= set(VOTES[v]), {"votes": v}, _VOTES_IN_WORDS[v]) for v in VOTES),
        (codes, marked, nothing),
        (counts, {"stances": occur}, "counts: what occurs is supported"),
        (True, {"scale": (low, high)}, "all are levels; give other ends if there are any"),
    ]
    found: dict[str, str] = {}
    for fits, arguments, says in tried:
        if fits and _answers(numbers, arguments, meaning):
            words = ", ".join(f"{name}={value!r}" for name, value in arguments.items())
            found.setdefault(words, says)
    return list(found.items())


def _answers(numbers: set[int], arguments: Mapping[str, Any], meaning: Meaning) -> bool:
    """Whether numbers are clear with these arguments and those given already."""
    own = dict(arguments)
    stances = own.pop("stances", dict(meaning.numbers) if not meaning.scale else None)
    if not {"zero", "votes", "stances"} & set(arguments):
        own["zero"] = meaning.zero
    try:
        return meaning_of(stances, in_cells=meaning.in_cells, **own).is_clear(numbers)
    except ValueError:
        return False


def _codes(numbers: set[int]) -> set[int]:
    """Return the numbers that look like codes for absence beside a scale."""
    run = {1}
    while max(run) + 1 in numbers and max(run) < 7:
        run.add(max(run) + 1)
    run = set(range(11)) if set(range(11)) <= numbers else (run | {0}) & numbers
    reach = max((k for k in range(1, 6) if {k, -k} <= numbers), default=0)
    both = {n for n in numbers if -reach <= n <= reach}
    core = both if len(both) >= len(run) else run
    return {n for n in numbers - core if core and (n < 0 or set(str(n)) <= set("6789"))}
