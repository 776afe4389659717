"""The file by which other commands join a running `up`."""

import stat
import subprocess
from pathlib import Path

import pytest

from deploy.environment_file import (
    EnvironmentFileUnreadable,
    choose_var,
    join_running,
    parse_environment,
    write_environment,
)

AWKWARD = {"SECRET_KEY": "a b'c\"d$e#f\\g", "DATABASE_URL": "postgresql://me:x@127.0.0.1:1/db", "EMPTY": ""}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    write_environment(tmp_path / "environment", AWKWARD)
    return tmp_path / "environment"


def test_it_is_private_and_reads_back(file: Path) -> None:
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert parse_environment(file.read_text()) == AWKWARD


def test_a_shell_reads_the_same(file: Path) -> None:
    script = f'set -a; . {file}; printf %s "$SECRET_KEY"'
    done = subprocess.run(["sh", "-c", script], check=True, capture_output=True, text=True)
    assert done.stdout == AWKWARD["SECRET_KEY"]


def test_commands_join_by_the_folder(file: Path) -> None:
    environment = {"VAR_DIR": str(file.parent), "SECRET_KEY": "mine"}
    join_running(environment)
    assert environment["DATABASE_URL"] == AWKWARD["DATABASE_URL"]
    assert environment["SECRET_KEY"] == "mine"


def test_who_has_a_database_does_not_join(file: Path) -> None:
    environment = {"VAR_DIR": str(file.parent), "DATABASE_URL": "postgresql://mine/db"}
    join_running(environment)
    assert environment == {"VAR_DIR": str(file.parent), "DATABASE_URL": "postgresql://mine/db"}


def test_a_named_file_joins_in_any_case(file: Path) -> None:
    environment = {"COMMONFIELD_ENVIRONMENT_FILE": str(file), "DATABASE_URL": "postgresql://mine/db"}
    join_running(environment)
    assert environment["SECRET_KEY"] == AWKWARD["SECRET_KEY"]
    assert environment["DATABASE_URL"] == "postgresql://mine/db"


def test_a_named_file_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFileUnreadable, match=r"COMMONFIELD_ENVIRONMENT_FILE: .*gone can't be read"):
        join_running({"COMMONFIELD_ENVIRONMENT_FILE": str(tmp_path / "gone")})


def test_without_a_file_nothing_changes(tmp_path: Path) -> None:
    environment = {"VAR_DIR": str(tmp_path)}
    join_running(environment)
    assert environment == {"VAR_DIR": str(tmp_path)}


def test_the_folder_is_var_beside_manage_py_unless_told() -> None:
    assert choose_var({}).name == "var"
    assert (choose_var({}).parent / "manage.py").exists()
    assert choose_var({"VAR_DIR": "/srv/data"}) == Path("/srv/data")
