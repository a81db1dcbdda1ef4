"""The usual words: headers of columns, words for stances, codings of votes.

A header or a stance that is not here is given by the caller; nothing is guessed from what a word
looks like.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

HEADERS: Mapping[str, tuple[str, ...]] = {
    "actor": tuple(
        "actor|actors|actor name|country|countries|country name|state|member state|nation|"
        "delegation|speaker|party|political party|party name|organization|organisation|"
        "stakeholder|interest group|participant|legislator|senator|deputy|mep|voter".split("|")
    ),
    "code": tuple(
        "code|codes|issue|issues|concept|topic|theme|category|item|question|claim|proposal|"
        "demand|policy|policy issue|bill|motion|resolution|roll call|rollcall|roll call id|rcid|"
        "vote id|ballot".split("|")
    ),
    "stance": tuple(
        "stance|position|vote|voted|vote cast|attitude|opinion|agreement|direction|polarity|"
        "support|evaluation".split("|")
    ),
    "quote": tuple("quote|quotes|quotation|excerpt|verbatim|passage|text|text segment".split("|")),
    "coder": tuple("coder|coders|coder name|coder id|coded by|annotator|rater".split("|")),
    "date": tuple("date|date of statement|statement date|meeting date|vote date".split("|")),
    "document": tuple(
        "document|documents|document id|document name|document title|doc|doc id|file|"
        "file name".split("|")
    ),
    "statement": ("statement", "statement id"),
}
"""Usual headers of each column of statements, compared by their letters and digits in any case."""

OWN_NAMES = ("basis", "start", "stop")
"""Columns of statements that are known by camdata's own names only."""

CODEBOOK_HEADERS: Mapping[str, tuple[str, ...]] = {
    "code": tuple(
        "code|codes|issue|concept|item|question|claim|proposal|demand|bill|motion|resolution|"
        "roll call|rollcall|roll call id|rcid|vote id|variable|topic".split("|")
    ),
    "dimension": tuple("dimension|theme|category|domain|area|issue area|policy area".split("|")),
    "label": tuple("label|name|title|short title|short label".split("|")),
    "definition": tuple("definition|description|meaning|explanation".split("|")),
}
"""Usual headers of a codebook."""

_SUPPORT = (
    "support|supports|supported|supporting|supportive|in support|strongly supports|"
    "pro|for|in favour|in favor|favour|favor|favours|favors|favourable|favorable|"
    "agree|agrees|agreed|agreement|endorse|endorses|endorsed|approve|approves|approved|"
    "positive|yes|yea|yeas|aye|y|true|+"
)
_OPPOSE = (
    "oppose|opposes|opposed|opposing|opposition|in opposition|strongly opposes|"
    "contra|con|against|disfavour|disfavor|"
    "disagree|disagrees|disagreed|disagreement|reject|rejects|rejected|disapprove|disapproves|"
    "disapproved|negative|no|nay|nays|noe|n|false|-"
)
_NEUTRAL = "neutral|undecided|abstain|abstains|abstained|abstaining|abstention|abstentions|abst"

STANCE_WORDS: Mapping[str, int] = {
    **dict.fromkeys(_SUPPORT.split("|"), 1),
    **dict.fromkeys(_OPPOSE.split("|"), -1),
    **dict.fromkeys(_NEUTRAL.split("|"), 0),
}
"""Words for stances, whatever their case; with a 0 among them the scale is 1, 0, -1."""

AMBIGUOUS = frozenset("yes|no|y|n|true|false|+|-|for|positive|negative".split("|"))
"""Of these, words that columns of other things hold as well."""

STANCE_TERMS = frozenset(
    "stance|stances|position|positions|vote|votes|voted|voting|attitude|opinion|posición|"
    "postura|voto|haltung|votum".split("|")
)
"""Words in a header that may say that the column is one of stances."""

MISSING_WORDS = frozenset(
    "absent|absence|excused|not present|not voting|non voting|nonvoting|did not vote|no vote|"
    "not recorded|not mentioned|no position|not a member|missing|n/a|na|nan|none|null|"
    ".|?".split("|")
)
"""Words that say that nothing is recorded."""

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


def fold_header(words: str) -> str:
    """Return a header as it is compared: its letters and digits, in one case."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", words).casefold())


def fold_stance(words: str) -> str:
    """Return a stance as it is compared: one case, one kind of minus, single spaces."""
    folded = unicodedata.normalize("NFKC", words).casefold().strip()
    folded = re.sub(r"[\u2010-\u2015\u2212]", "-", folded)
    if len(folded) > 1:
        folded = re.sub(r"[\s_]+|(?<=[^\W\d])-(?=[^\W\d])", " ", folded)
    return folded
