"""How far people who labelled the same things independently agree, and how far beyond chance.

Pure functions of ``{thing: {person: label}}``. Things may be labelled by different people and by different numbers of
them. Where a figure has no value (nothing was labelled twice, or every label was the same) it is None: agreement that
could not have failed says nothing.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import permutations

Ratings = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Agreement:
    """``things`` were labelled at all, ``shared`` by two people or more, ``ratings`` are all labels.

    ``percent`` is the share of agreeing pairs among all pairs of labels of one thing, from 0 to 100. ``kappa`` is for
    two people only. ``values`` counts each label.
    """

    people: tuple[str, ...]
    things: int
    shared: int
    ratings: int
    percent: float | None
    alpha: float | None
    kappa: float | None
    values: tuple[tuple[str, int], ...]


def agreement(ratings: Ratings) -> Agreement:
    """All figures at once."""
    people = sorted({person for given in ratings.values() for person in given})
    counts = Counter(label for given in ratings.values() for label in given.values())
    return Agreement(
        people=tuple(people),
        things=len(ratings),
        shared=sum(len(given) > 1 for given in ratings.values()),
        ratings=counts.total(),
        percent=percent(ratings),
        alpha=alpha(ratings),
        kappa=kappa(ratings, people[0], people[1]) if len(people) == 2 else None,
        values=tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0]))),
    )


def percent(ratings: Ratings) -> float | None:
    """Agreeing pairs of labels of one thing, of all such pairs, in percent."""
    same = pairs = 0
    for given in ratings.values():
        counts = Counter(given.values())
        n = counts.total()
        same += sum(count * (count - 1) for count in counts.values())
        pairs += n * (n - 1)
    return 100 * same / pairs if pairs else None


def alpha(ratings: Ratings) -> float | None:
    """Krippendorff's alpha for nominal labels, any number of people, missing labels allowed.

    With the coincidences o(c, k), each pair of labels of a thing that has m of them counted as 1/(m - 1), their sums
    n(c) and n: ``alpha = 1 - (n - 1) * sum of o(c, k) over c != k / sum of n(c) n(k) over c != k``. Things with one
    label are left out. K. Krippendorff, Computing Krippendorff's Alpha-Reliability (2011), section C.
    """
    coincidences: defaultdict[tuple[str, str], float] = defaultdict(float)
    for given in ratings.values():
        counts = Counter(given.values())
        n = counts.total()
        if n < 2:
            continue
        for label, count in counts.items():
            coincidences[label, label] += count * (count - 1) / (n - 1)
        for one, other in permutations(counts, 2):
            coincidences[one, other] += counts[one] * counts[other] / (n - 1)
    sums: defaultdict[str, float] = defaultdict(float)
    for (one, _), share in coincidences.items():
        sums[one] += share
    total = sum(sums.values())
    expected = sum(sums[one] * sums[other] for one, other in permutations(sums, 2))
    if not expected:
        return None
    observed = sum(share for (one, other), share in coincidences.items() if one != other)
    return 1 - (total - 1) * observed / expected


def kappa(ratings: Ratings, one: str, other: str) -> float | None:
    """Cohen's kappa of two people over the things that both labelled.

    ``(p_o - p_e) / (1 - p_e)``, p_e from each one's own frequencies. J. Cohen, A coefficient of agreement for nominal
    scales, Educational and Psychological Measurement 20 (1960), 37-46.
    """
    pairs = [(given[one], given[other]) for given in ratings.values() if one in given and other in given]
    if not pairs:
        return None
    n = len(pairs)
    first, second = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
    observed = sum(a == b for a, b in pairs) / n
    chance = sum(first[label] * second[label] for label in first) / n**2
    return None if chance == 1 else (observed - chance) / (1 - chance)
