"""More than there is: of time, memory, processes, disk, output; and ends that come too soon."""

from suite_entries import RIGHT, entries

OVER = r"stopped|MemoryError|Timeout|time|died|ended|did not run|lost|exit|killed|signal"
MEMORY = rf"{OVER}|[Mm]emory|alloc"


def in_call(body, why=OVER, function="add", head=""):
    """Fields of an entry whose function does not come back."""
    inside = body.replace("\n", "\n    ")
    parameters = {"add": "a, b", "scale": "x, factor", "twice": "f, x"}[function]
    answer = f"{head}def {function}({parameters}):\n    {inside}"
    return {"answers": {function: answer}, "lost": {function: why}}


attempt = entries("C", "process exit")

# the first process of a namespace cannot be killed from within, and goes on
ENDED = rf"{OVER}|add: 1 \+ 2"

ENDS = {
    "exit": "import sys\nsys.exit(0)",
    "hard": "import os\nos._exit(0)",
    "quit": "quit()",
    "abort": "import os\nos.abort()",
    "kill": "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)",
    "segfault": "import ctypes\nctypes.string_at(0)",
}
for name, body in ENDS.items():
    attempt(f"c_exit_{name}_call", f"a call that ends the process: {name}", **in_call(body, ENDED))
    attempt(f"c_exit_{name}_cell", f"a cell that ends the process: {name}", first=body)
attempt(
    "c_exit_answer",
    "a cell that defines its function and ends the process",
    answers={"add": f"{RIGHT['tiny']['add']}\n\n\nimport os\n\nos._exit(0)"},
    lost={"add": OVER},
)
attempt(
    "c_exit_twice",
    "two cells of the learner's own end the process, before the answers and after",
    first="""\
import os

os._exit(1)""",
    last="os.abort()",
)
attempt(
    "c_exit_everybody",
    "a call that ends every process that it can",
    **in_call(
        """\
import os, signal
for pid in (-1, 0, 1, 2, os.getppid(), *range(2, 3000)):
    try:
        if pid != os.getpid():
            os.kill(pid, signal.SIGKILL)
    except OSError:
        pass
os._exit(1)"""
    ),
)
attempt(
    "c_exit_again",
    "every call ends the process, of every function",
    answers={
        "add": """\
import os


def add(a, b):
    os._exit(0)""",
        "scale": """\
import os


def scale(x, factor):
    os._exit(0)""",
        "twice": """\
import os


def twice(f, x):
    os._exit(0)""",
    },
    lost=dict.fromkeys(("add", "scale", "twice"), OVER),
)

attempt = entries("C", "endless loop")
attempt("c_loop_call", "in a call", **in_call("while True:\n    pass"))
attempt("c_loop_cell", "in a cell of the learner's own", first="while True:\n    pass")
attempt(
    "c_loop_in_c",
    "in C, where no signal of Python's is seen",
    **in_call("sum(range(10**12))"),
)
attempt(
    "c_loop_pattern", "in a pattern", **in_call("import re\nre.match('(a+)+$', 'a' * 40 + 'b')")
)
attempt("c_loop_waiting", "one that only waits", **in_call("import time\ntime.sleep(10**6)"))
attempt(
    "c_loop_callback",
    "calls of the given function without an end",
    **in_call("while True:\n    x = f(x)", function="twice"),
)

attempt = entries("C", "ignored interrupt")
attempt(
    "c_interrupt_caught",
    "every exception is caught",
    **in_call(
        """\
while True:
    try:
        while True:
            pass
    except BaseException:
        pass"""
    ),
)
attempt(
    "c_interrupt_blocked",
    "every signal is blocked and ignored",
    **in_call(
        """\
import signal
signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 64))
for number in signal.valid_signals():
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
while True:
    pass"""
    ),
)
attempt(
    "c_interrupt_thread",
    "another thread goes on, and no timer may fire",
    **in_call(
        """\
import signal, threading


def again():
    while True:
        signal.setitimer(signal.ITIMER_PROF, 0)


signal.setitimer(signal.ITIMER_REAL, 0)
signal.setitimer(signal.ITIMER_PROF, 0)
for _ in range(3):
    threading.Thread(target=again).start()
while True:
    pass"""
    ),
)
attempt(
    "c_interrupt_cell",
    "in a cell, blocked and caught",
    first="""\
import signal

signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 64))
while True:
    try:
        while True:
            pass
    except BaseException:
        pass""",
)

attempt = entries("C", "memory bomb")
attempt(
    "c_memory_bytes",
    "bytes without an end",
    **in_call(
        """\
held = []
while True:
    held.append(bytearray(b'x') * 20_000_000)""",
        why=MEMORY,
    ),
)
attempt(
    "c_memory_tensor",
    "a tensor of terabytes, and many of megabytes",
    **in_call(
        """\
import torch
try:
    torch.ones(10**13)
except RuntimeError:
    pass
held = []
while True:
    held.append(torch.ones(5_000_000))""",
        why=MEMORY,
    ),
)
attempt(
    "c_memory_shared",
    "memory that belongs to files without a name, and to shared ones",
    **in_call(
        """\
import mmap, os
held = []
while True:
    it = mmap.mmap(-1, 50_000_000)
    it.write(b'x' * 50_000_000)
    held.append(it)""",
        why=MEMORY,
    ),
)
attempt(
    "c_memory_cell",
    "in a cell of the learner's own",
    first="""\
held = []
while True:
    held.append(bytearray(b'x') * 20_000_000)""",
)
attempt(
    "c_memory_returned",
    "a result of gigabytes, and one that is large only where it arrives",
    answers={
        "add": "def add(a, b):\n    return 'x' * 600_000_000",
        "scale": """\
import torch


def scale(x, factor):
    return torch.zeros(1).expand(10**6, 10**6)""",
    },
    lost={"add": ".", "scale": "."},
)
attempt(
    "c_memory_handed_over",
    "the given function is called with more than there is",
    **in_call("return f(f('x' * 400_000_000) or x)", why=".", function="twice"),
)

attempt = entries("C", "process bomb")
attempt(
    "c_processes_forked",
    "processes that fork",
    **in_call(
        """\
import os
while True:
    try:
        os.fork()
    except OSError:
        pass"""
    ),
)
attempt(
    "c_processes_threads",
    "threads without an end",
    **in_call(
        """\
import threading, time
while True:
    try:
        threading.Thread(target=time.sleep, args=(99,)).start()
    except RuntimeError:
        pass"""
    ),
)
attempt(
    "c_processes_shell",
    "in a shell",
    first="""\
import subprocess

subprocess.Popen(['bash', '-c', 'f() { f | f & }; f; sleep 30'])""",
)

attempt = entries("C", "disk bomb")
FILL = """\
import os, tempfile
for folder in ('/tmp', '/dev/shm', '/var/tmp', os.getcwd(), '@HOME@', '@COURSE@'):
    try:
        with open(f'{folder}/@MARK@-filled', 'wb') as file:
            for _ in range(4000):
                file.write(b'x' * 10**6)
    except OSError:
        pass"""
attempt("c_disk_filled", "files of gigabytes, in a cell", first=FILL)
attempt("c_disk_call", "files of gigabytes, in a call", **in_call(FILL + "\nreturn 0", why="."))
attempt(
    "c_disk_files",
    "files without number",
    **in_call(
        """\
for i in range(10**9):
    try:
        open(f'/tmp/@MARK@-{i}', 'w').close()
    except OSError:
        return 0""",
        why=".",
    ),
)

attempt = entries("C", "output bomb")
attempt(
    "c_output_printed",
    "lines without an end, in a call",
    **in_call("while True:\n    print('x' * 10_000)"),
)
attempt(
    "c_output_cell",
    "lines of a hundred megabytes, in a cell",
    first="for _ in range(10_000):\n    print('x' * 10_000)",
)
attempt(
    "c_output_raw",
    "past Python: bytes to every descriptor",
    first="""\
import os

for _ in range(3000):
    for fd in (1, 2):
        os.write(fd, b'x' * 10_000)""",
)
attempt(
    "c_output_shown",
    "fifty thousand results, and pictures",
    first="""\
from IPython.display import display

for i in range(50_000):
    display(i)""",
)
attempt(
    "c_output_error",
    "an error of a hundred megabytes",
    **in_call("raise ValueError('x' * 100_000_000)", why="ValueError|large|big"),
)
attempt(
    "c_output_named",
    "an error whose class, and a function whose name, is a page long",
    answers={
        "add": "def add(a, b):\n    raise type('E' * 100_000, (Exception,), {})('<b>' * 10_000)",
        "scale": RIGHT["tiny"]["scale"]
        + """\



scale.__name__ = scale.__qualname__ = 's' * 10**7
scale.__doc__ = 'd' * 10**7""",
    },
    lost={"add": "."},
)

attempt(
    "c_output_text",
    "characters that are no text, that end texts, and that move the cursor",
    answers={
        "add": """\
odd = '\\ud800 \\0 \\x1b[2J \\x1b]0;title\\x07 \\u202e \\ufeff \\r\\n \\x85 \\x7f'
print(odd, repr(odd))


def add(a, b):
    print(odd)
    raise type(odd, (ValueError,), {})(odd)"""
    },
    lost={"add": "."},
)
attempt(
    "c_output_picture",
    "a picture that says that it is larger than memory, and one that is none",
    first="""\
import struct, zlib

from IPython.display import Image, display


def chunk(kind, data):
    return struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data))


head = struct.pack('>IIBBBBB', 300_000, 300_000, 16, 6, 0, 0, 0)
start = bytes([137, 80, 78, 71, 13, 10, 26, 10])
zeros = zlib.compress(bytes(30_000_000))
png = start + chunk(b'IHDR', head) + chunk(b'IDAT', zeros) + chunk(b'IEND', b'')
display(Image(data=png, format='png'))
display(Image(data=start + b'<script>alert(1)</script>', format='png'))
display({'image/png': 'not base64 <script>', 'image/jpeg': 'x' * 10**6}, raw=True)""",
)

attempt = entries("C", "namespace emptied")
attempt("c_emptied_reset", "by a magic, before the answers", first="%reset -f")
attempt(
    "c_emptied_globals",
    "of all that the answers need, and of what Python needs",
    first="""\
keep = ('In', 'Out', 'get_ipython', '_ih', '_oh', '_dh')
for name in [*globals()]:
    if name not in keep:
        globals().pop(name, None)""",
)
attempt(
    "c_emptied_builtins",
    "of what comes with Python: nothing of the learner's can run any more",
    first="""\
import builtins, sys

for name in ('len', 'range', 'print', 'isinstance', 'type'):
    delattr(builtins, name)
sys.stdout = sys.stderr = sys.stdin = None
sys.modules.clear()""",
    risked=("add", "scale", "twice", "evens"),
)

attempt = entries("C", "orphans")
attempt(
    "c_orphan_forked",
    "a child of a child, in a session of its own",
    first="""\
import os, time

if not os.fork():
    os.setsid()
    if not os.fork():
        while True:
            time.sleep(1)
    os._exit(0)""",
)
attempt(
    "c_orphan_started",
    "a program in the background, which ignores hanging up",
    first="""\
import subprocess, sys

subprocess.Popen(
    ['nohup', sys.executable, '-c', 'import time; time.sleep(600)  # @MARK@'],
    start_new_session=True)""",
)
attempt(
    "c_orphan_atexit",
    "what is to be run at the end runs on",
    first="""\
import atexit, threading, time

atexit.register(time.sleep, 600)
threading.Thread(target=time.sleep, args=(600,)).start()""",
)
attempt(
    "c_orphan_forked_server",
    "the process forks, and both go on answering",
    risked=("add", "scale", "twice", "evens"),
    first="""\
import os

os.fork()
os.fork()""",
)
