"""The line to the hub: HTTP/1.1 and problem documents (sync.md, errors.md)."""

from __future__ import annotations

import http.client
import random
import time
import urllib.parse
from typing import Any, Callable

from . import jsontext
from .ids import Malformed

MOST_REPLY = 2_097_152
LONGEST_PAUSE = 60.0


class Unreachable(Exception):
    """No whole answer came. The request may have arrived: it is sent again as it is."""


class Problem(Exception):
    """A refusal (errors.md). Programs decide by `code`."""

    def __init__(self, code: str, status: int, detail: str, retry: bool, after: float = 0) -> None:
        super().__init__(f"{code}: {detail}")
        self.code, self.status, self.retry, self.after = code, status, retry, after


class Line:
    """One hub's address. `seconds` is how long an answer may take."""

    def __init__(self, url: str, seconds: float = 60) -> None:
        parts = urllib.parse.urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise Malformed(f"no address of a hub: {url}")
        self.parts, self.seconds = parts, seconds
        self.authorization: str | None = None

    def get(self, path: str) -> bytes:
        return self._exchange("GET", path, None, "")

    def post(self, path: str, message: bytes) -> Any:
        """The JSON that answers a message. Raises `Problem`, `Unreachable`, or `Malformed`."""
        return jsontext.loads(self._exchange("POST", path, message, "application/json"))

    def put(self, path: str, body: bytes) -> None:
        self._exchange("PUT", path, body, "application/octet-stream")

    def _exchange(self, method: str, path: str, content: bytes | None, sort: str) -> bytes:
        secure = self.parts.scheme == "https"
        make = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        connection = make(self.parts.hostname, self.parts.port, timeout=self.seconds)
        headers = {"Connection": "close"}
        if sort:
            headers["Content-Type"] = sort
        if self.authorization:
            headers["Authorization"] = f"Bearer {self.authorization}"
        try:
            connection.request(method, self.parts.path.rstrip("/") + path, content, headers)
            answer = connection.getresponse()
            data = answer.read(MOST_REPLY + 1)
            # A cut answer raises only where the whole of it is asked for.
            if answer.length or len(data) > MOST_REPLY:
                raise Unreachable("the answer is cut off, or too large")
        except (OSError, http.client.HTTPException) as error:
            raise Unreachable(f"{type(error).__name__}: {error}") from error
        finally:
            connection.close()
        if answer.status // 100 != 2:
            raise problem(answer.status, data, answer.headers.get("Retry-After"))
        return data


def problem(status: int, data: bytes, after: str | None) -> Problem:
    try:
        document = jsontext.loads(data)
    except Malformed:
        document = None
    document = document if isinstance(document, dict) else {}
    code = str(document.get("type", "about:blank")).removeprefix("urn:linli:problem:")
    seconds = float(after) if after and after.isascii() and after.isdigit() else 0.0
    words = document.get("detail") or document.get("title") or ""
    return Problem(code, status, str(words), document.get("retry") is True, seconds)


def with_retries(
    call: Callable[[], Any], attempts: int, failed: Callable[[], None] = lambda: None
) -> Any:
    """Tries again what may pass: after 1 s, 2 s, 4 s …, with jitter (sync.md §4.10)."""
    pause = 1.0
    while True:
        try:
            return call()
        except (Unreachable, Malformed, Problem) as error:
            attempts -= 1
            if attempts <= 0 or isinstance(error, Problem) and not error.retry:
                raise
            after = error.after if isinstance(error, Problem) else 0.0
        failed()
        time.sleep(max(pause * random.uniform(0.5, 1), min(after, LONGEST_PAUSE)))
        pause = min(pause * 2, LONGEST_PAUSE)
