"""The passwords and keys of the embedded servers: made once, kept beside the data, for their owner's eyes."""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

from deploy.embedded.errors import FolderUnusable


def _make_password() -> str:
    return secrets.token_hex(24)


@dataclass(frozen=True, kw_only=True, repr=False)
class Credentials:
    """There is no default secret: every installation makes its own. Hex, so that URLs need no quoting."""

    postgres_admin_password: str = field(default_factory=_make_password)
    postgres_password: str = field(default_factory=_make_password)
    valkey_password: str = field(default_factory=_make_password)
    s3_access_key_id: str = field(default_factory=lambda: secrets.token_hex(10))
    s3_secret_access_key: str = field(default_factory=_make_password)
    s3_encryption_key: str = field(default_factory=lambda: secrets.token_hex(32))
    secret_key: str = field(default_factory=lambda: secrets.token_urlsafe(48))


def keep_credentials(file: Path) -> Credentials:
    """Read the credentials of an installation; what is missing is made and written (mode 0600, atomically).

    Raises FolderUnusable if the file is there but can't be read: making new ones would lock the data.
    """
    known: dict[str, str] = {}
    try:
        found = json.loads(file.read_text())
        known = {item.name: str(found[item.name]) for item in fields(Credentials) if found.get(item.name)}
    except FileNotFoundError:
        pass
    except (OSError, ValueError, AttributeError) as error:
        raise FolderUnusable(
            f"{file} can't be read ({error}). It holds the keys to the data here: restore it from a backup."
        ) from error
    credentials = Credentials(**known)
    if len(known) < len(fields(Credentials)):
        write_private(file, json.dumps(asdict(credentials), indent=1) + "\n")
    return credentials


def write_private(file: Path, text: str) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    fresh = file.with_name(f".{file.name}.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    fresh.replace(file)
