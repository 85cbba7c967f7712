"""The sockets of the process that runs the answers are written to, read from and closed."""

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
