"""An import on the page: what is typed, what is refused and how it is told, what is seen while a worker fetches."""

from __future__ import annotations

import html
import json
import re
import socket
import time
from collections.abc import Iterator
from ipaddress import ip_network
from typing import Any

import pytest

from catalog.models import Dataset, Resource
from ingest.models import Upload, UploadState
from ingest.progress_of import progress_of
from ingest.services import obtaining
from ingest.services.processing import process
from ingest.web.jobs import Job
from tests.fixtures.datasets import PDF, make_dataset
from tests.fixtures.people import Cast
from tests.fixtures.uploading import publish, push
from tests.ingest.tls_servers import Authority, Server, lead_to, reply

# Committed for real: the lease is held by a thread with a connection of its own.
pytestmark = pytest.mark.django_db(transaction=True)

BIRDS = b"id,name\n" + b"".join(b"%d,wren\n" % n for n in range(1, 50))
PAGE = "/share/institute/birds/"
IMPORT = f"{PAGE}import/"
HTMX = {"HX-Request": "true"}


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def source(authority: Authority, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server on loopback that the site may import from; what may be over in a minute is tried again at once."""
    server = Server(authority.context("localhost"))
    settings.IMPORT_PORTS = [443, server.port]
    settings.IMPORT_NETWORKS = [ip_network("127.0.0.1/32"), ip_network("::1/128")]
    settings.IMPORT_CA_FILE = str(authority.file)
    monkeypatch.setattr(obtaining, "PAUSES", (0.0,))
    yield server
    server.close()


@pytest.fixture
def dataset(cast: Cast, client: Any) -> Dataset:
    client.force_login(cast.contributor.user)
    return make_dataset(cast)


def at(source: Server, path: str) -> str:
    return f"https://localhost:{source.port}{path}"


def field_of(text: str) -> str:
    """What stands in the address's field."""
    [tag] = re.findall(r'<input[^>]*id="import-url"[^>]*>', text)
    return html.unescape(re.search(r'value="([^"]*)"', tag)[1])


def problem_of(text: str) -> str:
    """The sentences beside the field."""
    found = re.search(r'<div id="import-problem">(.*?)</div>', text, re.DOTALL)
    return "" if found is None else html.unescape(re.sub(r"<[^>]+>", " ", found[1])).strip()


def test_an_address_is_imported_without_a_script(client: Any, dataset: Dataset, source: Server) -> None:
    source.answers["/birds.csv"] = reply(BIRDS)
    answer = client.post(IMPORT, {"url": f" {at(source, '/birds.csv?token=s3cret')} "})
    assert (answer.status_code, answer["Location"]) == (302, PAGE)
    upload = Upload.objects.get()
    assert (upload.state, upload.source_url) == ("received", at(source, "/birds.csv?token=s3cret"))
    process(upload_id=upload.pk)
    text = client.get(PAGE).content.decode()
    assert field_of(text) == problem_of(text) == ""
    assert f"From {at(source, '/birds.csv')}?token=***" in html.unescape(text)
    assert "s3cret" not in text
    assert re.search(r"Fetched from its address\s*<span[^>]*>\d+ bytes</span>", text)
    assert Resource.objects.get(version__dataset=dataset).rows == 49


def test_with_a_script_the_form_comes_back_empty_and_the_stages_with_it(
    client: Any, dataset: Dataset, source: Server
) -> None:
    source.answers["/birds.csv"] = reply(BIRDS)
    text = client.post(IMPORT, {"url": at(source, "/birds.csv")}, headers=HTMX).content.decode()
    assert (field_of(text), problem_of(text)) == ("", "")
    assert "autofocus" in text
    upload = Upload.objects.get()
    assert '<div hx-swap-oob="afterbegin:#jobs"><article' in text
    assert f'hx-get="/uploads/{upload.pk}/?seen=' in text
    assert "<html" not in text


REFUSED_BY_FORM = [
    "http://data.example/a.csv",
    "ftp://data.example/a.csv",
    "https://user:pass@data.example/a.csv",
    "https://data.example:22/a.csv",
    'data.example/"><script>alert(1)</script>',
    "https://data.example/" + "a" * 3_000,
    "https://data.example/report.pdf",
    "data.example",
    "https://",
]


@pytest.mark.parametrize("url", REFUSED_BY_FORM)
@pytest.mark.parametrize("script", [True, False])
def test_an_address_that_is_none_is_refused_beside_its_field_as_the_api_says(
    client: Any, dataset: Dataset, source: Server, url: str, script: bool
) -> None:
    del source
    said = client.post("/api/v1/uploads", {"dataset": "institute/birds", "url": url}, content_type="application/json")
    assert said.status_code == 422
    answer = client.post(IMPORT, {"url": url}, headers=HTMX if script else {})
    text = answer.content.decode()
    assert answer.status_code == (200 if script else 400)
    assert field_of(text) == url
    assert 'aria-invalid="true"' in text
    assert "<script>alert" not in text
    sentences = [line for lines in said.json().get("errors", {}).values() for line in lines] or [said.json()["detail"]]
    if len(url) <= 2_000:  # The API's own check of length comes first; both name the limit.
        assert all(sentence in problem_of(text) for sentence in sentences)
        assert said.json()["remedy"] in problem_of(text)
    else:
        assert "2000" in problem_of(text)
    assert not Upload.objects.exists()


@pytest.mark.parametrize("url", ["", "  ", "https://data.example/\0"])
def test_what_is_no_text_is_refused_too(client: Any, dataset: Dataset, url: str) -> None:
    answer = client.post(IMPORT, {"url": url})
    assert (answer.status_code, Upload.objects.count()) == (400, 0)
    assert problem_of(answer.content.decode())


def drip(sock: socket.socket, _: bytes) -> None:
    sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")
    while True:
        sock.sendall(b"x")
        time.sleep(0.2)


@pytest.mark.parametrize(
    ("answer", "setting", "words"),
    [
        (reply(BIRDS), {"IMPORT_NETWORKS": []}, "localhost is not on the open internet"),
        (lead_to("https://169.254.169.254/latest/"), {}, "169.254.169.254 is not on the open internet"),
        (lead_to("http://data.example/"), {}, "does not begin with https://"),
        (reply(status="404 Not Found"), {}, "the server answered 404"),
        (reply(BIRDS), {"UPLOAD_LIMIT_BYTES": 100}, "the limit is 100"),
        (drip, {"IMPORT_SECONDS": 1}, "it took too long"),
        (reply(b""), {}, "The file has no bytes"),
    ],
    ids=["private", "redirect-private", "redirect-http", "404", "large", "slow", "empty"],
)
def test_an_address_that_a_worker_is_refused_at_is_told_beside_its_field(
    cast: Cast, client: Any, dataset: Dataset, source: Server, settings: Any, answer: Any, setting: Any, words: str
) -> None:
    source.answers["/birds.csv"] = answer
    url = at(source, "/birds.csv?year=2026")
    client.post(IMPORT, {"url": url})
    upload = Upload.objects.get()
    seen = client.get(f"/uploads/{upload.pk}/").content.decode()
    for name, value in setting.items():
        setattr(settings, name, value)
    process(upload_id=upload.pk)
    said = client.get(f"/api/v1/uploads/{upload.pk}").json()
    assert said["state"] == "rejected"
    for text in (client.get(PAGE).content.decode(), client.get(IMPORT, headers=HTMX).content.decode()):
        assert field_of(text) == url
        assert words in problem_of(text)
        assert said["findings"][0]["sentence"] in problem_of(text)
        assert said["findings"][0]["remedy"] in problem_of(text)
        assert "autofocus" not in text, "whoever did not send the form is not moved to it"
    # The stages' last fragment has the page look at the form again.
    digest = re.search(r"seen=(\w+)", seen)[1]
    fragment = client.get(f"/uploads/{upload.pk}/?seen={digest}")
    assert "cf:import" in json.loads(fragment["HX-Trigger"])
    # Whoever goes on with another file has seen it, and nobody else is told.
    client.force_login(cast.owner.user)
    assert problem_of(client.get(PAGE).content.decode()) == ""
    client.force_login(cast.contributor.user)
    push(cast.contributor, dataset, "a\n1\n")
    assert field_of(client.get(PAGE).content.decode()) == ""


def test_an_imported_file_that_is_no_table_is_told_by_its_card_alone(
    client: Any, dataset: Dataset, source: Server
) -> None:
    source.answers["/birds.csv"] = reply(b"PAR1 no Parquet at all PAR1")
    client.post(IMPORT, {"url": at(source, "/birds.csv")})
    upload = Upload.objects.get()
    process(upload_id=upload.pk)
    upload.refresh_from_db()
    assert upload.state == UploadState.REJECTED
    assert problem_of(client.get(PAGE).content.decode()) == ""


def test_the_choice_of_what_files_do_is_the_import_s_too(
    cast: Cast, client: Any, dataset: Dataset, source: Server
) -> None:
    push(cast.contributor, dataset, BIRDS)
    publish(cast, dataset)
    source.answers["/more.csv"] = reply(b"id,name\n2,robin\n70,owl\n")
    form = {"url": at(source, "/more.csv"), "resource": "birds", "key": " id ,", "new_columns": "on"}
    refused = client.post(IMPORT, {**form, "mode": "upsert", "key": "wings"})
    text = refused.content.decode()
    assert refused.status_code == 400
    assert "birds has no column wings" in problem_of(text)
    assert re.search(r'id="mode-upsert" checked', text), "the choice is kept"
    assert re.search(r'id="purpose-key"[^>]* value="wings"', text)
    assert re.search(r'id="purpose-new-columns" checked', text)
    assert client.post(IMPORT, {**form, "mode": "sideways"}).status_code == 400
    assert client.post(IMPORT, {**form, "mode": "upsert"}).status_code == 302
    upload = Upload.objects.order_by("-created").first()
    assert (upload.mode, upload.key, upload.resource_name, upload.new_columns) == ("upsert", ["id"], "birds", "add")
    process(upload_id=upload.pk)
    upload.refresh_from_db()
    assert upload.counts == {"inserted": 1, "updated": 1, "unchanged": 0}


def test_what_hidden_fields_hold_says_nothing(cast: Cast, client: Any, dataset: Dataset, source: Server) -> None:
    """The page sends the fields of all modes; each takes its own."""
    push(cast.contributor, dataset, BIRDS)
    rest = {"url": at(source, "/more.csv"), "resource": "birds", "key": "id", "new_columns": "on"}
    for mode in ("replace", "append", "delete", ""):
        assert client.post(IMPORT, {**rest, "mode": mode}).status_code == 302, mode
    made = Upload.objects.exclude(source_url="").order_by("created").values_list("mode", "resource_name", "key")
    assert list(made) == [
        ("replace", "", []),
        ("append", "birds", []),
        ("delete", "birds", ["id"]),
        ("replace", "", []),
    ]


def test_a_submitted_version_takes_no_import(cast: Cast, client: Any, dataset: Dataset) -> None:
    from tests.fixtures.datasets import make_submitted

    submitted = make_dataset(cast, slug="submitted")
    make_submitted(cast, submitted)
    url = "/share/institute/submitted/import/"
    assert client.post(url, {"url": "https://data.example/a.csv"}).status_code == 302
    moved = client.post(url, {"url": "https://data.example/a.csv"}, headers=HTMX)
    assert (moved.status_code, moved["HX-Redirect"]) == (204, "/share/institute/submitted/")
    assert not Upload.objects.exists()


# ------------------------------------------------------------------------------------------- while it is fetched
def fetching(dataset: Dataset, cast: Cast, done: int, total: int) -> Upload:
    progress = {"stage": "fetch", "bytes": done, "total_bytes": total, "rows": 0}
    return Upload(
        dataset=dataset,
        created_by=cast.contributor.user,
        filename="birds.csv",
        size=0,
        source_url="https://data.example/birds.csv",
        state=UploadState.PROCESSING,
        progress=progress,
    )


@pytest.mark.parametrize(
    ("done", "total", "detail", "percent"),
    [(3_000_000, 10_000_000, "3.0 MB of 10.0 MB", 30), (3_000_000, 0, "3.0 MB", None), (0, 0, "0 bytes", None)],
)
def test_a_fetch_says_how_much_is_there(
    cast: Cast, dataset: Dataset, done: int, total: int, detail: str, percent: int | None
) -> None:
    upload = fetching(dataset, cast, done, total)
    stages = Job(upload).stages
    assert [stage.label for stage in stages][:3] == ["Received", "Fetched from its address", "Bytes verified"]
    assert [stage.state for stage in stages][:3] == ["done", "run", "wait"]
    assert (stages[1].detail, stages[1].percent) == (detail, percent)
    assert progress_of(upload)["percent"] == (percent or 0)
    assert Job(upload).digest != Job(fetching(dataset, cast, done + 2_000_000, total)).digest


def test_an_uploaded_file_has_no_such_stage(cast: Cast, dataset: Dataset) -> None:
    upload = push(cast.contributor, dataset, BIRDS)
    assert [stage.label for stage in Job(upload).stages][:2] == ["Received", "Bytes verified"]


def test_a_document_is_imported_by_the_api(cast: Cast, api: Any, dataset: Dataset, source: Server) -> None:
    """What comes is named by the server, its type found in its bytes; one that is too large is told so."""
    told = 'attachment; filename="g.pdf"'
    source.answers["/guide"] = reply(PDF, Content_Type="text/html", Content_Disposition=told)
    body = {"dataset": "institute/birds", "url": at(source, "/guide"), "kind": "document", "title": "The guide"}
    answer = api(cast.contributor).post("/api/v1/uploads", body)
    assert answer.status_code == 201, answer.content
    upload = Upload.objects.get()
    process(upload_id=upload.pk)
    [document] = dataset.versions.open().get().documents.all()
    assert (document.name, document.title, document.media_type) == ("g.pdf", "The guide", "application/pdf")
    refused = api(cast.contributor).post("/api/v1/uploads", {**body, "mode": "append"})
    assert refused.status_code == 422


def test_a_document_is_imported_on_the_page(client: Any, dataset: Dataset, source: Server) -> None:
    """Whatever the choice beside the drop zone is: that is of tables."""
    told = 'attachment; filename="g.pdf"'
    source.answers["/guide"] = reply(PDF, Content_Disposition=told)
    form = {"url": at(source, "/guide"), "is_document": "on", "mode": "append", "resource": "none"}
    assert client.post(IMPORT, form).status_code == 302
    upload = Upload.objects.get()
    process(upload_id=upload.pk)
    [document] = dataset.versions.open().get().documents.all()
    assert (document.name, document.media_type) == ("g.pdf", "application/pdf")
    listed = client.get(f"{PAGE}documents/", headers=HTMX).content.decode()
    assert "g.pdf" in listed


def test_a_document_that_is_refused_is_told_beside_the_field(client: Any, dataset: Dataset, source: Server) -> None:
    def is_chosen(page: str) -> bool:
        return re.search(r'name="is_document"[^>]* checked', page) is not None

    typed = client.post(IMPORT, {"url": "http://data.example/g.pdf", "is_document": "on"})
    assert typed.status_code == 400
    assert is_chosen(typed.content.decode())
    source.answers["/g.pdf"] = reply(status="404 Not Found")
    client.post(IMPORT, {"url": at(source, "/g.pdf"), "is_document": "on"})
    upload = Upload.objects.get()
    seen = client.get(f"/uploads/{upload.pk}/").content.decode()
    process(upload_id=upload.pk)
    page = client.get(PAGE).content.decode()
    assert field_of(page) == at(source, "/g.pdf")
    assert is_chosen(page)
    digest = re.search(r"seen=(\w+)", seen)[1]
    assert "cf:import" in json.loads(client.get(f"/uploads/{upload.pk}/?seen={digest}")["HX-Trigger"])


def test_a_document_from_an_address_keeps_to_the_limit(
    cast: Cast, api: Any, dataset: Dataset, source: Server, settings: Any
) -> None:
    settings.DOCUMENT_LIMIT_BYTES = 10
    source.answers["/guide.pdf"] = reply(PDF)
    body = {"dataset": "institute/birds", "url": at(source, "/guide.pdf"), "kind": "document"}
    upload = api(cast.contributor).post("/api/v1/uploads", body).json()
    process(upload_id=upload["id"])
    row = Upload.objects.get()
    assert (row.state, row.findings[0]["code"]) == (UploadState.REJECTED, "file-too-large")
    assert not dataset.versions.open().exists()
