"""How the texts of a column are built: ``AB-1234`` and ``CD-9`` as ``AA-9999`` and ``AA-9``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

TOP = 5
# Longer texts are prose.
LONGEST = 64
# Where fewer of the values than this have one of the top patterns, the texts have no pattern.
LEAST_COVERED = 0.5

# A run of small letters is one, as words differ in length; so is a run of signs of writings without case.
_CLASSES = ((r"\p{Ll}+", "a"), (r"\p{Lu}", "A"), (r"[\p{Lo}\p{Lm}]+", "文"), (r"\p{Nd}", "9"), (r"\s+", " "))


def patterns_of(column: Any) -> list[dict[str, Any]]:
    """The commonest patterns of a text column's values (an Arrow array): ``[{pattern, count, share}]``.

    Small letters are *a* (a run of them one), capitals *A*, digits *9*, letters without case *文* (a run one). Empty
    where the texts are long or have nothing in common.
    """
    values = pc.drop_null(column)
    if not len(values):
        return []
    counted = pc.value_counts(values)
    texts, counts = counted.field("values").cast(pa.string()), counted.field("counts").to_pylist()
    short = pc.less_equal(pc.utf8_length(texts), LONGEST).to_pylist()
    for characters, sign in _CLASSES:
        texts = pc.replace_substring_regex(texts, characters, sign)
    found: Counter[str] = Counter()
    for pattern, count, is_short in zip(texts.to_pylist(), counts, short, strict=True):
        if is_short:
            found[pattern] += count
    total = len(values)
    top = _most_common(found.items())
    if sum(count for _, count in top) < LEAST_COVERED * total:
        return []
    return [{"pattern": pattern, "count": count, "share": round(count / total, 4)} for pattern, count in top]


def _most_common(found: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    return sorted(found, key=lambda item: (-item[1], item[0]))[:TOP]
