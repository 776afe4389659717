"""Whatever bytes come, the detectors answer or refuse, twice the same, and the pipeline ends in an outcome.

``python -m tests.ingest.test_hostile_fuzz SECONDS`` runs the same properties for long and tells the number of inputs.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.files.formats import detect_format
from ingest.limits import Limits
from ingest.outcome import Rejected, RejectionError, Stored
from ingest.pipeline import ingest_file
from ingest.text.encoding import detect_encoding
from ingest.text.sniff import sniff
from tests.fixtures.effort import examples
from tests.fuzz.targets import texts_are_understood

_SIGNS = st.sampled_from(
    [*",;\t|:~^ '\"\\#\r\n-_.%€é\u00a0\ufeff\x1f\x00", "||", "\r\n", '""', "sep=", "1", "2.5", "2024-01-31"]
)
_WORDS = st.sampled_from(["id", "name", "Ä", "東京", "007", "1,5", "n.a.", "true", "x", "", "12:30", "a b"])
_TEXT = st.lists(st.one_of(_SIGNS, _WORDS, st.text(max_size=3)), max_size=80).map("".join)
_TABLE = st.builds(
    lambda rows, mark, end: end.join(mark.join(row) for row in rows),
    st.lists(st.lists(st.one_of(_WORDS, _TEXT.map(lambda text: text[:12])), min_size=1, max_size=5), max_size=12),
    st.sampled_from([",", ";", "\t", "|", " ", "  ", ":", "||", ", "]),
    st.sampled_from(["\n", "\r\n", "\r", "\n\n"]),
)
_CODECS = st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32-be", "cp1252", "gb18030", "shift_jis"])
_ENCODED = st.builds(lambda text, codec: text.encode(codec, "ignore"), st.one_of(_TEXT, _TABLE), _CODECS)
_HEADS = st.sampled_from(
    [b"PK\x03\x04", b"\x1f\x8b\x08\x00", b"PAR1", b"ARROW1\0\0", b"\xff\xff\xff\xff", b"BZh91AY&SY", b"[", b"{", b""]
)
_BYTES = st.one_of(
    _ENCODED, st.binary(max_size=300), st.builds(lambda head, rest: head + rest, _HEADS, st.binary(max_size=200))
)


def files_end_in_an_outcome(content: bytes, name: str) -> None:
    """Format and encoding are found twice the same; the pipeline stores or rejects."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "source"
        path.write_bytes(content)
        found: list[Any] = []
        for _ in range(2):
            try:
                found.append((detect_format(path, name), detect_encoding(path, content) if content else None))
            except RejectionError as error:
                found.append(error.findings)
        assert found[0] == found[1]
        limits = Limits(block_bytes=64, max_unpacked_bytes=1 << 20)
        outcome = ingest_file(path, filename=name, workdir=Path(folder) / "work", limits=limits)
        assert isinstance(outcome, Stored | Rejected)


_NAMES = st.sampled_from(["t.csv", "t.tsv", "t.json", "t.txt", "t.xlsx", "t"])
_QUIET = {"deadline": None, "suppress_health_check": list(HealthCheck), "database": None}


@settings(max_examples=examples(60), derandomize=True, **_QUIET)
@given(st.one_of(_TEXT, _TABLE))
def test_texts(text: str) -> None:
    texts_are_understood(text)


@settings(max_examples=examples(25), derandomize=True, **_QUIET)
@given(_BYTES, _NAMES)
def test_files(content: bytes, name: str) -> None:
    files_end_in_an_outcome(content, name)


@pytest.mark.parametrize("size", [200_000])
@pytest.mark.parametrize(
    "piece", ["'", '"', ',"', '",', "\\", " ", "  ", "#", "a b ", "1,", ":::", "||", "\r", "=", "<c r=", "-" * 3]
)
def test_long_runs_take_linear_time(piece: str, size: int) -> None:
    """A regex that walks back and forth over a long cell would take minutes for these."""
    text = "id,name\n1," + piece * (size // len(piece)) + "\n2,b\n"
    begin = time.perf_counter()
    sniff(text)
    assert time.perf_counter() - begin < 20


def run_long(seconds: float) -> None:
    """Run both properties in turns until the time is over; any failure ends it with hypothesis' own report."""
    counts = {"texts": 0, "files": 0}
    end = time.monotonic() + seconds

    @settings(max_examples=2000, **_QUIET)
    @given(st.one_of(_TEXT, _TABLE))
    def texts(text: str) -> None:
        counts["texts"] += 1
        texts_are_understood(text)

    @settings(max_examples=300, **_QUIET)
    @given(_BYTES, _NAMES)
    def files(content: bytes, name: str) -> None:
        counts["files"] += 1
        files_end_in_an_outcome(content, name)

    while time.monotonic() < end:
        texts()
        files()
        sys.stdout.write(f"{counts}, {end - time.monotonic():.0f} s left\n")
        sys.stdout.flush()


if __name__ == "__main__":
    from django.conf import settings as django_settings

    django_settings.configure(USE_I18N=False)
    run_long(float(sys.argv[1]))
