"""The Hub's addresses, asked without its clients: who may, names of versions, trees, headers, the card."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import yaml

from catalog.models import AuditEvent, Version
from catalog.protocols.huggingface.card import card, card_data
from catalog.protocols.huggingface.layout import RepoFile, below, named
from catalog.protocols.huggingface.revisions import split_revision
from catalog.protocols.release import PartFile, Release, ReleasedTable, columns_of
from catalog.services.cataloguing.renaming import rename_dataset
from tests.protocols.world import client_of, make_world, statuses

pytestmark = pytest.mark.django_db
API = "/hf/api/datasets/institute"
FILE = "birds/train/0000.parquet"


@pytest.fixture(scope="module")
def world(module_db, django_db_blocker):
    with django_db_blocker.unblock():
        return make_world()


def file_of(name, revision="main", path=FILE):
    return f"/hf/datasets/institute/{name}/resolve/{revision}/{path}"


def test_what_is_said_is_open_and_files_are_for_those_who_may(world):
    """As in the permission matrix: a stranger, one who has a grant for ``closed``, and a member beside nobody."""
    everybody, members = " ".join(["200"] * 4), "404 404 404 200"
    expected = {
        f"{API}/open": everybody,
        f"{API}/closed": everybody,
        f"{API}/closed/tree/main": everybody,
        f"{API}/secret": members,
        f"{API}/secret/tree/main": members,
        f"{API}/closed/auth-check": "401 403 200 200",
        file_of("open"): " ".join(["302"] * 4),
        file_of("open", "v1.1.0"): " ".join(["410"] * 4),
        file_of("known"): "401 302 302 302",
        file_of("closed"): "401 403 302 302",
        file_of("closed", path="README.md"): everybody,
        file_of("secret"): members.replace("200", "302"),
        file_of("secret", path="README.md"): members,
    }
    found = {path: statuses(world, lambda client, path=path: client.get(path).status_code) for path in expected}
    assert found == expected


def test_lists_hold_what_may_be_seen(world):
    listed = {
        person: {item["id"]: item["gated"] for item in client_of(world, person).get("/hf/api/datasets").json()}
        for person in ("anonymous", "reader")
    }
    assert listed["anonymous"] == {
        "institute/open": False,
        "institute/known": "auto",
        "institute/closed": "manual",
    }
    assert listed["reader"] == {**listed["anonymous"], "institute/secret": False}
    client = client_of(world, "anonymous")
    ask = lambda **asked: [item["id"] for item in client.get("/hf/api/datasets", asked).json()]  # noqa: E731
    assert ask(author="nobody") == []
    assert ask(search="OPE") == ["institute/open"]
    assert ask(filter="birds") == ["institute/open"]
    assert len(ask(filter="license:cc-by-4.0", author="Institute")) == 3
    first = client.get("/hf/api/datasets", {"limit": 2, "author": "institute"})
    link = first["Link"].partition(">")[0].removeprefix("<").partition("/hf/")[2]
    assert "author=institute" in link
    rest = client.get(f"/hf/{link}")
    assert len(first.json()) + len(rest.json()) == 3
    assert "Link" not in rest
    assert client.get("/hf/api/datasets", {"limit": "all"}).status_code == 400


def test_a_version_has_many_names(world):
    client = client_of(world, "anonymous")
    commits = dict(Version.objects.filter(dataset__slug="open").values_list("sequence", "manifest_sha256"))
    names = {
        "main": 3,
        "refs/heads/main": 3,
        "refs/convert/parquet": 3,
        "refs%2Fconvert%2Fparquet": 3,
        "v1.0.0": 1,
        "1.0.0": 1,
        "refs/tags/v1.0.0": 1,
        "1": 1,
        commits[1][:40]: 1,
        commits[1][:10]: 1,
    }
    for name, sequence in names.items():
        answer = client.head(f"/hf/datasets/institute/open/resolve/{name}/README.md")
        assert (name, answer["X-Repo-Commit"]) == (name, commits[sequence][:40])
        assert client.get(f"{API}/open/revision/{name}").json()["sha"] == commits[sequence][:40]
        assert client.get(f"{API}/open/tree/{name}/birds").json()[0]["path"] == "birds/train"
    for name in ("v9.9.9", "9", "draft", "refs/tags/none", "0" * 40, "abc"):
        answer = client.get(f"{API}/open/revision/{name}")
        assert (name, answer.status_code, answer["X-Error-Code"]) == (name, 404, "RevisionNotFound")


def test_refusals_are_told_in_headers(world):
    client = client_of(world, "anonymous")
    told = {
        path: (answer.status_code, answer.get("X-Error-Code"))
        for path in (
            file_of("open", path="none.parquet"),
            file_of("open", path="birds"),
            f"{API}/open/tree/main/none",
            f"{API}/secret",
            "/hf/api/models/gpt2",
            "/hf/datasets/squad/resolve/main/README.md",
            file_of("closed"),
        )
        for answer in [client.get(path)]
    }
    assert list(told.values()) == [
        (404, "EntryNotFound"),
        (404, "EntryNotFound"),
        (404, "EntryNotFound"),
        (404, "RepoNotFound"),
        (404, "RepoNotFound"),
        (404, "RepoNotFound"),
        (401, "GatedRepo"),
    ]
    missing = client.head(file_of("open", path="none.parquet"))
    assert len(missing["X-Repo-Commit"]) == 40, "so that clients keep in mind that it is not there"
    client.credentials(HTTP_AUTHORIZATION="Bearer hf_wrong")
    wrong = client.get("/hf/api/whoami-v2")
    assert (wrong.status_code, wrong["X-Error-Message"]) == (401, "Invalid credentials in Authorization header")
    stranger = client_of(world, "stranger").get(file_of("closed"))
    assert stranger["X-Error-Message"].isascii()
    assert "access" in stranger["X-Error-Message"]


def test_a_file_s_head_says_what_clients_need(world):
    answer = client_of(world, "anonymous").head(file_of("open", "v1.0.0"))
    part = Version.objects.get(dataset__slug="open", sequence=1).resources.get().parts.get()
    assert answer.status_code == 200
    assert answer["X-Linked-Etag"] == f'"{part.sha256}"'
    assert answer["X-Linked-Size"] == answer["Content-Length"] == str(part.bytes)
    assert answer["Accept-Ranges"] == "bytes"
    assert not [name for name in answer.headers if name.lower().startswith("x-xet")]


def test_trees_and_paths(world):
    client = client_of(world, "anonymous")
    tree = client.get(f"{API}/open/tree/main", {"recursive": "true", "expand": "true"}).json()
    assert [(item["type"], item["path"]) for item in tree] == [
        ("directory", "birds"),
        ("directory", "birds/train"),
        ("file", "README.md"),
        ("file", FILE),
    ]
    assert tree[3]["lfs"]["size"] == tree[3]["size"]
    assert tree[0]["lastCommit"]["title"] == "Version 1.2.0"
    assert [item["path"] for item in client.get(f"{API}/open/tree/main").json()] == ["birds", "README.md"]
    for form in ("paths=README.md&paths=birds&paths=none&expand=True", '{"paths": ["README.md", "birds", "none"]}'):
        kind = "application/json" if form.startswith("{") else "application/x-www-form-urlencoded"
        found = client.post(f"{API}/open/paths-info/main", form, content_type=kind).json()
        assert [item["path"] for item in found] == ["README.md", "birds"]
    readme = client.get(file_of("open", path="README.md"))
    size = next(item["size"] for item in tree if item["path"] == "README.md")
    assert int(readme["Content-Length"]) == len(readme.content) == size
    assert readme.content.startswith(b"---\npretty_name: ")
    again = client.get(file_of("open", path="README.md"), HTTP_IF_NONE_MATCH=readme["ETag"])
    assert again.status_code == 304
    urls = client.get(f"{API}/open/parquet").json()
    assert urls["birds"]["train"][0].endswith(f"/{FILE}")
    assert client.get(f"{API}/open/croissant").json()["@type"] == "sc:Dataset"


def test_a_read_is_told_once(world):
    client = client_of(world, "contributor")
    before = AuditEvent.objects.filter(action="resource.read").count()
    for wanted in ("bytes=0-3", "bytes=-8", "bytes=0-3"):
        client.get(file_of("secret"), HTTP_RANGE=wanted, REMOTE_ADDR="192.0.2.7")
    client.head(file_of("secret"), REMOTE_ADDR="192.0.2.8")
    told = AuditEvent.objects.filter(action="resource.read").order_by("pk")[before:]
    assert [(event.actor, event.detail["protocol"], event.detail["rows"]) for event in told] == [
        (world.contributor.user, "huggingface", 10)
    ]


def test_a_renamed_dataset_is_led_to(world):
    rename_dataset(actor=world.owner, dataset=world.organization.datasets.get(slug="open"), slug="renamed")
    answer = client_of(world, "anonymous").get(f"{API}/open/revision/main")
    assert (answer.status_code, answer["Location"]) == (308, "/hf/api/datasets/institute/renamed/revision/main")


@pytest.mark.parametrize(
    ("address", "revision", "path"),
    [
        ("main", "main", ""),
        ("main/a/b.parquet", "main", "a/b.parquet"),
        ("refs/convert/parquet/a/b", "refs/convert/parquet", "a/b"),
        ("refs/tags/v1.0.0", "refs/tags/v1.0.0", ""),
        ("v1.0.0/refs/tags/x", "v1.0.0", "refs/tags/x"),
        ("main/a/", "main", "a"),
    ],
)
def test_a_revision_is_told_from_the_path_behind_it(address, revision, path):
    assert split_revision(address) == (revision, path)


def test_folders_are_what_lies_between():
    files = [RepoFile(path, 1, "0") for path in ("README.md", "a/train/0.parquet", "ab/train/0.parquet")]
    assert [entry.path for entry in below(files, "a", recursive=True)] == ["a/train", "a/train/0.parquet"]
    assert [entry.path for entry in below(files, "", recursive=False)] == ["a", "ab", "README.md"]
    assert below(files, "a/tra", recursive=True) == []
    assert named(files, "a/train/") is not None
    assert named(files, "a/tra") is None


def release(title="Birds", *, fields=(), rows=5):
    schema = {"fields": list(fields) or [{"name": "id", "type": "integer", "arrow": "int64"}]}
    parts = (PartFile(0, "t.parquet", "https://site/t.parquet", "f" * 64, 9, rows),)
    table = ReleasedTable("t", "", rows, 9, columns_of(schema), schema, parts, ())
    return Release(
        owner="institute",
        slug="birds",
        number="1.0.0",
        sequence=1,
        published_at=datetime(2026, 1, 2, tzinfo=UTC),
        note="",
        manifest_sha256="a" * 64,
        title=title,
        description="All | of\nit",
        methods="Counted at *dawn*.",
        known_limits="",
        license=None,
        attribution="",
        keywords=("a: b", "#c"),
        publisher="Institute",
        access="public",
        tables=(table,),
        documents=(),
    )


@pytest.mark.parametrize(
    "title",
    [
        "Birds",
        '"quoted" \\ back',
        "a: b # c",
        "金圖 🐦",
        "line\nbreak\ttab",
        "\x00\x07\x85\u2028\u2029\ufeff\ufffe",
        "---",
    ],
)
def test_the_card_s_head_is_yaml_whatever_stands_in_it(title):
    made = release(title, fields=[{"name": title, "type": "string", "arrow": "string", "description": title}])
    head = card(made).decode().split("\n---\n")[0].removeprefix("---\n")
    assert yaml.safe_load(head) == card_data(made)
    assert yaml.safe_load(head)["pretty_name"] == title


def test_a_column_that_the_client_has_no_word_for_leaves_the_types_out():
    made = release(fields=[{"name": "m", "type": "object", "arrow": "map<string, int64>"}])
    assert "features" not in card_data(made)["dataset_info"][0]
    assert card_data(release())["dataset_info"][0]["features"] == [{"name": "id", "dtype": "int64"}]
    assert card_data(release(rows=999))["size_categories"] == ["n<1K"]
    assert card_data(release(rows=10**9))["size_categories"] == ["n>10M"]
