"""Every action that the code puts on the trail has words for a person."""

from __future__ import annotations

import re
from pathlib import Path

from catalog.models import AccessRequest, Annotation, Review, Version
from catalog.web.administration.audit_words import _DONE
from ingest.models import Upload
from quality.models import CheckRun, Comparison

ROOT = Path(__file__).resolve().parents[2]
ACTION = re.compile(r"action=\"([a-z_]+\.[a-z_]+)\"")


def test_every_action_has_words() -> None:
    written = {
        action
        for app in ("catalog", "ingest", "quality")
        for path in (ROOT / app).rglob("*.py")
        for action in ACTION.findall(path.read_text())
    }
    assert len(written) > 30
    moved = {
        f"{model._meta.model_name}.{state}"
        for model in (AccessRequest, Annotation, CheckRun, Comparison, Review, Upload, Version)
        for targets in model.MOVES.values()
        for state in targets
    }
    assert {"version.published", "upload.stored"} <= moved
    assert sorted((written | moved) - set(_DONE)) == []
