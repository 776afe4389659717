"""Where bytes lie in the bucket. Objects are immutable and content-addressed within their dataset."""

from __future__ import annotations

from uuid import UUID


def staged_upload(upload_id: UUID) -> str:
    return f"uploads/{upload_id}"


def original(dataset_id: int, sha256: str) -> str:
    return f"datasets/{dataset_id}/original/{sha256}"


def document(dataset_id: int, sha256: str) -> str:
    return f"datasets/{dataset_id}/documents/{sha256}"


def parquet(dataset_id: int, sha256: str) -> str:
    return f"datasets/{dataset_id}/parquet/{sha256}.parquet"


def findings(dataset_id: int, sha256: str) -> str:
    return f"datasets/{dataset_id}/findings/{sha256}.parquet"


def lines(dataset_id: int, sha256: str) -> str:
    return f"datasets/{dataset_id}/lines/{sha256}.parquet"


def failing_rows(dataset_id: int, sha256: str) -> str:
    return f"datasets/{dataset_id}/failing/{sha256}.parquet"


def changes(dataset_id: int, sha256: str) -> str:
    return f"datasets/{dataset_id}/changes/{sha256}.parquet"


def expectations(dataset_id: int, sha256: str) -> str:
    return f"datasets/{dataset_id}/expectations/{sha256}.json"


def manifest(dataset_id: int, number: str) -> str:
    return f"datasets/{dataset_id}/manifests/{number}.json"


AUDIT_HEADS = "audit/heads/"


def audit_head(position: int, sha256: str) -> str:
    """The key says all, so that a listing of the keys is enough to compare them."""
    return f"{AUDIT_HEADS}{position:015d}-{sha256}.json"


def read_audit_head(key: str) -> tuple[int, str]:
    """Position and sha256 of a key of audit_head."""
    position, _, sha256 = key.removeprefix(AUDIT_HEADS).removesuffix(".json").partition("-")
    return int(position), sha256
