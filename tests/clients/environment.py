"""Scripts in the environment of other people's clients (requirements/clients.txt), each a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PYTHON = Path(os.environ.get("CLIENTS_PYTHON", ROOT / ".venv-clients/bin/python"))
SCRIPTS = Path(__file__).parent / "scripts"


def drive(script: str, given: dict[str, Any], *, home: Path, **environment: str) -> Any:
    """Run ``scripts/{script}.py`` with a home folder of its own; what it is given and gives back is JSON.

    An environment that is not there fails the test: ``make test`` makes it.
    """
    assert PYTHON.exists(), f"{PYTHON} is not there: run `make test`, which makes it of requirements/clients.txt."
    answer = home / f"{script}.json"
    done = subprocess.run(
        [str(PYTHON), "-W", "ignore", str(SCRIPTS / f"{script}.py"), str(answer)],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        check=False,
        cwd=home,
        timeout=300,
        env={"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8", **environment},
    )
    assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return json.loads(answer.read_text("utf-8"))
