"""Coverage-guided fuzzing with atheris: ``make fuzz [SECONDS=600] [TARGET=texts|files] [INPUT=file]``.

A crash is any exception but the documented refusals, a find too what takes longer than five seconds or more than two
GB. Either ends the run; the input lies under ``.fuzz/finds`` and is given to INPUT to see it again. What was learnt
stays in ``.fuzz/corpus``, so that the next run goes on from there.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import atheris
from django.conf import settings

with atheris.instrument_imports(include=["catalog", "ingest"]):
    from tests.fuzz.targets import TARGETS

SECONDS_OF_AN_INPUT = 5
MEGABYTES = 2_048
MAX_BYTES = 1_024
HERE = Path(__file__).parent
DATA = HERE.parent / "data"


def plant(folder: Path) -> None:
    """The beginnings of the test data, as seeds; a packed file is worth something only as a whole."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in sorted(path for path in DATA.rglob("*") if path.is_file()):
        data = path.read_bytes()
        whole = path.suffix in {".xlsx", ".xls", ".xlsb", ".ods", ".zip", ".gz", ".parquet"}
        if not whole or len(data) <= MAX_BYTES:
            (folder / f"seed-{path.parent.name}-{path.name}").write_bytes(data[:MAX_BYTES])


def main(target: str, seconds: str, home: Path, given: list[str]) -> None:
    settings.configure(USE_I18N=False)
    corpus, finds = home / "corpus" / target, home / "finds"
    plant(corpus)
    finds.mkdir(parents=True, exist_ok=True)
    options = [
        f"-max_total_time={seconds}",
        f"-timeout={SECONDS_OF_AN_INPUT}",
        f"-rss_limit_mb={MEGABYTES}",
        f"-max_len={MAX_BYTES}",
        f"-dict={HERE / 'tables.dict'}",
        f"-artifact_prefix={finds}/{target}-",
        "-print_final_stats=1",
    ]
    with tempfile.TemporaryDirectory() as folder:
        try_one = TARGETS[target]

        def try_input(data: bytes) -> None:
            try_one(data, Path(folder))

        atheris.Setup([sys.argv[0], *options, *(given or [str(corpus)])], try_input)
        atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]), sys.argv[4:])
