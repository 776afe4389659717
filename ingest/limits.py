"""Every limit of the ingest pipeline in one table, so that no reader carries a number of its own."""

from __future__ import annotations

from dataclasses import dataclass

KIB = 1 << 10
MIB = 1 << 20
GIB = 1 << 30


@dataclass(frozen=True, slots=True)
class Limits:
    """What a file may be, and the sizes in which it is worked on. All sizes are bytes unless named otherwise.

    The working sizes are measured (docs/performance.md): blocks of 2 to 4 MiB keep the whole convert under
    600 MB, and row groups of 122,880 rows serve a page of 100 rows in one read.
    """

    # What an upload may be.
    max_bytes: int = 20 * GIB
    max_unpacked_bytes: int = 60 * GIB
    max_ratio: int = 200
    ratio_free_bytes: int = 16 * MIB
    max_members: int = 500
    max_columns: int = 100_000
    max_sheet_cells: int = 40_000_000
    max_cell_bytes: int = 32 * MIB
    max_tree_bytes: int = 512 * MIB
    max_nesting: int = 100

    # From where on a table is no table, and a type no type.
    ragged_share: float = 0.10
    ragged_grace: int = 5
    misfit_share: float = 0.05
    odd_share: float = 0.01
    misfit_grace_rows: int = 100_000
    # Above this share of refused cells in a column its owner wants the file refused; 1 never is.
    refused_share: float = 1.0

    # How much is looked at before the types are chosen.
    whole_sample_bytes: int = 4 * MIB
    head_sample_bytes: int = 1 * MIB
    piece_bytes: int = 32 * KIB
    pieces: int = 16

    # In which sizes it is worked on.
    block_bytes: int = 2 * MIB
    # Each batch costs something a column besides its cells: of large files they are larger.
    large_bytes: int = 64 * MIB
    large_block_bytes: int = 4 * MIB
    wide_block_bytes: int = 16 * MIB
    row_group_rows: int = 122_880
    row_group_bytes: int = 64 * MIB
    part_bytes: int = 2 * GIB
    samples_per_group: int = 20
