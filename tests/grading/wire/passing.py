"""A value through a socket, and messages that nobody honest would send."""

import contextlib
import json
import socket

from labtools.grading.wire.channel import HEAD, Channel
from labtools.grading.wire.reading import Reader
from labtools.grading.wire.writing import Writer

MOST = 1 << 24


@contextlib.contextmanager
def pair():
    """The two ends of a connection."""
    here, there = socket.socketpair()
    try:
        yield Channel(here, MOST), Channel(there, MOST)
    finally:
        here.close()
        there.close()


def passed(value, writer=None):
    """What arrives of a value."""
    writer = writer or Writer()
    with pair() as (here, there):
        here.send(["value", writer.write(value)], writer.buffers)
        message = there.receive()
    return Reader(message).read(message.content[1])


def received(text, buffers=b""):
    """The message that is made of a text and of what comes behind it."""
    text = text if isinstance(text, bytes) else text.encode()
    return arrived(HEAD.pack(len(text), len(buffers)) + text + buffers)


def arrived(data, most=MOST):
    """The message that those bytes are, if they are one."""
    here, there = socket.socketpair()
    with here, there:
        here.settimeout(5)
        here.sendall(data)
        here.shutdown(socket.SHUT_WR)
        return Channel(there, most).receive()


def tree(node, *buffers):
    """The value of a tree as it may be forged, with its buffers."""
    with pair() as (here, there):
        here.send(["value", node], buffers)
        message = there.receive()
    return Reader(message).read(message.content[1])


def deep(n, innermost="1"):
    """Lists in lists, as JSON."""
    return json.dumps([[], ["value"]])[:-2] + ", " + '["l", ' * n + innermost + "]" * n + "]]"
