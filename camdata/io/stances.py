"""Words and numbers for stances, read as the levels of a scale: one rule for every reader."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal, NamedTuple

from camdata._display.checks import check_choice, wrong_type
from camdata._display.words import listed
from camdata.model.schema import STANCES, scale_fault
from camdata.model.source import Change
from camdata.model.vocabulary import LANGUAGES, fold_stance, stance_words

Given = Mapping[str | int, int | None] | Sequence[int] | None
"""The meaning of words, or a scale whose levels are the numbers of the table."""

Votes = Literal["signs", "binary", "voeten", "rollcall"] | None
Zero = Literal["neutral", "both", "missing"] | None
Ends = tuple[int, int] | None

VOTES: Mapping[str, Mapping[int, int | None]] = {
    "signs": {1: 1, 0: 0, -1: -1},
    "binary": {1: 1, 0: -1, 9: None},
    "voeten": {1: 1, 2: 0, 3: -1, 8: None, 9: None},
    "rollcall": {
        **dict.fromkeys((1, 2, 3), 1),
        **dict.fromkeys((4, 5, 6), -1),
        **dict.fromkeys((7, 8, 9, 0), None),
    },
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

_VOTES_IN_WORDS = {
    "signs": "1 is yes, 0 abstains, -1 is no",
    "binary": "1 is yes, 0 is no, 9 records nothing",
    "voeten": "1 is yes, 2 abstains, 3 is no, 8 and 9 record nothing",
    "rollcall": "1 to 3 are yea, 4 to 6 nay, 0 and 7 to 9 record nothing",
}
_TRUTH = {"true": 1, "false": 0}
_DECIMAL = re.compile(r"[+-]?\d+[.,]\d+", re.ASCII)
_WIDEST = 100
"""The widest scale that two ends may span."""


@dataclass(frozen=True)
class Meaning:
    """What the caller says of stances: the checked arguments of a reader.

    `words` and `numbers` have meanings of their own (None: nothing is recorded); `scale` holds the
    levels, where they were given, and `in_cells` says that the table has one cell for each actor
    and code, where a 0 or a count often stands for occurrence.
    """

    words: Mapping[str, int | None] = field(default_factory=dict)
    numbers: Mapping[int, int | None] = field(default_factory=dict)
    scale: tuple[int, ...] = ()
    votes: Votes = None
    zero: Zero = None
    language: str | None = None
    in_cells: bool = False

    def of_word(self, folded: str) -> set[int | None]:
        """Return every meaning that a word has: in one language, or else in all of them."""
        if folded in self.words:
            return {self.words[folded]}
        known = stance_words().get(folded, {})
        own = self.language
        return {known[own]} if own is not None and own in known else set(known.values())

    def of_number(self, number: int) -> tuple[int, ...] | None:
        """Return the levels that were given for a number; None where it stands for itself."""
        if number in self.numbers:
            level = self.numbers[number]
        elif self.votes is not None and number in VOTES[self.votes]:
            level = VOTES[self.votes][number]
        elif number == 0 and self.zero in ("both", "missing"):
            return (1, -1) if self.zero == "both" else ()
        else:
            return None
        return () if level is None else (level,)

    def refused(self, number: int) -> str:
        """Say what is expected instead of a number that has no place; nothing where it has one."""
        if self.of_number(number) is not None:
            return ""
        if self.votes is not None:
            return f"one of {listed(VOTES[self.votes], 20)} (votes={self.votes!r})"
        if self.scale:
            return "" if number in self.scale else f"one of {listed(self.scale, 20)}"
        told = any(level is not None for level in self.numbers.values())
        return "a number that stances= gives a meaning" if told else ""

    def settles(self, numbers: set[int]) -> bool:
        """Whether numbers need no question."""
        own = {number for number in numbers if self.of_number(number) is None}
        if any(map(self.refused, own)) or self.scale or not own:
            return not any(map(self.refused, own))
        if self.in_cells and self.zero == "missing" and max(own) > 1 > 0 in numbers:
            return False  # counts of what occurs, or ratings?
        if self.zero == "neutral":
            return own <= {1, 0, -1}
        if self.in_cells and 0 in own and own <= {1, 0, -1}:
            return False
        return is_plain_scale(own)


def is_plain_scale(numbers: set[int]) -> bool:
    """Whether numbers are accepted as stances without a question.

    They are 1 and -1 (or one of them), a whole range from -k to k (k up to 5), from 1 to k (k from
    3 to 7), or from 0 to 10.
    """
    if numbers and numbers <= {1, -1}:
        return True
    low, high = min(numbers, default=0), max(numbers, default=0)
    whole = len(numbers) == high - low + 1
    ends = (low == -high and high <= 5) or (low == 1 and 3 <= high <= 7) or (low, high) == (0, 10)
    return whole and ends and high > 0


def given_meaning(
    stances: Given,
    votes: Votes = None,
    scale: Ends = None,
    missing: Iterable[int | str] = (),
    *,
    zero: Zero = None,
    language: str | None = None,
    in_cells: bool = False,
) -> Meaning:
    """Check what the caller says of stances.

    Raises
    ------
    ValueError
        If an argument is no mapping, scale or coding of votes, or if two of them contradict.
    """
    words: dict[str, int | None] = {}
    numbers: dict[int, int | None] = {}
    levels: tuple[int, ...] = ()
    if isinstance(stances, Mapping):
        for word, level in stances.items():
            if level is not None and (scale_fault([level]) or isinstance(level, bool)):
                raise ValueError(
                    "`stances` must give each word a whole number, or None where nothing is "
                    f"recorded, but gives {word!r} {level!r}."
                )
            _put(words, numbers, word, level)
    elif stances is not None:
        wrong = "text" if isinstance(stances, str) else scale_fault(list(stances))
        if wrong:
            raise ValueError(
                "`stances` must give words their meaning, such as {'support': 1, 'contra': -1}, or "
                f"be a scale of different whole numbers, such as (1, 0, -1), but holds {wrong}."
            )
        levels = tuple(int(level) for level in stances)
    if scale is not None:
        levels = _between(scale)
        if stances is not None and not isinstance(stances, Mapping):
            raise ValueError("`scale` and a scale in `stances` were passed: give one of them.")
    if isinstance(missing, str | bytes) or not isinstance(missing, Iterable):
        raise wrong_type("missing", "a list of values that record nothing", missing)
    for word in missing:
        _put(words, numbers, word, None)
    if votes is not None:
        check_choice("votes", votes, VOTES)
    if language is not None:
        check_choice("language", language, LANGUAGES)
    if zero is not None:
        check_choice("zero", zero, ("neutral", "both", "missing"))
        if votes is not None or 0 in numbers or (levels and zero == "neutral"):
            raise ValueError("`zero` was passed, but another argument says what a 0 is already.")
    return Meaning(words, numbers, levels, votes, zero, language, in_cells)


def _put(
    words: dict[str, int | None], numbers: dict[int, int | None], word: Any, level: int | None
) -> None:
    folded = fold_stance(str(word))
    number = whole_number(folded)
    if number is None:
        words[folded] = level
    else:
        numbers[number] = level


def _between(scale: Any) -> tuple[int, ...]:
    """Return the levels of a scale by its two ends, the highest first."""
    ends = list(scale) if isinstance(scale, list | tuple) else []
    if len(ends) != 2 or scale_fault(ends) or not 0 < ends[1] - ends[0] <= _WIDEST:
        raise ValueError(
            "`scale` must be the lowest and the highest level, such as (1, 5), at most "
            f"{_WIDEST} apart, but {scale!r} was passed."
        )
    return tuple(range(int(ends[1]), int(ends[0]) - 1, -1))


def whole_number(word: str) -> int | None:
    """Return the whole number that a word is, if it is one."""
    match = re.fullmatch(r"([+-]?\d{1,18})(?:\.0+)?", word, re.ASCII)
    return int(match[1]) if match else None


class Stances(NamedTuple):
    """What each word of a column means.

    `levels` are the stances that a word stands for: none where nothing is recorded. Words without a
    meaning are in `unknown`, with what was expected and a function that names a likely correction.
    """

    levels: dict[str, tuple[int, ...]]
    scale: tuple[int, ...]
    unknown: dict[str, tuple[str, Callable[[], str]]]
    changes: list[Change]


def read_stances(
    counts: Mapping[str, int], meaning: Meaning, *, place: str, column: str = ""
) -> Stances:
    """Read the different values of a column of stances.

    Parameters
    ----------
    counts : mapping of str to int
        In how many rows each value stands.
    meaning : Meaning
        What the caller says of them.
    place : str
        What an error calls the column.
    column : str
        The header, for the changes.

    Raises
    ------
    ValueError
        If numbers could mean several things; the error lists them with their counts and gives the
        arguments that settle it.
    """
    levels: dict[str, tuple[int, ...]] = {}
    unknown: dict[str, tuple[str, Callable[[], str]]] = {}
    numbers: dict[str, int] = {}
    signs: list[str] = []
    in_words: list[str] = []
    for word in counts:
        folded = fold_stance(word)
        number = whole_number(folded)
        meanings = meaning.of_word(folded)
        if meaning.in_cells and folded in _TRUTH and folded not in meaning.words:
            number = _TRUTH[folded]  # of a matrix it says what occurs, or yes and no
        if number is not None:
            if expected := meaning.refused(number):
                unknown[word] = expected, partial(_if_missing, number)
            else:
                numbers[word] = number
        elif len(meanings) == 1:
            (level,) = meanings
            levels[word] = () if level is None else (level,)
            if level is not None and folded not in meaning.words:
                in_words.append(word)
        elif meanings:
            known = stance_words()[folded]
            expected = f"a word of one meaning ({listed(f'{k} {v}' for k, v in known.items())})"
            unknown[word] = expected, partial(_say_language, next(iter(known)))
        elif folded in ("+", "-"):
            signs.append(word)
        else:
            expected = "a number or usual word for a stance, or its meaning in stances="
            unknown[word] = expected, partial(near_stance, folded, meaning.words)
    _check_decimals([word for word in unknown if _DECIMAL.fullmatch(word)], counts, place)
    only_signs = not in_words and not unknown and len(set(map(fold_stance, signs))) == 2
    for word in signs:
        plus = fold_stance(word) == "+"
        if only_signs:
            levels[word] = (1 if plus else -1,)
        elif plus:
            expected = "+ in a column of + and - only, or its meaning in stances="
            unknown[word] = expected, str
        else:  # beside words a dash fills a blank cell
            levels[word] = ()
    own = {number for number in numbers.values() if meaning.of_number(number) is None}
    if own and in_words and not meaning.scale:
        some = _with_counts({n: counts[w] for w, n in numbers.items() if n in own})
        raise ValueError(
            f"{place} holds numbers ({some}) beside words ({listed(map(repr, in_words))}): say "
            f"missing={_tuple(sorted(own))} if they record nothing, or give each its meaning in "
            "stances=."
        )
    if not meaning.settles(set(numbers.values())):
        raise ValueError(_question(numbers, counts, meaning, place))
    for word, number in numbers.items():
        given = meaning.of_number(number)
        levels[word] = (number,) if given is None else given
    used = {level for several in levels.values() for level in several}
    scale = meaning.scale or _scale(used, meaning)
    if strange := used - set(scale):
        raise ValueError(
            f"{place} holds words for {listed(sorted(strange))}, which the scale {scale} does not "
            "have."
        )
    changes = _changes(levels, numbers, counts, meaning, column, scale)
    return Stances(levels, scale, unknown, changes)


def _scale(used: set[int], meaning: Meaning) -> tuple[int, ...]:
    used = used | {level for level in meaning.words.values() if level is not None}
    used |= {level for level in meaning.numbers.values() if level is not None}
    used |= {level for level in VOTES.get(meaning.votes or "", {}).values() if level is not None}
    for usual in (STANCES, (1, 0, -1)):
        if used <= set(usual):
            return usual
    return tuple(sorted(used, reverse=True))


def _changes(
    levels: Mapping[str, tuple[int, ...]],
    numbers: Mapping[str, int],
    counts: Mapping[str, int],
    meaning: Meaning,
    column: str,
    scale: tuple[int, ...],
) -> list[Change]:
    """Say how words and numbers were read."""
    changes = []
    own = {w: n for w, n in numbers.items() if meaning.of_number(n) is None}
    for word, several in levels.items():
        if word not in own:
            after = " and ".join(map(str, several)) or "missing"
            changes.append(Change("stance read as", column, word, after, counts[word]))
    if own:
        low, high = min(scale), max(scale)
        what = f"read as an ordinal scale {low}{'–' if low >= 0 else ' to '}{high}"
        if set(own.values()) <= {1, -1} and set(scale) == {1, -1}:
            what = "read as 1 supports, -1 opposes"
        rows = sum(counts[word] for word in own)
        values = listed(sorted(set(own.values())), 11)
        changes.append(Change(what, column, values, "", rows))
    return changes


# questions and hints


def _check_decimals(decimals: list[str], counts: Mapping[str, int], place: str) -> None:
    """Refuse continuous positions in one sentence; single decimals are faults of their cells."""
    if len(decimals) > 3:
        rows = sum(counts[word] for word in decimals)
        raise ValueError(
            f"{place} holds {rows:,} numbers that are not whole ({listed(decimals, 3)}): positions "
            "on a continuous scale are rounded or binned first, such as by frame[column].round() "
            "or pandas.cut(frame[column], 5, labels=[1, 2, 3, 4, 5])."
        )


def _question(
    numbers: Mapping[str, int], counts: Mapping[str, int], meaning: Meaning, place: str
) -> str:
    rows: dict[int, int] = {}
    for word, number in numbers.items():
        rows[number] = rows.get(number, 0) + counts[word]
    ways = [f"\n  {argument}  # {says}" for argument, says in suggestions(set(rows), meaning)]
    if len(rows) > 11:
        return (
            f"{place} holds {len(rows)} different numbers ({listed(sorted(rows), 8)}), which are "
            "hardly stances. If they are, give the scale; if not, say which columns are."
            + "".join(ways)
        )
    return (
        f"{place} holds numbers that can mean several things: {_with_counts(rows)}. Say what they "
        "mean by one of these, or give each its meaning in stances=, None where nothing is "
        "recorded:" + "".join(ways)
    )


def suggestions(numbers: set[int], meaning: Meaning) -> list[tuple[str, str]]:
    """Return arguments that settle what numbers mean, each with what it says.

    Only those are returned with which the same numbers are read without another question.
    """
    gone = {number for number, level in meaning.numbers.items() if level is None}
    codes = _codes(numbers - gone)
    rest = numbers - gone - codes or numbers
    low, high = min(rest), max(rest)
    every = (min(numbers - gone or numbers), max(numbers - gone or numbers))
    nothing = f"{listed(sorted(codes))} record nothing"
    tried: list[tuple[dict[str, Any], str]] = []
    if meaning.in_cells:
        tried += [
            ({"zero": "missing"}, "0 records nothing (1 where something occurs)"),
            ({"zero": "neutral"}, "0 lies between 1 and -1"),
            ({"zero": "both"}, "0 is 1 and -1, both recorded"),
        ]
        occurs = {n: None if n == 0 else 1 for n in sorted(numbers)}
        if len(numbers) <= 11 and min(numbers) >= 0 and max(numbers) > 1:
            tried.append(({"stances": occurs}, "counts: what occurs is supported"))
    elif numbers <= {0, 1}:
        tried.append(({"missing": (0,)}, "0 records nothing"))
    if numbers == {1, 2}:
        tried.append(({"stances": {1: 1, 2: -1}}, "1 is yes, 2 is no"))
    tried += [
        ({"votes": name}, _VOTES_IN_WORDS[name])
        for name, known in VOTES.items()
        if numbers <= set(known)
    ]
    if codes:
        marked = tuple(sorted(gone | codes))
        tried.append(({"missing": marked}, nothing))
        ends = f"{nothing}, the others are levels from {low} to {high}"
        tried.append(({"missing": marked, "scale": (low, high)}, ends))
    tried.append(({"scale": every}, "all are levels; give lower or higher ends if there are any"))
    if every[1] - every[0] > _WIDEST and len(numbers) <= 30:
        tried.append(({"stances": tuple(sorted(numbers, reverse=True))}, "all are levels"))
    found: list[tuple[str, str]] = []
    for arguments, says in tried:
        if "scale" in arguments and len(arguments) == 2 and found and found[-1][1] == nothing:
            continue  # without the scale it is read already
        if _settle(numbers, arguments, meaning):
            words = ", ".join(
                f"{name}={_tuple(value) if isinstance(value, tuple) else repr(value)}"
                for name, value in arguments.items()
            )
            found.append((words, says))
    return found


def _settle(numbers: set[int], arguments: Mapping[str, Any], meaning: Meaning) -> bool:
    """Whether these arguments, and what was given already, settle what numbers mean."""
    own = dict(arguments)
    stances = own.pop("stances", dict(meaning.numbers) if not meaning.scale else None)
    if "zero" not in own and "votes" not in own and "stances" not in arguments:
        own["zero"] = meaning.zero
    try:
        tried = given_meaning(stances, in_cells=meaning.in_cells, **own)
    except ValueError:
        return False
    return tried.settles(numbers)


def _codes(numbers: set[int]) -> set[int]:
    """Return numbers that look like codes for absent or missing beside a scale."""
    run = {1}
    while max(run) + 1 in numbers and max(run) < 7:
        run.add(max(run) + 1)
    run |= {0} & numbers
    if {0, *range(1, 11)} <= numbers:
        run = set(range(11))
    reach = max((k for k in range(1, 6) if {k, -k} <= numbers), default=0)
    both = {n for n in numbers if -reach <= n <= reach}
    core = both if len(both) >= len(run & numbers) else run & numbers
    beyond = {n for n in numbers - core if n < 0 or set(str(n)) <= set("6789")}
    return beyond if core else set()


def _with_counts(rows: Mapping[int, int]) -> str:
    return listed((f"{number} ({rows[number]:,}×)" for number in sorted(rows)), 12)


def _tuple(values: Iterable[int]) -> str:
    return repr(tuple(values))


def _if_missing(number: int) -> str:
    return f"missing=({number},) if it records nothing"


def _say_language(language: str) -> str:
    return f'say which language, such as language="{language}"'


_NEGATIONS = frozenset(
    "not no non never without nicht kein keine nie ohne pas ne sans sin sem nunca nao".split()
)


def near_stance(folded: str, told: Iterable[str] = ()) -> str:
    """Ask for the usual word that a mistyped one is near, never for one of another meaning.

    A word with a negation, and one that begins otherwise (unfavourable, favourable), has no hint;
    neither has one that is as near to support as to opposition.
    """
    from rapidfuzz import fuzz, process

    if len(folded) < 3 or _NEGATIONS & set(re.findall(r"\w+", folded)) or "n't" in folded:
        return ""
    known = stance_words()
    options = [w for w in {**dict.fromkeys(told), **known} if w[:1] == folded[:1]]
    near = process.extract(folded, options, scorer=fuzz.ratio, score_cutoff=80, limit=5)
    meanings = {frozenset(known[word].values()) for word, *_ in near if word in known}
    near = [found for found in near if len(found[0].split()) == len(folded.split())]
    return f"did you mean {near[0][0]!r}?" if near and len(meanings) <= 1 else ""


def is_stance(word: str, meaning: Meaning) -> bool:
    """Whether a value can be a stance: a number, a known word or sign, one with a given meaning."""
    folded = fold_stance(word)
    if whole_number(folded) is not None or folded in ("+", "-"):
        return True
    if meaning.in_cells and _DECIMAL.fullmatch(folded):
        return True  # which is refused later on
    return bool(meaning.of_word(folded) - {None})


def is_stance_word(word: str) -> bool:
    """Whether a value is a usual word for a stance."""
    return bool(set(stance_words().get(fold_stance(word), {}).values()) - {None})


def is_missing(word: str, meaning: Meaning | None = None) -> bool:
    """Whether a value says that nothing is recorded, or is a dash."""
    folded = fold_stance(word)
    return folded == "-" or (meaning or Meaning()).of_word(folded) == {None}
