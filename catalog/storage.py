"""The object store: the only place that speaks to S3 (through boto3).

The bucket is private. Objects are written once (``If-None-Match: *`` makes a second write a no-op) and leave by
presigned GET or are streamed. ETags are never trusted as content hashes: every sha256 here was computed by us.
"""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.errors import Unavailable

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

CHUNK = 1 << 20
_TRANSFER = TransferConfig(multipart_threshold=32 << 20, multipart_chunksize=16 << 20, max_concurrency=4)


class StorageUnavailable(Unavailable):
    code = "storage-unavailable"
    title = gettext_lazy("The object store does not answer")


class ObjectMissing(Exception):
    """There is no object under this key."""


@dataclass(frozen=True, slots=True)
class StoredPart:
    """One part of a multipart upload as the store has it. ``size`` in bytes."""

    number: int
    size: int
    etag: str


@dataclass(frozen=True, slots=True)
class SignedPart:
    """A presigned PUT for one part; the headers are signed and must be sent exactly."""

    number: int
    url: str
    headers: dict[str, str]


def _client(endpoint: str) -> S3Client:
    return boto3.client(
        "s3",
        endpoint_url=endpoint,
        aws_access_key_id=settings.S3_ACCESS_KEY_ID,
        aws_secret_access_key=settings.S3_SECRET_ACCESS_KEY,
        region_name=settings.S3_REGION,
        config=Config(
            signature_version="s3v4",
            s3={"addressing_style": settings.S3_ADDRESSING_STYLE},
            # Defaults of boto3 >= 1.36 add CRC trailers that not every S3 accepts; integrity is ours (sha256).
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            retries={"max_attempts": 4, "mode": "standard"},
            connect_timeout=5,
            read_timeout=60,
            max_pool_connections=32,
        ),
    )


@functools.cache
def client() -> S3Client:
    """The client for our own traffic."""
    return _client(settings.S3_ENDPOINT_URL)


@functools.cache
def _signer() -> S3Client:
    """The client that signs for others: the signed host is the public one (S3_PUBLIC_ENDPOINT_URL)."""
    return _client(settings.S3_PUBLIC_ENDPOINT_URL)


def _forget_clients() -> None:
    client.cache_clear()
    _signer.cache_clear()


# A child that shares its parent's connections reads the answers to the parent's requests, and to its siblings'.
os.register_at_fork(after_in_child=_forget_clients)


@contextmanager
def _answering() -> Iterator[None]:
    """Turn a store that does not answer into our refusal, and a missing key into ObjectMissing."""
    try:
        yield
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        if code in {"404", "NoSuchKey", "NotFound"}:
            raise ObjectMissing(str(error)) from None
        if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) >= 500:
            raise StorageUnavailable(remedy=_("Try again in a minute.")) from error
        raise
    except BotoCoreError as error:
        raise StorageUnavailable(remedy=_("Try again in a minute.")) from error


# ---------------------------------------------------------------- the bucket
def ensure_bucket(*, origins: list[str]) -> None:
    """Make the bucket if it is not there, and let browsers of ``origins`` PUT parts to it and read ranges."""
    with _answering():
        try:
            client().head_bucket(Bucket=settings.S3_BUCKET)
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") not in {"404", "NoSuchBucket"}:
                raise
            client().create_bucket(Bucket=settings.S3_BUCKET)
        rule: Any = {
            "AllowedOrigins": origins,
            "AllowedMethods": ["PUT", "GET", "HEAD"],
            "AllowedHeaders": ["content-md5", "content-type", "range"],
            "ExposeHeaders": ["ETag", "Content-Length", "Content-Range", "Accept-Ranges"],
            "MaxAgeSeconds": 3600,
        }
        client().put_bucket_cors(Bucket=settings.S3_BUCKET, CORSConfiguration={"CORSRules": [rule]})


def check_bucket() -> None:
    """Raises what the store answers when the bucket can't be used (for readiness and `manage.py prepare`)."""
    with _answering():
        client().head_bucket(Bucket=settings.S3_BUCKET)


# ---------------------------------------------------------------- objects
def exists(key: str) -> bool:
    try:
        size(key)
    except ObjectMissing:
        return False
    return True


def size(key: str) -> int:
    """Bytes of an object. Raises ObjectMissing."""
    with _answering():
        return client().head_object(Bucket=settings.S3_BUCKET, Key=key)["ContentLength"]


def put_bytes(key: str, data: bytes, *, content_type: str) -> None:
    """Write a small object. Writing the same key again changes nothing."""
    with _answering():
        try:
            client().put_object(
                Bucket=settings.S3_BUCKET, Key=key, Body=data, ContentType=content_type, IfNoneMatch="*"
            )
        except ClientError as error:
            if not _is_there_already(error):
                raise


def replace_bytes(key: str, data: bytes, *, content_type: str) -> None:
    """Write an object whose key is a name and not a hash (a manifest before its version is committed)."""
    with _answering():
        client().put_object(Bucket=settings.S3_BUCKET, Key=key, Body=data, ContentType=content_type)


def put_file(key: str, path: Path, *, content_type: str) -> None:
    """Write a file of any size under a content-addressed key; a no-op when it is there in full."""
    try:
        if size(key) == path.stat().st_size:
            return
    except ObjectMissing:
        pass
    with _answering():
        client().upload_file(
            str(path), settings.S3_BUCKET, key, ExtraArgs={"ContentType": content_type}, Config=_TRANSFER
        )


def replace_file(key: str, path: Path, *, content_type: str) -> None:
    """Write a file under a key that is a name and not a hash, whatever lies there (an import that is fetched again)."""
    with _answering():
        client().upload_file(
            str(path), settings.S3_BUCKET, key, ExtraArgs={"ContentType": content_type}, Config=_TRANSFER
        )


def copy(source: str, target: str) -> None:
    """Copy within the bucket, server-side, in parts where it is large."""
    with _answering():
        client().copy({"Bucket": settings.S3_BUCKET, "Key": source}, settings.S3_BUCKET, target, Config=_TRANSFER)


def delete(key: str) -> None:
    with _answering():
        client().delete_object(Bucket=settings.S3_BUCKET, Key=key)


def read_bytes(key: str) -> bytes:
    """A small object, whole. Raises ObjectMissing."""
    with _answering():
        return client().get_object(Bucket=settings.S3_BUCKET, Key=key)["Body"].read()


def stream(key: str, *, start: int = 0, length: int | None = None) -> Iterator[bytes]:
    """The bytes from ``start`` (``length`` of them, or all), a chunk of 1 MiB at a time.

    The request is made before the first chunk is asked for, so that a missing object raises here.
    """
    parameters: dict[str, Any] = {"Bucket": settings.S3_BUCKET, "Key": key}
    if start or length is not None:
        parameters["Range"] = f"bytes={start}-{'' if length is None else start + length - 1}"
    with _answering():
        body = client().get_object(**parameters)["Body"]

    def chunks() -> Iterator[bytes]:
        with closing(body), _answering():
            yield from body.iter_chunks(CHUNK)

    return chunks()


def list_keys(prefix: str) -> Iterator[str]:
    with _answering():
        for page in client().get_paginator("list_objects_v2").paginate(Bucket=settings.S3_BUCKET, Prefix=prefix):
            for item in page.get("Contents", []):
                yield item["Key"]


def list_sizes(prefix: str) -> Iterator[tuple[str, int]]:
    """Each object's key and bytes."""
    with _answering():
        for page in client().get_paginator("list_objects_v2").paginate(Bucket=settings.S3_BUCKET, Prefix=prefix):
            for item in page.get("Contents", []):
                yield item["Key"], item["Size"]


# ---------------------------------------------------------------- URLs for others
def attachment(filename: str) -> str:
    """The Content-Disposition that saves a download under this name; what is no plain ASCII becomes ``_``."""
    plain = re.sub(r"[^\w.\- ]", "_", filename, flags=re.ASCII)
    return f'attachment; filename="{plain}"'


def presign_get(key: str, *, filename: str, content_type: str, seconds: int | None = None) -> str:
    """A URL that gives this object to whoever has it, for ``seconds`` (PRESIGNED_SECONDS)."""
    return _signer().generate_presigned_url(
        "get_object",
        Params={
            "Bucket": settings.S3_BUCKET,
            "Key": key,
            "ResponseContentDisposition": attachment(filename),
            "ResponseContentType": content_type,
        },
        ExpiresIn=settings.PRESIGNED_SECONDS if seconds is None else seconds,
    )


# ---------------------------------------------------------------- multipart uploads
def create_multipart(key: str) -> str:
    """Begin a multipart upload; returns the store's upload id."""
    with _answering():
        return client().create_multipart_upload(Bucket=settings.S3_BUCKET, Key=key)["UploadId"]


def sign_part(key: str, multipart_id: str, *, number: int, length: int, md5: str, seconds: int) -> SignedPart:
    """A PUT for one part, signed with Content-Length and Content-MD5.

    That pair is what SeaweedFS, Ceph and Swift all enforce; ``x-amz-checksum-sha256`` is ignored by some.
    """
    url = _signer().generate_presigned_url(
        "upload_part",
        Params={
            "Bucket": settings.S3_BUCKET,
            "Key": key,
            "UploadId": multipart_id,
            "PartNumber": number,
            "ContentLength": length,
            "ContentMD5": md5,
        },
        ExpiresIn=seconds,
    )
    return SignedPart(number=number, url=url, headers={"Content-MD5": md5})


def list_parts(key: str, multipart_id: str) -> list[StoredPart]:
    """All parts that the store has, over as many pages as it takes (1,000 a page)."""
    with _answering():
        pages = client().get_paginator("list_parts").paginate(Bucket=settings.S3_BUCKET, Key=key, UploadId=multipart_id)
        return [
            StoredPart(part["PartNumber"], part["Size"], part["ETag"])
            for page in pages
            for part in page.get("Parts", [])
        ]


def complete_multipart(key: str, multipart_id: str, parts: list[StoredPart]) -> None:
    """Join the parts. A second call after a lost answer finds the object and is content."""
    with _answering():
        try:
            client().complete_multipart_upload(
                Bucket=settings.S3_BUCKET,
                Key=key,
                UploadId=multipart_id,
                MultipartUpload={"Parts": [{"PartNumber": part.number, "ETag": part.etag} for part in parts]},
            )
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") != "NoSuchUpload" or not exists(key):
                raise


def abort_multipart(key: str, multipart_id: str) -> None:
    """Drop the parts; one that is gone already is no error."""
    with _answering():
        try:
            client().abort_multipart_upload(Bucket=settings.S3_BUCKET, Key=key, UploadId=multipart_id)
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") != "NoSuchUpload":
                raise


def _is_there_already(error: ClientError) -> bool:
    return error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") in {409, 412}
