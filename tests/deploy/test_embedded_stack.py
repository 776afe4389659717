"""The three servers as they really run: start, answer, keep their data, say what is wrong, and go."""

import json
import os
import socket
import stat
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import psutil
import psycopg
import pytest
import redis
from botocore.config import Config
from botocore.exceptions import ClientError

from deploy.embedded.errors import (
    DataFromOtherVersion,
    FolderInUse,
    FolderUnusable,
    PortInUse,
    ServerNotReady,
    SettingInvalid,
)
from deploy.embedded.leftovers import record
from deploy.embedded.ports import Ports
from deploy.embedded.postgres import Postgres
from deploy.embedded.seaweedfs import SeaweedFS
from deploy.embedded.stack import Stack
from deploy.embedded.valkey import Valkey

Environment = dict[str, str]


@pytest.fixture(scope="module")
def shared() -> Iterator[tuple[Stack, Environment]]:
    with tempfile.TemporaryDirectory(prefix="commonfield-deploy-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)
        stack = Stack(Path(folder, "var"), ports=Ports.free(), given={})
        with stack.running() as environment:
            write_everywhere(environment)
            yield stack, environment


def make_stack(var: Path, **options: Any) -> Stack:
    return Stack(var, **{"ports": Ports.free(), "given": {}, "durable": False, **options})


def s3(environment: Environment, **changed: str) -> Any:
    keys = {**environment, **changed}
    return boto3.client(
        "s3",
        endpoint_url=keys["S3_ENDPOINT_URL"],
        aws_access_key_id=keys["S3_ACCESS_KEY_ID"],
        aws_secret_access_key=keys["S3_SECRET_ACCESS_KEY"],
        region_name="us-east-1",
        config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 1}, connect_timeout=2),
    )


def write_everywhere(environment: Environment) -> None:
    with psycopg.connect(environment["DATABASE_URL"]) as connection:
        connection.execute("CREATE TABLE grain (variety text)")
        connection.execute("INSERT INTO grain VALUES ('大麦')")
    with redis.Redis.from_url(environment["BROKER_URL"]) as broker:
        broker.rpush("queue", "wake up")
    store = s3(environment)
    store.create_bucket(Bucket="granary")
    store.put_object(Bucket="granary", Key="a/b", Body=b"barley")


def read_everywhere(environment: Environment) -> tuple[object, object, object]:
    with psycopg.connect(environment["DATABASE_URL"], connect_timeout=2) as connection:
        row = connection.execute("SELECT variety FROM grain").fetchone()
    with redis.Redis.from_url(environment["BROKER_URL"], decode_responses=True) as broker:
        message = broker.lindex("queue", 0)
    body = s3(environment).get_object(Bucket="granary", Key="a/b")["Body"].read()
    return row, message, body


WRITTEN = (("大麦",), "wake up", b"barley")


def eventually(what: Callable[[], Any], *, seconds: float = 20.0) -> Any:
    deadline = time.monotonic() + seconds
    while True:
        try:
            return what()
        except Exception:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def pids(stack: Stack) -> dict[str, int]:
    return {server.name: server.process.pid for server in stack.servers if server.process}


def alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_all_three_answer_and_give_their_variables(shared: tuple[Stack, Environment]) -> None:
    stack, environment = shared
    assert read_everywhere(environment) == WRITTEN
    assert sorted(environment) == [
        "BROKER_URL",
        "DATABASE_URL",
        "S3_ACCESS_KEY_ID",
        "S3_ENDPOINT_URL",
        "S3_SECRET_ACCESS_KEY",
        "SECRET_KEY",
    ]
    assert sorted(pids(stack)) == ["postgres", "seaweedfs", "valkey"]


def test_the_role_is_no_superuser_and_may_add_the_extensions(shared: tuple[Stack, Environment]) -> None:
    _, environment = shared
    with psycopg.connect(environment["DATABASE_URL"], autocommit=True) as connection:
        for extension in ("pg_trgm", "unaccent", "citext", "btree_gin"):
            connection.execute(f"CREATE EXTENSION {extension}")
        row = connection.execute(
            "SELECT current_setting('is_superuser'), lower('ÄÉ'), unaccent('naïve'),"
            " to_tsvector('simple', 'Größe 公田')::text, 'É'::citext = 'é'::citext,"
            " current_setting('server_encoding'), current_setting('timezone')"
        ).fetchone()
        assert row == ("off", "äé", "naive", "'größe':1 '公田':2", True, "UTF8", "UTC")
        connection.execute("CREATE DATABASE another")
        connection.execute("DROP DATABASE another")


def test_nothing_listens_beyond_loopback(shared: tuple[Stack, Environment]) -> None:
    stack, _ = shared
    heard = {
        (name, connection.laddr.ip)
        for name, pid in pids(stack).items()
        for connection in psutil.Process(pid).net_connections(kind="inet")
        if connection.status == psutil.CONN_LISTEN
    }
    assert heard == {("postgres", "127.0.0.1"), ("seaweedfs", "127.0.0.1"), ("valkey", "127.0.0.1")}


def test_nobody_gets_in_without_the_secrets(shared: tuple[Stack, Environment]) -> None:
    stack, environment = shared
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(environment["DATABASE_URL"].replace("commonfield:", "commonfield:x", 1))
    with (
        redis.Redis(port=int(environment["BROKER_URL"].split(":")[-1].split("/")[0])) as broker,
        pytest.raises(redis.AuthenticationError),
    ):
        broker.ping()
    for wrong in ({"S3_SECRET_ACCESS_KEY": "wrong"}, {"S3_ACCESS_KEY_ID": "nobody"}):
        with pytest.raises(ClientError) as refused:
            s3(environment, **wrong).list_buckets()
        assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403
    assert stat.S_IMODE((stack.var / "secrets.json").stat().st_mode) == 0o600
    written = json.loads((stack.var / "secrets.json").read_text())
    arguments = " ".join(part for pid in pids(stack).values() for part in psutil.Process(pid).cmdline())
    assert not [name for name, secret in written.items() if secret in arguments]


def test_the_object_store_behaves_like_s3(shared: tuple[Stack, Environment]) -> None:
    _, environment = shared
    store = s3(environment)
    with pytest.raises(ClientError, match="NoSuchBucket"):
        store.put_object(Bucket="never-made", Key="k", Body=b"")
    store.create_bucket(Bucket="full")
    store.put_object(Bucket="full", Key="k", Body=b"1", ServerSideEncryption="AES256")
    assert store.get_object(Bucket="full", Key="k")["Body"].read() == b"1"
    with pytest.raises(ClientError, match="PreconditionFailed"):
        store.put_object(Bucket="full", Key="k", Body=b"2", IfNoneMatch="*")
    with pytest.raises(ClientError, match="BucketNotEmpty"):
        store.delete_bucket(Bucket="full")


def test_a_second_start_on_the_folder_is_refused_in_one_line(shared: tuple[Stack, Environment]) -> None:
    stack, environment = shared
    with pytest.raises(FolderInUse) as refused:
        make_stack(stack.var).start()
    assert str(refused.value) == (
        f"Commonfield already runs on {stack.var} (process {os.getpid()}). Use that one, or stop it first."
    )
    assert read_everywhere(environment) == WRITTEN


@pytest.mark.recovery
@pytest.mark.parametrize("name", ["postgres", "valkey", "seaweedfs"])
def test_a_killed_server_comes_back_with_its_data(shared: tuple[Stack, Environment], name: str) -> None:
    stack, environment = shared
    # Valkey writes its file every second; the wait is what a power cut may cost.
    time.sleep(1.1)
    before = pids(stack)
    psutil.Process(before[name]).kill()

    assert eventually(lambda: read_everywhere(environment)) == WRITTEN
    after = pids(stack)
    assert {server for server in after if after[server] != before[server]} == {name}


def test_data_and_secrets_stay_between_starts(var: Path) -> None:
    first = make_stack(var, durable=True)
    with first.running() as environment:
        write_everywhere(environment)
        processes = pids(first)
    assert [name for name, pid in processes.items() if alive(pid)] == []

    second = make_stack(var, durable=True, ports=first._ports)
    with second.running() as again:
        assert again == environment
        assert read_everywhere(again) == WRITTEN


def test_objects_stay_when_the_inner_ports_have_to_change(var: Path) -> None:
    with make_stack(var).running() as environment:
        write_everywhere(environment)
    kept = json.loads((var / "seaweedfs" / "ports.json").read_text())
    with socket.create_server(("127.0.0.1", kept["master"])), make_stack(var).running() as environment:
        assert json.loads((var / "seaweedfs" / "ports.json").read_text())["master"] != kept["master"]
        assert s3(environment).get_object(Bucket="granary", Key="a/b")["Body"].read() == b"barley"
        s3(environment).put_object(Bucket="granary", Key="new", Body=b"oats")
        assert s3(environment).get_object(Bucket="granary", Key="new")["Body"].read() == b"oats"


def test_an_inner_port_that_is_taken_at_the_last_moment(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Chosen while it was free, and another program's before the server listens there."""
    taken: list[socket.socket] = []
    prepare = SeaweedFS.prepare

    def prepare_and_lose(self: SeaweedFS) -> None:
        prepare(self)
        if not taken:
            taken.append(socket.create_server(("127.0.0.1", self._inner["filer"])))

    monkeypatch.setattr(SeaweedFS, "prepare", prepare_and_lose)
    with make_stack(var).running() as environment:
        write_everywhere(environment)
    assert len(taken) == 1
    taken[0].close()


def test_a_port_in_use_is_one_line_that_says_what_to_do(var: Path) -> None:
    ports = Ports.free()
    with socket.create_server(("127.0.0.1", ports.postgres)):
        stack = make_stack(var, ports=ports)
        with pytest.raises(PortInUse) as refused:
            stack.start()
    assert str(refused.value) == (
        f"postgres needs port {ports.postgres}, but another program uses it. Stop it, or choose another "
        "port with COMMONFIELD_POSTGRES_PORT=…, or name a server of your own in DATABASE_URL."
    )
    assert pids(stack) == {}
    with make_stack(var, ports=ports).running() as environment:
        assert environment["DATABASE_URL"]


def test_ports_come_from_the_environment(var: Path) -> None:
    assert Ports.from_environment({"COMMONFIELD_S3_PORT": "9000"}) == Ports(s3=9000)
    for wrong in ("http", "0", "65536", "-1"):
        with pytest.raises(SettingInvalid, match="COMMONFIELD_VALKEY_PORT is"):
            Ports.from_environment({"COMMONFIELD_VALKEY_PORT": wrong})


def test_a_server_with_a_url_is_not_started(var: Path) -> None:
    given = {
        "DATABASE_URL": "postgresql://elsewhere/db",
        "S3_ENDPOINT_URL": "https://s3.example",
        "SECRET_KEY": "mine",
    }
    stack = make_stack(var, given=given)
    with stack.running() as environment:
        assert list(pids(stack)) == ["valkey"]
        assert list(environment) == ["BROKER_URL"]


def test_a_server_that_cannot_start_shows_the_end_of_its_log(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with make_stack(var).running():
        pass
    (var / "postgres" / "postgresql.conf").write_text("no_such_setting = 1\n")
    stack = make_stack(var)
    with pytest.raises(ServerNotReady) as refused:
        stack.start()
    assert str(refused.value).startswith("postgres did not come up: it ended with code 1. The end of ")
    assert 'unrecognized configuration parameter "no_such_setting"' in str(refused.value)
    assert pids(stack) == {}


def test_a_server_that_stays_silent_is_given_up(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prepare = Valkey.prepare

    def listen_elsewhere(server: Valkey) -> None:
        prepare(server)
        file = server.place.data / "valkey.conf"
        file.write_text(file.read_text().replace(f"port {server.port}\n", f"port {Ports.free().valkey}\n"))

    monkeypatch.setattr(Valkey, "prepare", listen_elsewhere)
    monkeypatch.setattr(Valkey, "ready_seconds", 1.0)
    stack = make_stack(var, given={"DATABASE_URL": "postgresql://x/x", "S3_ENDPOINT_URL": "http://x"})
    with pytest.raises(ServerNotReady, match=r"valkey did not come up: no answer after 1 s \(.*refused") as silent:
        stack.start()
    assert "Ready to accept connections tcp" in silent.value.tail[-1]
    assert pids(stack) == {}


def test_data_of_another_version_are_not_touched(var: Path) -> None:
    with make_stack(var).running():
        pass
    (var / "postgres" / "PG_VERSION").write_text("15\n")
    with pytest.raises(DataFromOtherVersion, match=r"was made by PostgreSQL 15, but PostgreSQL 18 is inst"):
        make_stack(var).start()
    assert (var / "postgres" / "PG_VERSION").read_text() == "15\n"


def test_torn_secrets_are_never_replaced(var: Path) -> None:
    var.mkdir()
    (var / "secrets.json").write_text('{"postgres_pass')
    with pytest.raises(FolderUnusable, match=r"secrets\.json can't be read .* restore it from a backup\."):
        make_stack(var).start()
    assert (var / "secrets.json").read_text() == '{"postgres_pass'


def test_a_foreign_folder_is_not_taken_for_a_database(var: Path) -> None:
    (var / "postgres").mkdir(parents=True)
    (var / "postgres" / "thesis.txt").write_text("years of work")
    with pytest.raises(FolderUnusable, match="is not a PostgreSQL folder"):
        make_stack(var).start()
    assert (var / "postgres" / "thesis.txt").read_text() == "years of work"


def test_the_pid_of_a_stranger_is_not_believed(var: Path) -> None:
    """After a restart of the machine, the pids in our files belong to other programs; also to the same user's."""
    with make_stack(var).running():
        pass
    owner = (var / "postgres").stat()
    other_user = {"user": owner.st_uid, "group": owner.st_gid} if owner.st_uid != os.getuid() else {}
    with subprocess.Popen(["sleep", "600"], cwd="/", **other_user) as stranger:
        lines = [str(stranger.pid), str(var / "postgres"), "1700000000", "1", "", "127.0.0.1", "1 1", "ready"]
        (var / "postgres" / "postmaster.pid").write_text("\n".join(lines) + "\n")
        (var / "run" / "postgres.pid").write_text(json.dumps({"pid": stranger.pid, "started": 1.0}))
        (var / "run" / "valkey.pid").write_text("{torn")
        try:
            with make_stack(var).running() as environment:
                write_everywhere(environment)
                assert read_everywhere(environment) == WRITTEN
            assert alive(stranger.pid)
        finally:
            stranger.kill()


def test_a_leftover_of_ours_is_ended_first(var: Path) -> None:
    """Where the kernel knows no death signal, a killed supervisor leaves its servers running."""
    (var / "run").mkdir(parents=True)
    with subprocess.Popen(["sleep", "600"]) as leftover:
        record(pid=leftover.pid, pid_file=var / "run" / "valkey.pid")
        given = {"DATABASE_URL": "postgresql://x/x", "S3_ENDPOINT_URL": "http://x"}
        with make_stack(var, given=given).running():
            ended = not alive(leftover.pid)
        leftover.kill()
    assert ended


def test_a_half_made_cluster_is_made_again(var: Path) -> None:
    half = var / f".{Postgres.name}.new"
    (half / "base").mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    with make_stack(var).running() as environment:
        write_everywhere(environment)
    assert not half.exists()
