"""Questions about numbers that can mean several things, with the arguments that answer them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from camdata._display.words import join_names
from camdata.io.stances import VOTES, WIDEST, Meaning, given_meaning

_VOTES_IN_WORDS = {
    "signs": "1 is yes, 0 abstains, -1 is no",
    "binary": "1 is yes, 0 is no, 9 records nothing",
    "voeten": "1 is yes, 2 abstains, 3 is no, 8 and 9 record nothing",
    "rollcall": "1 to 3 are yea, 4 to 6 nay, 0 and 7 to 9 record nothing",
}


def check_decimals(decimals: Sequence[str], counts: Mapping[str, int], place: str) -> None:
    """Refuse continuous positions in one sentence; single decimals are faults of their cells."""
    if len(decimals) > 3:
        rows = sum(counts[word] for word in decimals)
        raise ValueError(
            f"{place} holds {rows:,} numbers that are not whole ({join_names(decimals, 3)}): "
            f"positions "
            "on a continuous scale are rounded or binned first, such as by frame[column].round() "
            "or pandas.cut(frame[column], 5, labels=[1, 2, 3, 4, 5])."
        )


def check_numbers(
    numbers: Mapping[str, int],
    in_words: Sequence[str],
    counts: Mapping[str, int],
    meaning: Meaning,
    place: str,
) -> None:
    """Raise a ValueError if it has to be said what numbers mean.

    Parameters
    ----------
    numbers : mapping of str to int
        The number that each value is.
    in_words : sequence of str
        The words for stances that stand beside them.
    counts : mapping of str to int
        In how many rows each value stands.
    meaning : Meaning
        What the caller says of them.
    place : str
        What the error calls the column.
    """
    rows: dict[int, int] = {}
    for word, number in numbers.items():
        rows[number] = rows.get(number, 0) + counts[word]
    own = sorted(number for number in rows if meaning.of_number(number) is None)
    some = join_names((f"{number} ({rows[number]:,}×)" for number in sorted(rows)), 12)
    if own and in_words and not meaning.scale:
        raise ValueError(
            f"{place} holds numbers ({some}) beside words ({join_names(map(repr, in_words))}): say "
            f"missing={tuple(own)} if they record nothing, or give each its meaning in stances=."
        )
    if meaning.is_clear(set(rows)):
        return
    ways = "".join(f"\n  {words}  # {says}" for words, says in suggestions(set(rows), meaning))
    if len(rows) > 11:
        raise ValueError(
            f"{place} holds {len(rows)} different numbers ({join_names(sorted(rows), 8)}), which "
            f"are "
            f"hardly stances. If they are, give the scale; if not, say which columns are.{ways}"
        )
    raise ValueError(
        f"{place} holds numbers that can mean several things: {some}. Say what they mean by one of "
        "these, or give each its meaning in stances=, None where nothing is recorded:" + ways
    )


def suggestions(numbers: set[int], meaning: Meaning) -> list[tuple[str, str]]:
    """Return arguments that settle what numbers mean, each with what it says.

    Only those are returned with which the same numbers are read without another question.
    """
    gone = {number for number, level in meaning.numbers.items() if level is None}
    codes = _codes(numbers - gone)
    rest, left = numbers - gone - codes or numbers, numbers - gone or numbers
    nothing = f"{join_names(sorted(codes))} record nothing"
    marked = {"missing": tuple(sorted(gone | codes))}
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
    tried += [({"votes": v}, _VOTES_IN_WORDS[v]) for v in VOTES if numbers <= set(VOTES[v])]
    if codes:
        low, high = min(rest), max(rest)
        ends = f"{nothing}, the others are levels from {low} to {high}"
        plain = _answers(numbers, marked, meaning)
        tried.append((marked, nothing) if plain else ({**marked, "scale": (low, high)}, ends))
    low, high = min(left), max(left)
    tried.append(({"scale": (low, high)}, "all are levels; give other ends if there are any"))
    if high - low > WIDEST and len(numbers) <= 30:
        tried.append(({"stances": tuple(sorted(numbers, reverse=True))}, "all are levels"))
    return [
        (", ".join(f"{name}={value!r}" for name, value in arguments.items()), says)
        for arguments, says in tried
        if _answers(numbers, arguments, meaning)
    ]


def _answers(numbers: set[int], arguments: Mapping[str, Any], meaning: Meaning) -> bool:
    """Whether these arguments, and what was given already, settle what numbers mean."""
    own = dict(arguments)
    stances = own.pop("stances", dict(meaning.numbers) if not meaning.scale else None)
    if not {"zero", "votes", "stances"} & set(arguments):
        own["zero"] = meaning.zero
    try:
        return given_meaning(stances, in_cells=meaning.in_cells, **own).is_clear(numbers)
    except ValueError:
        return False


def _codes(numbers: set[int]) -> set[int]:
    """Return numbers that look like codes for absent or missing beside a scale."""
    run = {1}
    while max(run) + 1 in numbers and max(run) < 7:
        run.add(max(run) + 1)
    run = set(range(11)) if set(range(11)) <= numbers else (run | {0}) & numbers
    reach = max((k for k in range(1, 6) if {k, -k} <= numbers), default=0)
    both = {n for n in numbers if -reach <= n <= reach}
    core = both if len(both) >= len(run) else run
    return {n for n in numbers - core if core and (n < 0 or set(str(n)) <= set("6789"))}
