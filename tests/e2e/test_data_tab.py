"""The Data tab in a real browser: rows, sorting, filters, cells, hostile names, and the gate."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.accessible import assert_accessible_in_both_looks
from tests.e2e.own_site import OwnSite, own_site

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

HOSTILE = ["<script>alert(1)</script>", '"; DROP TABLE x; --', "列 😀", "is:a=b&c", "x" * 200]
SEED = """
import django; django.setup()
import time
from catalog.actor import Actor
from catalog.models import Organization, Resource, User
from catalog.selectors.datasets import get_version
from catalog.services.reviewing.reviews import decide_review
from catalog.services.membership.tokens import create_token
from catalog.services.publishing.versions import submit_version
from commonfield import Client
from tests.fixtures.datasets import add_table, make_dataset
from tests.fixtures.people import Cast
people = {{name: Actor(User.objects.get(username=name)) for name in
          ["owner", "maintainer", "contributor", "reader", "steward", "stranger", "grantee"]}}
cast = Cast(organization=Organization.objects.get(), **people)
birds = '''SELECT 3 * range AS id, 'bird ' || (range % 7) AS kind, (range * 7919 % 1000) / 8.0::DOUBLE AS weight,
    range % 2 = 0 AS ringed, DATE '2020-01-01' + (range % 500)::INTEGER AS day,
    CASE WHEN range % 10 <> 0 THEN repeat('long words ', 30) || range END AS note
    FROM range(1234)'''
kinds = dict(id="integer", kind="string", weight="number", ringed="boolean", day="date", note="string")
hostile = {hostile!r}
quoted = ['"' + name.replace('"', '""') + '"' for name in hostile]
odd = "SELECT " + ", ".join("'<b>' || %d AS %s" % pair for pair in enumerate(quoted))
wide = "SELECT " + ", ".join("%d AS column_%d" % (n, n) for n in range(120))
tables = [
    ("birds", "public", birds, kinds),
    ("odd", "public", odd, dict.fromkeys(hostile, "string")),
    ("wide", "public", wide, {{"column_%d" % n: "integer" for n in range(120)}}),
    ("secret", "restricted", birds, kinds),
    ("members", "registered", birds, kinds),
]
for slug, access, sql, fields in tables:
    dataset = make_dataset(cast, slug=slug, access=access)
    schema = {{"fields": [{{"name": name, "type": kind}} for name, kind in fields.items()]}}
    add_table(cast.contributor, dataset, name=slug, sql=sql, schema=schema)
while Resource.objects.filter(verdict="pending").exists():
    time.sleep(0.5)
token, secret = create_token(actor=cast.contributor, name="measuring", scopes=["read", "upload"])
with Client({url!r}, secret) as client:
    # Through the pipeline: what it writes is what the browser reads.
    client.push({csv!r}, "institute/measured", note="The first.", title="Measured", license="CC0-1.0")
measured = cast.organization.datasets.get(slug="measured").versions.get()
decide_review(actor=cast.steward, review=measured.reviews.get(), decision="approve")
for slug, *_ in tables:
    dataset = cast.organization.datasets.get(slug=slug)
    draft = get_version(actor=cast.contributor, dataset=dataset, version="draft")
    submit_version(actor=cast.contributor, version=draft, note="The first.")
    decide_review(actor=cast.steward, review=draft.reviews.get(), decision="approve")
"""


# Missing values, moments, whole numbers beyond 2^53, texts with what SQL and CSV treat specially.
MEASURED = "id,station,amount,seen,taken,ok,big,note\n" + "".join(
    f"{n},{('Wuxi', 'Suzhou', '')[n % 3]},{'' if n % 7 == 0 else (n * 7919 % 1000 - 500) / 8},"
    f"2020-{1 + n % 12:02}-{1 + n % 28:02},"
    f"2021-03-{1 + n % 28:02} {n % 24:02}:{n % 60:02}:07,{('true', 'false', '')[n % 5 % 3]},{9007199254740993 + n},"
    f"{('Größe', '50% of_it', 'O' + chr(39) + 'Brien', '')[n % 4]}\n"
    for n in range(3000)
)
ASKED = [
    "SELECT station, count(*) AS n, sum(amount) AS a, avg(amount) AS b FROM measured GROUP BY station ORDER BY station",
    "SELECT count(*) FROM measured WHERE NOT (amount > 0)",
    "SELECT count(*) FROM measured WHERE NOT (amount > 0 AND ok)",
    "SELECT count(*) FROM measured WHERE amount > 0 OR ok",
    "SELECT count(*) FROM measured WHERE station NOT IN ('Wuxi', NULL)",
    "SELECT count(*) FROM measured WHERE station NOT IN ('Wuxi')",
    "SELECT count(*) FROM measured WHERE note LIKE 'gr%' OR note LIKE 'O_B%'",
    "SELECT amount > 0 AS up, count(*) AS n FROM measured GROUP BY up ORDER BY up",
    "SELECT id, amount FROM measured ORDER BY amount DESC, id LIMIT 500 OFFSET 2450",
    "SELECT id, seen, taken, ok, big, note FROM measured LIMIT 9",
    "SELECT count(*) FROM measured WHERE taken >= '2021-03-10 05:00:00'",
    "SELECT extract(hour FROM taken) AS h, count(*) AS n FROM measured GROUP BY h ORDER BY h",
    "SELECT date_trunc('hour', taken) AS h FROM measured LIMIT 3",
    "SELECT max(taken), min(seen), max(big), count(DISTINCT station) FROM measured",
    "SELECT round(amount, 1) AS r, CAST(amount AS INTEGER) AS whole FROM measured WHERE amount IS NOT NULL LIMIT 99",
    "SELECT count(*) FROM measured WHERE id IN (SELECT id FROM data WHERE amount > 40)",
]


@pytest.fixture(scope="module")
def site() -> OwnSite:
    site = own_site()
    csv = site.folder / "measured.csv"
    csv.write_text(MEASURED)
    site.run(SEED.format(hostile=HOSTILE, url=site.url, csv=str(csv)))
    return site


@pytest.fixture
def page(site: OwnSite, browser: Browser) -> Iterator[Page]:
    """A visitor's page that ends the test red if the console spoke of an error, or anything was alerted."""
    context = browser.new_context(base_url=site.url, viewport={"width": 1360, "height": 900})
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
    yield page
    assert [line for line in said if "status of 400" not in line and "status of 403" not in line] == []
    context.close()


def ids(page: Page) -> list[int]:
    return [int(text) for text in page.locator("td[data-column=id]").all_inner_texts()]


def numbers(page: Page) -> list[str]:
    return page.locator("table.data tbody th").all_inner_texts()


def test_pages_of_rows_and_their_addresses(page: Page) -> None:
    page.goto("/institute/birds/data/")
    expect(page.locator("[data-count]")).to_have_text("1–50 of 1,234 rows")
    assert ids(page) == [3 * n for n in range(50)]
    page.get_by_role("link", name="Next").click()
    expect(page.locator("[data-count]")).to_have_text("51–100 of 1,234 rows")
    assert page.url.endswith("?page=2")
    page.reload()
    assert ids(page) == [3 * n for n in range(50, 100)]
    page.goto("/institute/birds/data/?page=999")
    assert numbers(page)[-1] == "1,234"
    assert len(numbers(page)) == 34
    page.go_back()
    expect(page.locator("[data-count]")).to_have_text("51–100 of 1,234 rows")


def test_a_column_is_sorted_up_then_down_then_not(page: Page) -> None:
    page.goto("/institute/birds/data/")
    weights = [n * 7919 % 1000 / 8 for n in range(1234)]
    head = page.get_by_role("columnheader").filter(has_text="weight")
    for state, expected in (
        ("ascending", sorted(range(1234), key=lambda n: (weights[n], n))),
        ("descending", sorted(range(1234), key=lambda n: (-weights[n], n))),
        (None, list(range(1234))),
    ):
        head.get_by_role("link", name="weight", exact=True).click()
        if state:
            expect(head).to_have_attribute("aria-sort", state)
        else:
            expect(head).not_to_have_attribute("aria-sort", re.compile("."))
        assert ids(page) == [3 * n for n in expected[:50]]


def test_filters_by_form_chip_and_histogram(page: Page) -> None:
    page.goto("/institute/birds/data/")
    page.get_by_role("button", name="Filter").click()
    page.get_by_label("Column", exact=True).select_option("kind")
    page.get_by_label("Value").fill("bird 3")
    page.get_by_role("button", name="Add the filter").click()
    expect(page.locator("[data-count]")).to_have_text("1–50 of 176 rows")
    assert "is%3Akind=bird+3" in page.url
    assert "add_" not in page.url
    expect(page.locator("#live")).to_have_text("1–50 of 176 rows")
    page.get_by_role("button", name="Filter").click()
    page.get_by_label("Column", exact=True).select_option("weight")
    page.get_by_label("Condition").select_option("min")
    page.get_by_label("Value").fill("100")
    page.get_by_role("button", name="Add the filter").click()
    wanted = [n for n in range(1234) if n % 7 == 3 and n * 7919 % 1000 / 8 >= 100]
    expect(page.locator("[data-count]")).to_have_text(f"1–{len(wanted)} of {len(wanted)} rows")
    assert ids(page) == [3 * n for n in wanted]
    page.get_by_role("link", name="Remove the filter kind = bird 3").click()
    expect(page.locator("[data-count]")).not_to_contain_text(f"{len(wanted)} rows")
    page.get_by_role("link", name="Remove the filter weight ≥ 100").click()
    expect(page.locator("[data-count]")).to_have_text("1–50 of 1,234 rows")
    bar = page.get_by_role("columnheader").filter(has_text="weight").locator("svg a").nth(4)
    count = re.search(r": ([\d,]+)$", bar.locator("title").text_content() or "")
    assert count
    bar.click()
    expect(page.locator("[data-count]")).to_contain_text(f"of {count[1]} rows")


def test_a_filter_that_makes_no_sense_says_so_and_offers_the_way_back(page: Page) -> None:
    page.goto("/institute/birds/data/")
    page.get_by_role("button", name="Filter").click()
    page.get_by_label("Column", exact=True).select_option("weight")
    page.get_by_label("Value").fill("heavy")
    page.get_by_role("button", name="Add the filter").click()
    expect(page.get_by_role("alert")).to_contain_text("“heavy” is no number, which weight holds.")
    page.get_by_role("link", name="Show all rows").click()
    expect(page.locator("[data-count]")).to_have_text("1–50 of 1,234 rows")
    answer = page.request.get("/institute/birds/data/?min:nobody=1")
    assert answer.status == 400
    assert "The table has no column “nobody”." in answer.text()


def test_a_long_cell_is_read_whole_with_mouse_and_keyboard(page: Page) -> None:
    page.goto("/institute/birds/data/")
    cell = page.locator("td[data-column=note]").nth(1)
    assert cell.bounding_box()["width"] < 400
    cell.get_by_role("button").press("Enter")
    popover = page.locator("[popover]:popover-open")
    expect(popover.locator("[data-value]")).to_have_text("long words " * 30 + "1")
    page.keyboard.press("Escape")
    expect(popover).to_have_count(0)
    expect(cell.get_by_role("button")).to_be_focused()
    page.locator("td[data-column=note]").nth(0).click()
    popover.get_by_role("link", name="Only rows with this").click()
    expect(page.locator("[data-count]")).to_have_text("1–50 of 124 rows")
    expect(page.locator("td[data-column=note]").first).to_have_text("null")


def test_a_row_has_an_address_of_its_own(page: Page) -> None:
    page.goto("/institute/birds/data/")
    page.get_by_role("link", name="42", exact=True).click()
    expect(page.get_by_role("heading", name="Row 42")).to_be_visible()
    assert "row=42" in page.url
    page.goto("/institute/birds/data/?row=1234&page=3")
    expect(page.get_by_role("region", name="Row 1,234")).to_contain_text("3699")
    page.get_by_role("link", name="Close").click()
    expect(page.get_by_role("heading", name="Row 1,234")).to_have_count(0)
    assert page.url.endswith("?page=3")
    assert page.request.get("/institute/birds/data/?row=1235").status == 404


def test_hostile_names_and_values_are_words(page: Page) -> None:
    page.goto("/institute/odd/data/")
    heads = page.get_by_role("columnheader").locator(".th-name a")
    assert heads.all_inner_texts() == HOSTILE
    for place, name in enumerate(HOSTILE):
        expect(page.locator("tbody td").nth(place)).to_have_text(f"<b>{place}")
        heads.nth(place).click()
        expect(page.get_by_role("columnheader").nth(place + 1)).to_have_attribute("aria-sort", "ascending")
        page.locator("tbody td").nth(place).click()
        page.get_by_role("link", name="Only rows with this").click()
        expect(page.get_by_role("link", name=f"Remove the filter {name} = <b>{place}")).to_be_visible()
        page.goto("/institute/odd/data/")


def test_a_wide_table_shows_some_columns_and_the_rest_are_chosen(page: Page) -> None:
    page.goto("/institute/wide/data/")
    assert page.get_by_role("columnheader").count() == 41
    page.get_by_role("button", name="Columns 40 / 120").click()
    page.locator("#choose input[type=checkbox]").evaluate_all("boxes => boxes.forEach(box => { box.checked = false })")
    page.get_by_label("column_119", exact=True).check()
    page.get_by_label("column_7", exact=True).check()
    page.get_by_role("button", name="Show these").click()
    expect(page.get_by_role("columnheader")).to_have_count(3)
    assert page.locator("tbody td").all_inner_texts() == ["7", "119"]


def test_rows_that_one_may_not_have_are_behind_a_gate(site: OwnSite, page: Page, browser: Browser) -> None:
    for slug, words in (("secret", "The rows are given on request"), ("members", "Sign in to see the rows")):
        answer = page.goto(f"/institute/{slug}/data/")
        assert answer
        assert answer.status == 403
        expect(page.get_by_role("heading", name=words)).to_be_visible()
        assert "bird 3" not in page.content()
        gate = page.get_by_role("region", name=words)
        expect(gate.get_by_role("link", name="Sign in")).to_have_attribute("href", re.compile(rf"next=.*{slug}"))
        gate.get_by_role("link", name="See the columns").click()
        expect(page.get_by_role("heading", name="Columns")).to_be_visible()


def test_everything_but_the_popover_works_without_scripts(site: OwnSite, browser: Browser) -> None:
    context = browser.new_context(base_url=site.url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/institute/birds/data/")
    page.get_by_role("link", name="weight", exact=True).click()
    page.get_by_role("link", name="Next").click()
    page.get_by_role("button", name="Filter").click()
    page.get_by_label("Column", exact=True).select_option("ringed")
    page.get_by_label("Value").fill("true")
    page.get_by_role("button", name="Add the filter").click()
    expect(page.locator("[data-count]")).to_have_text("1–50 of 617 rows")
    even = sorted(range(0, 1234, 2), key=lambda n: (n * 7919 % 1000, n))
    assert ids(page) == [3 * n for n in even[:50]]
    context.close()


# ---------------------------------------------------------------- SQL in the reader's browser
def in_sql(page: Page, sql: str) -> None:
    page.get_by_label("One SELECT").fill(sql)
    page.keyboard.press("Control+Enter")


def test_sql_is_answered_in_the_browser_as_by_the_engine_itself(page: Page, tmp_path: Path) -> None:
    page.goto("/institute/measured/data/")
    page.keyboard.press("s")
    in_sql(page, ASKED[0])
    expect(page.locator("[data-part=said]")).to_contain_text("3 rows")
    assert page.get_by_role("region", name="Rows of the answer").locator("tbody tr").count() == 3
    parquet = tmp_path / "measured.parquet"
    parquet.write_bytes(page.request.get(f"{MEASURED_API}.parquet").body())
    engine = duckdb.connect()
    engine.execute(f"CREATE VIEW measured AS FROM '{parquet}'; CREATE VIEW data AS FROM measured")
    off = {}
    for sql in ASKED:
        found = page.evaluate(ASK, sql)
        expected = [[plain(value) for value in row] for row in engine.execute(sql).fetchall()]
        if [[plain(value) for value in row] for row in found.get("rows", [])] != expected:
            off[sql] = (found, expected)
    assert off == {}


MEASURED_API = "/api/v1/datasets/institute/measured/versions/1.0.0/resources/measured"
ASK = """async (sql) => {
  const { worker, tables } = document.getElementById('sql-panel').dataset;
  const thread = window.thread ??= new Worker(worker, { type: 'module' });
  return new Promise((resolve) => {
    thread.onmessage = ({ data }) => resolve(data);
    thread.postMessage({ id: 1, sql, tables: JSON.parse(tables), limits: { cells: 5e6, rows: 1e5 } });
  });
}"""


def plain(value: object) -> object:
    """As both sides write it: moments as texts, whole numbers beyond 2^53 exactly, others to nine digits."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | float | Decimal):
        return str(value) if isinstance(value, int) and abs(value) > 2**53 else float(f"{float(value):.9g}")
    return str(value)


def test_what_the_browser_can_not_answer_is_said_and_the_server_is_one_click_away(page: Page) -> None:
    page.goto("/institute/measured/data/?min:id=2990&sort=-id")
    page.get_by_role("link", name="SQL").click()
    expect(page.get_by_label("One SELECT")).to_have_value(re.compile(r'WHERE "id" >= 2990\nORDER BY "id" DESC'))
    in_sql(page, "SELECT nothing FROM measured")
    expect(page.locator("[data-part=refusal]")).to_contain_text('Column "nothing" not found')
    # Nine million pairs: refused before they are made, and the page lives on.
    in_sql(page, "SELECT count(*) FROM measured a JOIN measured b ON a.id > b.id + 1")
    expect(page.locator("[data-part=refusal]")).to_contain_text("Too large for the browser", timeout=20_000)
    in_sql(page, "SELECT median(amount) AS m FROM measured")
    expect(page.locator("[data-part=said]")).to_contain_text("1 row")
    expect(page.locator("[data-part=refusal]")).to_be_hidden()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="CSV").click()
    assert waiting.value.path().read_text().splitlines()[0] == "m"
    page.get_by_role("button", name="Ask the server").click()
    expect(page).to_have_url(re.compile(r"/institute/measured/data/sql/\?sql=SELECT\+median"))
    expect(page.get_by_text("This query has a permanent address")).to_be_visible()


def test_a_column_is_filtered_by_what_it_holds(page: Page) -> None:
    page.goto("/institute/birds/data/")
    head = page.get_by_role("columnheader").filter(has_text="kind")
    head.get_by_role("link", name="Filter by kind").click()
    form = page.get_by_role("group", name="Filter by kind")
    form.get_by_label("bird 3").check()
    form.get_by_label("bird 5").check()
    form.get_by_role("button", name="Apply").click()
    expect(page.locator("[data-count]")).to_have_text("1–50 of 352 rows")
    page.locator("td[data-column=kind]").first.click()
    page.get_by_role("link", name="Without these").click()
    expect(page.locator("[data-count]")).to_have_text("1–50 of 176 rows")
    page.get_by_role("link", name="Filter by kind", exact=True).click()
    form.get_by_role("link", name="Clear").click()
    expect(page.locator("[data-count]")).to_have_text("1–50 of 1,234 rows")
    page.get_by_role("link", name="Filter by day", exact=True).click()
    page.get_by_label("From").fill("2021-05-01")
    page.keyboard.press("Enter")
    late = sum(n % 500 >= 486 for n in range(1234))
    expect(page.locator("[data-count]")).to_have_text(f"1–{late} of {late} rows")


def test_keys(page: Page) -> None:
    page.goto("/institute/birds/data/")
    page.keyboard.press("]")
    expect(page.locator("[data-count]")).to_have_text("51–100 of 1,234 rows")
    page.keyboard.press("[")
    expect(page.locator("[data-count]")).to_have_text("1–50 of 1,234 rows")
    page.keyboard.press("f")
    expect(page.get_by_role("heading", name="Filter rows")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.get_by_role("heading", name="Keys")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    page.keyboard.type("f]?")
    expect(page.get_by_role("banner").get_by_label("Search datasets")).to_have_value("f]?")
    expect(page.get_by_role("heading", name="Keys")).to_be_hidden()


def test_nothing_stands_in_anybodys_way(site: OwnSite, browser: Browser) -> None:
    context = browser.new_context(
        base_url=site.url,
        reduced_motion="reduce",
        bypass_csp=True,  # axe itself evaluates code.
    )
    page = context.new_page()
    for address in (
        "birds/data/?row=3&is:kind=bird+2",
        "odd/data/",
        "wide/data/",
        "secret/data/",
        "birds/data/?min:id=x",
    ):
        page.goto(f"/institute/{address}")
        assert_accessible_in_both_looks(page, address)
    page.goto("/institute/birds/data/")
    page.get_by_role("button", name="Filter").click()
    assert_accessible_in_both_looks(page, "the form of a filter")
    page.goto("/institute/birds/data/?filter=weight")
    page.keyboard.press("s")
    in_sql(page, "SELECT * FROM birds LIMIT 3")
    expect(page.locator("[data-part=said]")).to_contain_text("3 rows")
    assert_accessible_in_both_looks(page, "the SQL panel and the filter of a column")
    context.close()
