"""A file at a web address: the registry fetches it by itself, and no byte of it comes by here."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection
from typing import Any, TypeGuard

from commonfield._http import Transport
from commonfield.purpose import Purpose
from commonfield.reports import Upload
from commonfield.sessions import FileIdentity, Session
from commonfield.upload import ON_ITS_WAY, recall_upload

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")


def is_address(source: object) -> TypeGuard[str]:
    """Whether a source is an address and no path. Which addresses may be imported from, the registry says."""
    return isinstance(source, str) and _ADDRESS.match(source.strip()) is not None


def identity_of(url: str) -> FileIdentity:
    """An address as something that a session is about. It may hold a signature, which is kept nowhere."""
    return FileIdentity(f"sha256:{hashlib.sha256(url.encode()).hexdigest()}", 0, 0)


class Import:
    """One file that the registry is asked to fetch; `begin` may be called again after any failure."""

    def __init__(self, *, transport: Transport, url: str, session: Session) -> None:
        self._transport = transport
        self._url = url
        self._session = session

    def begin(
        self,
        *,
        dataset: str,
        filename: str | None,
        resource: str | None,
        purpose: Purpose,
        in_draft: Callable[[], Collection[tuple[str, str]]],
    ) -> Upload:
        """Ask the registry to fetch the file; returns the upload as it is then.

        What an earlier run asked for is gone on with while it is on its way, or when `in_draft` tells that its
        bytes are in the draft: pairs of a table's name and the sha256 of a file that it was made of. Otherwise the
        address is asked anew, since it may give something else by now. Raises ApiError, ConnectionFailed.
        """
        return self._recall(in_draft) or self._initiate(dataset, filename, resource, purpose)

    def _initiate(self, dataset: str, filename: str | None, resource: str | None, purpose: Purpose) -> Upload:
        body: dict[str, Any] = {"dataset": dataset, "url": self._url, **purpose.to_json()}
        given = {"filename": filename, "resource": resource}
        body |= {name: value for name, value in given.items() if value is not None}
        upload = Upload.from_json(self._transport.post("/uploads", body))
        self._session.remember(upload.id)
        return upload

    def _recall(self, in_draft: Callable[[], Collection[tuple[str, str]]]) -> Upload | None:
        return recall_upload(
            self._transport,
            self._session,
            unfinished=ON_ITS_WAY,
            is_in_draft=lambda upload: {(name, upload.sha256) for name in upload.resources} <= set(in_draft()),
        )
