"""Whole messages over a stream socket between processes that trust each other."""

import socket
import struct

LENGTH = struct.Struct("<Q")


def send(sock: socket.socket, data: bytes) -> None:
    """Send one message. Raises OSError."""
    sock.sendall(LENGTH.pack(len(data)))
    sock.sendall(data)


def receive(sock: socket.socket) -> bytes:
    """The next message. Raises EOFError if the other side has gone."""
    return _exactly(sock, LENGTH.unpack(_exactly(sock, LENGTH.size))[0])


def _exactly(sock: socket.socket, n: int) -> bytes:
    data = bytearray()
    while len(data) < n:
        part = sock.recv(min(n - len(data), 1 << 20))
        if not part:
            raise EOFError(f"expected {n} bytes, got {len(data)}: the other side has gone")
        data += part
    return bytes(data)
