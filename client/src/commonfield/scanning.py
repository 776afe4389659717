"""A table that is read where it lies: only the ranges of bytes that a query needs, when it needs them.

Parquet has its columns apart and says what is where at its end, so that a query of two columns of one month reads
a few percent of a large table. Ranges go to the object store by signed links, which are renewed when they run out,
or come from the cache if the file is in it. What is read so is not held to the published sha256, which is of whole
files; `load` and `download` do that.
"""

from __future__ import annotations

import importlib
import io
import threading
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from commonfield._http import Transport
from commonfield.cache import Cache
from commonfield.errors import BadArgument, MissingExtra
from commonfield.fetching import entries_of
from commonfield.listing import FileEntry, Links, find_listing
from commonfield.models import DatasetId
from commonfield.ranges import Span, SpanFetcher

if TYPE_CHECKING:
    import pyarrow.dataset

TAIL = 256 << 10
"""The end of a file, with what tells where all else is, in one request."""
_KEPT = 8


class RemoteFile(io.RawIOBase):
    """A file of a version to read and seek in; each read is a request, but for what one of the last ones brought."""

    def __init__(self, transport: Transport, links: Links, entry: FileEntry) -> None:
        self._transport = transport
        self._links = links
        self._entry = entry
        self._position = 0
        self._kept: OrderedDict[tuple[int, int], bytes] = OrderedDict()
        self._lock = threading.Lock()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def size(self) -> int:
        return self._entry.bytes

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._entry.bytes}[whence]
        self._position = max(0, base + offset)
        return self._position

    def read(self, size: int | None = -1, /) -> bytes:
        """Raises TransferFailed, ApiError."""
        end = self._entry.bytes if size is None or size < 0 else min(self._entry.bytes, self._position + size)
        if end <= self._position:
            return b""
        data = self._between(self._position, end)
        self._position = end
        return data

    def readinto(self, buffer: Any, /) -> int:
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def _between(self, start: int, end: int) -> bytes:
        with self._lock:
            for (first, last), data in self._kept.items():
                if first <= start and end <= last:
                    return data[start - first : end - first]
        # Readers begin with the last bytes, and then want what stands before them.
        first = max(0, self._entry.bytes - TAIL) if end == self._entry.bytes else start
        first = min(first, start)
        data = self._fetched(first, end)
        with self._lock:
            self._kept[first, end] = data
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return data[start - first :]

    def _fetched(self, start: int, end: int) -> bytes:
        target = bytearray(end - start)

        def write(position: int, data: bytes) -> None:
            target[position - start : position - start + len(data)] = data

        fetcher = SpanFetcher(
            transport=self._transport,
            links=self._links,
            entry=self._entry,
            write=write,
            advance=lambda _: None,
            stop=threading.Event(),
        )
        fetcher.fetch(Span.of(start, end))
        return bytes(target)


def open_dataset(
    transport: Transport, cache: Cache, id: DatasetId, *, version: str, resource: str | None
) -> pyarrow.dataset.Dataset:
    """The table as a pyarrow Dataset, of which nothing is read yet but the schema.

    Raises BadArgument, NotFound, NotAllowed, MissingExtra, ConnectionFailed.
    """
    try:
        datasets = importlib.import_module("pyarrow.dataset")
        arrow_fs = importlib.import_module("pyarrow.fs")
    except ImportError as error:
        raise MissingExtra("pyarrow is not installed.", "Run: pip install 'commonfield[pyarrow]'.") from error
    listing, links = find_listing(transport, cache, id, version)
    entries = entries_of(listing, resource=resource, original=False)
    files = [(entry, cache.find(entry.sha256, entry.bytes)) for entry in entries]
    handler = _handler(transport, links, files)
    return datasets.dataset(
        [_name(place) for place in range(len(files))],
        filesystem=arrow_fs.PyFileSystem(handler),
        format=datasets.ParquetFileFormat(
            default_fragment_scan_options=datasets.ParquetFragmentScanOptions(pre_buffer=True)
        ),
    )


def _name(place: int) -> str:
    return f"{place}.parquet"


def _handler(transport: Transport, links: Links, files: Sequence[tuple[FileEntry, Path | None]]) -> Any:
    """A file system of these files alone, as pyarrow wants it. Made here, since pyarrow need not be there."""
    pa: Any = importlib.import_module("pyarrow")
    fs: Any = importlib.import_module("pyarrow.fs")
    known = {_name(place): file for place, file in enumerate(files)}

    class Files(fs.FileSystemHandler):  # type: ignore[misc]
        def __eq__(self, other: object) -> bool:
            return self is other

        def __hash__(self) -> int:
            return id(self)

        def get_type_name(self) -> str:
            return "commonfield"

        def normalize_path(self, path: str) -> str:
            return path

        def get_file_info(self, paths: list[str]) -> list[Any]:
            return [
                fs.FileInfo(path, fs.FileType.File, size=known[path][0].bytes)
                if path in known
                else fs.FileInfo(path, fs.FileType.NotFound)
                for path in paths
            ]

        def open_input_file(self, path: str) -> Any:
            entry, there = known[path]
            if there is not None:
                return pa.OSFile(str(there))
            return pa.PythonFile(RemoteFile(transport, links, entry), mode="r")

        def open_input_stream(self, path: str) -> Any:
            return self.open_input_file(path)

        def _refuse(self, *_args: object, **_options: object) -> Any:
            raise OSError("a published version is not written to")

        get_file_info_selector = create_dir = delete_dir = delete_dir_contents = delete_root_dir_contents = _refuse
        delete_file = move = copy_file = open_output_stream = open_append_stream = _refuse

    return Files()


def as_relation(dataset: pyarrow.dataset.Dataset, connection: Any = None) -> Any:
    """A DuckDB relation that asks the dataset for the columns and row groups that a query needs."""
    duckdb = _require("duckdb")
    return (connection or duckdb.connect()).from_arrow(dataset)


def as_lazy_frame(dataset: pyarrow.dataset.Dataset) -> Any:
    """A Polars LazyFrame over the dataset."""
    return _require("polars").scan_pyarrow_dataset(dataset)


def _require(module: str) -> Any:
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise MissingExtra(f"{module} is not installed.", f"Run: pip install 'commonfield[{module}]'.") from error


def check_engine(engine: str) -> None:
    """Raises BadArgument."""
    if engine not in {"duckdb", "polars", "arrow"}:
        raise BadArgument(f"as_={engine!r} is unknown.", "Use 'duckdb', 'polars' or 'arrow'.")
