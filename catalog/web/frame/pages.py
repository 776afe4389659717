"""The pager below a list."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Page


def page_numbers(shown: Page[Any]) -> list[int | str]:
    """Numbers for the pager, with gaps: 1 … 4 5 6 … 20."""
    return list(shown.paginator.get_elided_page_range(shown.number, on_each_side=2, on_ends=1))
