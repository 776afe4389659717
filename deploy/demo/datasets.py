"""What the demo registers: real files with their licences (data/README.md), each showing something else."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

DATA = Path(__file__).parent / "data"
Ending = Literal["published", "in review", "rejected"]


@dataclass(frozen=True)
class DemoDataset:
    """A dataset of the demo: the file to upload, what explains it, its words, its owner's rules, how its story ends."""

    id: str
    file: str
    title: str
    description: str
    license: str
    note: str
    keywords: tuple[str, ...] = ()
    access: str = "public"
    ending: Ending = "published"
    rules: tuple[dict[str, Any], ...] = field(default=())
    documents: tuple[str, ...] = ()

    @property
    def path(self) -> Path:
        return DATA / self.file


ORGANIZATIONS: tuple[tuple[str, str, str], ...] = (
    ("palmer-station", "Palmer Station", "Long-term ecological research at the Antarctic Peninsula."),
    ("open-geography", "Open Geography", "Reference tables about places and their people."),
)

DATASETS: tuple[DemoDataset, ...] = (
    DemoDataset(
        id="palmer-station/penguins",
        file="penguins.csv",
        title="Palmer Archipelago penguins",
        description=(
            "Size measurements of **344 penguins** of three species, observed on three islands of the Palmer "
            "Archipelago, 2007 to 2009.\n\nUse it to teach and to try things out. Cite Horst, Hill and Gorman (2020)."
        ),
        license="CC0-1.0",
        keywords=("ecology", "penguins", "Antarctica"),
        note="First release.",
        documents=("penguins_codebook.md",),
        rules=(
            {"type": "not_null", "column": "species", "level": "error"},
            {"type": "in_set", "column": "island", "values": ["Biscoe", "Dream", "Torgersen"]},
            {"type": "between", "column": "bill_length_mm", "min": 20, "max": 70},
            {"type": "not_null", "column": "sex", "level": "warning"},
        ),
    ),
    DemoDataset(
        id="palmer-station/penguins-field-notes",
        file="penguins_field_notes.csv",
        title="Penguins, typed from field notes",
        description=(
            "The same birds as they were typed in the field: some rows have too few or too many fields. "
            "Each such row is in the table as far as its fields go, and on record as it was written."
        ),
        license="CC0-1.0",
        keywords=("ecology", "penguins", "messy"),
        note="As typed; see the findings.",
    ),
    DemoDataset(
        id="open-geography/gapminder",
        file="gapminder.tsv",
        title="Life expectancy, population and GDP per head",
        description="An excerpt of the Gapminder data: 142 countries, every five years from 1952 to 2007.",
        license="CC0-1.0",
        keywords=("health", "population", "economy"),
        note="First release.",
        rules=(
            {"type": "unique_together", "columns": ["country", "year"], "level": "error"},
            {"type": "between", "column": "lifeexp", "min": 20, "max": 90},
        ),
    ),
    DemoDataset(
        id="open-geography/nyc-weather-2013",
        file="nycflights13_weather.parquet",
        title="Hourly weather at the New York airports, 2013",
        description="Temperature, wind, humidity and pressure at EWR, JFK and LGA, hour by hour.",
        license="CC0-1.0",
        keywords=("weather", "New York"),
        note="First release.",
        rules=(
            {"type": "in_set", "column": "origin", "values": ["EWR", "JFK", "LGA"]},
            {"type": "not_null", "column": "wind_gust", "mostly": 0.5, "level": "warning"},
        ),
    ),
    DemoDataset(
        id="open-geography/country-codes",
        file="country_codes.csv",
        title="Country codes, with names in six languages",
        description="ISO, FIPS, FIFA and other codes of all countries. On request here, to show how that works.",
        license="PDDL-1.0",
        keywords=("countries", "codes"),
        access="restricted",
        note="First release.",
    ),
    DemoDataset(
        id="open-geography/world-cities",
        file="world_cities.csv",
        title="Major cities of the world",
        description="34,032 cities with country, subdivision and GeoNames identifier.",
        license="CC-BY-4.0",
        keywords=("cities", "GeoNames"),
        note="For review, please: is the country's name enough, or do we want the code?",
        ending="in review",
    ),
    DemoDataset(
        id="open-geography/saved-by-mistake",
        file="html_error_page.csv",
        title="Saved by mistake",
        description="A web page that was saved as CSV.",
        license="CC0-1.0",
        note="Never published.",
        ending="rejected",
    ),
)
