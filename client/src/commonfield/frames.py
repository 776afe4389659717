"""From verified Parquet files to the frame that the user works with, and from a frame to a file.

pandas dtypes. `lossless`, the default, gives plain numpy types, but `Int64` and `boolean` to integer and
boolean columns in which values are missing: numpy would turn these into floats and objects, and integers
beyond 2**53 into other integers. So a column may be int64 in one version and Int64 in the next, and no
value ever differs from the published one. `nullable` gives pandas' nullable types throughout, `arrow`
keeps Arrow's types (decimals and lists too), and `numpy` is what `pandas.read_parquet` does.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from commonfield.errors import BadArgument, MissingExtra

if TYPE_CHECKING:
    import duckdb
    import pandas as pd
    import polars as pl

Engine = Literal["pandas", "polars", "arrow", "duckdb"]
Dtypes = Literal["lossless", "nullable", "arrow", "numpy"]
Columns = Sequence[str] | None
Provenance = Mapping[str, str]


def read_pandas(paths: Sequence[Path], *, columns: Columns, dtypes: Dtypes, provenance: Provenance) -> pd.DataFrame:
    """Raises BadArgument for an unknown column or dtypes, MissingExtra without pandas and pyarrow."""
    pd = _require("pandas", extra="pandas")
    _require("pyarrow", extra="pandas")
    if dtypes not in {"lossless", "nullable", "arrow", "numpy"}:
        raise BadArgument(f"dtypes={dtypes!r} is unknown.", "Use 'lossless', 'nullable', 'arrow' or 'numpy'.")
    table = read_arrow(paths, columns=columns, provenance={})
    options: dict[str, Any] = {"ignore_metadata": True, "date_as_object": False}
    if dtypes == "arrow":
        frame = table.to_pandas(types_mapper=pd.ArrowDtype, **options)
    elif dtypes == "nullable":
        frame = table.to_pandas(types_mapper=_nullable_types(pd).get, **options)
    elif dtypes == "numpy":
        frame = table.to_pandas(**options)
    else:
        frame = _lossless(table, pd, options)
    frame.attrs.update(provenance)
    return frame  # type: ignore[no-any-return]


def read_polars(paths: Sequence[Path], *, columns: Columns) -> pl.DataFrame:
    pl = _require("polars", extra="polars")
    lazy = pl.scan_parquet(list(paths))
    _check_columns(columns, lazy.collect_schema().names())
    return (lazy if columns is None else lazy.select(list(columns))).collect()  # type: ignore[no-any-return]


def read_arrow(paths: Sequence[Path], *, columns: Columns, provenance: Provenance) -> Any:
    """A pyarrow.Table; where it came from is in its schema's metadata."""
    _require("pyarrow", extra="pyarrow")
    dataset = importlib.import_module("pyarrow.dataset")
    source = dataset.dataset([str(path) for path in paths], format="parquet")
    _check_columns(columns, source.schema.names)
    table = source.to_table(columns=list(columns) if columns is not None else None)
    return table.replace_schema_metadata({**(table.schema.metadata or {}), **provenance})


def read_duckdb(
    paths: Sequence[Path], *, columns: Columns, connection: duckdb.DuckDBPyConnection | None
) -> duckdb.DuckDBPyRelation:
    """A relation over the cached files: nothing is read until it is asked for."""
    duckdb = _require("duckdb", extra="duckdb")
    target = connection if connection is not None else duckdb.connect()
    relation = target.read_parquet([str(path) for path in paths])
    _check_columns(columns, relation.columns)
    if columns is None:
        return relation
    quoted = ", ".join('"' + column.replace('"', '""') + '"' for column in columns)
    return relation.project(quoted)


def is_frame(source: object) -> bool:
    return type(source).__module__.split(".")[0] in {"pandas", "polars", "pyarrow", "duckdb", "_duckdb"}


def write_parquet(source: Any, path: Path) -> None:
    """Write a pandas or polars DataFrame, an Arrow table or a DuckDB relation as a Parquet file.

    Raises BadArgument for a frame whose index would be lost, and for anything else.
    """
    library = type(source).__module__.split(".")[0]
    if library == "pandas" and hasattr(source, "to_parquet"):
        _require("pyarrow", extra="pandas")
        _with_index_as_columns(source).to_parquet(path, index=False, compression="zstd")
    elif hasattr(source, "write_parquet"):
        # polars and DuckDB call it the same.
        source.write_parquet(str(path))
    elif library == "pyarrow" and hasattr(source, "schema"):
        importlib.import_module("pyarrow.parquet").write_table(source, path, compression="zstd")
    else:
        raise BadArgument(
            f"A {type(source).__name__} cannot be pushed.",
            "Push a file's path, a pandas or polars DataFrame, an Arrow table or a DuckDB relation.",
        )


def _with_index_as_columns(frame: Any) -> Any:
    index = frame.index
    if type(index).__name__ == "RangeIndex" and index.name is None:
        return frame
    if any(name is None for name in index.names):
        raise BadArgument(
            "The frame has an index without a name, which would be lost.",
            "Name it to keep it as a column (frame.index.name = …), or drop it with frame.reset_index(drop=True).",
        )
    return frame.reset_index()


def _lossless(table: Any, pd: Any, options: Mapping[str, Any]) -> Any:
    types = importlib.import_module("pyarrow.types")
    mapper = _nullable_types(pd).get
    with_gaps = [
        position
        for position, column in enumerate(table.columns)
        if column.null_count and (types.is_integer(column.type) or types.is_boolean(column.type))
    ]
    names = table.column_names
    frame = table.drop_columns([names[position] for position in with_gaps]).to_pandas(**options)
    for position in with_gaps:
        frame.insert(position, names[position], table.column(position).to_pandas(types_mapper=mapper))
    return frame


def _nullable_types(pd: Any) -> dict[Any, Any]:
    pa = importlib.import_module("pyarrow")
    return {
        pa.int8(): pd.Int8Dtype(),
        pa.int16(): pd.Int16Dtype(),
        pa.int32(): pd.Int32Dtype(),
        pa.int64(): pd.Int64Dtype(),
        pa.uint8(): pd.UInt8Dtype(),
        pa.uint16(): pd.UInt16Dtype(),
        pa.uint32(): pd.UInt32Dtype(),
        pa.uint64(): pd.UInt64Dtype(),
        pa.bool_(): pd.BooleanDtype(),
        pa.float32(): pd.Float32Dtype(),
        pa.float64(): pd.Float64Dtype(),
        pa.string(): pd.StringDtype(),
        pa.large_string(): pd.StringDtype(),
    }


def _check_columns(wanted: Columns, known: Sequence[str]) -> None:
    if isinstance(wanted, str):
        raise BadArgument(f"columns={wanted!r} is one word.", f"Write columns=[{wanted!r}].")
    unknown = [column for column in wanted or () if column not in known]
    if unknown:
        raise BadArgument(
            f"There is no column {', '.join(repr(column) for column in unknown)}.",
            f"The columns are: {', '.join(known)}.",
        )


def _require(module: str, *, extra: str) -> Any:
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise MissingExtra(f"{module} is not installed.", f"Run: pip install 'commonfield[{extra}]'.") from error
