"""House rules that no linter knows, read off the source (the reasons stand in CONTRIBUTING.md)."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
APPS = ("catalog", "ingest", "quality", "deploy")
CODE = [path for app in APPS for path in (ROOT / app).rglob("*.py") if "migrations" not in path.parts]
TESTS = list((ROOT / "tests").rglob("*.py"))
LONGEST = 400


def trees(paths: list[Path]) -> Iterator[tuple[str, ast.Module]]:
    for path in paths:
        yield str(path.relative_to(ROOT)), ast.parse(path.read_text())


def calls(tree: ast.Module, attribute: str) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == attribute:
            yield node


def test_no_module_is_a_crowded_room():
    crowded = {
        name: length
        for path in CODE
        if (length := len(path.read_text().splitlines())) > LONGEST
        for name in [str(path.relative_to(ROOT))]
    }
    assert crowded == {}


def test_no_module_is_called_after_nothing():
    nameless = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "managers"}
    assert [str(path) for path in CODE if path.stem in nameless] == []


def test_only_tasks_and_apps_send_messages():
    """R12: services raise events; who sends a message is decided in one place a sibling."""
    allowed = {"tasks.py", "apps.py"}
    senders = [name for name, tree in trees(CODE) if Path(name).name not in allowed and any(calls(tree, "delay"))]
    assert senders == []


def test_every_task_has_time_limits():
    missing = []
    for name, tree in trees(CODE):
        for node in ast.walk(tree):
            if not isinstance(node, ast.FunctionDef):
                continue
            for decorator in node.decorator_list:
                if isinstance(decorator, ast.Call) and getattr(decorator.func, "id", "") == "shared_task":
                    given = {keyword.arg for keyword in decorator.keywords}
                    if not {"soft_time_limit", "time_limit", "name"} <= given:
                        missing.append(f"{name}:{node.name}")
                elif getattr(decorator, "id", "") == "shared_task":
                    missing.append(f"{name}:{node.name}")
    assert missing == []


def test_state_is_written_in_one_place():
    """R9: `transitions.move` writes states; creating a row in its first state is no move."""
    writers = []
    for name, tree in trees(CODE):
        if name == "catalog/transitions.py":
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign) and any(_is_a_state(target) for target in node.targets):
                writers.append(f"{name}:{node.lineno}")
        updates = [node for node in calls(tree, "update") if any(keyword.arg == "state" for keyword in node.keywords)]
        writers += [f"{name}:{node.lineno}" for node in updates]
    assert writers == []


def _is_a_state(target: ast.expr) -> bool:
    if not isinstance(target, ast.Attribute) or target.attr != "state":
        return False
    return not (isinstance(target.value, ast.Name) and target.value.id == "self")


def test_heavy_engines_are_not_loaded_by_the_web():
    """R16: a web process imports neither Great Expectations nor pandas."""
    script = (
        "import sys, django; django.setup(); import deploy.urls;"
        "print([name for name in ('great_expectations', 'pandas', 'pyarrow', 'sqlalchemy') if name in sys.modules])"
    )
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "deploy.settings"}
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("path", TESTS, ids=lambda path: str(path.relative_to(ROOT / "tests")))
def test_no_assert_stands_on_a_conditional(path):
    """`assert a == b if c else d` is `(a == b) if c else d`: it can't fail where c is false."""
    bad = [
        node.lineno
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Assert) and isinstance(node.test, ast.IfExp)
    ]
    assert bad == []


def test_nothing_is_mocked():
    """A real server, file or client proves more. Breaking a call to see what happens then is no mock."""
    mocked = [name for name, tree in trees(TESTS) if name != "tests/house/test_rules.py" and _names_mock(tree)]
    assert mocked == []


def _names_mock(tree: ast.Module) -> bool:
    modules = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    modules |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    return bool(modules & {"mock", "unittest.mock", "unittest", "pytest_mock"})
