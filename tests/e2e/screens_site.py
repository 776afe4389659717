"""What the site of the screens holds: datasets in every state, checked by its own worker, and people's doings."""

from __future__ import annotations

import re

import httpx

from tests.e2e.own_site import OwnSite

EVIL = "<script>alert(1)</script> 气温 \\U0001f321"

SEED = f"""
import time
from allauth.account.models import EmailAddress
from catalog.actor import Actor
from catalog.models import Organization, Resource, User
from catalog.selectors.datasets import get_version
from catalog.services.granting.access_requests import ask_access
from catalog.services.granting.agreements import write_agreement
from catalog.services.annotating.annotations import propose_description
from catalog.services.granting.grants import grant_access
from catalog.services.cataloguing.schemas import create_schema
from catalog.services.publishing.documents import remove_document
from catalog.services.publishing.versions import submit_version, withdraw_version
from quality.services.rule_sets import create_rule_set
from quality.services.rules import set_rules
from tests.fixtures.datasets import add_document, add_table, make_dataset
from tests.fixtures.people import Cast, make_user
from tests.fixtures.reviews import approve

def actor(name):
    return Actor(User.objects.get(username=name))

people = ("owner", "maintainer", "contributor", "reader", "steward", "stranger", "grantee")
cast = Cast(organization=Organization.objects.get(slug="institute"), **{{name: actor(name) for name in people}})
staff, visitor = make_user("staff"), make_user("visitor")
User.objects.filter(pk=staff.pk).update(is_staff=True)
EmailAddress.objects.create(user=staff, email=staff.email, verified=True, primary=True)
SPECIES = "CASE range % 3 WHEN 0 THEN 'Adelie' WHEN 1 THEN 'Gentoo' ELSE 'Chinstrap' END"
COLUMNS = (
    "range AS id, " + SPECIES + " AS species, CASE WHEN range % 10 = 0 THEN NULL ELSE 3000.0 + range * 12 END AS mass, "
    "DATE '2007-01-01' + range::INT AS seen, range % 2 = 0 AS tagged, 'x' AS \\"{EVIL}\\""
)
TYPES = [("id", "integer"), ("species", "string"), ("mass", "number"), ("seen", "date"), ("tagged", "boolean")]
FIELDS = [{{"name": name, "type": kind}} for name, kind in [*TYPES, ({EVIL!r}, "string")]]
RULES = [
    {{"type": "between", "column": "mass", "min": 3000, "max": 6000, "level": "warning"}},
    {{"type": "in_set", "column": "species", "values": ["Adelie", "Gentoo", "Chinstrap"]}},
]

def checked(dataset, rows):
    rules.extend(set_rules(actor=cast.contributor, dataset=dataset, rules=RULES))
    sql = "SELECT " + COLUMNS + " FROM range(" + str(rows) + ")"
    resource = add_table(cast.contributor, dataset, name="penguins", sql=sql, schema={{"fields": FIELDS}})
    wait(resource)
    return get_version(actor=cast.contributor, dataset=dataset, version="draft")

def wait(resource):
    deadline = time.monotonic() + 120
    while Resource.objects.get(pk=resource.pk).verdict == "pending":
        assert time.monotonic() < deadline, "the worker did not check the table"
        time.sleep(0.3)

def submitted(dataset, rows, note):
    return submit_version(actor=cast.contributor, version=checked(dataset, rows), note=note)

def published(dataset, rows, note):
    version = submitted(dataset, rows, note)
    approve(actor=cast.steward, review=version.reviews.get(state="open"))
    dataset.refresh_from_db()
    return version

rules = []
words = "Measured **by hand**.\\n\\n### How\\n\\n- with a scale"
penguins = make_dataset(cast, slug="penguins", title="Penguins of the Palmer Archipelago", description=words,
                        keywords=["ice", "birds"])
CODES = dict(title="Codebook", description="Every column, its unit, and what its codes mean.")
add_document(cast.contributor, penguins, "codebook.pdf", **CODES)
add_document(cast.contributor, penguins, "old-notes.txt", b"Old notes", media_type="text/plain")
published(penguins, 300, "First season.")
add_document(cast.contributor, penguins, "codebook.pdf", b"%PDF-1.7 with the second season")
add_document(cast.contributor, penguins, "Karte der Nester.png", b"png", media_type="image/png", title="The nests")
remove_document(actor=cast.contributor, document=penguins.versions.open().get().documents.get(name="old-notes.txt"))
published(penguins, 344, "Second season.")
closed = make_dataset(cast, slug="closed", title="Nests, on request", access="restricted")
add_document(cast.owner, closed, "questionnaire.pdf", title="Questionnaire of the rangers")
published(closed, 100, "First.")
grant_access(actor=cast.owner, dataset=closed, username="grantee")
asked = ask_access(actor=Actor(visitor), dataset=closed, purpose="To draw a map of nests.")
questions = [dict(label="Kind of use", kind="choice", choices=["research", "teaching"]), dict(label="Institution")]
words_to_sign = "I name the source.\\n\\nI pass nothing on."
write_agreement(actor=cast.owner, dataset=closed, text=words_to_sign, questions=questions)
waiting = make_dataset(cast, slug="waiting", title="Weather of the station")
add_document(cast.contributor, waiting, "station.pdf", title="The station and its instruments")
review = submitted(waiting, 200, "First release.").reviews.get()
drafted = make_dataset(cast, slug="drafted", title="Not ready yet")
READ = [
    dict(step="decode", encoding="utf-8"),
    dict(step="read-as-missing", column="mass", tokens={{"-": 60, "n/a": 2}}, count=62, kept={{"-9999": 3}},
         cells=[[n, n + 1, "-", None] for n in range(1, 51)]),
    dict(step="trim-text", column="species", count=2, cells=[[7, 8, " Adelie ", "Adelie"], [9, None, {EVIL!r}, "x"]]),
    dict(step="drop-columns", columns=[{EVIL!r} * 3], count=1),
    dict(step="keep-text", columns=["species", {EVIL!r}]),
    dict(step="cast", column="mass", type="number", arrow="double", by="values", refused=2),
]
Resource.objects.filter(version=checked(drafted, 50)).update(recipe=READ)
wait(add_table(cast.contributor, drafted, name="islands", sql="SELECT 1 AS id", schema=dict(fields=FIELDS[:1])))
add_document(cast.contributor, drafted, "codebook.pdf", **CODES)
add_document(cast.contributor, drafted, "n" * 190 + ".pdf")
add_document(cast.contributor, drafted, "مذكرات <script> 问卷.txt", b"Notes", media_type="text/plain", title={EVIL!r})
gone = make_dataset(cast, slug="gone", title="Eggs, counted twice", access="private")
withdraw_version(actor=cast.owner, version=published(gone, 10, "First."), reason="Eggs were counted twice.")
type(gone).objects.filter(pk=gone.pk).update(access="public")
names = ["x" * 255, "😀" * 9, "مرحبا بالعالم", "all missing", *("column_%03d" % n for n in range(396))]
sql = "SELECT " + ", ".join("NULL::VARCHAR AS \\"" + name + "\\"" for name in names) + " FROM range(0)"
fields = [dict(name=name, type="string") for name in names]
wait(add_table(cast.contributor, make_dataset(cast, slug="strange", title="S" * 200), name="strange", sql=sql,
               schema=dict(fields=fields)))
table = get_version(actor=cast.owner, dataset=penguins, version="latest").resources.get()
note = propose_description(actor=cast.stranger, resource=table, column="mass", aspect="unit", value="g")
series = create_rule_set(actor=cast.owner, organization=cast.organization, name="series", number="1.0.0",
                         rules=rules[:2], title="Series of birds")
create_schema(actor=cast.owner, organization=cast.organization, name="reading", version="1.0.0", title="A reading",
              descriptor=dict(fields=[dict(name="id", type="integer"), dict(name="mass", type="number", unit="g")]))
answer = dict(review=review.pk, request=asked.pk, annotation=note.pk, rule=rules[0]["id"],
              set_rule=series.versions.get().rules[0]["id"])
"""
KEPT = "SELECT species, count(*) AS birds FROM penguins GROUP BY species ORDER BY species"


def fill(site: OwnSite) -> dict[str, str]:
    """Fill the site; what the screens' addresses call in braces."""
    names = {name: str(value) for name, value in site.ask(SEED).items()}
    asked = httpx.get(f"{site.url}/institute/penguins/v/1.1.0/data/sql/", params={"sql": KEPT}, timeout=60)
    kept = re.search(r"/queries/([0-9a-f]{64})/", asked.text)
    assert kept, "the query has no permanent address"
    return {**names, "query": kept[1]}
