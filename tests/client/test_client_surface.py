from __future__ import annotations

import copy
import inspect
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

import commonfield
from commonfield import cli, errors, reports
from commonfield.cli.exits import EXIT_CODES

README = Path(__file__).parents[2] / "client" / "README.md"


def test_all_names_exactly_the_public_ones() -> None:
    public = {
        name
        for name, value in vars(commonfield).items()
        if not name.startswith("_") and not inspect.ismodule(value) and name != "annotations"
    }
    assert public | {"__version__"} == set(commonfield.__all__)
    assert list(commonfield.__all__) == sorted(commonfield.__all__)


def test_every_error_of_the_tree_is_exported_and_drawn_in_the_docstring() -> None:
    tree = {
        name
        for name, value in vars(errors).items()
        if inspect.isclass(value) and issubclass(value, errors.CommonfieldError)
    }
    assert tree <= set(commonfield.__all__)
    assert set(re.findall(r"[A-Z]\w+", (errors.__doc__ or "").split("\n\n")[1])) >= tree


@pytest.mark.parametrize(
    "name",
    [
        "load",
        "open",
        "download",
        "info",
        "versions",
        "dataset",
        "search",
        "push",
        "report",
        "login",
        "difference",
        "rules",
    ],
)
def test_module_functions_are_the_default_clients_methods(name: str) -> None:
    assert getattr(commonfield, name).__func__ is getattr(commonfield.Client, name)


def test_errors_survive_the_way_between_processes() -> None:
    finding = reports.Finding("c", "error", "t", "s", "r", "col", 1, ())
    for error in (
        errors.NotFound("a", "b", 404, "not-found", {"x": 1}),
        errors.Rejected("a", "b", (finding,), "u1"),
        errors.ProcessingFailed("a", "b", "c", "u1"),
        errors.StillProcessing("a", "b", "u1"),
    ):
        again = copy.copy(error)  # by the same __reduce__ as pickle
        assert (type(again), vars(again), str(again)) == (type(error), vars(error), "a b")


def test_the_package_needs_neither_the_registry_nor_any_extra() -> None:
    code = (
        "import sys, commonfield, commonfield.cli\n"
        "heavy = {'django', 'catalog', 'ingest', 'quality', 'pandas', 'polars', 'pyarrow', 'duckdb'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_the_readme_names_every_command_and_exit_code() -> None:
    words = README.read_text("utf-8")
    commands = set(cli.cli.commands) - {"cache"}
    assert {name for name in commands if f"commonfield {name}" not in words} == set()
    assert {code for _, code in EXIT_CODES if f"| {code} |" not in words} == set()


def test_the_readme_python_examples_call_what_exists() -> None:
    blocks = re.findall(r"```python\n(.*?)```", README.read_text("utf-8"), flags=re.DOTALL)
    assert len(blocks) >= 3
    for block in blocks:
        compile(block, "README.md", "exec")
        for name in re.findall(r"commonfield\.(\w+)", block):
            assert name in commonfield.__all__ or find_spec(f"commonfield.{name}") is not None
