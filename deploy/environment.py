"""What an installation is told by its environment, typed and checked once at the start."""

from __future__ import annotations

import os
import re
from ipaddress import ip_network
from pathlib import Path
from typing import Literal
from urllib.parse import unquote, urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from deploy.environment_file import join_running

BASE_DIR = Path(__file__).resolve().parent.parent


def list_of(text: str) -> list[str]:
    """The items of a setting that is written with commas."""
    return [item.strip() for item in text.split(",") if item.strip()]


class EnvironmentInvalid(SystemExit):
    """The environment can't be used; the message is one line a variable, with what to do."""


class Environment(BaseSettings):
    """Every setting of an installation. A variable without default must be given (`manage.py up` gives them)."""

    model_config = SettingsConfigDict(env_ignore_empty=True, extra="ignore", case_sensitive=False)

    debug: bool = False
    secret_key: SecretStr
    secret_key_fallbacks: SecretStr = SecretStr("")
    allowed_hosts: str = "127.0.0.1,localhost"
    base_url: str = "http://127.0.0.1:8000"
    database_url: SecretStr
    database_pool_max: int = Field(default=4, ge=1)
    broker_url: SecretStr
    s3_endpoint_url: str
    s3_public_endpoint_url: str = ""
    s3_access_key_id: SecretStr
    s3_secret_access_key: SecretStr
    s3_bucket: str = "commonfield"
    s3_region: str = "us-east-1"
    s3_addressing_style: Literal["path", "virtual", "auto"] = "path"
    email_url: str = "console://"
    email_from: str = "Commonfield <no-reply@localhost>"
    var_dir: Path = BASE_DIR / "var"
    upload_limit_bytes: int = Field(default=50 * 1000**3, ge=1)
    document_limit_bytes: int = Field(default=2 * 1000**3, ge=1)
    upload_days: int = Field(default=7, ge=1)
    access_request_days: int = Field(default=60, ge=14)
    notice_days: int = Field(default=365, ge=1)
    presigned_seconds: int = Field(default=300, ge=30)
    lease_seconds: int = Field(default=30, ge=2)
    sweep_seconds: int = Field(default=10, ge=1)
    preview_cache_bytes: int = Field(default=20 * 1000**3, ge=0)
    engine_memory: str = "512MB"
    decision_grace: int = Field(default=10, ge=0, le=300)
    query_seconds: int = Field(default=30, ge=1)
    query_wait_seconds: int = Field(default=5, ge=0)
    query_slots: int = Field(default=4, ge=1)
    query_spares: int = Field(default=2, ge=0)
    query_kept: int = Field(default=4, ge=0)
    query_memory_bytes: int = Field(default=512 * 1024**2, ge=64 * 1024**2)
    query_temporary_bytes: int = Field(default=4 * 1000**3, ge=1000**2)
    query_rows: int = Field(default=1_000_000, ge=1)
    query_bytes: int = Field(default=256 * 1000**2, ge=1000)
    export_slots: int = Field(default=4, ge=1)
    export_seconds: int = Field(default=3600, ge=1)
    engine_threads: int = Field(default=0, ge=0)
    part_bytes: int = Field(default=2 * 1024**3, ge=1000**2)
    small_file_bytes: int = Field(default=32 * 1000**2, ge=1)
    large_file_bytes: int = Field(default=1000**3, ge=1)
    small_slots: int = Field(default=1, ge=0)
    ingest_memory_bytes: int = Field(default=2 * 1000**3, ge=256 * 1000**2)
    ingest_seconds: int = Field(default=600, ge=1)
    ingest_seconds_per_gb: int = Field(default=1000, ge=0)
    ingest_file_bytes: int = Field(default=80 * 1000**3, ge=1)
    import_schemes: str = "https"
    import_ports: str = "443"
    import_networks: str = ""
    import_ca_file: str = ""
    import_seconds: int = Field(default=7200, ge=1, le=4 * 3600)
    rate_anonymous: str = "600/minute"
    rate_signed_in: str = "3000/minute"
    rate_queries: str = "120/minute"
    quota_storage_bytes: int = Field(default=0, ge=0)
    quota_download_bytes: int = Field(default=0, ge=0)
    quota_requests: int = Field(default=0, ge=0)
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @field_validator("database_url")
    @classmethod
    def _postgres_only(cls, value: SecretStr) -> SecretStr:
        if urlsplit(value.get_secret_value()).scheme not in {"postgres", "postgresql"}:
            raise ValueError("must be postgresql://user:password@host:port/name")
        return value

    @field_validator("broker_url")
    @classmethod
    def _redis_only(cls, value: SecretStr) -> SecretStr:
        if urlsplit(value.get_secret_value()).scheme not in {"redis", "rediss"}:
            raise ValueError("must be redis://host:port/0 (Valkey or Redis)")
        return value

    @field_validator("s3_endpoint_url", "base_url")
    @classmethod
    def _http_only(cls, value: str) -> str:
        if urlsplit(value).scheme not in {"http", "https"}:
            raise ValueError("must begin with http:// or https://")
        return value.rstrip("/")

    @field_validator("rate_anonymous", "rate_signed_in", "rate_queries")
    @classmethod
    def _rates(cls, value: str) -> str:
        if value != "none" and not re.fullmatch(r"[1-9][0-9]*/(second|minute|hour|day)", value):
            raise ValueError("must be like 600/minute, or none")
        return "" if value == "none" else value

    @field_validator("import_ports")
    @classmethod
    def _port_numbers(cls, value: str) -> str:
        if not all(port.isdecimal() and 0 < int(port) < 65_536 for port in list_of(value)):
            raise ValueError("must be port numbers with commas, such as 443,8443")
        return value

    @field_validator("import_schemes")
    @classmethod
    def _web_schemes(cls, value: str) -> str:
        if not set(list_of(value)) <= {"http", "https"}:
            raise ValueError("must be https, or https,http")
        return value

    @field_validator("import_networks")
    @classmethod
    def _networks(cls, value: str) -> str:
        try:
            for network in list_of(value):
                ip_network(network)
        except ValueError:
            raise ValueError("must be networks with commas, such as 10.1.0.0/16") from None
        return value

    @property
    def database(self) -> dict[str, object]:
        """Django's DATABASES entry; a pool per process, so CONN_MAX_AGE is 0."""
        parts = urlsplit(self.database_url.get_secret_value())
        return {
            "ENGINE": "deploy.postgresql",
            "NAME": unquote(parts.path.lstrip("/")),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": unquote(parts.hostname or ""),
            "PORT": str(parts.port or 5432),
            "CONN_MAX_AGE": 0,
            # A connection of before a restart of the database is never handed out (deploy.postgresql), and one that
            # can't be made is given up soon: the pool doubles its pauses, and would sleep on long after the database
            # is back.
            "OPTIONS": {
                "pool": {"min_size": 1, "max_size": self.database_pool_max, "timeout": 5, "reconnect_timeout": 5},
                # No question is prepared because it was repeated, but only where that is asked for.
                "prepare_threshold": 2**31,
            },
        }


def read_environment() -> Environment:
    """Read and check the environment; a running `manage.py up` is joined where nothing else is said.

    Raises EnvironmentInvalid (the process ends) with one line for each variable that is missing or wrong.
    """
    join_running(os.environ)
    try:
        return Environment()
    except ValidationError as error:
        lines = [
            f"{'_'.join(str(part) for part in problem['loc']).upper()}: "
            + ("is not set" if problem["type"] == "missing" else problem["msg"].removeprefix("Value error, "))
            for problem in error.errors()
        ]
        hint = "Set them (docs/operators.md lists all), or run `python manage.py up`, which starts what is missing."
        raise EnvironmentInvalid("\n".join([*lines, hint])) from None
