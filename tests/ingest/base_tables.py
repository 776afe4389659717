"""Clean tables to be polluted: one set that the readers were made with, and one that was kept aside.

``HELD_OUT`` was written before the readers were measured and is used by ``python -m bench messy`` alone; nothing was
tuned to it. All of them are made up here, by seeded choice, and are in nobody's copyright.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence

from tests.ingest.pollution import BaseTable, Row

ROWS = 24


def _table(name: str, header: Row, rows: Sequence[Row]) -> BaseTable:
    return BaseTable(name, header, tuple(rows))


def _numbers() -> BaseTable:
    luck = random.Random(1)
    rows = [
        (str(n + 1), f"{luck.uniform(-50, 50):.2f}", str(luck.randint(0, 90_000)), f"{luck.random():.4f}")
        for n in range(ROWS)
    ]
    return _table("numbers", ("id", "temperature", "count", "share"), rows)


def _text() -> BaseTable:
    luck = random.Random(2)
    places = ["Springfield", "Porto", "Aarhus", "Nairobi", "Osaka", "Lima"]
    notes = [
        "open daily, except Monday",
        'called "the mill" by all',
        "two\nlines",
        "plain",
        "",
        "costs 3; cash only",
        "x | y",
        "it's old",
    ]
    rows = [
        (f"{n * 37:05}", luck.choice(places), notes[n % len(notes)], luck.choice(["open", "closed"]))
        for n in range(1, ROWS + 1)
    ]
    return _table("text", ("code", "town", "remark", "status"), rows)


def _dates() -> BaseTable:
    luck = random.Random(3)
    start = dt.datetime(2021, 3, 28, 22, 15)  # noqa: DTZ001 -- local times are what the table holds
    rows = []
    for n in range(ROWS):
        moment = start + dt.timedelta(days=n, minutes=luck.randint(0, 600))
        rows.append((moment.date().isoformat(), moment.isoformat(sep=" "), f"S-{n % 5}", f"{luck.uniform(0, 9):.1f}"))
    return _table("dates", ("day", "measured at", "station", "value"), rows)


def _wide() -> BaseTable:
    luck = random.Random(4)
    header = ("region", *(f"y{year}" for year in range(1990, 2029)))
    rows = [(f"Region {n + 1}", *(str(luck.randint(100, 9_999)) for _ in header[1:])) for n in range(ROWS)]
    return _table("wide", header, rows)


def _orders() -> BaseTable:
    luck = random.Random(11)
    items = ["bolt, 5 mm", "nut", 'pipe 3/4"', "washer", "hinge (left)", "screw; brass"]
    rows = [
        (f"A{n:04}", items[luck.randrange(6)], str(luck.randint(1, 40)), f"{luck.uniform(0.1, 90):.2f}", "")
        if n % 6 == 5
        else (
            f"A{n:04}",
            items[luck.randrange(6)],
            str(luck.randint(1, 40)),
            f"{luck.uniform(0.1, 90):.2f}",
            luck.choice(["paid", "due"]),
        )
        for n in range(ROWS)
    ]
    return _table("orders", ("Order no.", "Item", "Qty", "Unit price", "State"), rows)


def _people() -> BaseTable:
    luck = random.Random(12)
    first = ["Ann", "Bo", "Chidi", "Dana", "Eve", "Farid"]
    last = ["O'Neil", "Berg", "van der Meer", "Li", "Sousa"]
    rows = [
        (
            luck.choice(first),
            luck.choice(last),
            (dt.date(1950, 1, 1) + dt.timedelta(days=luck.randint(0, 20_000))).isoformat(),
            luck.choice(["true", "false"]),
            f"{luck.choice(first).lower()}{n}@example.org",
        )
        for n in range(ROWS)
    ]
    return _table("people", ("given_name", "family_name", "born", "member", "mail"), rows)


def _readings() -> BaseTable:
    luck = random.Random(13)
    start = dt.datetime(2019, 10, 1)  # noqa: DTZ001 -- local times are what the table holds
    rows = [
        (
            (start + dt.timedelta(hours=n)).isoformat(sep=" "),
            f"{luck.gauss(14, 5):.3f}",
            f"{luck.gauss(1013, 9):.1f}" if n % 7 else "",
            str(luck.randint(0, 360)),
        )
        for n in range(ROWS)
    ]
    return _table("readings", ("timestamp", "temp_c", "pressure_hpa", "wind_dir"), rows)


def _phrases() -> BaseTable:
    luck = random.Random(14)
    words = ["river", "stone", "early", "market", "winter", "garden", "letter", "silver", "open", "quiet", "bread"]
    words.append("morning")
    rows = [
        (
            " ".join(luck.choice(words) for _ in range(luck.randint(1, 4))).capitalize(),
            luck.choice(["noun", "verb", "phrase, idiom"]),
            " ".join(luck.choice(words) for _ in range(9)) + ('\nsee also "' + luck.choice(words) + '"') * (n % 8 == 3),
        )
        for n in range(ROWS)
    ]
    return _table("phrases", ("Entry", "Kind", "Explanation"), rows)


def _codes() -> BaseTable:
    luck = random.Random(15)
    rows = [
        (
            f"{luck.randint(0, 999):03}",
            f"{luck.randint(0, 99999):05}",
            luck.choice("ABC"),
            str(luck.randint(1900, 2020)),
        )
        for _ in range(ROWS)
    ]
    return _table("codes", ("district", "zip", "class", "since"), rows)


TUNED: tuple[BaseTable, ...] = (_numbers(), _text(), _dates(), _wide())
HELD_OUT: tuple[BaseTable, ...] = (_orders(), _people(), _readings(), _phrases(), _codes())
