"""The committed scripts are what the sources give, and what is bundled is named with its licence."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FRONTEND = ROOT / "catalog" / "frontend"
DIST = ROOT / "catalog" / "static" / "commonfield" / "dist"
LOCK = json.loads((FRONTEND / "package-lock.json").read_text())
PACKAGE = json.loads((FRONTEND / "package.json").read_text())


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("npm") is None, reason="Node is needed only by who changes the scripts")
def test_the_committed_scripts_are_what_the_sources_give(tmp_path: Path) -> None:
    work, built = tmp_path / "frontend", tmp_path / "dist"
    shutil.copytree(FRONTEND, work, ignore=shutil.ignore_patterns("node_modules"))
    subprocess.run(["npm", "ci", "--ignore-scripts", "--prefer-offline"], cwd=work, check=True, capture_output=True)
    subprocess.run(["node", "build.mjs", str(built)], cwd=work, check=True, capture_output=True)
    files = {path.name: path.read_bytes() for path in built.iterdir()}
    assert sorted(files) == sorted(path.name for path in DIST.iterdir())
    stale = [name for name, data in files.items() if (DIST / name).read_bytes() != data]
    assert stale == [], "run `npm ci --ignore-scripts && npm run build` in catalog/frontend and commit the result"


def test_versions_are_pinned_and_the_lock_names_no_host() -> None:
    versions = {**PACKAGE["dependencies"], **PACKAGE["devDependencies"]}
    assert [name for name, version in versions.items() if not re.fullmatch(r"\d+\.\d+\.\d+", version)] == []
    named = {name: LOCK["packages"][f"node_modules/{name}"]["version"] for name in versions}
    assert named == versions
    assert [name for name, entry in LOCK["packages"].items() if "resolved" in entry] == []
    assert all("integrity" in entry for name, entry in LOCK["packages"].items() if name)


def test_what_is_bundled_is_named_with_its_licence() -> None:
    page = (ROOT / "THIRD_PARTY.md").read_text()
    missing = [
        name for name, version in PACKAGE["dependencies"].items() if f"npm `{name}`" not in page or version not in page
    ]
    fonts = [path.name for path in (DIST.parent / "fonts").glob("*.woff2") if path.name not in page]
    assert (missing, fonts) == ([], [])


@pytest.mark.parametrize("path", sorted(DIST.glob("*.js")), ids=lambda path: path.name)
def test_nothing_that_is_sent_to_browsers_needs_what_the_policy_forbids(path: Path) -> None:
    text = path.read_text()
    assert "WebAssembly" not in text
    if path.name != "htmx.min.js":  # htmx has its eval behind allowEval, which base.html switches off.
        assert not re.search(r"\beval\(|new Function\(|importScripts", text)
