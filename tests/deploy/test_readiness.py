"""`manage.py prepare`: what is wrong with a server is said in one line that names the variable."""

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from catalog import storage
from deploy.embedded.ports import free_ports
from deploy.readiness import NotUsable, check_broker, prepare_bucket, usable_database

REPOSITORY = Path(__file__).resolve().parents[2]


def database(**changed: object) -> dict[str, object]:
    parts = urlsplit(os.environ["DATABASE_URL"])
    entry = {
        "HOST": parts.hostname,
        "PORT": str(parts.port),
        "NAME": parts.path[1:],
        "USER": parts.username,
        "PASSWORD": parts.password,
    }
    return {**entry, **changed}


def line_of(entry: dict[str, object]) -> str:
    with pytest.raises(NotUsable) as refused, usable_database(entry):
        pass
    return str(refused.value)


@pytest.fixture
def store(settings: Any) -> Iterator[Any]:
    storage.client.cache_clear()
    yield settings
    storage.client.cache_clear()


def test_a_usable_database_tells_its_version() -> None:
    with usable_database(database()) as version:
        assert int(version.split(".")[0]) >= 15


def test_only_one_copy_migrates_at_a_time() -> None:
    entered = threading.Event()

    def enter() -> None:
        with usable_database(database()):
            entered.set()

    other = threading.Thread(target=enter)
    with usable_database(database()):
        other.start()
        assert not entered.wait(0.7)
    assert entered.wait(10)
    other.join()


def test_a_database_that_does_not_answer() -> None:
    (port,) = free_ports(1)
    assert line_of(database(PORT=str(port))) == (
        f"DATABASE_URL: PostgreSQL at 127.0.0.1:{port} does not answer (Connection refused). "
        "Check the host and the port."
    )


def test_a_database_whose_host_is_unknown() -> None:
    line = line_of(database(HOST="db.invalid"))
    assert line.startswith("DATABASE_URL: PostgreSQL at db.invalid:")
    assert line.endswith("Check the host and the port.")
    assert "\n" not in line


def test_a_database_that_refuses_the_password() -> None:
    where = f"127.0.0.1:{database()['PORT']}"
    assert line_of(database(PASSWORD="wrong")) == (
        f"DATABASE_URL: PostgreSQL at {where} refuses user {database()['USER']}. Check the user and the password."
    )


def test_a_database_that_is_not_there() -> None:
    where = f"127.0.0.1:{database()['PORT']}"
    assert line_of(database(NAME="nowhere")) == (
        f"DATABASE_URL: PostgreSQL at {where} has no database nowhere. Make it (createdb), or check the name."
    )


def test_a_broker_that_answers(settings: Any) -> None:
    check_broker()


def test_a_broker_that_does_not_answer(settings: Any) -> None:
    (port,) = free_ports(1)
    settings.BROKER_URL = f"redis://127.0.0.1:{port}/0"
    with pytest.raises(NotUsable, match=rf"^BROKER_URL: Valkey or Redis at 127\.0\.0\.1:{port} does not answer \("):
        check_broker()


def test_a_broker_that_refuses_the_password(settings: Any) -> None:
    settings.BROKER_URL = f"redis://:wrong@127.0.0.1:{urlsplit(settings.BROKER_URL).port}/0"
    with pytest.raises(NotUsable, match=r"^BROKER_URL: Valkey or Redis at .* refuses the password\. Check the"):
        check_broker()


def test_a_bucket_is_made_and_making_it_again_changes_nothing(store: Any) -> None:
    store.S3_BUCKET = "made-by-prepare"
    prepare_bucket()
    prepare_bucket()
    storage.check_bucket()


def test_a_store_that_does_not_answer(store: Any) -> None:
    (port,) = free_ports(1)
    store.S3_ENDPOINT_URL = f"http://127.0.0.1:{port}"
    with pytest.raises(NotUsable) as refused:
        prepare_bucket()
    line = str(refused.value)
    assert line.startswith(f"S3_ENDPOINT_URL: the object store at http://127.0.0.1:{port} does not answer (")
    assert line.endswith("Check the address.")
    assert "\n" not in line


@pytest.mark.parametrize(("name", "value"), [("S3_ACCESS_KEY_ID", "unknown"), ("S3_SECRET_ACCESS_KEY", "wrong")])
def test_a_store_that_refuses_the_keys(store: Any, name: str, value: str) -> None:
    setattr(store, name, value)
    with pytest.raises(
        NotUsable, match=r"^S3_(ACCESS_KEY_ID|BUCKET): the object store at .*\. Check .*S3_SECRET"
    ) as line:
        prepare_bucket()
    assert "\n" not in str(line.value)


def test_a_bucket_name_that_s3_does_not_allow(store: Any) -> None:
    store.S3_BUCKET = "x"
    with pytest.raises(NotUsable, match=r"^S3_BUCKET: the object store at .* refuses bucket x \("):
        prepare_bucket()


def test_the_command_ends_with_one_line_and_code_1() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        port = silent.getsockname()[1]
        environment = {**os.environ, "DATABASE_URL": f"postgresql://me:secret@127.0.0.1:{port}/db"}
        command = [sys.executable, "manage.py", "prepare"]
        done = subprocess.run(command, env=environment, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == (
        f"DATABASE_URL: PostgreSQL at 127.0.0.1:{port} does not answer (Connection refused). "
        "Check the host and the port.\n"
    )
    assert done.stdout == ""
