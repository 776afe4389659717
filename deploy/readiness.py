"""Are the three servers there and usable? Every no is one line: which variable, what happened, what to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

import psycopg
import redis
from django.conf import settings

from catalog import storage

OLDEST_POSTGRES = 15
# Any number; the same in every copy of the site, so that only one migrates at a time.
_MIGRATION_LOCK = 0x0C0F
_TIMEOUT = 5


class NotUsable(Exception):
    """A server can't be used; `str()` is the line to show."""

    def __init__(self, *, variable: str, what: str, remedy: str) -> None:
        self.variable = variable
        super().__init__(f"{variable}: {what}. {remedy}")


@dataclass(frozen=True)
class _Database:
    """The connection's parts, as Django has them."""

    host: str
    port: int
    name: str
    user: str
    password: str

    @classmethod
    def read(cls, entry: Mapping[str, object]) -> _Database:
        host, name, user, password = (str(entry[key]) for key in ("HOST", "NAME", "USER", "PASSWORD"))
        return cls(host, int(str(entry["PORT"])), name, user, password)

    def connect(self) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(
            host=self.host,
            port=self.port,
            dbname=self.name,
            user=self.user,
            password=self.password,
            connect_timeout=_TIMEOUT,
            autocommit=True,
        )


@contextmanager
def usable_database(entry: Mapping[str, object]) -> Iterator[str]:
    """Connect and yield the server's version, holding the lock under which one process at a time migrates.

    `entry` is one of settings.DATABASES. Raises NotUsable.
    """
    database = _Database.read(entry)
    try:
        connection = database.connect()
    except psycopg.OperationalError as error:
        raise _explain_database(database, str(error)) from error
    with connection:
        version = connection.info.server_version
        if version < OLDEST_POSTGRES * 10_000:
            raise NotUsable(
                variable="DATABASE_URL",
                what=f"PostgreSQL at {database.host}:{database.port} is version {version // 10_000}",
                remedy=f"Use {OLDEST_POSTGRES} or newer.",
            )
        connection.execute("SELECT pg_advisory_lock(%s)", [_MIGRATION_LOCK])
        yield f"{version // 10_000}.{version % 10_000}"


def _explain_database(database: _Database, message: str) -> NotUsable:
    where = f"{database.host}:{database.port}"
    if "password authentication failed" in message or "no password supplied" in message:
        what, remedy = (
            f"PostgreSQL at {where} refuses user {database.user}",
            "Check the user and the password.",
        )
    elif "does not exist" in message:
        what = f"PostgreSQL at {where} has no database {database.name}" if "database" in message else message
        remedy = "Make it (createdb), or check the name."
    else:
        reason = message.strip().splitlines()[0].rpartition("failed: ")[2]
        what, remedy = f"PostgreSQL at {where} does not answer ({reason})", "Check the host and the port."
    return NotUsable(variable="DATABASE_URL", what=what, remedy=remedy)


def check_broker() -> None:
    """Raise NotUsable unless the broker answers."""
    url = urlsplit(settings.BROKER_URL)
    where = f"Valkey or Redis at {url.hostname}:{url.port or 6379}"
    client = redis.Redis.from_url(
        settings.BROKER_URL, socket_connect_timeout=_TIMEOUT, socket_timeout=_TIMEOUT, retry=None
    )
    try:
        client.ping()
    except redis.AuthenticationError as error:
        what, remedy = f"{where} refuses the password", "Check the user and the password."
        raise NotUsable(variable="BROKER_URL", what=what, remedy=remedy) from error
    except (redis.RedisError, OSError) as error:
        what, remedy = f"{where} does not answer ({error})", "Check the host and the port."
        raise NotUsable(variable="BROKER_URL", what=what, remedy=remedy) from error
    finally:
        client.close()


def prepare_bucket() -> None:
    """Make the bucket if need be and let our pages send parts to it. Raises NotUsable."""
    where = f"the object store at {settings.S3_ENDPOINT_URL}"
    try:
        storage.ensure_bucket(origins=[settings.BASE_URL])
    except storage.StorageUnavailable as error:
        what = f"{where} does not answer ({error.__cause__ or error})"
        raise NotUsable(variable="S3_ENDPOINT_URL", what=what, remedy="Check the address.") from error
    except storage.client().exceptions.ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        raise _explain_store(where, code=code, status=status) from error


def _explain_store(where: str, *, code: str, status: int) -> NotUsable:
    bucket = settings.S3_BUCKET
    if code in {"InvalidAccessKeyId", "SignatureDoesNotMatch"}:
        what, remedy = f"{where} refuses the keys ({code})", "Check them and S3_SECRET_ACCESS_KEY."
        return NotUsable(variable="S3_ACCESS_KEY_ID", what=what, remedy=remedy)
    if status in {401, 403}:
        what = f"{where} does not let these keys use or make bucket {bucket} ({code})"
        remedy = "Check S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY and the bucket's policy."
        return NotUsable(variable="S3_BUCKET", what=what, remedy=remedy)
    what, remedy = (
        f"{where} refuses bucket {bucket} ({code or status})",
        "Check the bucket's name and region.",
    )
    return NotUsable(variable="S3_BUCKET", what=what, remedy=remedy)
