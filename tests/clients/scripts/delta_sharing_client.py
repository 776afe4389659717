"""Delta Sharing's Python client against the site: every case in both response formats, lists, changes, types."""

from __future__ import annotations

import json
from pathlib import Path

import delta_sharing
from telling import attempt, cells, given, run_all, tell

told = given()
PROFILES = {}
for who, token in told["tokens"].items():
    # The file that people download; for nobody the address of it.
    address = f"{told['url']}/delta-sharing/config.share"
    PROFILES[who] = f"{address}?token={token}" if token else address
file = Path("downloaded.share")
file.write_text(
    json.dumps(
        {
            "shareCredentialsVersion": 1,
            "endpoint": f"{told['url']}/delta-sharing/",
            "bearerToken": told["tokens"]["owner"],
        }
    )
)
PROFILES["owner"] = str(file)


def table(who, name):
    return f"{PROFILES[who]}#institute.{name}"


def load(who, name, **options):
    return delta_sharing.load_as_pandas(table(who, name), **options)


def case(item, delta):
    version = item["version"] or None
    return cells(load(item["who"], f"{item['dataset']}.levels", version=version, use_delta_format=delta))


def changes(**options):
    frame = delta_sharing.load_table_changes_as_pandas(table("nobody", "tides.levels"), **options)
    counted = frame.groupby(["_commit_version", "_change_type"]).size()
    return {f"{version} {kind}": int(count) for (version, kind), count in counted.items()}


def shares(who):
    client = delta_sharing.SharingClient(PROFILES[who])
    [share] = [item for item in client.list_shares() if item.name == "institute"]
    return {
        "schemas": [item.name for item in client.list_schemas(share)],
        "tables": [f"{item.schema}.{item.name}" for item in client.list_all_tables()],
        "of tides": [item.name for item in client.list_tables(delta_sharing.Schema(name="tides", share="institute"))],
    }


def zoo(delta):
    frame = load("nobody", "zoo.animals", use_delta_format=delta)
    return {"types": {name: str(kind) for name, kind in frame.dtypes.items()}, "row": frame.iloc[1].to_dict()}


def timestamp(moment):
    return len(load("nobody", "tides.levels", timestamp=moment))


def limited(limit):
    return load("nobody", "tides.levels", limit=limit)["id"].tolist()


LEVELS = table("nobody", "tides.levels")
found = {
    "snippets": run_all(told["snippets"]["delta"], "df"),
    "cases": {
        kind: {item["name"]: attempt(case, item, delta) for item in told["cases"]}
        for kind, delta in (("parquet", False), ("delta", True))
    },
    "shares": {who: attempt(shares, who) for who in PROFILES},
    "zoo": {kind: attempt(zoo, delta) for kind, delta in (("parquet", False), ("delta", True))},
    "changes": {
        "all": attempt(changes, starting_version=1),
        "all, delta": attempt(changes, starting_version=1, use_delta_format=True),
        "second": attempt(changes, starting_version=2, ending_version=2),
        "from withdrawn": attempt(changes, starting_version=4),
        "backwards": attempt(changes, starting_version=3, ending_version=1),
    },
    "limit": attempt(limited, 7),
    "limit 0": attempt(limited, 0),
    "unknown version": attempt(load, "nobody", "tides.levels", version=99),
    "case of names": attempt(lambda: len(load("nobody", "TIDES.Levels"))),
    "newest": attempt(delta_sharing.get_table_version, LEVELS),
    "first since": {
        moment: attempt(delta_sharing.get_table_version, LEVELS, starting_timestamp=moment)
        for moment in ("2000-01-01T00:00:00Z", "2999-01-01T00:00:00Z")
    },
    "by time": {
        "now": attempt(timestamp, "2999-01-01T00:00:00Z"),
        "before all": attempt(timestamp, "2000-01-01T00:00:00Z"),
        "of the second": attempt(timestamp, told["second"]),
    },
}
tell(found)
