"""Step 2 on its pages: cells before and after, values that stay as they are, the log, and when the step is skipped."""

from __future__ import annotations

import csv
import html
import io
import re

import pytest
from django.test import Client

from catalog.models import Dataset, Remark, Resource
from ingest.models import Upload
from ingest.services.processing import process
from ingest.services.recipes import add_steps
from tests.fixtures.datasets import make_dataset
from tests.fixtures.people import Cast
from tests.fixtures.uploading import check_draft, push

# The lease of a job is held by a thread of its own, which sees only what is committed.
pytestmark = pytest.mark.django_db(transaction=True)

SHARE = "/share/institute/birds/"
CLEAN = f"{SHARE}tables/birds/clean/"
MESSY = "id,mass,grade\n" + "".join(
    f"{n},{12 + n if n % 4 else '-'},{('<b>-</b>', 'B', '=1')[n % 3] if n % 5 else '-'}\n" for n in range(1, 301)
)
PLAIN = "id,species\n1,Adelie\n2,Gentoo\n"


@pytest.fixture
def dataset(cast: Cast) -> Dataset:
    return make_dataset(cast)


@pytest.fixture
def client(cast: Cast) -> Client:
    client = Client()
    client.force_login(cast.contributor.user)
    return client


def page(client: Client, address: str, **headers: str) -> str:
    answer = client.get(address, headers=headers)
    assert answer.status_code == 200, answer.get("Location", answer.status_code)
    return " ".join(answer.content.decode().split())


def table_of(dataset: Dataset) -> Resource:
    return Resource.objects.get(version__dataset=dataset, version__state="draft", name="birds")


def press(client: Client, dataset: Dataset, name: str, shown: str, place: int = 0) -> None:
    """The button of that name, and the worker's work."""
    value = re.findall(f'name="{name}" value="([^"]+)"', shown)[place]
    answer = client.post(CLEAN, {name: value})
    assert answer.status_code == 302
    process(upload_id=Upload.objects.filter(dataset=dataset).latest("created").pk)


def test_cells_are_shown_before_and_after_and_one_value_stays(cast: Cast, dataset: Dataset, client: Client) -> None:
    push(cast.contributor, dataset, MESSY)
    shown = page(client, CLEAN)
    assert "135 cells were changed in 2 columns" in shown
    found = {place: page(client, f"{CLEAN}{place}/") for place in map(int, re.findall(rf'href="{CLEAN}(\d+)/"', shown))}
    mass, grade = found.values()
    assert "The first 50 of 75, in the order of the file." in mass
    assert 'class="n">4</td><td class="n">5</td><td class="mono wrap-any"><del>-</del>' in mass
    assert "the column becomes text for it" in mass
    assert "the column becomes text for it" not in grade
    place = max(found)
    piece = page(client, f"{CLEAN}{place}/", HX_Request="true")
    assert "<h1" not in piece
    assert "autofocus" in piece
    assert '<form id="recipe"' in shown, "the piece's buttons send the page's form"

    press(client, dataset, "keep", grade)
    step = next(item for item in table_of(dataset).recipe if item.get("kept"))
    assert (step["column"], step["kept"]) == ("grade", {"-": 60})
    shown = page(client, CLEAN)
    assert "Left as it is:" in shown
    assert "60 cells" in shown
    # A button of the page as it was before: the step's cells are others now.
    stale = re.findall(r'name="keep" value="([^"]+)"', grade)[0]
    refused = client.post(CLEAN, {"keep": stale})
    assert refused.status_code == 400
    assert "look at the page anew" in refused.content.decode()
    press(client, dataset, "give_up", shown)
    assert not any(item.get("kept") for item in table_of(dataset).recipe)


def test_the_log_is_the_recipe_and_a_list_of_changes_with_counts(cast: Cast, dataset: Dataset, client: Client) -> None:
    push(cast.contributor, dataset, MESSY + "301,5,=1\n")
    answer = client.get(f"{SHARE}tables/birds/changes.json")
    assert answer["Content-Disposition"] == 'attachment; filename="birds.changes.json"'
    assert answer.json()["steps"] == table_of(dataset).recipe
    assert answer.json()["original"]["sha256"] == table_of(dataset).original_sha256
    answer = client.get(f"{SHARE}tables/birds/changes.csv")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    told = [(row["name"], row["column"], row["in your file"], row["cells"]) for row in rows]
    assert ("read-as-missing", "mass", "", "75") in told
    assert ("read-as-missing", "mass", "'-", "75") in told, "no spreadsheet takes it for a formula"
    assert [row["cells"] for row in rows if row["name"] == "write-parquet"] == ["301"]


def test_values_are_escaped(cast: Cast, dataset: Dataset, client: Client) -> None:
    push(cast.contributor, dataset, 'a,b\n" <script>x</script>",1\ny,2\n')
    step = {"step": "trim-text", "column": "a"}
    process(upload_id=add_steps(actor=cast.contributor, resource=table_of(dataset), steps=[step]).pk)
    place = next(place for place, item in enumerate(table_of(dataset).recipe) if item["step"] == "trim-text")
    shown = page(client, f"{CLEAN}{place}/")
    assert "<script>x" not in shown
    assert html.escape("<script>x</script>") in shown
    assert "<ins>" in shown


def test_a_step_without_cells_is_no_page(cast: Cast, dataset: Dataset, client: Client) -> None:
    push(cast.contributor, dataset, PLAIN)
    for place in (0, 999):
        assert client.get(f"{CLEAN}{place}/").status_code == 404


def steps(shown: str) -> list[str]:
    """What the steps' list says, without its links."""
    listed = shown.partition('<ol id="share-steps"')[2].partition("</ol>")[0]
    return [" ".join(re.sub("<[^>]+>", " ", item).split()) for item in re.findall("<li.*?</li>", listed)]


def test_step_two_is_skipped_where_nothing_was_changed(cast: Cast, dataset: Dataset, client: Client) -> None:
    shown = page(client, SHARE)
    assert steps(shown) == [
        "Files &amp; description",
        "Map &amp; clean after the first table",
        "Check after the first table",
        "Submit after the first table",
    ]
    assert client.get(f"{SHARE}clean/")["Location"] == SHARE
    push(cast.contributor, dataset, PLAIN)
    shown = page(client, SHARE)
    assert "Continue to the check" in shown
    assert steps(shown)[3] == "Submit when the checks are done"
    assert client.get(f"{SHARE}clean/")["Location"] == f"{SHARE}check/"
    assert client.get(f"{SHARE}clean/?look")["Location"] == CLEAN
    check_draft(dataset)
    shown = page(client, f"{SHARE}check/")
    assert "All 2 columns matched, and nothing had to be changed." in shown
    assert f'href="{SHARE}clean/?look">Look anyway</a>' in shown
    assert steps(shown) == ["Files &amp; description done", "Map &amp; clean done", "Check", "Submit"]
    assert shown.count('aria-current="step"') == 1


def test_step_two_lists_several_tables_with_what_is_asked(cast: Cast, dataset: Dataset, client: Client) -> None:
    push(cast.contributor, dataset, MESSY)
    assert client.get(f"{SHARE}clean/")["Location"] == CLEAN
    dates = "seen\n" + "".join(f"{1 + n % 9:02}/{1 + n % 7:02}/2024\n" for n in range(20))
    push(cast.contributor, dataset, dates, "dates.csv")
    push(cast.contributor, dataset, PLAIN, "plain.csv")
    assert "Continue to map & clean" in page(client, SHARE)
    shown = page(client, f"{SHARE}clean/")
    assert "135 cells were changed in 2 columns" in shown
    assert "no cell was changed" in shown
    assert "1 question" in shown
    assert f'href="{SHARE}clean/?look"' in page(client, CLEAN), "back leads to the list"
    # As long as something is asked, the step is not done.
    assert "Map &amp; clean 1 question" in steps(page(client, f"{SHARE}check/"))


def test_the_message_to_the_steward_begins_the_conversation(cast: Cast, dataset: Dataset, client: Client) -> None:
    push(cast.contributor, dataset, PLAIN)
    check_draft(dataset)
    assert "Message to the steward" in page(client, f"{SHARE}submit/")
    sent = {"note": "First.", "number": "1.0.0", "may_share": "on", "persons_declared": "on"}
    assert client.post(f"{SHARE}submit/", {**sent, "message": " Look at the second column. "}).status_code == 302
    remark = Remark.objects.get()
    assert (remark.text, remark.author) == ("Look at the second column.", cast.contributor.user)
    assert steps(page(client, f"{SHARE}submitted/")) == [
        f"{name} done" for name in ("Files &amp; description", "Map &amp; clean", "Check", "Submit")
    ]
