"""What cells of a box show is text, and pictures that are nothing else."""

import base64
import io
import struct
import zlib

import matplotlib.image
import numpy
import pytest
from stand_in_box import peer_of

from labtools.grading.limits import Limits
from labtools.grading.remote import BoxLost
from labtools.grading.remote.displayed import CUT, PNG, displayed
from labtools.grading.wire.channel import Malformed

MOST = 1000


def picture():
    """The bytes of a PNG, with a text of its author's among its chunks."""
    file = io.BytesIO()
    matplotlib.image.imsave(file, numpy.zeros((3, 5, 3)), metadata={"Author": "somebody"})
    return file.getvalue()


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def shown(data):
    """What is left of a display."""
    (output,) = displayed(
        [{"output_type": "display_data", "data": data, "metadata": {"x": 1}}], MOST
    )
    assert output["metadata"] == {}
    return output["data"]


def png(data):
    """What is left of a picture."""
    found = shown({"text/plain": "x", "image/png": base64.b64encode(data).decode()})
    return base64.b64decode(found["image/png"]) if "image/png" in found else None


def test_streams_errors_and_values_pass():
    outputs = [
        {"output_type": "stream", "name": "stderr", "text": "a\n"},
        {"output_type": "error", "ename": "E", "evalue": "e", "traceback": ["1", "2"]},
        {
            "output_type": "execute_result",
            "data": {"text/plain": "3"},
            "metadata": {},
            "execution_count": None,
        },
    ]
    assert displayed(outputs, MOST) == outputs


def test_of_what_is_displayed_only_text_and_pictures_pass():
    data = {"text/html": "<script>", "application/javascript": "x", "text/plain": "three"}
    assert shown(data) == {"text/plain": "three"}
    assert shown({"text/html": "<b>"}) == {"text/plain": "something that cannot be shown here"}


def test_a_picture_passes_without_its_text():
    whole = picture()
    kept = png(whole)
    assert b"somebody" in whole
    assert b"somebody" not in kept
    assert matplotlib.image.imread(io.BytesIO(kept)).shape == (3, 5, 4)
    assert png(kept) == kept
    assert png(whole + b"<script>") == kept


HEADER = struct.pack(">IIBBBBB", 3, 5, 8, 2, 0, 0, 0)
END = chunk(b"IEND", b"")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<svg onload=alert(1)>",
        PNG,
        PNG + END,
        PNG + chunk(b"IHDR", HEADER),
        PNG + chunk(b"IHDR", HEADER)[:-1] + b"\0" + END,
        PNG + chunk(b"IHDR", b"\x00\x01\x00\x00" + HEADER[4:]) + END,
        PNG + chunk(b"IHDR", HEADER) * 2 + END,
        PNG + b"\xff\xff\xff\xffIHDR" + HEADER,
    ],
    ids=repr,
)
def test_what_is_no_picture_does_not(data):
    assert png(data) is None


def test_base64_that_is_none():
    assert "image/png" not in shown({"text/plain": "", "image/png": "ä"})
    assert "image/png" not in shown({"text/plain": "", "image/png": 3})


def test_text_is_cut_and_can_be_written_to_a_file():
    long = {"output_type": "stream", "name": "stdout", "text": "x" * 5000}
    first, second = displayed([long, long], MOST)
    assert first["text"] == "x" * MOST + CUT
    assert second["text"] == CUT
    odd = {"output_type": "stream", "name": "stdout", "text": "a\ud800b\0c"}
    assert displayed([odd], MOST)[0]["text"] == "a?bc"


@pytest.mark.parametrize(
    "outputs",
    [
        None,
        [3],
        [{}],
        [{"output_type": "stream", "name": "out", "text": ""}],
        [{"output_type": "stream", "name": "stdout", "text": ["a"]}],
        [{"output_type": "error", "ename": "E", "evalue": "e", "traceback": "t"}],
        [{"output_type": "error", "ename": "E", "traceback": []}],
        [{"output_type": "display_data", "data": 3}],
        [{"output_type": "display_data", "data": {"text/plain": 3}}],
        [{"output_type": "update_display_data", "data": {}}],
    ],
    ids=repr,
)
def test_outputs_that_are_none(outputs):
    with pytest.raises(Malformed, match="expected"):
        displayed(outputs, MOST)


def test_a_cell_defines_what_can_be_called():
    with peer_of() as peer:
        assert peer.run_cell("def double(x):\n    return 2 * x") == []
        assert peer.bind(["double"])["double"](4) == 8
        (error,) = peer.run_cell("double(1) / 0")
        assert error["ename"] == "ZeroDivisionError"
        assert peer.bind(["double"])["double"](4) == 8


def test_a_cell_that_ends_the_process_is_the_end_of_the_box():
    with peer_of() as peer:
        with pytest.raises(BoxLost, match="its process ended"):
            peer.run_cell("import os; os._exit(0)", "the cell `double`")
        assert peer.lost


def test_a_cell_that_shows_far_too_much():
    with peer_of(Limits(output_kb=1)) as peer:
        source = "show({'output_type': 'stream', 'name': 'stdout', 'text': 'x' * 10**6})"
        (output,) = peer.run_cell(source)
        assert len(output["text"]) < 1100
        with pytest.raises(BoxLost, match="showed too much"):
            peer.run_cell(source.replace("10**6", "10**7"), "this cell")
