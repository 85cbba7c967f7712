"""Frames on a stream socket: a tree as JSON, and buffers of bytes behind it."""

import json
import socket
import struct
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

HEAD = struct.Struct("<IQ")  # bytes of the text, bytes of the buffers
ALIGNED = 16  # bytes, so that every dtype may begin where a buffer does
CHUNK = 1 << 16
MOST_TEXT = 8 << 20  # bytes of a frame's text
TICK = 0.05  # seconds between two looks at the clocks while waiting

_dumps = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode


class Closed(Exception):
    """The other end of the socket is gone."""


class Malformed(Exception):
    """What came is no message; says what was expected and what came."""


@dataclass(frozen=True)
class Message:
    """What came: a tree, and the buffers it refers to by their number."""

    content: list
    region: bytearray
    bounds: list[tuple[int, int]]

    def buffer(self, number: object) -> tuple[int, int]:
        """Where buffer ``number`` begins and ends in ``region``; Malformed if there is none."""
        if type(number) is not int or not 0 <= number < len(self.bounds):
            raise Malformed(f"expected the number of one of {len(self.bounds)} buffers")
        return self.bounds[number]

    def bytes(self, number: object) -> bytes:
        """A copy of buffer ``number``."""
        start, end = self.buffer(number)
        return bytes(self.region[start:end])


class Channel:
    """One end of a stream socket.

    Args:
        sock: A connected stream socket, AF_UNIX or not.
        most: How many bytes the buffers of one message may have.
        waiting: Called about every ``TICK`` seconds while a message is on its way; may raise.
    """

    def __init__(
        self, sock: socket.socket, most: int, waiting: Callable[[], None] | None = None
    ) -> None:
        self.most = most
        self._sock, self._waiting, self._looked = sock, waiting, time.monotonic()
        sock.settimeout(TICK if waiting else None)
        self._read = memoryview(bytearray(CHUNK))
        self._start = self._end = 0

    def packed(self, content: list, buffers: Sequence[bytes] = ()) -> list[bytes]:
        """A message as ``send_packed`` sends it, of a tree of JSON's kinds and of buffers.

        Raises:
            ValueError: It is larger than a message may be.
        """
        text = _dumps([[len(buffer) for buffer in buffers], content]).encode()
        padded = [buffer.ljust(-len(buffer) % ALIGNED + len(buffer), b"\0") for buffer in buffers]
        size = sum(map(len, padded))
        if len(text) > MOST_TEXT or size > self.most:
            raise ValueError(
                f"it is too large to be sent: {size >> 20} MB of tensors and {len(text) >> 20} MB "
                f"of other data, at most {self.most >> 20} and {MOST_TEXT >> 20} are allowed"
            )
        head = HEAD.pack(len(text), size)
        return [b"".join([head, text, *padded])] if size < CHUNK else [head, text, *padded]

    def send_packed(self, parts: Sequence[bytes]) -> None:
        """Send a message; Closed if nobody is there."""
        for part in parts:
            self._send(memoryview(part))

    def send(self, content: list, buffers: Sequence[bytes] = ()) -> None:
        """Both at once."""
        self.send_packed(self.packed(content, buffers))

    def _send(self, data: memoryview) -> None:
        while data:
            self._look()
            try:
                data = data[self._sock.send(data) :]
            except TimeoutError:
                continue
            except OSError as error:
                raise Closed from error

    def receive(self) -> Message:
        """The next message.

        Raises:
            Closed: Nobody is there.
            Malformed: What came is none, or is larger than one may be.
        """
        n_text, n_buffers = HEAD.unpack(self._exactly(HEAD.size))
        if n_text > MOST_TEXT or n_buffers > self.most:
            raise Malformed(f"expected at most {self.most} bytes, got {n_buffers + n_text}")
        text = self._exactly(n_text)
        lengths, content = _parsed(text)
        return Message(content, self._exactly(n_buffers), _bounds(lengths, n_buffers))

    def _exactly(self, n: int) -> bytearray:
        """The next n bytes."""
        data = bytearray(n)
        view, have = memoryview(data), 0
        while have < n:
            if self._start == self._end and n - have >= CHUNK:
                have += self._receive_into(view[have:])
                continue
            if self._start == self._end:
                self._start, self._end = 0, self._receive_into(self._read)
            take = min(n - have, self._end - self._start)
            view[have : have + take] = self._read[self._start : self._start + take]
            have, self._start = have + take, self._start + take
        return data

    def _receive_into(self, view: memoryview) -> int:
        while True:
            self._look()
            try:
                n = self._sock.recv_into(view)
            except TimeoutError:
                continue
            except OSError as error:
                raise Closed from error
            if not n:
                raise Closed
            return n

    def _look(self) -> None:
        """Not only when nothing comes: it may come byte by byte."""
        if self._waiting and (now := time.monotonic()) - self._looked >= TICK:
            self._looked = now
            self._waiting()

    def close(self) -> None:
        """Close the socket."""
        self._sock.close()


def _parsed(text: bytearray) -> tuple[list, list]:
    try:
        found: Any = json.loads(text)
    except (ValueError, RecursionError, MemoryError) as error:
        raise Malformed(f"expected JSON, got {type(error).__name__}") from error
    pair = type(found) is list and len(found) == 2 and all(type(x) is list for x in found)
    if not pair or not found[1]:
        raise Malformed("expected the lengths of buffers and a tree")
    return found[0], found[1]


def _bounds(lengths: list, size: int) -> list[tuple[int, int]]:
    """Where each buffer begins and ends; they fill ``size`` bytes."""
    bounds, start = [], 0
    for length in lengths:
        if type(length) is not int or not 0 <= length <= size:
            raise Malformed("expected the lengths of buffers")
        bounds.append((start, start + length))
        start += length + -length % ALIGNED
    if start != size:
        raise Malformed(f"expected {start} bytes of buffers, got {size}")
    return bounds
