"""From errors to one sentence on stderr and an exit code; never a stack trace.

0  done
1  anything not named below
2  the command was not understood, or an argument is wrong
3  not signed in, or not allowed
4  not found
5  the upload was rejected, or could not be processed
6  no answer, or the registry failed
7  the bytes that came are not the published ones
130  interrupted
"""

from __future__ import annotations

import errno
from typing import Any

import click

from commonfield.cli.output import complain, show_findings
from commonfield.errors import (
    BadArgument,
    ChecksumMismatch,
    CommonfieldError,
    ConfigurationError,
    ConnectionFailed,
    MissingExtra,
    NotAllowed,
    NotFound,
    NotSignedIn,
    Rejected,
    ServerFailed,
    TransferFailed,
    UploadFailed,
)

EXIT_CODES: tuple[tuple[type[CommonfieldError], int], ...] = (
    # The first that fits decides: ChecksumMismatch is a TransferFailed.
    (BadArgument, 2),
    (ConfigurationError, 2),
    (MissingExtra, 2),
    (NotSignedIn, 3),
    (NotAllowed, 3),
    (NotFound, 4),
    (UploadFailed, 5),
    (ChecksumMismatch, 7),
    (ConnectionFailed, 6),
    (TransferFailed, 6),
    (ServerFailed, 6),
)
INTERRUPTED = 130


def exit_code(error: CommonfieldError) -> int:
    return next((code for kind, code in EXIT_CODES if isinstance(error, kind)), 1)


class Commands(click.Group):
    """The group that all commands are in: what they raise ends here."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except CommonfieldError as error:
            complain(str(error))
            if isinstance(error, Rejected):
                show_findings(error.findings, err=True)
            code = exit_code(error)
        except KeyboardInterrupt:
            complain("Interrupted. What was transferred is kept: the same command goes on from there.")
            code = INTERRUPTED
        except OSError as error:
            if error.errno == errno.EPIPE:
                raise  # `commonfield … | head` is no error; click ends quietly.
            complain(str(error))
            code = 1
        raise click.exceptions.Exit(code)
