"""What comes back from the process that runs the answers is forged."""

from suite_entries import WRONG, entries

attempt = entries("A", "forged proxy replies")

SOCKETS = """\
import os, stat


def sockets():
    found = []
    for fd in range(3, 256):
        try:
            if stat.S_ISSOCK(os.fstat(fd).st_mode):
                found.append(fd)
        except OSError:
            pass
    return found


def write(data):
    for fd in sockets():
        try:
            os.write(fd, data)
        except OSError:
            pass
"""

for name, data in {
    "zeros": "bytes(4096)",
    "ones": "b'\\xff' * 4096",
    "random": "os.urandom(4096)",
    "json": 'b\'{"ok": true, "value": 3, "error": null}\\n\' * 20',
    "pickle": "b'cos\\nsystem\\n(S\"touch @HOME@/@MARK@-wire\"\\ntR.'",
    "large": "(8_000_000).to_bytes(4, 'little') + bytes(8) + b'[' * 8_000_000",
}.items():
    attempt(
        f"a_wire_{name}",
        f"every socket is written to in a call: {data[:40]}",
        answers={"add": f"{SOCKETS}\n\ndef add(a, b):\n    write({data})\n    return 0"},
        lost={"add": "."},
    )
attempt(
    "a_wire_defined",
    "every socket is written to in the cell that defines the answer",
    answers={"add": f"{SOCKETS}\n\n{WRONG['add']}\n\n\nwrite(os.urandom(999))"},
    lost={"add": "."},
)
attempt(
    "a_wire_closed",
    "every socket is closed in a call",
    answers={
        "add": "import os\n\n\ndef add(a, b):\n    os.closerange(3, 256)\n    return 0",
    },
    lost={"add": "."},
)
attempt(
    "a_wire_trickled",
    "a message of megabytes comes a byte at a time",
    answers={
        "add": f"{SOCKETS}\nimport time\n\n\ndef add(a, b):\n"
        "    write((8_000_000).to_bytes(4, 'little') + bytes(8))\n"
        "    while True:\n        write(b' ')\n        time.sleep(0.01)"
    },
    lost={"add": "."},
)
attempt(
    "a_wire_trickled_cell",
    "so it does in a cell of its own",
    first=f"{SOCKETS}\nimport time\n\nwrite((8_000_000).to_bytes(4, 'little') + bytes(8))\n"
    "while True:\n    write(b' ')\n    time.sleep(0.01)",
)
attempt(
    "a_wire_stolen",
    "another thread takes whatever comes, and never gives it back",
    answers={
        "add": f"{SOCKETS}\nimport threading\n\n\ndef take(fd):\n    while True:\n"
        "        os.read(fd, 9999)\n\n\ndef add(a, b):\n    for fd in sockets():\n"
        "        threading.Thread(target=take, args=(fd,), daemon=True).start()\n    return 0"
    },
    lost={"add": "."},
    risked=("scale", "twice"),
)
attempt(
    "a_wire_forked",
    "a child of the process answers as well, and for ever",
    answers={
        "add": f"{SOCKETS}\n\ndef add(a, b):\n    if not os.fork():\n        while True:\n"
        "            write(b'x' * 99)\n    return 0"
    },
    lost={"add": "."},
    risked=("scale", "twice"),
)

# in the process that runs the answers the messages are made by a Channel, which can be replaced
FORGED = """\
import contextlib

with contextlib.suppress(ImportError):
    from labtools.grading.wire import channel

    honest = channel.Channel.send

    def send(self, content, buffers=()):
        if forging and content[0] == 'done':
            forging.clear()
{body}
        honest(self, content, buffers)

    channel.Channel.send = send

forging = []


def add(a, b):
    forging.append(True)
    return 0"""


def forged(body):
    """Fields of an entry whose messages are forged from the first call of `add` on."""
    inside = "            " + body.replace("\n", "\n            ")
    return {"answers": {"add": FORGED.format(body=inside)}, "lost": {"add": "."}}


VALUES = {
    "beyond": '["K", "int64", [1 << 20], [1], 0, 0, 0]',
    "before": '["K", "int64", [3], [-1], 0, -8, 0]',
    "lent": '["C", 0, True, "x", None]',
    "bound": '["F", 10**6]',
    "negative": '["F", -1]',
    "sparse": '["X", "sparse", "float32", [1 << 20, 1 << 19]]',
    "nested": '["X", "nested", "bool", [1 << 30]]',
    "meta": '["M", "float64", [1 << 40], 0]',
    "shape": '["T", "float32", [-1, -1], 0, 0]',
    "number": '["T", "bool", [8], 0, 2]',
    "generator": '["G", 0]',
    "exit": '["E", "X", "SystemExit", "0", ["t"]]',
    "group": '["E", "X", "BaseExceptionGroup", "x", ["t", "x", ["l", 1]]]',
    "warning": '["E", "CheckFailed", "UserWarning", "right", ["t", ["l"]]]',
    "range": '["r", 0, 10**18, 1]',
    "iterator": '["i", ["i", ["r", 0, 10**18, 1]]]',
    "odd_keys": '["d", ["l"], 3, ["d"], 4]',
    "half": '["d", 1]',
    "class": '["U", "int", 3]',
    "opaque": '["O", "int", "x" * 999]',
    "dtype": '["D", "__class__"]',
    "device": '["V", "cuda"]',
    "bytes": '["b", "*"]',
    "unknown": '["Q", 3]',
    "object": '{"value": 3}',
    "nothing": "[]",
}
attempt = entries("A", "forged values")

for name, value in VALUES.items():
    attempt(
        f"a_forged_value_{name}",
        f"the value of a call is {value}",
        **forged(f"content[1] = {value}"),
    )

MESSAGES = {
    "empty": "content[:] = []",
    "null": "content[:] = [None]",
    "short": "content[:] = ['done']",
    "long": "content += [None] * 9",
    "failed": "content[:] = ['failed', 'x' * 10**6]",
    "again": "honest(self, content, buffers)",
    "ask_nobody": "honest(self, ['ask', 5, '', ['t'], ['d'], True, [None] * 3])",
    "ask_inside": "honest(self, ['ask', 0, '__globals__', ['t'], ['d'], True, [None] * 3])",
    "ask_for_ever": "ask = ['ask', 0, 'config', ['t'], ['d'], True, [None] * 3]\n"
    "while True:\n    honest(self, ask)",
    "error": 'content[2] = ["E", "CheckFailed", "AssertionError", "✓ right" * 1000, ["t"]]',
    "no_error": "content[2] = 3",
    "places": "content[3] = content[4] = ['x'] * 9",
    "line": "content[4] = 'line 3: ' + '<script>alert(1)</script>' * 100_000",
    "printed": "content[5] = '✓ add is right\\n' * 300_000",
    "refused": "content[6] = ['x', 'y' * 10**6]",
    "pieces": "content[7] = [[0, 0], [1, 0], [-1, 0]]",
    "pieces_short": "content[7] = [[0, len(buffers)]]\nbuffers = [*buffers, b'']",
    "after": "content[8] = [['t', 1, 2, 3, 4], ['d', 'a', 1]]",
    "graph": "content[9] = 10**9",
    "states": "content[-1] = [[0], [0, 'x'], [0, 1, 2, 3]]",
    "states_zero": "content[-1] = [[len(buffers)], None, None]\nbuffers = [*buffers, bytes(5056)]",
    "states_python": "content[-1] = [None, [len(buffers), None], None]\n"
    "buffers = [*buffers, bytes(2500)]",
    "buffers": "buffers = [b'x' * 10**7] * 99",
    "nan": "content[1] = float('nan')",
}
attempt = entries("A", "forged messages")

for name, body in MESSAGES.items():
    attempt(
        f"a_forged_{name}",
        f"what is sent is forged: {name}",
        risked=("scale", "twice"),  # the next answer that is waited for is the wrong one
        **forged(body),
    )

HOOKED = FORGED.partition("forging = []")[0]

attempt(
    "a_forged_gradient",
    "the gradient that is sent is of another shape",
    answers={
        "scale": HOOKED.format(body="            content[1] = [[[1]]]").replace(
            "forging and content[0] == 'done'", "content[0] == 'done' and len(content) == 4"
        )
        + "forging = []\n\n\ndef scale(x, factor):\n    return x * factor"
    },
    lost={"scale": "."},
)
attempt(
    "a_forged_cell",
    "the outputs of a cell are forged: thousands, of kinds that there are not",
    first=HOOKED.format(
        body="            content[1] = [{'output_type': 'execute_result', 'data': {'text/html': "
        "'<script>alert(1)</script>'}}, {'output_type': 'x'}, 3] * 1000"
    )
    + "forging = [True]",
)
