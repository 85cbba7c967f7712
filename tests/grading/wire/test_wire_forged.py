"""Whatever comes is a message of the kind that was expected, or refused."""

import threading

import pytest
import torch
from passing import arrived, deep, pair, received, tree

from labtools.grading.wire.channel import HEAD, MOST_TEXT, Closed, Malformed
from labtools.grading.wire.memory import Memory
from labtools.grading.wire.reading import Reader
from labtools.grading.wire.states import Leading
from labtools.grading.wire.writing import Writer

ALIKE = (1 << 61) - 1  # all its multiples have the hash 0

TEXTS = {
    "nothing": "",
    "no JSON": "[[], [",
    "no text": b"\xff\xfe[]",
    "an object": "{}",
    "no tree": "[[]]",
    "an empty tree": "[[], []]",
    "too deep": "[" * 100_000,
    "a number too long": f"[[], [{'9' * 5000}]]",
    "a length that is none": '[["4"], ["value"]]',
    "a length that is true": '[[true], ["value"]]',
    "a negative length": '[[-16], ["value"]]',
    "a length with nothing behind it": '[[16], ["value"]]',
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_what_is_no_message(text):
    with pytest.raises(Malformed):
        received(text)


def test_more_than_is_allowed_is_not_even_read():
    for head in (HEAD.pack(MOST_TEXT + 1, 0), HEAD.pack(10, 1 << 60)):
        with pytest.raises(Malformed, match="at most"):
            arrived(head, 100)


@pytest.mark.parametrize("n", [0, 5, HEAD.size, HEAD.size + 3])
def test_half_a_message(n):
    with pytest.raises(Closed):
        arrived((HEAD.pack(13, 0) + b'[[],["done"]]')[:n])


def test_a_large_message_goes_through_while_it_is_read():
    data = bytes(range(256)) * 4096
    with pair() as (here, there):
        sender = threading.Thread(target=here.send, args=(["x"], [data, b"ab", data]))
        sender.start()
        message = there.receive()
        sender.join()
    assert [message.bytes(i) for i in range(3)] == [data, b"ab", data]


FORGED = {
    "no kind": [],
    "unknown kind": ["?"],
    "kind that is no text": [[1], 2],
    "an object": {"l": 1},
    "too few entries": ["T", "float32"],
    "too many": ["M", "float32", [2], 0, 0, 0],
    "unknown dtype": ["T", "float31", [2], 0, 0],
    "dtype that is no text": ["M", ["float32"], [2], 0],
    "negative size": ["M", "float32", [-2, -2], 0],
    "size that is true": ["M", "float32", [True], 0],
    "size that is a float": ["M", "float32", [2.0], 0],
    "more numbers than bytes": ["T", "float32", [5], 0, 0],
    "fewer numbers than bytes": ["T", "float32", [3], 0, 0],
    "no such buffer": ["T", "float32", [4], 1, 0],
    "buffer that is true": ["T", "float32", [4], False, 0],
    "an endless shape": ["M", "float32", [1 << 39, 1 << 39], 0],
    "too many dimensions": ["M", "float32", [1] * 65, 0],
    "empty with numbers": ["Z", "float32", [4], 0],
    "memory that nobody lent": ["K", "float32", [4], [1], 0, 0, 0],
    "gradient of ints": ["T", "int32", [4], 0, 1],
    "gradient of another kind": ["T", "float32", [4], 0, 3],
    "gradient that is true": ["T", "float32", [4], 0, True],
    "dict with half an entry": ["d", 1],
    "dict with a key that is a list": ["d", ["l"], 1],
    "dict with keys of one hash": ["d", *(x for n in range(200) for x in (n * ALIKE, 0))],
    "size of texts": ["s", "a"],
    "range of floats": ["r", 0.0, 1.0, 2.0],
    "range without a step": ["r", 0, 1, 0],
    "bytes that are none": ["b", "?"],
    "device": ["V", "cuda:0"],
    "dtype": ["D", "__class__"],
    "error of no class": ["E", "X", "int", "text", None],
    "error of a private class": ["E", "X", "__import__", "text", None],
    "error without a text": ["E", "X", "ValueError", 3, None],
    "subclass of a list": ["U", "X", [1]],
    "subclass of true": ["U", "X", True],
    "opaque without a name": ["O", None, None],
    "opaque with an endless name": ["O", "X", "x" * 10_000],
    "odd tensor": ["X", "dense", "float32", [2]],
    "a generator that nobody lent": ["G", 0],
    "an object that nobody lent": ["C", 0],
    "a function that is none": ["F", 0],
}


@pytest.mark.parametrize("node", FORGED.values(), ids=FORGED)
def test_forged_trees(node):
    with pytest.raises(Malformed, match="expected"):
        tree(node, bytes(16))


def test_a_dict_may_be_large():
    node = ["d", *(x for n in range(2000) for x in (f"word {n}", n))]
    assert tree(node) == {f"word {n}": n for n in range(2000)}
    node = ["d", *(x for n in range(50) for x in (n * ALIKE, n))]
    assert len(tree(node)) == 50


FAR = 10**15
BEFORE_THE_FIRST = ["t", "utf-8", ["b", ""], -FAR, 1 - FAR, "x"]


@pytest.mark.parametrize(
    ("name", "base", "args"),
    [
        ("UnicodeDecodeError", "UnicodeDecodeError", BEFORE_THE_FIRST),
        ("Mine", "UnicodeDecodeError", BEFORE_THE_FIRST),
        ("Mine", "UnicodeDecodeError", ["t", "utf-8", ["b", ""], ["U", "N", -FAR], 1 - FAR, "x"]),
        ("Mine", "UnicodeEncodeError", ["t", "utf-8", "", -FAR, 1 - FAR, "x"]),
    ],
)
def test_no_error_reads_what_lies_before_its_bytes(name, base, args):
    error = tree(["E", name, base, "what it says", args])
    assert (type(error).__name__, str(error)) == (name, "what it says")
    assert isinstance(error, UnicodeError)


def test_no_error_names_a_file_that_is_then_shown():
    args = ["t", "wrong", ["t", __file__, 1, 1, "text"]]
    for name in ("SyntaxError", "Mine"):
        error = tree(["E", name, "SyntaxError", "wrong (a file, line 1)", args])
        assert isinstance(error, SyntaxError)
        assert error.filename is None
        assert str(error) == "wrong (a file, line 1)"


def test_a_tree_may_not_be_too_deep():
    message = received(deep(30))
    assert Reader(message).read(message.content[1])
    message = received(deep(60))
    with pytest.raises(Malformed):
        Reader(message).read(message.content[1])


def test_a_class_name_is_a_name():
    assert type(tree(["O", "a\nb", None])).__name__ == "object"
    assert type(tree(["U", "", 3])).__name__ == "object"


def lent():
    """Six floats of which four are lent, and what the other side may say of them."""
    memory, whole = Memory(), torch.arange(6.0)
    node = Writer(memory.lend).write(whole[:4])
    sent = memory.sent()
    return memory, whole, node, sent


@pytest.mark.parametrize(
    "place",
    [
        ["float32", [5], [1], 0, 0],
        ["float32", [2], [4], 0, 0],
        ["float32", [1], [1], 0, 16],
        ["float64", [2], [1], 0, 8],
        ["float32", [2], [1], 0, 2],
        ["float32", [2], [-1], 0, 4],
        ["float32", [2], [1], 0, -4],
        ["float32", [2], [], 0, 0],
        ["float32", [2], [1], 1, 0],
        ["float32", [2], [1], True, 0],
        ["float32", [1 << 30], [0], 0, 0],
        ["float32", [0], [1], 0, 0],
    ],
    ids=str,
)
def test_a_view_lies_in_what_was_lent(place):
    memory, *_ = lent()
    message = received('[[], ["value"]]')
    assert Reader(message, memory).read(["K", "float32", [2], [2], 0, 4, 0]).tolist() == [1, 3]
    with pytest.raises(Malformed):
        Reader(message, memory).read(["K", *place, 0])


def test_no_more_is_changed_than_was_lent():
    memory, whole, _, (sent,) = lent()
    memory.change(0, bytes(len(sent)), Leading())
    assert whole.tolist() == [0, 0, 0, 0, 4, 5]
    for number, data in ((0, sent + b"\0" * 4), (0, b""), (1, sent), (None, sent), (0, [3])):
        with pytest.raises(Malformed):
            memory.change(number, data, Leading())
