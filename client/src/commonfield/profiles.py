"""Which site, and with which token: arguments, then the environment, then the profile file.

The file is TOML, readable by its owner only:

    default = "work"

    [profiles.work]
    url = "https://data.example.org"
    token = "cfd_…"

A token belongs to the site that it was made for. One from a profile is used only with that profile's
address, and one from the environment only with COMMONFIELD_URL (or with any address, if that is not set).
"""

from __future__ import annotations

import json
import os
import re
import sys
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import platformdirs

from commonfield.errors import BadArgument, ConfigurationError
from commonfield.files import write_atomically

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

DEFAULT_PROFILE = "default"
_LOOPBACK = {"localhost", "127.0.0.1", "::1", "[::1]"}


class InsecureTransportWarning(UserWarning):
    """A token is about to travel without encryption."""


@dataclass(frozen=True)
class Profile:
    url: str
    token: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Profiles:
    """The file's content: the named profiles and the name of the one that is used without asking."""

    named: Mapping[str, Profile]
    default: str = DEFAULT_PROFILE


def profile_path() -> Path:
    """Where the file is: COMMONFIELD_PROFILE_FILE, or the platform's place for configuration."""
    override = os.environ.get("COMMONFIELD_PROFILE_FILE")
    return Path(override) if override else platformdirs.user_config_path("commonfield") / "profile.toml"


def normalize_url(url: str) -> str:
    """The site's root: `https://data.example.org/api/v1/` and `data.example.org` are the same site."""
    text = url.strip()
    if "://" not in text:
        host = re.split(r"[:/]", text)[0]
        text = f"{'http' if host in _LOOPBACK else 'https'}://{text}"
    try:
        parsed = httpx.URL(text)
    except httpx.InvalidURL as error:
        raise BadArgument(f"{url!r} is not an address.", "Write it as in https://data.example.org.") from error
    if parsed.scheme not in {"http", "https"} or not parsed.host:
        raise BadArgument(f"{url!r} is not an address.", "Write it as in https://data.example.org.")
    if parsed.userinfo:
        raise BadArgument(
            "The address contains a user name or password.", "Leave it out, and give the token by `token=`."
        )
    path = re.sub(r"/api(/v1)?/?$", "", parsed.path).rstrip("/")
    return str(parsed.copy_with(path=path, query=None, fragment=None)).rstrip("/")


def resolve(url: str | None, token: str | None, profile: str | None) -> Profile:
    """The site and token to use now.

    Raises ConfigurationError when no address is known, the named profile does not exist or the file
    cannot be read.
    """
    env_url, env_token = os.environ.get("COMMONFIELD_URL"), os.environ.get("COMMONFIELD_TOKEN")
    wanted = profile or os.environ.get("COMMONFIELD_PROFILE")
    stored = load_profiles()
    if profile is not None and url is None:
        chosen = _named(stored, profile)
        return _checked(Profile(chosen.url, token or chosen.token))
    site = url or env_url or _named_or_default(stored, wanted).url
    site = normalize_url(site)
    if token is None and env_token and (env_url is None or normalize_url(env_url) == site):
        token = env_token
    if token is None:
        token = _token_for(stored, site, wanted)
    return _checked(Profile(site, token))


def load_profiles() -> Profiles:
    """The profile file; empty if there is none. Raises ConfigurationError if it cannot be understood."""
    path = profile_path()
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return Profiles({})
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(
            f"The profile file {path} cannot be read: {error}.", "Mend it, or remove it and sign in again."
        ) from error
    named = {str(name): _profile(entry, path) for name, entry in document.get("profiles", {}).items()}
    return Profiles(named, str(document.get("default", DEFAULT_PROFILE)))


def save_profile(name: str, profile: Profile, *, make_default: bool = True) -> Path:
    """Write one profile into the file, which only its owner may read; returns the file's path."""
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,60}", name):
        raise BadArgument(f"{name!r} cannot name a profile.", "Use letters, digits, '-' and '_'.")
    stored = load_profiles()
    default = name if make_default or not stored.named else stored.default
    return _write(Profiles({**stored.named, name: profile}, default))


def remove_profile(name: str) -> Path:
    """Forget one profile. Raises ConfigurationError if there is none of that name."""
    stored = load_profiles()
    _named(stored, name)
    return _write(Profiles({k: v for k, v in stored.named.items() if k != name}, stored.default))


def _write(profiles: Profiles) -> Path:
    lines = [f"default = {_toml(profiles.default)}"]
    for name, profile in sorted(profiles.named.items()):
        lines += ["", f"[profiles.{name}]", f"url = {_toml(profile.url)}"]
        if profile.token is not None:
            lines.append(f"token = {_toml(profile.token)}")
    path = profile_path()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_atomically(path, "\n".join(lines) + "\n", mode=0o600)
    return path


def _toml(text: str) -> str:
    """A JSON string is a TOML basic string, but for surrogate pairs (TOML 1.0 refuses) and DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _profile(entry: Any, path: Path) -> Profile:
    if not isinstance(entry, dict) or not isinstance(entry.get("url"), str):
        raise ConfigurationError(f"A profile in {path} has no url.", "Mend the file, or remove it and sign in again.")
    token = entry.get("token")
    return Profile(normalize_url(entry["url"]), str(token) if token is not None else None)


def _named(profiles: Profiles, name: str) -> Profile:
    if name in profiles.named:
        return profiles.named[name]
    known = ", ".join(sorted(profiles.named)) or "none yet"
    raise ConfigurationError(
        f"There is no profile {name!r} (known: {known}).", f"Run `commonfield login URL --profile {name}`."
    )


def _named_or_default(profiles: Profiles, wanted: str | None) -> Profile:
    if wanted is not None:
        return _named(profiles, wanted)
    if profiles.default in profiles.named:
        return profiles.named[profiles.default]
    raise ConfigurationError(
        "No registry is set.",
        "Run `commonfield login https://…`, set COMMONFIELD_URL, or pass url= to Client.",
    )


def _token_for(profiles: Profiles, site: str, wanted: str | None) -> str | None:
    first = [wanted or profiles.default]
    for name in [*first, *sorted(profiles.named)]:
        profile = profiles.named.get(name)
        if profile is not None and profile.url == site:
            return profile.token
    return None


def _checked(profile: Profile) -> Profile:
    url = httpx.URL(profile.url)
    if profile.token is not None and url.scheme == "http" and url.host not in _LOOPBACK:
        warnings.warn(
            f"The token travels to {profile.url} without encryption: use its https address.",
            InsecureTransportWarning,
            stacklevel=3,
        )
    return profile
