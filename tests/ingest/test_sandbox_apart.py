"""The pipeline in a cell: the same outcome as in the open, and a verdict where it does not come to one."""

from __future__ import annotations

import dataclasses
import fcntl
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from catalog.findings import sentence
from catalog.hashes import sha256_of_file
from catalog.sandbox.codec import NotOfType, decode, encode
from catalog.sandbox.confinement import GIB, MIB, Confinement, seconds_for, wall_for
from catalog.sandbox.keeper import Keeper
from catalog.table_schema import Constraints, Field, TableSchema
from ingest.outcome import Outcome, Rejected, Stored
from ingest.pipeline import ingest_file
from ingest.progress import Progress, Stage
from ingest.sandbox.apart import Parsed, ParserLost, ingest_apart
from ingest.sandbox.parse import LOAD, TARGET, Request

DATA = Path(__file__).parent.parent / "data"
LIMITS = Confinement(memory_bytes=350 * MIB, cpu_seconds=60, wall_seconds=120, file_bytes=64 * MIB)


@pytest.fixture(scope="module")
def keeper() -> Iterator[Keeper]:
    own = Keeper(LOAD)
    yield own
    own.close()


@pytest.fixture
def apart(keeper, tmp_path):
    source = tmp_path / "source.csv"
    source.write_text("id,name\n1,a\n2,b\n3,c\n")

    def run(rogue: str = "", *, filename: str = "table.csv", limits: Confinement = LIMITS, **more: Any) -> Parsed:
        target = f"tests.ingest.rogues:{rogue}" if rogue else TARGET
        asked = {name: more.pop(name) for name in ("source", "schema") if name in more}
        request = Request(**{"source": source, "filename": filename, "workdir": tmp_path / "work", **asked})
        return ingest_apart(request, confinement=limits, target=target, by=keeper, **more)

    return run


def plain(outcome: Outcome, folder: Path) -> Any:
    """An outcome as JSON, with paths relative to its folder."""

    def relative(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: relative(item) for key, item in value.items()}
        if isinstance(value, list):
            return [relative(item) for item in value]
        return value.replace(str(folder), "") if isinstance(value, str) else value

    return relative(encode(outcome))


@pytest.mark.parametrize("path", sorted(path for path in DATA.rglob("*.*") if path.suffix != ".md"), ids=str)
def test_a_cell_comes_to_the_same_outcome(apart, tmp_path, path):
    parsed = apart(filename=path.name, source=path)
    open_air = ingest_file(path, filename=path.name, workdir=tmp_path / "open")
    assert plain(parsed.outcome, tmp_path / "work" / "try-1") == plain(open_air, tmp_path / "open")
    # And decoded to the same types, not only to the same words.
    assert type(parsed.outcome) is type(open_air)
    for ours, theirs in zip(getattr(parsed.outcome, "resources", ()), getattr(open_air, "resources", ()), strict=True):
        assert ours.schema == theirs.schema
        assert ours.findings.groups == tuple(
            replace(group, params=dict(group.params), samples=tuple(group.samples)) for group in theirs.findings.groups
        )


def test_progress_and_schema_travel(apart):
    field = Field("id", "integer", constraints=Constraints(required=True, minimum=1, maximum=2.5, enum=(1, 2, "x")))
    schema = TableSchema((field, Field("name", "string", missing_values=("", "-"))), primary_key=("id",))
    seen: list[Progress] = []
    parsed = apart(schema=schema, progress=seen.append)
    assert isinstance(parsed.outcome, Stored)
    kept = parsed.outcome.resources[0].schema
    assert kept.primary_key == ("id",)
    assert repr(kept["id"].constraints) == repr(field.constraints)
    assert [item.stage for item in seen][:2] == [Stage.VERIFY, Stage.DETECT]
    assert parsed.peak_bytes > MIB


@pytest.mark.parametrize("rogue", ["crash_at_first", "killed_at_first"])
def test_one_bad_end_costs_nothing(apart, rogue):
    outcome = apart(rogue).outcome
    assert isinstance(outcome, Stored)
    assert outcome.resources[0].rows == 3


@pytest.mark.parametrize(
    ("rogue", "limits", "code", "words"),
    [
        ("segfault", {}, "parser-crashed", "2 times"),
        ("leave_silently", {}, "parser-crashed", "2 times"),
        ("say_garbage", {}, "parser-crashed", "2 times"),
        ("echo", {}, "parser-crashed", "2 times"),
        ("loop_for_ever", {"cpu_seconds": 1}, "too-long", "1 seconds"),
        ("hang", {"wall_seconds": 1}, "too-long", "1 seconds"),
        ("allocate_without_end", {}, "too-much-memory", str(2 * LIMITS.memory_bytes)),
        ("write_a_huge_file", {}, "too-much-disk", str(LIMITS.file_bytes)),
    ],
)
def test_what_happens_again_is_the_file_s(apart, tmp_path, rogue, limits, code, words):
    outcome = apart(rogue, limits=replace(LIMITS, **limits)).outcome
    assert isinstance(outcome, Rejected)
    assert outcome.sha256 == sha256_of_file(tmp_path / "source.csv")
    [group] = outcome.findings.groups
    assert (group.code, group.to_json()["severity"]) == (code, "reject")
    assert words in sentence(group)


@pytest.mark.parametrize("rogue", ["kill_itself", "raise_an_error"])
def test_what_is_ours_is_told_as_ours(apart, rogue):
    with pytest.raises(ParserLost):
        apart(rogue)


def test_more_memory_is_given_once_and_to_one_at_a_time(apart, tmp_path):
    turn = tmp_path / "locks" / "turn"
    turn.parent.mkdir()
    ticks: list[float] = []
    with turn.open("ab") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        given_back = threading.Timer(1.5, fcntl.flock, (other, fcntl.LOCK_UN))
        given_back.start()
        begun = time.monotonic()
        outcome = apart("swell_at_first", turn=turn, tick=lambda: ticks.append(time.monotonic())).outcome
        given_back.join()
    assert isinstance(outcome, Stored)
    assert time.monotonic() - begun > 1.5
    assert len(ticks) > 5, "a lost lease must be seen also while it waits"


LIES = ["path", "climb", "link", "folder", "gone", "part", "bytes", "rows", "name", "whole", "type", "extra", "kind"]


@pytest.mark.parametrize("lie", [*LIES, "findings", "progress"])
def test_what_a_cell_says_is_not_believed(apart, lie):
    outcome = apart("lie", filename=f"{lie}.csv").outcome
    assert isinstance(outcome, Rejected)
    assert [group.code for group in outcome.findings.groups] == ["parser-crashed"]


def test_the_lies_would_have_been_believed_if_they_were_none(apart):
    assert isinstance(apart("lie", filename="truth.csv").outcome, Stored)


def test_a_false_hash_of_the_source_is_not_believed(apart, tmp_path):
    assert isinstance(apart(sha256="0" * 64).outcome, Rejected)
    assert isinstance(apart(sha256=sha256_of_file(tmp_path / "source.csv")).outcome, Stored)


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        (int, True),
        (int, 1.0),
        (float, "1"),
        (str, 1),
        (bool, 0),
        (Path, 1),
        (Stage, "none"),
        (tuple[int, int], [1]),
        (tuple[int, ...], {"0": 1}),
        (dict[str, int], {"a": "b"}),
        (int | None, "x"),
        (Constraints, {"$type": "Field"}),
        (Constraints, []),
    ],
)
def test_data_of_another_type_are_refused(kind, data):
    with pytest.raises(NotOfType):
        decode(kind, data)


def test_numbers_stay_what_they_are():
    field = Field("n", "number", constraints=Constraints(minimum=5, maximum=5.0))
    assert repr(decode(Field, encode(field))) == repr(field)
    assert [item.name for item in dataclasses.fields(field)] == list(encode(field))[1:]


def test_the_time_grows_with_the_file_and_has_an_end():
    assert seconds_for(0, base=600, per_gb=1000) == 600
    assert seconds_for(2 * 1000**3, base=600, per_gb=1000) == 2_600
    assert seconds_for(100 * GIB, base=600, per_gb=1000) == 9_000
    # Two tries end before the task's own limit of six hours.
    assert 2 * wall_for(9_000) < 6 * 3_600
