"""What the scripts have in common: they are given JSON, try things, and tell what came of them as JSON."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

STATUS = re.compile(r"\b(4[0-9]{2})\b")
COLUMNS = ("id", "station", "level", "checked", "day", "seen")


def given():
    return json.load(sys.stdin)


def tell(found):
    Path(sys.argv[1]).write_text(json.dumps(found, default=str), encoding="utf-8")


def attempt(work, *arguments, **options):
    """What ``work`` gives, or how it failed: the exception's class, its words, and the HTTP status in them."""
    try:
        return {"value": work(*arguments, **options)}
    except Exception as error:  # noqa: BLE001 -- each client has classes of its own, and this tells them.
        texts, cause = [], error
        while cause is not None:
            texts.append(str(cause))
            cause = cause.__cause__ or cause.__context__
        words = "\n".join(texts)
        status = STATUS.search(words)
        return {"error": type(error).__name__, "words": words, "status": int(status[1]) if status else 0}


def cells(frame):
    """The rows of the table ``levels`` in plain values, by id."""
    import pandas as pd

    frame = frame.sort_values("id")
    return [
        [
            int(row.id),
            row.station.decode() if isinstance(row.station, bytes) else row.station,
            float(row.level),
            bool(row.checked),
            str(row.day)[:10],
            pd.Timestamp(row.seen).value // 1000 if pd.Timestamp(row.seen).tz else None,
        ]
        for row in frame[list(COLUMNS)].itertuples()
    ]


def run(snippet, name):
    """How many rows the lines of a page load into the variable of that name."""
    variables = {}
    exec(snippet, variables)  # noqa: S102 -- that the lines work as they stand is the question.
    return len(variables[name])


def run_all(snippets, name):
    return {dataset: attempt(run, snippet, name) for dataset, snippet in snippets.items()}
