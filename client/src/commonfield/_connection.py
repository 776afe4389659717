"""Which site a client speaks to, through which transport, and where it keeps verified bytes."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from types import TracebackType

from commonfield._http import Transport
from commonfield._retry import RetryPolicy
from commonfield.cache import Cache
from commonfield.profiles import Profile, normalize_url, resolve

StrPath = str | os.PathLike[str]


class Connection:
    """Finds site and token anew at each call, and keeps its connections while they stay the same."""

    def __init__(
        self,
        url: str | None = None,
        token: str | None = None,
        *,
        profile: str | None = None,
        cache_dir: StrPath | None = None,
        timeout: float = 60.0,
        retry: RetryPolicy | None = None,
    ) -> None:
        self._url = normalize_url(url) if url is not None else None
        self._token = token
        self._profile = profile
        self._cache_dir = Path(cache_dir) if cache_dir is not None else None
        self._timeout = timeout
        self._retry = retry
        self._guard = threading.Lock()
        self._using: tuple[Profile, Transport] | None = None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections. The client can be used again: it then opens new ones."""
        with self._guard:
            if self._using is not None:
                self._using[1].close()
                self._using = None

    @property
    def url(self) -> str:
        """The site that calls go to now. Raises ConfigurationError if none is set."""
        return resolve(self._url, self._token, self._profile).url

    @property
    def cache(self) -> Cache:
        return Cache(self._cache_dir)

    @property
    def _transport(self) -> Transport:
        chosen = resolve(self._url, self._token, self._profile)
        with self._guard:
            if self._using is None or self._using[0] != chosen:
                if self._using is not None:
                    self._using[1].close()
                transport = Transport(site=chosen.url, token=chosen.token, timeout=self._timeout, retry=self._retry)
                self._using = (chosen, transport)
            return self._using[1]
