"""A process that is forked often is made cheap to fork, and works as before."""

import subprocess
import sys

from labtools.grading.box import pages

SETTLED = """
import gc, os
from labtools.grading.box.pages import settle
held = [bytes([x % 251]) * 4096 for x in range(3000)]
settle()
assert gc.get_freeze_count() > 1000
pid = os.fork()
assert all(part == bytes([x % 251]) * 4096 for x, part in enumerate(held))
if pid == 0:
    os._exit(7)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
"""


def test_a_settled_process_forks():
    done = subprocess.run([sys.executable, "-c", SETTLED], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("7\n", "")


def test_large_pages_lie_within_what_is_our_own():
    held = bytearray(5 * pages.HUGE)
    found = list(pages._large())
    assert found
    assert all(start % pages.HUGE == 0 == length % pages.HUGE and length for start, length in found)
    assert held is not None
