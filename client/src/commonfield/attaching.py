"""Files that explain tables: brought to a draft as they are."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from commonfield._http import Transport
from commonfield.cache import Cache
from commonfield.looking import Looking
from commonfield.models import DatasetId
from commonfield.progress import Report
from commonfield.purpose import DocumentPurpose
from commonfield.push import Publisher, data_path
from commonfield.reports import Upload
from commonfield.sessions import FileIdentity, Session
from commonfield.transfer import PARALLEL
from commonfield.upload import FileUpload


@dataclass(frozen=True)
class Sent:
    """A document whose bytes the registry has, and what remembers them until it is in the draft."""

    upload: Upload
    session: Session


class Attaching(Looking):
    """The part of the client that adds documents to a draft."""

    def attach(
        self,
        source: str | os.PathLike[str],
        id: str,
        *,
        title: str = "",
        description: str = "",
        parallel: int = PARALLEL,
        timeout: float = 900.0,
        progress: Report | None = None,
    ) -> Upload:
        """Add a file that explains the tables (a codebook, a readme, a map) to the documents of the draft.

        A draft is opened if there is none. A document of the same name is replaced, and keeps its title unless
        another is given. Nothing is submitted: `push` and the page do that. The same call after an interruption
        goes on where it broke off. Raises Rejected, ProcessingFailed, StillProcessing, FileChanged, TransferFailed,
        ApiError, ConnectionFailed.
        """
        dataset = DatasetId.parse(id)
        publisher = Publisher(self._transport, dataset, report=progress, timeout=timeout)
        publisher.open_draft("")
        words = DocumentPurpose(title, description)
        sent = send_document(
            self._transport, self.cache, Path(source), publisher, purpose=words, parallel=parallel, report=progress
        )
        return settle(sent, publisher)


def send_document(
    transport: Transport,
    cache: Cache,
    source: Path,
    publisher: Publisher,
    *,
    purpose: DocumentPurpose,
    parallel: int,
    report: Report | None,
) -> Sent:
    """Bring the bytes to the registry; what becomes of them, `settle` waits for."""
    path, filename = data_path(source, None)
    dataset = str(publisher.id)
    session = Session(
        cache, site=transport.site, dataset=dataset, file=FileIdentity.of(path), purpose=purpose.to_json()
    )
    upload = FileUpload(transport=transport, path=path, session=session, parallel=max(1, parallel), report=report).send(
        dataset=dataset,
        filename=filename,
        resource=None,
        purpose=purpose,
        in_draft=publisher.draft_documents,
    )
    return Sent(upload, session)


def settle(sent: Sent, publisher: Publisher) -> Upload:
    """Wait until the document is in the draft. Raises Rejected, ProcessingFailed, StillProcessing."""
    upload = publisher.await_processing(sent.upload)
    sent.session.forget()
    return upload
