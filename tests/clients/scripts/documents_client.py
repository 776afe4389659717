"""pooch, frictionless and mlcroissant, each with its own document of a version; pandas with signed addresses."""

from __future__ import annotations

import json
import logging
import os
import shutil
from pathlib import Path

import mlcroissant as mlc
import pandas as pd
import pooch
import requests
from frictionless import Package, system
from telling import attempt, cells, given, run_all, tell

told = given()
logging.disable(logging.WARNING)


def address(name, number, document):
    return f"{told['url']}/api/v1/datasets/institute/{name}/versions/{number}/{document}"


def read(url, who="nobody"):
    token = told["tokens"][who]
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    answer = requests.get(url, headers=headers, timeout=60)
    answer.raise_for_status()
    return answer.content


def fetcher(item):
    """A pooch of the version, with all its files by name."""
    token = told["tokens"][item["who"]]
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    folder = Path(f"pooch-{item['name']}".replace(" ", "-"))
    registry = folder / "registry.txt"
    folder.mkdir()
    registry.write_bytes(read(address(item["dataset"], item["number"], "registry.txt"), item["who"]))
    made = pooch.create(path=folder, base_url=address(item["dataset"], item["number"], ""))
    made.load_registry(registry)
    return made, pooch.HTTPDownloader(headers=headers)


def by_pooch(item):
    made, downloader = fetcher(item)
    names = sorted(name for name in made.registry if name.startswith("levels") and name.endswith(".parquet"))
    return cells(pd.concat([pd.read_parquet(made.fetch(name, downloader=downloader)) for name in names]))


def original(item):
    made, downloader = fetcher({**item, "name": "original"})
    [name] = [name for name in made.registry if name.startswith("originals/levels/")]
    return len(pd.read_parquet(made.fetch(name, downloader=downloader)))


def document(item):
    made, downloader = fetcher({**item, "name": "document"})
    [name] = [name for name in made.registry if name.startswith("documents/")]
    return [name, Path(made.fetch(name, downloader=downloader)).read_bytes()[:8].decode()]


def by_urls(item):
    """One call for the signed addresses; then no token is needed."""
    urls = json.loads(read(address(item["dataset"], item["number"], "urls?resource=levels&kind=parquet"), item["who"]))
    return cells(pd.concat([pd.read_parquet(file["url"]) for file in urls["files"]]))


def by_croissant(item, spec):
    # What one was given would be there for the next.
    shutil.rmtree(Path.home() / ".cache/croissant", ignore_errors=True)
    token = told["tokens"][item["who"]]
    # mlcroissant has name and token from the environment, as its users do. An empty token would be a wrong one.
    os.environ.pop("CROISSANT_BASIC_AUTH_PASSWORD", None)
    os.environ.pop("CROISSANT_BASIC_AUTH_USERNAME", None)
    if token:
        os.environ["CROISSANT_BASIC_AUTH_USERNAME"], os.environ["CROISSANT_BASIC_AUTH_PASSWORD"] = "me", token
    document = json.loads(read(address(item["dataset"], item["number"], f"croissant.json?spec={spec}"), item["who"]))
    dataset = mlc.Dataset(jsonld=document)
    problems = [*dataset.metadata.ctx.issues.errors, *dataset.metadata.ctx.issues.warnings]
    assert not problems, problems
    sets = [record.id for record in dataset.metadata.record_sets if record.id.startswith("levels")]
    frames = [pd.DataFrame(dataset.records(name)).rename(columns=lambda key: key.split("/")[1]) for name in sets]
    return cells(pd.concat(frames))


def zoo_croissant(spec):
    dataset = mlc.Dataset(jsonld=address("zoo", "1.0.0", f"croissant.json?spec={spec}"))
    problems = [*dataset.metadata.ctx.issues.errors, *dataset.metadata.ctx.issues.warnings]
    assert not problems, problems
    row = list(dataset.records("animals"))[1]
    [record] = dataset.metadata.record_sets
    return {
        "row": {name: value.decode() if isinstance(value, bytes) else str(value) for name, value in row.items()},
        "types": {field.id: str(field.data_types[0]).rpartition("/")[2] for field in record.fields},
    }


def by_frictionless(name, number, spec):
    """The descriptor beside the files that it names, as after a download."""
    folder = Path(f"package-{name}-{spec}")
    folder.mkdir()
    descriptor = read(address(name, number, f"datapackage.json?spec={spec}&paths=local"))
    (folder / "datapackage.json").write_bytes(descriptor)
    for file in json.loads(read(address(name, number, "urls?kind=parquet")))["files"]:
        (folder / file["path"]).write_bytes(read(file["url"]))
    with system.use_context(trusted=False):
        package = Package(str(folder / "datapackage.json"))
        report = package.validate()
        types = {field.name: field.type for field in package.resources[0].schema.fields}
        rows = {resource.name: len(resource.read_rows()) for resource in package.resources}
    return {"errors": report.flatten(["type", "fieldName", "message"]), "types": types, "rows": rows}


def remote_package(spec):
    package = Package(address("tides", told["numbers"]["2"], f"datapackage.json?spec={spec}"))
    return {resource.name: resource.paths for resource in package.resources}


found = {
    "snippets": {
        "pooch": run_all(told["snippets"]["pooch"], "df"),
        "croissant": run_all(told["snippets"]["croissant"], "rows"),
    },
    "cases": {
        "pooch": {item["name"]: attempt(by_pooch, item) for item in told["cases"]},
        "signed URLs": {item["name"]: attempt(by_urls, item) for item in told["cases"]},
        "Croissant 1.0": {item["name"]: attempt(by_croissant, item, "1.0") for item in told["cases"]},
        "Croissant 1.1": {item["name"]: attempt(by_croissant, item, "1.1") for item in told["cases"]},
    },
    "original": attempt(original, told["cases"][2]),
    "document": attempt(document, told["cases"][2]),
    "zoo": {spec: attempt(zoo_croissant, spec) for spec in ("1.0", "1.1")},
    "package": {spec: attempt(by_frictionless, "zoo", "1.0.0", spec) for spec in ("1", "2")},
    "tides": {spec: attempt(by_frictionless, "tides", told["numbers"]["1"], spec) for spec in ("1", "2")},
    "remote": {spec: attempt(remote_package, spec) for spec in ("1", "2")},
}
tell(found)
