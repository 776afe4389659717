"""The client: everything that a researcher or a data owner does with a registry, over HTTP."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, overload

from commonfield import frames, scanning
from commonfield.attaching import Attaching, send_document, settle
from commonfield.doctor import Check, examine
from commonfield.errors import BadArgument
from commonfield.fetching import Fetcher, kind_of
from commonfield.frames import Columns, Dtypes, Engine
from commonfield.importing import Import, identity_of, is_address
from commonfield.models import Account, DatasetId, Version
from commonfield.profiles import DEFAULT_PROFILE, Profile, normalize_url, save_profile
from commonfield.progress import Report as ProgressReport
from commonfield.purpose import DocumentPurpose, Mode, NewColumns, Purpose
from commonfield.push import DatasetWords, Publisher, PushResult, data_path
from commonfield.sessions import FileIdentity, Session
from commonfield.transfer import PARALLEL
from commonfield.upload import FileUpload

if TYPE_CHECKING:
    import duckdb
    import pandas as pd
    import polars as pl
    from typing_extensions import Self

StrPath = str | os.PathLike[str]


class Client(Attaching):
    """One registry, seen with one token. Safe to share between threads; usable as a context manager.

    Without arguments the site and token come from COMMONFIELD_URL and COMMONFIELD_TOKEN, else from the
    profile file that `commonfield login` writes. They are looked up at each call, so that a notebook may
    set them late. `timeout` is seconds without an answer; `retry` says how patient to be with a registry
    that is busy or restarting.
    """

    def __enter__(self) -> Self:
        return self

    # ------------------------------------------------------------ reading data
    @overload
    def load(
        self,
        id: str,
        *,
        version: str = ...,
        resource: str | None = ...,
        columns: Columns = ...,
        as_: Literal["pandas"] = ...,
        dtypes: Dtypes = ...,
        progress: ProgressReport | None = ...,
    ) -> pd.DataFrame: ...

    @overload
    def load(
        self,
        id: str,
        *,
        version: str = ...,
        resource: str | None = ...,
        columns: Columns = ...,
        as_: Literal["polars"],
        progress: ProgressReport | None = ...,
    ) -> pl.DataFrame: ...

    @overload
    def load(
        self,
        id: str,
        *,
        version: str = ...,
        resource: str | None = ...,
        columns: Columns = ...,
        as_: Literal["arrow"],
        progress: ProgressReport | None = ...,
    ) -> Any: ...

    @overload
    def load(
        self,
        id: str,
        *,
        version: str = ...,
        resource: str | None = ...,
        columns: Columns = ...,
        as_: Literal["duckdb"],
        connection: duckdb.DuckDBPyConnection | None = ...,
        progress: ProgressReport | None = ...,
    ) -> duckdb.DuckDBPyRelation: ...

    def load(
        self,
        id: str,
        *,
        version: str = "latest",
        resource: str | None = None,
        columns: Columns = None,
        as_: Engine = "pandas",
        dtypes: Dtypes = "lossless",
        connection: duckdb.DuckDBPyConnection | None = None,
        progress: ProgressReport | None = None,
    ) -> Any:
        """One resource of a version as a table; the bytes are verified and cached.

        `as_` is "pandas", "polars", "arrow" (pyarrow.Table) or "duckdb" (a relation, on `connection` if
        given). `dtypes` (pandas only) is explained in `commonfield.frames`. Where the table came from is
        in `frame.attrs` or in the Arrow schema's metadata: site, id, exact version, resource, manifest.
        Raises BadArgument, MissingExtra, ApiError, ConnectionFailed, TransferFailed.
        """
        if as_ not in {"pandas", "polars", "arrow", "duckdb"}:
            raise BadArgument(f"as_={as_!r} is unknown.", "Use 'pandas', 'polars', 'arrow' or 'duckdb'.")
        dataset = DatasetId.parse(id)
        transport = self._transport
        fetcher = Fetcher(transport, self.cache, parallel=PARALLEL, report=progress)
        got = fetcher.into_cache(dataset, version=version, resource=resource, original=False)
        if as_ == "polars":
            return frames.read_polars(got.paths, columns=columns)
        if as_ == "duckdb":
            return frames.read_duckdb(got.paths, columns=columns, connection=connection)
        provenance = {
            "commonfield.url": transport.site,
            "commonfield.dataset": str(dataset),
            "commonfield.version": got.listing.version,
            "commonfield.resource": got.resource,
            "commonfield.manifest_sha256": got.listing.manifest_sha256,
        }
        if as_ == "arrow":
            return frames.read_arrow(got.paths, columns=columns, provenance=provenance)
        return frames.read_pandas(got.paths, columns=columns, dtypes=dtypes, provenance=provenance)

    def scan(
        self,
        id: str,
        *,
        version: str = "latest",
        resource: str | None = None,
        as_: Literal["duckdb", "polars", "arrow"] = "duckdb",
        connection: duckdb.DuckDBPyConnection | None = None,
    ) -> Any:
        """One resource, read where it lies: a query fetches the columns and row groups that it needs, and no more.

        `as_` is "duckdb" (a relation, on `connection` if given), "polars" (a LazyFrame) or "arrow" (a pyarrow
        Dataset). Signed links that run out meanwhile are renewed. The bytes are not held to the published sha256,
        which is of whole files, unless they are in the cache. Raises BadArgument, MissingExtra, ApiError,
        ConnectionFailed; a query raises TransferFailed.
        """
        scanning.check_engine(as_)
        dataset = scanning.open_dataset(
            self._transport, self.cache, DatasetId.parse(id), version=version, resource=resource
        )
        if as_ == "duckdb":
            return scanning.as_relation(dataset, connection)
        return scanning.as_lazy_frame(dataset) if as_ == "polars" else dataset

    def open(
        self,
        id: str,
        *,
        version: str = "latest",
        resource: str | None = None,
        original: bool = False,
        part: int | None = None,
        progress: ProgressReport | None = None,
    ) -> BinaryIO:
        """The verified bytes of one file, opened for reading: Parquet, or the file as it was uploaded.

        A resource of several Parquet files needs `part` (from 0). Raises as `load` does.
        """
        fetcher = Fetcher(self._transport, self.cache, parallel=PARALLEL, report=progress)
        got = fetcher.into_cache(DatasetId.parse(id), version=version, resource=resource, original=original, part=part)
        if len(got.paths) != 1:
            raise BadArgument(
                f"{got.resource} consists of {len(got.paths)} files.",
                f"Say which one with part=0 to part={len(got.paths) - 1}, or use download().",
            )
        return got.paths[0].open("rb")

    def download(
        self,
        id: str,
        *,
        version: str = "latest",
        to: StrPath = ".",
        resource: str | None = None,
        original: bool = False,
        documents: bool = False,
        overwrite: bool = False,
        parallel: int = PARALLEL,
        progress: ProgressReport | None = None,
    ) -> list[Path]:
        """Put the version's Parquet files, the originals, or the documents into the folder `to`; returns their paths.

        Interrupted downloads go on where they broke off. Files that are there already are not fetched.
        Raises DestinationExists, ChecksumMismatch, TransferFailed, ApiError, ConnectionFailed.
        """
        fetcher = Fetcher(self._transport, self.cache, parallel=max(1, parallel), report=progress)
        return fetcher.into_folder(
            DatasetId.parse(id),
            Path(to),
            version=version,
            resource=resource,
            kind=kind_of(original=original, documents=documents, resource=resource),
            overwrite=overwrite,
        )

    # ------------------------------------------------------------ publishing
    def push(
        self,
        source: Any,
        id: str,
        *,
        note: str,
        title: str | None = None,
        description: str | None = None,
        methods: str | None = None,
        known_limits: str | None = None,
        license: str | None = None,
        keywords: Sequence[str] | None = None,
        access: str | None = None,
        resource: str | None = None,
        filename: str | None = None,
        number: str | None = None,
        mode: Mode = "replace",
        key: str | Sequence[str] | None = None,
        new_columns: NewColumns = "refuse",
        start_from: str | None = None,
        documents: Sequence[StrPath] = (),
        create: bool = True,
        submit: bool = True,
        wait: bool = True,
        parallel: int = PARALLEL,
        timeout: float = 900.0,
        progress: ProgressReport | None = None,
    ) -> PushResult:
        """Make a file (or a DataFrame) part of the dataset's draft, and submit the draft for review.

        A web address ("https://…") in the place of a path is fetched by the registry itself.

        Makes the dataset first if there is none and `create` is true; title, description, methods,
        known_limits, license, keywords and access are for that case.

        `mode` says what the file does: "replace" the table of its name (or be a new one), "append" its rows to
        a table, "upsert" them by `key` (the columns that tell rows apart; else the schema's primary key), or
        "delete" the rows whose keys it lists. `resource` names the table where the dataset has several. Columns
        that the table lacks are refused, or added with `new_columns="add"`. A draft starts with the tables of
        the latest version; `start_from` may say "empty", or a version's number.

        `documents` are paths of files that explain the tables (a codebook, a map); they go to the draft's documents.

        The same call on the same file after an interruption goes
        on where it broke off. `wait=False` returns as soon as the bytes are received (or an address is); then
        nothing is submitted. `timeout` is seconds without any progress of the registry's work.

        Raises Rejected (with .findings), ProcessingFailed, StillProcessing, FileChanged, TransferFailed,
        ApiError, ConnectionFailed.
        """
        dataset = DatasetId.parse(id)
        words = DatasetWords(title, description, methods, known_limits, license, keywords, access)
        purpose = Purpose.of(mode, key, new_columns)
        with tempfile.TemporaryDirectory(prefix="commonfield-") as scratch:
            file = _source(source, Path(scratch), filename, resource or dataset.slug)
            publisher = Publisher(self._transport, dataset, report=progress, timeout=timeout)
            there, created = publisher.find_or_create_dataset(words, create=create)
            session = Session(
                self.cache,
                site=self._transport.site,
                dataset=str(dataset),
                file=identity_of(file) if isinstance(file, str) else FileIdentity.of(file[0]),
                purpose=purpose.to_json(),
            )
            # A call that goes on where an earlier one broke off finds the draft that this one began.
            publisher.open_draft(note, start_from=None if session.recall() else start_from)
            if isinstance(file, str):
                upload = Import(transport=self._transport, url=file, session=session).begin(
                    dataset=str(dataset),
                    filename=filename,
                    resource=resource,
                    purpose=purpose,
                    in_draft=publisher.draft_files,
                )
            else:
                upload = FileUpload(
                    transport=self._transport,
                    path=file[0],
                    session=session,
                    parallel=max(1, parallel),
                    report=progress,
                ).send(
                    dataset=str(dataset),
                    filename=file[1],
                    resource=resource,
                    purpose=purpose,
                    in_draft=publisher.draft_resources,
                )
        sent = [
            send_document(
                self._transport,
                self.cache,
                document,
                publisher,
                purpose=DocumentPurpose(),
                parallel=parallel,
                report=progress,
            )
            for document in _paths(documents)
        ]
        version: Version | None = None
        submitted = False
        if wait:
            upload = publisher.await_processing(upload)
            for item in sent:
                settle(item, publisher)
            version = publisher.await_check()
            # Only now: until the end, the same call would come back to this upload instead of a second one.
            session.forget()
            if submit:
                version = publisher.submit(note=note, number=number)
                submitted = True
        elif isinstance(file, str):
            # Nobody waits for this file, and what the address gives the next time may be another one.
            session.forget()
        return PushResult(str(dataset), created, upload, version, submitted, there.url)

    # ------------------------------------------------------------ signing in
    def examine(self) -> list[Check]:
        """What works from here and what does not, with what to do about it. Raises nothing."""
        return list(examine(self, lambda: self._transport))

    def login(self, url: str | None = None, token: str | None = None, *, profile: str = DEFAULT_PROFILE) -> Account:
        """Check a token (made on your account page) and keep it in the profile file for later.

        Raises NotSignedIn if the registry refuses it; then nothing is kept.
        """
        site = normalize_url(url) if url is not None else self.url
        if not token:
            raise BadArgument("No token was given.", f"Make one on your account page at {site}.")
        with Client(site, token, timeout=self._timeout, retry=self._retry) as trial:
            account = trial.whoami()
        save_profile(profile, Profile(site, token))
        return account


def _paths(documents: Sequence[StrPath]) -> list[Path]:
    """Raises BadArgument for a single path, whose letters would each be a file."""
    if isinstance(documents, str | os.PathLike):
        raise BadArgument("documents= is one path.", "Give a list of paths: documents=[path].")
    return [Path(document) for document in documents]


def _source(source: Any, scratch: Path, filename: str | None, stem: str) -> tuple[Path, str] | str:
    """A file and its name for the registry, or the address that the registry is to fetch."""
    if is_address(source):
        return source.strip()
    if isinstance(source, str | os.PathLike):
        return data_path(Path(source), filename)
    if not frames.is_frame(source):
        raise BadArgument(
            f"A {type(source).__name__} cannot be pushed.",
            "Push a file's path, a pandas or polars DataFrame, an Arrow table or a DuckDB relation.",
        )
    path = scratch / f"{stem}.parquet"
    frames.write_parquet(source, path)
    return path, filename or path.name
