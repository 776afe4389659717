"""The registry's API, as far as the client speaks to it."""

from __future__ import annotations

import hashlib
import io
import json
import re
import time
from typing import Any
from urllib.parse import parse_qs

import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from tests.client.local_http import Fault, Handler, Seen


class Api(Handler):
    def answer(self, seen: Seen, fault: Fault) -> None:
        path = seen.path.removeprefix("/api/v1")
        self.seen = seen
        token = seen.headers.get("authorization", "").removeprefix("Bearer ")
        self.user = self.site.tokens.get(token)
        if token and self.user is None:
            self.problem(401, "not-signed-in", "The token is not known.")
            return
        for pattern, method in _ROUTES:
            match = re.fullmatch(pattern, f"{seen.method} {path}")
            if match:
                with self.site.lock:
                    getattr(self, method)(*match.groups())
                return
        blob = re.fullmatch(r"/datasets/(\w+/\w+)/versions/[\w.]+/bytes/(\w+)", path)
        if blob and self.user:
            self.send_blob(self.site.blobs[blob[2]], seen, fault)
        elif blob:
            self.send(302, b"", {"Location": self.site.sign(f"/blob/{blob[2]}")})
        else:
            self.problem(404, "not-found", "There is nothing here.")

    def problem(self, status: int, code: str, detail: str, remedy: str = "", **more: Any) -> None:
        document = {"title": code, "status": status, "code": code, "detail": detail, "remedy": remedy, **more}
        self.send(status, json.dumps(document).encode(), {"Content-Type": "application/problem+json"})

    def dataset_of(self, key: str) -> dict[str, Any] | None:
        dataset = self.site.datasets.get(key)
        if dataset is None:
            self.problem(404, "not-found", f"There is no dataset {key}.")
        elif dataset["access"] == "restricted" and self.user not in {"olga", "rita"}:
            self.problem(403, "not-allowed", f"{key} is restricted.", "Ask its owner for access.")
        else:
            return dataset
        return None

    def version_of(self, key: str, version: str) -> dict[str, Any] | None:
        dataset = self.dataset_of(key)
        if dataset is None:
            return None
        numbers = dataset["versions"]
        found = dataset["draft"] if version == "draft" else numbers.get(version)
        if version == "latest" and numbers:
            found = numbers[max(numbers)]
        if found is None or found.get("withdrawn"):
            self.problem(404, "not-found", f"{key} has no version {version}.")
            return None
        return found

    # ------------------------------------------------------------ reading
    def me(self) -> None:
        if self.user is None:
            self.problem(401, "not-signed-in", "Nobody is signed in.", "Send a token.")
            return
        token = {"name": "t", "scopes": ["read", "upload"], "expires_at": "2099-01-01T00:00:00Z"}
        self.send_json({"username": self.user, "organizations": [], "token": token})

    def search(self) -> None:
        results = [_describe(key, dataset) for key, dataset in self.site.datasets.items()]
        facet = {"value": "public", "label": "Public", "count": len(results), "active": False}
        self.send_json({"count": len(results), "next": None, "results": results, "facets": {"access": [facet]}})

    def show_dataset(self, key: str) -> None:
        dataset = self.dataset_of(key)
        if dataset is not None:
            self.send_json(_describe(key, dataset))

    def list_versions(self, key: str) -> None:
        dataset = self.dataset_of(key)
        if dataset is not None:
            page, size = (int(parse_qs(self.seen.query)[word][0]) for word in ("page", "page_size"))
            found = sorted(dataset["versions"].values(), key=lambda version: version["number"], reverse=True)
            shown = found[(page - 1) * size : page * size]
            more = f"{self.site.url}/next" if page * size < len(found) else None
            self.send_json({"count": len(found), "next": more, "results": [_version(key, v) for v in shown]})

    def show_version(self, key: str, version: str) -> None:
        found = self.version_of(key, version)
        if found is not None:
            self.send_json(_version(key, found))

    def files(self, key: str, version: str) -> None:
        found = self.version_of(key, version)
        if found is None:
            return
        entries = []
        for entry in found["files"]:
            shown = dict(
                entry,
                url=f"http://registry.internal/api/v1/datasets/{key}/versions/1.0.0/bytes/{entry['sha256']}",
            )
            if self.site.links and "links=1" in self.seen.query:
                shown["download_url"] = self.site.sign(f"/blob/{entry['sha256']}")
            entries.append(shown)
        answer = {"dataset": key, "version": found["number"] or "draft", "manifest_sha256": "m" * 64}
        self.send_json({**answer, "files": entries})

    def report(self, *_: str) -> None:
        outcome = {"id": "e1", "level": "error", "status": "failed", "type": "not_null", "column": "sex"}
        more = {"sentence": "sex is never empty.", "failing_count": 11, "failing_share": 0.03}
        self.send_json({"verdict": "failed", "counts": {"failed": 1}, "outcomes": [{**outcome, **more}]})

    def findings(self, *_: str) -> None:
        self.send_json({"count": 1, "groups": [FINDING]})

    # ------------------------------------------------------------ writing
    def create_dataset(self) -> None:
        body = json.loads(self.seen.body)
        key = f"{body['organization']}/{body['slug']}"
        if body["organization"] != "org":
            self.problem(400, "invalid", "That cannot be made.", errors={"organization": ["You are no member."]})
            return
        self.site.datasets[key] = {"access": "public", "versions": {}, "draft": None, **body}
        self.send_json(_describe(key, self.site.datasets[key]), 201)

    def create_draft(self, key: str) -> None:
        dataset = self.site.datasets[key]
        if dataset["draft"] is not None:
            self.problem(409, "draft-open", "A draft is open.")
            return
        dataset["draft"] = {"number": None, "state": "draft", "files": [], "verdict": "pending"}
        self.send_json(_version(key, dataset["draft"]), 201)

    def patch_draft(self, key: str) -> None:
        draft = self.site.datasets[key]["draft"]
        draft.update(json.loads(self.seen.body))
        self.send_json(_version(key, draft))

    def submit(self, key: str) -> None:
        dataset = self.site.datasets[key]
        body = json.loads(self.seen.body)
        version = {**dataset["draft"], "number": body.get("number", "1.0.0"), "state": "published"}
        dataset["versions"][version["number"]] = version
        dataset["draft"] = None
        self.send_json(_version(key, version))

    def create_upload(self) -> None:
        body = json.loads(self.seen.body)
        key = f"u{len(self.site.uploads) + 1}"
        more = {"state": "pending", "parts": {}, "signed": {}, "polls": 0, "attempts": 1, "findings": []}
        if url := body.get("url"):
            if url not in self.site.addresses:
                told = f"Nothing is imported from {url}: it is not on the open internet."
                self.problem(422, "invalid", told, errors={"url": [told]})
                return
            body = {"filename": url.partition("?")[0].rpartition("/")[2], "size": 0, **body}
            content = self.site.addresses[url]
            more |= {"state": "received", "parts": {1: content}, "sha256": hashlib.sha256(content).hexdigest()}
        self.site.uploads[key] = {"id": key, **body, **more}
        self.send_json({**_upload(self.site.uploads[key]), "part_size": self.site.part_size}, 201)

    def show_upload(self, key: str) -> None:
        upload = self.site.uploads[key]
        if upload["state"] in {"received", "processing"}:
            upload["polls"] += 1
            upload["state"] = "processing"
            if upload["polls"] >= self.site.polls_until_done:
                self.finish_upload(upload)
        self.send_json(_upload(upload))

    def finish_upload(self, upload: dict[str, Any]) -> None:
        upload["state"] = self.site.outcome
        if upload["state"] == "rejected":
            upload["findings"] = [FINDING]
        elif upload["state"] == "failed":
            upload.update(attempts=3, error={"code": "storage-down", "sentence": "Storage was away.", "remedy": ""})
        else:
            content = b"".join(upload["parts"][number] for number in sorted(upload["parts"]))
            name = re.sub(r"[^a-z0-9]+", "-", upload["filename"].rsplit(".", 1)[0].lower())
            upload["resources"] = [upload.get("resource") or name]
            self.store_resource(upload, content)

    def store_resource(self, upload: dict[str, Any], content: bytes) -> None:
        parquet = content
        if upload["filename"].endswith(".csv"):
            options = pa_csv.ConvertOptions(null_values=["NA"], strings_can_be_null=True)
            sink = io.BytesIO()
            pq.write_table(pa_csv.read_csv(io.BytesIO(content), convert_options=options), sink)
            parquet = sink.getvalue()
        draft = self.site.datasets[upload["dataset"]]["draft"]
        name = upload["resources"][0]
        for kind, path, data in (
            ("parquet", f"{name}.parquet", parquet),
            ("original", upload["filename"], content),
        ):
            sha = hashlib.sha256(data).hexdigest()
            self.site.blobs[sha] = data
            entry = {"resource": name, "kind": kind, "path": path, "bytes": len(data), "sha256": sha}
            draft["files"] = [*draft["files"], entry]
        draft["verdict"] = "passed"

    def show_parts(self, key: str) -> None:
        parts = self.site.uploads[key]["parts"]
        there = [{"number": number, "size": len(parts[number])} for number in sorted(parts)]
        self.send_json({"part_size": self.site.part_size, "parts": there})

    def sign_parts(self, key: str) -> None:
        upload = self.site.uploads[key]
        signed = []
        for part in json.loads(self.seen.body)["parts"]:
            upload["signed"][part["number"]] = (part["md5"], part["size"])
            url = self.site.sign(f"/part/{key}/{part['number']}")
            signed.append({"number": part["number"], "url": url, "headers": {"Content-MD5": part["md5"]}})
        self.send_json({"parts": signed})

    def complete(self, key: str) -> None:
        upload = self.site.uploads[key]
        count = max(1, -(-upload["size"] // self.site.part_size))
        missing = [number for number in range(1, count + 1) if number not in upload["parts"]]
        if missing:
            self.problem(409, "parts-missing", "Parts are missing.", missing=missing)
            return
        if upload["state"] != "pending":
            self.problem(409, "not-pending", "The upload is complete already.")
            return
        content = b"".join(upload["parts"][number] for number in sorted(upload["parts"]))
        assert json.loads(self.seen.body)["sha256"] == hashlib.sha256(content).hexdigest()
        upload["state"] = "received"
        self.send_json(_upload(upload), 202)


FINDING = {
    "code": "cell-not-a-number",
    "severity": "error",
    "title": "Not a number",
    "sentence": "2 cells of year are not numbers.",
    "remedy": "Correct the cells or make the column text.",
    "column": "year",
    "count": 2,
    "samples": [{"row": 3, "line": 4, "column": "year", "value": "two thousand", "sentence": "…"}],
}

_ID = r"(\w+/[\w-]+)"
_VERSION = rf"/datasets/{_ID}/versions/([\w.]+)"
_ROUTES = [
    (r"GET /me", "me"),
    (r"GET /search", "search"),
    (r"POST /datasets", "create_dataset"),
    (rf"GET /datasets/{_ID}", "show_dataset"),
    (rf"GET /datasets/{_ID}/versions", "list_versions"),
    (rf"POST /datasets/{_ID}/versions", "create_draft"),
    (rf"GET {_VERSION}", "show_version"),
    (rf"PATCH /datasets/{_ID}/versions/draft", "patch_draft"),
    (rf"POST /datasets/{_ID}/versions/draft/submit", "submit"),
    (rf"GET {_VERSION}/files.json", "files"),
    (rf"GET {_VERSION}/resources/([\w-]+)/report", "report"),
    (rf"GET {_VERSION}/resources/([\w-]+)/findings", "findings"),
    (r"POST /uploads", "create_upload"),
    (r"GET /uploads/(\w+)", "show_upload"),
    (r"GET /uploads/(\w+)/parts", "show_parts"),
    (r"POST /uploads/(\w+)/parts", "sign_parts"),
    (r"POST /uploads/(\w+)/complete", "complete"),
]


def _describe(key: str, dataset: dict[str, Any]) -> dict[str, Any]:
    owner, slug = key.split("/")
    numbers = dataset["versions"]
    latest = _version(key, numbers[max(numbers)]) if numbers else None
    about = {"owner": owner, "slug": slug, "id": key, "title": dataset["title"], "access": dataset["access"]}
    terms = {"id": "CC0-1.0", "name": "CC0", "url": "https://example.org"}
    return {**about, "license": terms, "latest": latest, "links": {"html": f"http://x/{key}/"}}


def _version(key: str, version: dict[str, Any]) -> dict[str, Any]:
    names = dict.fromkeys(entry["resource"] for entry in version["files"])
    fields = [{"name": "species", "type": "string"}]
    about = {"rows": 344, "columns": 8, "verdict": "passed", "fields": fields}
    resources = [{"name": name, **about, "sources": _sources(version, name)} for name in names]
    shown = {word: value for word, value in version.items() if word != "files"}
    when = "2026-01-02T03:04:05Z"
    return {
        "dataset": key,
        "note": "",
        "verdict": "passed",
        "published_at": when,
        "rows": 344,
        "resources": resources,
        **shown,
    }


def _sources(version: dict[str, Any], name: str) -> list[dict[str, Any]]:
    inherited = version.get("inherits", False)
    entries = [entry for entry in version["files"] if (entry["kind"], entry["resource"]) == ("original", name)]
    return [{"sha256": entry["sha256"], "inherited": inherited} for entry in entries]


def _upload(upload: dict[str, Any]) -> dict[str, Any]:
    hidden = {"parts", "signed", "polls"}
    shown = {word: value for word, value in upload.items() if word not in hidden}
    done = {"stage": "convert", "bytes": upload["polls"] * 10, "total_bytes": upload["size"], "rows": 1}
    return {**shown, "progress": done, "created": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}
