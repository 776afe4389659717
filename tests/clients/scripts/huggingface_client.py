"""datasets, huggingface_hub and HfFileSystem against the site."""

from __future__ import annotations

from pathlib import Path

import datasets
import huggingface_hub as hub
import pandas as pd
from telling import attempt, cells, given, run_all, tell

told = given()
datasets.disable_progress_bars()
FILE = "levels/train/0000.parquet"


def load(name, table="levels", who="nobody", **options):
    token = told["tokens"][who] or False
    return datasets.load_dataset(f"institute/{name}", table, split="train", token=token, **options)


def case(item):
    revision = f"v{item['number']}" if item["version"] else None
    cache = f"cache-{item['name']}".replace(" ", "-")
    return cells(load(item["dataset"], who=item["who"], revision=revision, cache_dir=cache).to_pandas())


def file_case(item):
    """The file itself, by the file system: whether it comes is the same question."""
    revision = f"@v{item['number']}" if item["version"] else ""
    files = hub.HfFileSystem(token=told["tokens"][item["who"]] or False, skip_instance_cache=True)
    folder = f"datasets/institute/{item['dataset']}{revision}/levels/train"
    names = sorted(files.glob(f"{folder}/*.parquet")) or [f"{folder}/0000.parquet"]
    return cells(pd.concat([pd.read_parquet(files.open(name)) for name in names]))


def listing(who):
    token = told["tokens"][who] or False
    found = hub.HfApi(token=token).list_datasets(author="institute")
    return {item.id: item.gated for item in found}


def info():
    found = api.dataset_info("institute/tides", files_metadata=True)
    return {
        "sha": found.sha,
        "files": {item.rfilename: item.size for item in found.siblings},
        "card": found.card_data.to_dict(),
    }


def readme():
    path = Path(hub.hf_hub_download("institute/tides", "README.md", repo_type="dataset"))
    return {"text": path.read_text("utf-8"), "size": path.stat().st_size}


def document():
    """The bytes of the version's document."""
    [name] = [name for name in api.list_repo_files("institute/tides", repo_type="dataset") if "documents/" in name]
    return Path(hub.hf_hub_download("institute/tides", name, repo_type="dataset")).stat().st_size


def history():
    refs = api.list_repo_refs("institute/tides", repo_type="dataset")
    return {
        "tags": {item.name: item.target_commit for item in refs.tags},
        "commits": [item.commit_id for item in api.list_repo_commits("institute/tides", repo_type="dataset")],
    }


def revisions(sha):
    names = {
        "main": None,
        "number": "1.0.0",
        "tag": "v1.0.0",
        "ref": "refs/tags/v1.0.0",
        "sequence": "1",
        "commit": sha,
    }
    names["convert"] = "refs/convert/parquet"
    return {name: len(load("tides", revision=value)) for name, value in names.items()}


def paged():
    return [item.id for item in api.list_datasets(author="institute", search="tides", limit=3)]


def token_of(name):
    return hub.HfApi(token=name).whoami()["name"]


def zoo():
    found = datasets.load_dataset("institute/zoo", split="train")
    return {"features": {name: str(kind) for name, kind in found.features.items()}, "row": found[1]}


api = hub.HfApi(token=False)
found = {
    "snippets": run_all(told["snippets"]["huggingface"], "ds"),
    "cases": {
        "datasets": {item["name"]: attempt(case, item) for item in told["cases"]},
        "HfFileSystem": {item["name"]: attempt(file_case, item) for item in told["cases"]},
    },
    "listing": {who: attempt(listing, who) for who in told["tokens"]},
    "limited": attempt(paged),
    "info": attempt(info),
    "readme": attempt(readme),
    "history": attempt(history),
    "revisions": attempt(lambda: revisions(history()["tags"]["v1.0.0"])),
    "unknown revision": attempt(lambda: len(load("tides", revision="v9.9.9", cache_dir="fresh"))),
    "document": attempt(document),
    "unknown file": attempt(lambda: hub.hf_hub_download("institute/tides", "nothing.parquet", repo_type="dataset")),
    "unknown repository": attempt(lambda: api.dataset_info("institute/nowhere")),
    "gated": attempt(
        lambda: hub.HfApi(token=told["tokens"]["stranger"]).auth_check(
            "institute/tides-restricted", repo_type="dataset"
        )
    ),
    "gated, nobody": attempt(lambda: api.auth_check("institute/tides-restricted", repo_type="dataset")),
    "whoami": attempt(token_of, told["tokens"]["owner"]),
    "whoami, wrong": attempt(token_of, "cfd_wrong"),
    "stream": attempt(lambda: [row["id"] for row in load("tides", streaming=True, revision="v1.1.0")]),
    "private stream": attempt(lambda: next(iter(load("tides-private", who="owner", streaming=True)))["id"]),
    "snapshot": attempt(
        lambda: sorted(
            str(path.relative_to(root))
            for root in [Path(hub.snapshot_download("institute/tides", repo_type="dataset", revision="v1.1.0"))]
            for path in root.rglob("*")
            if path.is_file()
        )
    ),
    "configs": attempt(lambda: datasets.get_dataset_config_names("institute/tides")),
    "no config": attempt(lambda: len(datasets.load_dataset("institute/tides", split="train"))),
    "pandas": attempt(lambda: len(pd.read_parquet(f"hf://datasets/institute/tides@v1.0.0/{FILE}"))),
    "pandas folder": attempt(lambda: len(pd.read_parquet("hf://datasets/institute/tides/levels/train"))),
    "plain address": attempt(
        lambda: len(pd.read_parquet(f"{told['url']}/hf/datasets/institute/tides/resolve/v1.0.0/{FILE}"))
    ),
    "zoo": attempt(zoo),
}
tell(found)
