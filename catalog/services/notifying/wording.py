"""What makes the words of one kind of notice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Words = Callable[[str, dict[str, Any]], tuple[str, list[str]]]
"""From the dataset's title and the notice's params: its sentence, which is a mail's subject too, and paragraphs."""
