"""The transport: one connection pool, a token that stays with its site, and patience.

The token is sent to the API's own origin and nowhere else. Redirects are followed by hand, because a
presigned storage URL that arrives together with an Authorization header is refused by S3 with 400, and
because a token must not travel to a host that the user did not name.
"""

from __future__ import annotations

import hashlib
import platform
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urljoin

import httpx

from commonfield._problems import error_from
from commonfield._retry import RETRY_STATUSES, RetryPolicy, parse_retry_after
from commonfield._version import __version__
from commonfield.errors import ConnectionFailed, UnexpectedAnswer

USER_AGENT = f"commonfield/{__version__} (python {platform.python_version()}; httpx {httpx.__version__})"
API_ROOT = "/api/v1"
MAX_REDIRECTS = 5

Params = Mapping[str, Any]


class Transport:
    """Speaks to one site with one token. Safe to share between threads."""

    def __init__(
        self,
        *,
        site: str,
        token: str | None = None,
        timeout: float = 60.0,
        retry: RetryPolicy | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.site = site
        self.retry = retry or RetryPolicy()
        self.sleep = sleep
        self._token = token
        self._origin = httpx.URL(site)
        self._http = httpx.Client(
            headers={"User-Agent": USER_AGENT},
            timeout=httpx.Timeout(timeout, connect=min(timeout, 10.0)),
            limits=httpx.Limits(max_connections=64, max_keepalive_connections=32),
            follow_redirects=False,
        )

    @property
    def signed_in(self) -> bool:
        return self._token is not None

    @property
    def token_digest(self) -> str:
        """Tells two tokens apart without showing either."""
        return hashlib.sha256((self._token or "").encode()).hexdigest()

    def close(self) -> None:
        self._http.close()

    # ------------------------------------------------------------ JSON
    def get(self, path: str, params: Params | None = None, *, once: bool = False) -> Any:
        """`once` asks a single time: for callers who have something to fall back on."""
        return self._json("GET", path, params=params, repeatable=True, retry=RetryPolicy(attempts=1) if once else None)

    def post(self, path: str, body: Any = None, *, repeatable: bool = False) -> Any:
        """`repeatable` says that doing it twice does no harm, so that a lost answer may be asked again."""
        return self._json("POST", path, body=body if body is not None else {}, repeatable=repeatable)

    def patch(self, path: str, body: Any) -> Any:
        return self._json("PATCH", path, body=body, repeatable=True)

    def put(self, path: str, body: Any) -> Any:
        return self._json("PUT", path, body=body, repeatable=True)

    def delete(self, path: str) -> None:
        self._json("DELETE", path, repeatable=True)

    def date_of(self, path: str) -> str | None:
        """The Date of an answer, as the registry's clock has it."""
        request = self._http.build_request("GET", f"{self.site}{API_ROOT}{path}")
        found: str | None = self._send_patiently(request, repeatable=True, retry=self.retry).headers.get("date")
        return found

    # ------------------------------------------------------------ answers that are no JSON
    def get_for_bytes(self, path: str, params: Params, *, accept: str) -> httpx.Response:
        """The whole answer in the format asked for. Raises ApiError, ConnectionFailed."""
        return self._whole("GET", path, accept, params=params)

    def post_for_bytes(self, path: str, body: Any, *, accept: str) -> httpx.Response:
        """The same of a question that is too long for an address; asking it twice does no harm."""
        return self._whole("POST", path, accept, json=body)

    def _whole(self, method: str, path: str, accept: str, **asked: Any) -> httpx.Response:
        url = f"{self.site}{API_ROOT}{path}"
        request = self._http.build_request(method, url, headers={"Accept": accept}, **asked)
        response = self._send_patiently(request, repeatable=True, retry=self.retry)
        if response.status_code >= 400:
            raise error_from(response, signed_in=self.signed_in)
        return response

    def _json(
        self,
        method: str,
        path: str,
        *,
        repeatable: bool,
        params: Params | None = None,
        body: Any = None,
        retry: RetryPolicy | None = None,
    ) -> Any:
        request = self._http.build_request(
            method,
            f"{self.site}{API_ROOT}{path}",
            params=params,
            json=body,
            headers={"Accept": "application/json"},
        )
        response = self._send_patiently(request, repeatable=repeatable, retry=retry or self.retry)
        if response.status_code >= 400:
            raise error_from(response, signed_in=self.signed_in)
        if response.status_code == 204 or not response.content:
            return None
        try:
            return response.json()
        except ValueError as error:
            raise UnexpectedAnswer(
                f"{self.site} did not answer with JSON: it does not look like a Commonfield registry.",
                "Check the address; it is the one that you see in the browser, without a page's path.",
            ) from error

    def _send_patiently(self, request: httpx.Request, *, repeatable: bool, retry: RetryPolicy) -> httpx.Response:
        failures = 0
        while True:
            retry_after = None
            try:
                response = self._send(request)
            except httpx.TransportError as error:
                failures += 1
                unsent = isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout)
                if not (repeatable or unsent) or retry.gives_up(failures):
                    raise self.connection_error(error) from error
            else:
                # 429 and 503 say that nothing was done; 502 and 504 come from a proxy that does not know.
                again = RETRY_STATUSES if repeatable else {429, 503}
                if response.status_code not in again:
                    return response
                failures += 1
                retry_after = parse_retry_after(response.headers.get("retry-after"))
                if retry.gives_up(failures, retry_after):
                    return response
            self.sleep(retry.delay(failures, retry_after))

    def _send(self, request: httpx.Request) -> httpx.Response:
        with self._follow(request) as response:
            response.read()
            return response

    # ------------------------------------------------------------ bytes
    @contextmanager
    def stream(self, url: str, headers: Mapping[str, str]) -> Iterator[httpx.Response]:
        """GET bytes as they come. The token goes along only if `url` is on the API's own origin.

        Raises httpx.TransportError; whoever reads decides how often to begin again.
        """
        request = self._http.build_request("GET", url, headers={"Accept-Encoding": "identity", **headers})
        with self._follow(request) as response:
            yield response

    def put_part(self, url: str, content: Iterator[bytes], headers: Mapping[str, str], *, size: int) -> httpx.Response:
        """PUT one part to a signed URL, with exactly the signed headers and never with the token."""
        exact = httpx.Headers(headers)
        # S3 takes no chunked bodies; with a length httpx sends the iterator as it is.
        exact["Content-Length"] = str(size)
        request = self._http.build_request("PUT", url, content=content, headers=exact)
        # Signed requests are answered by the storage itself; a redirect could only lead the bytes astray.
        return self._http.send(request)

    def rebase(self, url: str) -> str:
        """An address of the API's, put onto the origin that the user named.

        Behind a proxy a registry may believe in another scheme or host; the token follows the user's word.
        """
        there = httpx.URL(url)
        return str(self._origin.copy_with(raw_path=there.raw_path))

    @contextmanager
    def _follow(self, request: httpx.Request) -> Iterator[httpx.Response]:
        for _ in range(MAX_REDIRECTS):
            self._authorize(request)
            response = self._http.send(request, stream=True)
            try:
                location = response.headers.get("location")
                if not (response.is_redirect and location and request.method in {"GET", "HEAD"}):
                    yield response
                    return
            finally:
                response.close()
            kept = {k: v for k, v in request.headers.items() if k in {"accept", "accept-encoding", "range"}}
            target = urljoin(str(request.url), location)
            request = self._http.build_request(request.method, target, headers=kept)
        raise UnexpectedAnswer(
            f"{self.site} redirected more than {MAX_REDIRECTS} times.",
            "Check the address; tell the registry's operators if it is right.",
        )

    def _authorize(self, request: httpx.Request) -> None:
        request.headers.pop("authorization", None)
        if self._token is not None and self._may_see_token(request.url):
            request.headers["Authorization"] = f"Bearer {self._token}"

    def _may_see_token(self, url: httpx.URL) -> bool:
        home = self._origin
        if (url.scheme, url.host, _port(url)) == (home.scheme, home.host, _port(home)):
            return True
        upgrade = home.scheme == "http" and url.scheme == "https" and home.host == url.host
        return upgrade and home.port is None and url.port is None

    def connection_error(self, error: httpx.TransportError) -> ConnectionFailed:
        reason = str(error) or type(error).__name__
        return ConnectionFailed(
            f"No answer from {self.site}: {reason}.",
            "Check the address and your connection, and run the same again.",
        )


def _port(url: httpx.URL) -> int | None:
    return url.port or {"http": 80, "https": 443}.get(url.scheme)
