"""The cache of whole objects: what is dropped first, what never is, and many who read at once."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from django.conf import settings as django_settings

from catalog import storage
from catalog.rows import preview
from catalog.rows.preview import read_page
from catalog.transport import object_cache
from catalog.transport.object_cache import CachedObject, ObjectDamaged, PreviewTooLarge, held
from tests.catalog.test_preview import people, table_of

pytestmark = pytest.mark.usefixtures("preview_cache")


def numbered(folder: Path, name: str, size: int) -> CachedObject:
    data = (name.encode() * size)[:size]
    sha256 = hashlib.sha256(data).hexdigest()
    key = f"preview-test/{sha256}"
    storage.put_bytes(key, data, content_type="application/octet-stream")
    return CachedObject(key, sha256, size)


def test_what_was_used_longest_ago_goes_first(tmp_path: Path, preview_cache: Path, settings: Any) -> None:
    settings.PREVIEW_CACHE_BYTES = 250
    first, second, third = (numbered(tmp_path, name, 100) for name in "abc")
    for item in (first, second, first, third):
        with held(item) as path:
            assert hashlib.sha256(path.read_bytes()).hexdigest() == item.sha256
        time.sleep(0.01)
    assert {path.stem for path in preview_cache.glob("*.parquet")} == {first.sha256, third.sha256}


def test_a_file_in_use_is_not_dropped(tmp_path: Path, preview_cache: Path, settings: Any) -> None:
    settings.PREVIEW_CACHE_BYTES = 150
    first, second = numbered(tmp_path, "a", 100), numbered(tmp_path, "b", 100)
    with held(first) as path:
        with held(second):
            assert path.exists()
        assert path.exists()
    with held(numbered(tmp_path, "c", 100)):
        assert {path.stem for path in preview_cache.glob("*.parquet")} == {hashlib.sha256(b"c" * 100).hexdigest()}


def test_a_second_reading_asks_the_store_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = table_of(tmp_path, people(10))
    read_page(table, offset=0, limit=5)
    monkeypatch.setattr(storage, "stream", lambda *_a, **_k: pytest.fail("fetched again"))
    assert read_page(table, offset=5, limit=5).numbers == (5, 6, 7, 8, 9)


def test_a_file_larger_than_the_cache_is_refused(tmp_path: Path, settings: Any) -> None:
    settings.PREVIEW_CACHE_BYTES = 99
    with pytest.raises(PreviewTooLarge, match="100 bytes"), held(numbered(tmp_path, "a", 100)):
        pass


def test_bytes_that_are_not_what_their_name_says_are_never_served(tmp_path: Path, preview_cache: Path) -> None:
    good = numbered(tmp_path, "a", 100)
    bad = CachedObject(good.key, "0" * 64, 100)
    with pytest.raises(ObjectDamaged), held(bad):
        pass
    assert not list(preview_cache.glob("*.parquet"))
    assert not list(preview_cache.glob(".*.part"))


def test_what_a_killed_process_left_half_done_is_fetched_anew(tmp_path: Path, preview_cache: Path) -> None:
    item = numbered(tmp_path, "a", 100)
    object_cache.cache_folder()
    (preview_cache / f".{item.sha256}.part").write_bytes(b"half")
    with held(item) as path:
        assert path.stat().st_size == 100


def _read_again_and_again(var: str, limit: int, items: list[CachedObject], results: Any) -> None:
    """Another process: reads every object many times while others are pushed out."""
    django_settings.VAR_DIR, django_settings.PREVIEW_CACHE_BYTES = Path(var), limit
    wrong = 0
    for turn in range(40):
        item = items[(turn * 7 + os.getpid()) % len(items)]
        with held(item) as path:
            wrong += hashlib.sha256(path.read_bytes()).hexdigest() != item.sha256
    results.put(wrong)


@pytest.mark.slow
def test_processes_that_share_the_cache_never_read_anything_wrong(
    tmp_path: Path, preview_cache: Path, settings: Any
) -> None:
    settings.PREVIEW_CACHE_BYTES = limit = 250_000
    items = [numbered(tmp_path, name, 100_000) for name in "abcdef"]
    context = multiprocessing.get_context("fork")
    results = context.Queue()
    processes = [
        context.Process(target=_read_again_and_again, args=(str(tmp_path), limit, items, results)) for _ in range(4)
    ]
    for process in processes:
        process.start()
    assert [results.get(timeout=120) for _ in processes] == [0, 0, 0, 0]
    for process in processes:
        process.join(timeout=30)
    with held(items[0]):
        used = sum(path.stat().st_size for path in preview_cache.glob("*.parquet"))
        assert used <= limit
    assert not list(preview_cache.glob(".*.part"))


def test_many_threads_fetch_an_object_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    item = numbered(tmp_path, "a", 100)
    fetched = []
    real = storage.stream

    def counted(key: str, **more: Any) -> Iterator[bytes]:
        fetched.append(key)
        time.sleep(0.05)
        return real(key, **more)

    monkeypatch.setattr(storage, "stream", counted)

    def read() -> None:
        with held(item):
            pass

    threads = [threading.Thread(target=read) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert fetched == [item.key]


# ---------------------------------------------------------------- the engine is shut in
@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM read_csv('{folder}/../secret.csv')",
        "SELECT * FROM 'http://127.0.0.1:9/x.parquet'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "ATTACH '/tmp/x.db'",
        "SET enable_external_access = true",
        "SET threads = 8",
    ],
)
def test_the_engine_reads_its_folder_and_nothing_else(preview_cache: Path, sql: str) -> None:
    object_cache.cache_folder()
    (preview_cache.parent / "secret.csv").write_text("secret\n1\n")
    with preview._cursor() as cursor, pytest.raises(duckdb.Error):
        cursor.execute(sql.replace("{folder}", str(preview_cache))).fetchall()


def test_a_query_that_takes_too_long_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    object_cache.cache_folder()
    monkeypatch.setattr(preview, "QUERY_SECONDS", 0.3)
    begun = time.monotonic()
    with preview._cursor() as cursor, pytest.raises(PreviewTooLarge):
        preview.fetch(cursor, "SELECT sum(a.range * b.range) FROM range(1000000) a, range(1000000) b")
    assert time.monotonic() - begun < 10
