"""Scripts that put no spaces between words (Chinese, Japanese, Thai …): searched as words of two signs that overlap.

This is how search engines do it that have no dictionary of the language:
水质断面 is found by 水质, by 质断 and by 断面.
"""

from __future__ import annotations

import re

_RUN = re.compile(r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+")


def is_unspaced(text: str) -> bool:
    """Whether any of it is in such a script."""
    return _RUN.search(text) is not None


def pairs_of(text: str) -> str:
    """The words of two signs of all runs in ``text``, with spaces between; empty where there is no run of two."""
    return " ".join(_pairs(run) for run in _RUN.findall(text) if len(run) > 1)


def in_pairs(words: str) -> str:
    """``words`` that are searched for, each run in its place as the pairs that it is found by."""
    return _RUN.sub(lambda run: f" {_pairs(run.group()) or run.group()} ", words)


def _pairs(run: str) -> str:
    return " ".join(run[at : at + 2] for at in range(len(run) - 1))
