"""What cells show, as far as it can be shown to others: text, and pictures that are pictures."""

import base64
import binascii
import struct
import zlib
from typing import Any

from labtools.grading.wire.channel import Malformed

MOST_OUTPUTS = 200
MOST_LINES = 500  # of a traceback
CUT = "\n… the rest is left out\n"
PNG = b"\x89PNG\r\n\x1a\n"
CHUNKS = frozenset((b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"sRGB", b"pHYs"))
WIDEST = 8192  # pixels
NO_PLAIN_TEXT = "something that cannot be shown here"


def displayed(outputs: Any, most: int) -> list[dict[str, Any]]:
    """The outputs of a cell, of nbformat's kinds, with at most ``most`` characters of text.

    Raises:
        Malformed: They are none.
    """
    if type(outputs) is not list or any(type(output) is not dict for output in outputs):
        raise Malformed("expected the outputs of a cell")
    room = _Room(most)
    return [_output(output, room) for output in outputs[:MOST_OUTPUTS]]


class _Room:
    """How much text there may still be."""

    def __init__(self, most: int) -> None:
        self._left = most

    def cut(self, text: Any) -> str:
        """As much of the text as there is room for, in characters that a file may hold."""
        if type(text) is not str:
            raise Malformed("expected a text")
        text = text.encode("utf-8", "replace").decode().replace("\0", "")
        room, self._left = self._left, max(self._left - len(text), 0)
        return text if len(text) <= room else text[:room] + CUT


def _output(output: dict, room: _Room) -> dict[str, Any]:
    kind = output.get("output_type")
    if kind == "stream" and output.get("name") in ("stdout", "stderr"):
        return {"output_type": kind, "name": output["name"], "text": room.cut(output.get("text"))}
    if kind == "error":
        lines = output.get("traceback")
        if type(lines) is not list:
            raise Malformed("expected the lines of a traceback")
        said = {name: room.cut(output.get(name)) for name in ("ename", "evalue")}
        return {"output_type": kind, **said, "traceback": [*map(room.cut, lines[:MOST_LINES])]}
    if kind in ("display_data", "execute_result"):
        data = _data(output.get("data"), room)
        counted = {"execution_count": None} if kind == "execute_result" else {}
        return {"output_type": kind, "data": data, "metadata": {}, **counted}
    raise Malformed("expected an output that nbformat knows")


def _data(data: Any, room: _Room) -> dict[str, str]:
    if type(data) is not dict:
        raise Malformed("expected what was displayed")
    found = {"text/plain": room.cut(data.get("text/plain", NO_PLAIN_TEXT))}
    picture = data.get("image/png")
    png = _png(picture) if type(picture) is str else None
    return found | ({"image/png": png} if png else {})


def _png(text: str) -> str | None:
    """The picture with nothing in it but the picture; None if it is none."""
    try:
        data = base64.b64decode("".join(text.split()), validate=True)
        return base64.b64encode(_picture(data)).decode()
    except (binascii.Error, ValueError, struct.error):
        return None


def _picture(data: bytes) -> bytes:
    """The chunks that make the picture, their checksums looked at; ValueError if it is none."""
    if not data.startswith(PNG):
        raise ValueError("no PNG")
    kept, at, name = [PNG], len(PNG), b""
    while name != b"IEND":
        length, name = struct.unpack_from(">I4s", data, at)
        whole = data[at : at + 12 + length]
        (check,) = struct.unpack_from(">I", whole, 8 + length)
        if zlib.crc32(whole[4:-4]) != check:
            raise ValueError("a chunk is damaged")
        if (len(kept) == 1) != (name == b"IHDR"):
            raise ValueError("the header does not come first")
        if name == b"IHDR" and not all(
            0 < n <= WIDEST for n in struct.unpack_from(">II", whole, 8)
        ):
            raise ValueError("too large")
        kept += [whole] if name in CHUNKS else []
        at += len(whole)
    return b"".join(kept)
