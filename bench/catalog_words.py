"""Words, titles, keywords and tables of made-up datasets, the same ones each time, as frequent as words are in life."""

from __future__ import annotations

import bisect
import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar

T = TypeVar("T")

HEADS = """
data survey water annual results stations measurements national daily monthly air quality regional population counts
observations samples sites index register records households species prices temperature climate energy health schools
traffic river soil forest coastal marine rainfall emissions land municipal employment income housing transport
hospital crop fisheries trade census mortality vaccination biodiversity noise pollen wind solar groundwater sediment
lakes glacier snow permafrost earthquake tide salinity nitrogen phosphorus ozone methane particulate mobility cycling
railway aviation port freight electricity gas heating tariff budget procurement elections parliament court crime fire
rescue insurance pension poverty nutrition obesity diabetes cancer influenza genome protein microbiome insects birds
amphibians mammals plankton seagrass coral penguins seals whales orchard vineyard wheat maize rice barley livestock
dairy poultry pesticide fertilizer irrigation drought flood landslide
"""
CHINESE = """
太湖 长江 水质 断面 监测 数据 年度 人口 普查 空气 气象 农业 产量 交通 流量 能源 消费 教育 医院 物种 调查 样本
"""
LICENSES = (
    *("CC-BY-4.0", "CC0-1.0", "CC-BY-SA-4.0", "ODbL-1.0"),
    *("PDDL-1.0", "CC-BY-NC-4.0", "ODC-By-1.0", "DL-DE-BY-2.0"),
)
ACCESS = {"public": 74, "registered": 6, "restricted": 12, "private": 8}
FORMATS = {"csv": 58, "xlsx": 20, "json": 9, "parquet": 6, "tsv": 5, "ods": 2}
VERDICTS = {"passed": 60, "warnings": 30, "failed": 8, "errored": 2}
VERSIONS = {0: 4, 1: 66, 2: 20, 3: 10}
TABLES = {1: 82, 2: 18}
VOCABULARY = 30_000
"""Words that descriptions are made of; the newest dictionaries of open data portals have about as many."""
KEYWORDS = 3_000
BEGUN = datetime(2016, 1, 1, tzinfo=UTC)
DAYS = 3_900


@dataclass(frozen=True, slots=True)
class Made:
    """One dataset: ``number`` from 1, ``organization`` from 0; ``versions`` is 0 where nothing is published."""

    number: int
    organization: int
    slug: str
    title: str
    description: str
    keywords: list[str]
    license: str
    access: str
    kind: int
    format: str
    verdict: str
    versions: int
    tables: int
    published_at: datetime


class Zipf:
    """Picks the n-th thing with a frequency of 1/n, as words are."""

    def __init__(self, things: int, *, exponent: float = 1.0) -> None:
        self._sums = list(itertools.accumulate(1 / rank**exponent for rank in range(1, things + 1)))

    def pick(self, chance: random.Random) -> int:
        return bisect.bisect(self._sums, chance.random() * self._sums[-1])


def vocabulary() -> list[str]:
    """The commonest are words of open data; behind them stand made-up ones of syllables."""
    chance = random.Random(7)
    syllables = [first + second for first in "bcdfghjklmnprstvz" for second in ("a", "e", "i", "o", "u", "an", "er")]
    words = dict.fromkeys(HEADS.split())
    while len(words) < VOCABULARY:
        words["".join(chance.choice(syllables) for _ in range(chance.randint(2, 4)))] = None
    return list(words)


def made(count: int, *, organizations: int, kinds: int) -> Iterator[Made]:
    """So many datasets; ``kinds`` are the tables that there are to choose from."""
    chance = random.Random(11)
    words, frequent = vocabulary(), Zipf(VOCABULARY)
    keyword, publisher = Zipf(KEYWORDS), Zipf(organizations, exponent=0.7)
    license_of = Zipf(len(LICENSES))
    for number in range(1, count + 1):
        text = [words[frequent.pick(chance)] for _ in range(chance.randint(25, 110))]
        title = " ".join(dict.fromkeys(words[frequent.pick(chance)] for _ in range(chance.randint(3, 8))))
        if chance.random() < 0.03:
            title = "".join(chance.sample(CHINESE.split(), chance.randint(2, 5)))
        yield Made(
            number=number,
            organization=publisher.pick(chance),
            slug=f"made-{number}",
            title=title.capitalize(),
            description=_sentences(text),
            keywords=list(dict.fromkeys(words[keyword.pick(chance)] for _ in range(chance.randint(1, 7)))),
            license=LICENSES[license_of.pick(chance)],
            access=_of(ACCESS, chance),
            kind=chance.randrange(kinds),
            format=_of(FORMATS, chance),
            verdict=_of(VERDICTS, chance),
            versions=_of(VERSIONS, chance),
            tables=_of(TABLES, chance),
            published_at=BEGUN + timedelta(days=chance.random() * DAYS),
        )


def _sentences(words: list[str]) -> str:
    """Words as paragraphs of Markdown, with a list as many descriptions have one."""
    cut = max(8, len(words) // 2)
    lines = [" ".join(words[:cut]).capitalize() + ".", ""]
    lines += [f"- **{word}** {' '.join(words[cut + at + 1 : cut + at + 6])}" for at, word in enumerate(words[cut::6])]
    return "\n".join(lines)


def _of(shares: dict[T, int], chance: random.Random) -> T:
    return chance.choices(list(shares), weights=list(shares.values()))[0]
