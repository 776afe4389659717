"""Every example of the documents runs, and prints what its page says."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.docs.examples import INTERPRETERS, ROOT, Example, blocks_of, examples_of, matches, run_page
from tests.fixtures.site import Site
from tests.ingest.tls_servers import Server, reply

# Who reads the page, and so whose token its examples have.
READERS = {
    "README.md": "researcher",
    "docs/researchers.md": "researcher",
    "docs/owners.md": "owner",
    "docs/stewards.md": "steward",
    "docs/api.md": "owner",
    "docs/operators.md": "owner",
    "docs/fingerprint.md": "researcher",
}
R_IS_THERE = shutil.which(INTERPRETERS["r"]) is not None
READ_ONLY = {"sh", "r", "json", "text", ""}


@pytest.mark.clients
@pytest.mark.slow
@pytest.mark.parametrize("document", READERS)
def test_examples_do_what_their_page_says(document: str, published: Site, open_data: Server, reader_home: Path) -> None:
    open_data.answers["/stations.csv"] = reply(b"station,name\n1,Torgersen\n2,Biscoe\n3,Dream\n")
    outcomes = run_page(
        (ROOT / document).read_text("utf-8"),
        folder=reader_home / "work",
        site=published.url,
        token=getattr(published, f"{READERS[document]}_token"),
        data=f"https://localhost:{open_data.port}",
        environment={"PATH": os.environ["PATH"], "HOME": str(reader_home), "LANG": "C.UTF-8"},
    )
    assert outcomes
    problems = "\n\n".join(outcome.problem for outcome in outcomes if outcome.problem and can_run(outcome.example))
    assert not problems, problems


def can_run(example: Example) -> bool:
    return R_IS_THERE or not example.command.startswith(INTERPRETERS["r"])


def test_the_examples_in_r_are_run() -> None:
    """Where R is not, this says so."""
    if not R_IS_THERE:
        pytest.skip("R is not installed (Debian: apt-get install r-base-core)")
    pages = [(ROOT / page).read_text("utf-8") for page in READERS]
    assert any(example.command.startswith("Rscript") for page in pages for example in examples_of(page))


def test_every_page_with_examples_is_run() -> None:
    pages = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]
    with_examples = {str(page.relative_to(ROOT)) for page in pages if examples_of(page.read_text("utf-8"))}
    assert with_examples == set(READERS)


def test_no_block_looks_like_an_example_and_is_none() -> None:
    odd = [
        f"{page.name}:{block.line} {block.language} {block.title}"
        for page in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]
        for block in blocks_of(page.read_text("utf-8"))
        if block.language not in READ_ONLY | {"console"} and (block.language, block.title) != ("python", "runs")
    ]
    assert odd == []


@pytest.mark.parametrize(
    ("wanted", "printed", "fits"),
    [
        ("a  b\n1  2", "a    b\n1    2\n", True),
        ("a … c", "a b c", True),
        ("…\nlast", "first\nsecond\nlast", True),
        ("a", "b", False),
        ("a\n…", "b\nc", False),
        ("a", "a\nb", False),
    ],
)
def test_what_fits_an_ellipsis(wanted: str, printed: str, fits: bool) -> None:
    assert matches(wanted, printed) is fits
