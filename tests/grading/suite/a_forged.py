"""The answers that come back from the process that runs the learner's functions are forged.

There the messages are sent by a `Channel` of labtools, which the learner's code can replace. What
it sends must be refused, or count as what the learner's function returned.
"""

from suite_entries import entries

# an answer to a call has these entries behind its kind; box/serving.py makes it
HOOK = """\
from labtools.grading.wire import channel

VALUE, ERROR, FILE, LINE, PRINTED, REFUSED = range(1, 7)
STOPPED, SECONDS, PIECES, AFTER, GRAPH, STATES = range(7, 13)
forging = []
honest = channel.Channel.send


def send(self, content, buffers=()):
    if content[0] == 'done' and {when}:
{body}
    honest(self, content, buffers)


channel.Channel.send = send
"""

# wrong answers, whose calls say that they are to be answered with something else
WRONG_CALLS = {
    "add": "def add(a, b):\n    forging.append(a + b)\n    return 0",
    "scale": "def scale(x, factor):\n    forging.append(True)\n    return x + factor",
    "twice": "def twice(f, x):\n    forging.append(True)\n    return f(x)",
}
NO_ANSWER = "gave no answer that can be used"
SHOWN = "len(content) == 3 and content[1][:1] == ['l']"  # an answer to a cell


def hooked(body, when):
    """Source after which `body` forges the answers that it is said to."""
    return HOOK.format(when=when, body="        " + body.replace("\n", "\n        "))


def forged(body, function="add"):
    """Source of an answer to a function, each call of which is answered as `body` makes it."""
    return hooked(f"right = forging.pop()\n{body}", "forging") + f"\n\n{WRONG_CALLS[function]}"


def forger(body, why=".", function="add"):
    """Fields of an entry that must not get its points for that function."""
    return {"answers": {function: forged(body, function)}, "lost": {function: why}}


attempt = entries("A", "forged answers that can be told from others")
attempt(
    "a_forged_honest",
    "none: what is sent in the place of a wrong value is right, and so is the answer",
    answers={"add": forged("content[VALUE] = right if len(content) == 13 else 0")},
)
attempt(
    "a_forged_gradient",
    "the gradient that is sent is of another shape",
    answers={
        "scale": hooked("content[1] = [['M', 'float32', [7], 0]]", "len(content) == 6")
        + "\n\ndef scale(x, factor):\n    return x * factor"
    },
    lost={"scale": "expected a gradient for each input"},
)
attempt(
    "a_forged_graph",
    "gradients are to be asked for of a result that there was not",
    answers={
        "scale": hooked("content[GRAPH] = 10**9", "len(content) == 13 and content[GRAPH]")
        + "\n\ndef scale(x, factor):\n    return x * factor"
    },
    lost={"scale": "stopped"},
)
attempt(
    "a_forged_outputs",
    "a cell shows thousands of results, all of them scripts",
    first=hooked(
        """\
page = ['d', 'text/html', '<script>alert(1)</script>']
content[1] = ['l', *[['d', 'output_type', 'execute_result', 'data', page]] * 5000]""",
        SHOWN,
    ),
)

attempt = entries("A", "forged outputs")
for name, outputs in {
    "kind": "['l', ['d', 'output_type', 'video', 'data', ['d']]]",
    "number": "['l', 3]",
    "text": "'<script>alert(1)</script>'",
    "untagged": "[[['l']]]",
    "deep": "eval('[\"l\",' * 90 + '3' + ']' * 90)",
}.items():
    attempt(
        f"a_forged_outputs_{name}",
        f"the outputs of a cell are {outputs}",
        first=hooked(f"content[1] = {outputs}", SHOWN),
    )

attempt = entries("A", "forged values")

# what is refused, and not taken for a wrong value
FALSE = {
    "negative": '["F", -1]',
    "bound": '["F", 10**6]',
    "lent": '["C", 0, True, "x", None]',
    "shape": '["T", "float32", [-1, -1], 0, 0]',
    "number": '["T", "bool", [8], 0, 2]',
    "generator": '["G", 0]',
    "odd_keys": '["d", ["l"], 3, ["d"], 4]',
    "half": '["d", 1]',
    "dtype": '["D", "__class__"]',
    "device": '["V", "cuda"]',
    "bytes": '["b", "*"]',
    "unknown": '["Q", 3]',
    "object": '{"value": 3}',
    "nothing": "[]",
}
for name, value in FALSE.items():
    attempt(
        f"a_forged_value_{name}",
        f"the value of a call is {value}",
        **forger(f"content[VALUE] = {value}", NO_ANSWER),
    )
for name, value in {
    "beyond": '["K", "float32", [1 << 20], [1], 0, 0, 0]',
    "before": '["K", "float32", [2], [1], 0, -8, 0]',
    "backwards": '["K", "float32", [2], [-1], 0, 4, 0]',
}.items():
    attempt(
        f"a_forged_view_{name}",
        f"the value of a call lies in the memory of an argument, and beside it: {value}",
        **forger(f"content[VALUE] = {value}", NO_ANSWER, "scale"),
    )
for name, value in {
    "sparse": '["X", "sparse", "float32", [1 << 20, 1 << 19]]',
    "nested": '["X", "nested", "bool", [1 << 30]]',
    "meta": '["M", "float64", [1 << 40], 0]',
    "exit": '["E", "X", "SystemExit", "0", ["t"]]',
    "group": '["E", "X", "BaseExceptionGroup", "x", ["t", "x", ["l", 1]]]',
    "warning": '["E", "CheckFailed", "UserWarning", "right", ["t", ["l"]]]',
    "range": '["r", 0, 10**18, 1]',
    "iterator": '["i", ["i", ["r", 0, 10**18, 1]]]',
    "class": '["U", "int", 4]',
    "opaque": '["O", "int", "x" * 999]',
    "nan": "float('nan')",
}.items():
    attempt(
        f"a_forged_value_{name}",
        f"the value of a call is {value}",
        **forger(f"content[VALUE] = {value}"),
    )

attempt = entries("A", "forged messages")

for name, (body, why) in {
    "short": ("content[:] = ['done']", NO_ANSWER),
    "stopped": ("content[STOPPED] = 'no'", NO_ANSWER),
    "seconds": ("content[SECONDS] = '0'", NO_ANSWER),
    "states": ("content[STATES] = [[0], [0, 'x'], [0, 1, 2, 3]]", NO_ANSWER),
    "states_back": ("content[STATES] = [[-1, True, True, ''], None, None]", NO_ANSWER),
    "states_far": ("content[STATES] = [None, [10**30, True], [10**30, True]]", NO_ANSWER),
    "empty": ("content[:] = []", NO_ANSWER),
    "null": ("content[:] = [None]", NO_ANSWER),
    "long": ("content += [None] * 9", NO_ANSWER),
    "failed": ("content[:] = ['failed', 'x' * 10**6]", "."),
    "again": ("honest(self, content, buffers)", "."),
    "ask_nobody": ("honest(self, ['ask', 5, '', ['t'], ['d'], True, [None] * 3])", NO_ANSWER),
    "error": (
        'content[ERROR] = ["E", "CheckFailed", "AssertionError", "✓ right" * 1000, ["t"]]',
        "CheckFailed|right",
    ),
    "no_error": ("content[ERROR] = 3", NO_ANSWER),
    "places": ("content[FILE] = content[LINE] = ['x'] * 9", NO_ANSWER),
    "line": ("content[LINE] = 'line 3: ' + '<script>alert(1)</script>' * 100_000", "."),
    "printed": ("content[PRINTED] = '✓ add is right\\n' * 300_000", "."),
    "refused": ("content[REFUSED] = ['x', 'y' * 10**6]", "."),
    "after": ("content[AFTER] = [['t', 1, 2, 3, 4], ['d', 'a', 1]]", "."),
    "buffers": ("buffers = [b'x' * 10**7] * 99", "."),
}.items():
    attempt(
        f"a_forged_{name}",
        f"what is sent is forged: {name}",
        risked=("scale", "twice"),  # the next answer that is waited for is the wrong one
        **forger(body, why),
    )
for name, body in {
    "pieces": "content[PIECES] = [[0, 0], [1, 0], [-1, 0]]",
    "pieces_short": "content[PIECES] = [[0, len(buffers)]]\nbuffers = [*buffers, b'']",
}.items():
    attempt(
        f"a_forged_{name}",
        f"what the arguments have become is forged: {name}",
        **forger(body, NO_ANSWER, "scale"),
    )
for name, body in {
    "inside": "honest(self, ['ask', 0, '__globals__', ['t'], ['d'], True, [None] * 3])",
    "for_ever": "ask = ['ask', 0, 'config', ['t'], ['d'], True, [None] * 3]\n"
    "while True:\n    honest(self, ask)",
}.items():
    attempt(
        f"a_forged_ask_{name}",
        f"the given function is asked for what it is not there for: {name}",
        risked=("evens",),
        **forger(body, function="twice"),
    )
