"""The world's errors as values: which kind of failure an exception is, in words for people. Nothing is decided here."""

from __future__ import annotations

import errno
import socket
import ssl
from collections.abc import Iterator

import aiohttp
import httpx
from aiohttp import http_exceptions

from scraper.fetch.guard import GuardError
from scraper.fetch.limits import TooLargeError, TruncatedError, UndecodableError
from scraper.fetch.message import FailureKind

# What bringing one address may raise; all else is a bug of ours.
EXPECTED = (
    OSError, httpx.HTTPError, httpx.InvalidURL, aiohttp.ClientError, TooLargeError, UndecodableError, TruncatedError,
    ValueError,
)  # fmt: skip
_WORDS = {
    socket.EAI_NONAME: "no such host name",
    socket.EAI_NODATA: "no such host name",
    socket.EAI_AGAIN: "no name server answers",
    socket.EAI_FAIL: "the name server could not say",
    errno.ECONNREFUSED: "the connection was refused",
    errno.ENETUNREACH: "the network is unreachable",
    errno.ENETDOWN: "the network is unreachable",
    errno.EHOSTUNREACH: "no way leads to the host",
    errno.EADDRNOTAVAIL: "the host is unreachable from this machine",
    errno.ETIMEDOUT: "the host does not answer",
    errno.EMFILE: "this program has too many connections open",
}
# The first line that fits, tried on the innermost cause first; without words the error is asked for its own.
_FAILURES: tuple[tuple[tuple[type[BaseException], ...], FailureKind, str, bool], ...] = (
    ((TooLargeError,), "too_large", "the body is larger than max_body", False),
    ((UndecodableError,), "decode", "", False),
    ((TruncatedError,), "truncated", "the encoded body ends before its end", True),
    ((socket.gaierror, aiohttp.ClientConnectorDNSError), "dns", "", True),
    ((ssl.SSLError, ssl.CertificateError, aiohttp.ClientSSLError), "tls", "", True),
    ((aiohttp.ClientConnectorError, httpx.ConnectError, ConnectionRefusedError), "connect", "", True),
    ((TimeoutError, httpx.TimeoutException), "timeout", "no answer in time, or too slow", True),
    ((http_exceptions.ContentLengthError, http_exceptions.TransferEncodingError, aiohttp.ClientPayloadError),
     "truncated", "the body is shorter than announced", True),
    ((aiohttp.ClientResponseError, httpx.RemoteProtocolError, http_exceptions.HttpProcessingError), "decode", "", True),
    ((ConnectionResetError, BrokenPipeError, aiohttp.ServerDisconnectedError, httpx.ReadError),
     "reset", "the connection was dropped", True),
    ((aiohttp.ClientProxyConnectionError, httpx.ProxyError, OSError), "connect", "", True),
)  # fmt: skip


def guarded(error: BaseException) -> GuardError | None:
    """The guard's refusal, if that is what is behind an error."""
    return next((cause for cause in _causes(error) if isinstance(cause, GuardError)), None)


def failure(error: BaseException) -> tuple[FailureKind, str, bool]:
    """Kind, words, and whether trying again may help."""
    for cause in _causes(error):
        for types, kind, words, retryable in _FAILURES:
            if isinstance(cause, types):
                return kind, words or _in_words(cause), retryable
    return "connect", _in_words(error), True


def _in_words(error: BaseException) -> str:
    detail = " ".join(str(error).split()).removeprefix("400, message: ")[:200] or type(error).__name__
    match error:
        case ssl.SSLCertVerificationError():
            return f"its certificate does not hold: {error.verify_message}"
        case ssl.SSLError():
            return f"no TLS connection: {(error.reason or 'the other side broke off').lower().replace('_', ' ')}"
        case OSError():
            return _WORDS.get(error.errno or 0) or "no connection could be made"
        case UndecodableError():
            return f"the body is not what its Content-Encoding says: {detail}"
        case aiohttp.ClientResponseError() | http_exceptions.HttpProcessingError():
            return f"the answer is no proper HTTP: {detail}"
        case _:
            return detail


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """The innermost cause first: it knows best."""
    chain: list[BaseException] = []
    while error is not None and error not in chain and len(chain) < 10:
        chain.append(error)
        error = error.__cause__ or error.__context__
    return reversed(chain)
