"""How much of the world we let in: the settings of a fetch, and decoders that stop at a cap. No I/O here.

The raw stream is decoded by us because libraries inflate first and count later
(607 bytes of brotli became 400 MB inside httpx 0.28.1).
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network
from typing import Protocol

import brotli

from storage.compress import zstd

Network = IPv4Network | IPv6Network
ACCEPT_ENCODING = "gzip, deflate, br, zstd"
PIECE = 1 << 16  # decoded bytes taken out of a decoder at a time
MOST_MEMBERS = 1_000  # of one gzip or zstd stream; empty ones cost time and give nothing
MOST_LAYERS = 2  # gzip inside gzip happens by accident; three never


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchSettings:
    """The [fetch] table of config.toml, typed; `user_agent` empty means our own name with the contact."""

    contact: str = ""
    user_agent: str = ""
    per_host_delay: timedelta = timedelta(seconds=2)
    per_host_connections: int = 1
    max_hosts: int = 32
    max_body: int = 10_000_000
    timeout: timedelta = timedelta(seconds=30)
    allow_addresses: tuple[Network, ...] = ()
    proxy: str = ""
    ca_file: str = ""

    @property
    def connect_seconds(self) -> float:
        """DNS, TCP and TLS: a host that needs longer is down."""
        return min(10.0, self.timeout.total_seconds())

    @property
    def whole_seconds(self) -> float:
        """From the first byte we send to the last we take: this ends the server that sends one byte in ten seconds."""
        return 2 * self.timeout.total_seconds()


class TooLargeError(Exception):
    """More bytes than the cap, raw or decoded."""


class UndecodableError(Exception):
    """The body is not what its Content-Encoding says."""


class TruncatedError(Exception):
    """The encoded stream ended before its end."""


class Decoder(Protocol):
    """One layer of Content-Encoding: raw bytes in, decoded pieces of at most PIECE out."""

    def feed(self, data: bytes) -> Iterator[bytes]: ...

    def finish(self) -> None:
        """Raises TruncatedError when the stream was not whole."""


class Body:
    """Collects one body through its layers of encoding and never holds more than `cap` decoded bytes.

    `feed` raises TooLargeError or UndecodableError; `finish` raises TruncatedError. With `keep_head` the body is
    cut at the cap in place of raising, and `full` says that no more bytes are wanted (robots.txt, RFC 9309 2.5).
    """

    def __init__(self, encoding: str, cap: int, *, keep_head: bool = False) -> None:
        self._layers = _layers(encoding)
        self._cap, self._keep_head = cap, keep_head
        self._bytes = bytearray()
        self._raw = 0
        self.full = False

    def feed(self, data: bytes) -> None:
        self._raw += len(data)
        if self._raw > self._cap and not self._keep_head:
            raise TooLargeError
        if self._raw > 4 * self._cap:  # an encoding that takes and takes, and gives nothing
            self.full = True
            return
        try:
            self._pass(data, 0)
        except (zlib.error, brotli.error, zstd.ZstdError, EOFError) as error:
            raise UndecodableError(str(error)[:200]) from error

    def finish(self) -> bytes:
        for layer in self._layers if not self.full and self._raw else ():
            layer.finish()
        return bytes(self._bytes)

    @property
    def raw(self) -> int:
        """Bytes that came over the wire."""
        return self._raw

    def _pass(self, data: bytes, level: int) -> None:
        if level == len(self._layers):
            self._take(data)
            return
        for piece in self._layers[level].feed(data):
            self._pass(piece, level + 1)
            if self.full:
                return

    def _take(self, data: bytes) -> None:
        room = self._cap - len(self._bytes)
        if len(data) > room:
            if not self._keep_head:
                raise TooLargeError
            self.full = True
        self._bytes += data[:room]


def _layers(encoding: str) -> tuple[Decoder, ...]:
    """Decoders in the order they must work: last applied first (RFC 9110 8.4). Raises UndecodableError.

    What is no encoding at all ("none", "utf-8") is taken for none, as in every browser.
    """
    names = [name for part in encoding.lower().split(",") if (name := part.strip()) in _DECODERS or name in _UNREAD]
    if len(names) > MOST_LAYERS:
        raise UndecodableError(f"{len(names)} layers of encoding")
    unread = [name for name in names if name in _UNREAD]
    if unread:
        raise UndecodableError(f"encoding {unread[0]!r} was not asked for")
    return tuple(_DECODERS[name]() for name in reversed(names))


class _Zlib:
    """gzip (members may follow one another, RFC 1952 2.2) and deflate (with the zlib header or without)."""

    def __init__(self, wbits: int) -> None:
        self._wbits = wbits
        self._inner: zlib._Decompress | None = None
        self._members = 0  # that are whole

    def feed(self, data: bytes) -> Iterator[bytes]:
        while data:
            if self._inner is None:
                if self._members and (self._wbits == zlib.MAX_WBITS or not data.startswith(b"\x1f")):
                    return  # padding behind the last member is ignored, as gzip does
                self._inner = zlib.decompressobj(self._window(data))
            yield self._inner.decompress(data, PIECE)
            data = self._inner.unconsumed_tail
            if self._inner.eof:
                data, self._inner, self._members = self._inner.unused_data, None, _counted(self._members)

    def finish(self) -> None:
        if self._inner is not None or not self._members:
            raise TruncatedError

    def _window(self, data: bytes) -> int:
        # RFC 9110 8.4.1.2: "deflate" is the zlib format, but some send it bare.
        bare = self._wbits == zlib.MAX_WBITS and data[0] & 0x0F != 8
        return -zlib.MAX_WBITS if bare else self._wbits


class _Brotli:
    def __init__(self) -> None:
        self._inner = brotli.Decompressor()

    def feed(self, data: bytes) -> Iterator[bytes]:
        if self._inner.is_finished():
            return
        piece = self._inner.process(data, output_buffer_limit=PIECE)
        yield piece
        while not self._inner.is_finished() and (piece or not self._inner.can_accept_more_data()):
            piece = self._inner.process(b"", output_buffer_limit=PIECE)
            yield piece

    def finish(self) -> None:
        if not self._inner.is_finished():
            raise TruncatedError


class _Zstd:
    def __init__(self) -> None:
        # RFC 9659: windows above 8 MB are not for Content-Encoding.
        self._options: dict[int, int] = {zstd.DecompressionParameter.window_log_max: 23}
        self._inner: zstd.ZstdDecompressor | None = None
        self._frames = 0

    def feed(self, data: bytes) -> Iterator[bytes]:
        while data:
            if self._inner is None:
                self._inner = zstd.ZstdDecompressor(options=self._options)
            piece = self._inner.decompress(data, PIECE)
            yield piece
            while not self._inner.eof and not self._inner.needs_input:
                yield self._inner.decompress(b"", PIECE)
            data = b""
            if self._inner.eof:
                data, self._inner, self._frames = self._inner.unused_data, None, _counted(self._frames)

    def finish(self) -> None:
        if self._inner is not None or not self._frames:
            raise TruncatedError


def _counted(members: int) -> int:
    if members == MOST_MEMBERS:
        raise UndecodableError(f"more than {MOST_MEMBERS} members in one stream")
    return members + 1


_UNREAD = frozenset({"compress", "x-compress", "exi", "pack200-gzip", "aes128gcm", "dcb", "dcz"})  # IANA's others
_DECODERS: dict[str, Callable[[], Decoder]] = {
    "gzip": lambda: _Zlib(zlib.MAX_WBITS | 16),
    "x-gzip": lambda: _Zlib(zlib.MAX_WBITS | 16),
    "deflate": lambda: _Zlib(zlib.MAX_WBITS),
    "br": _Brotli,
    "zstd": _Zstd,
}
