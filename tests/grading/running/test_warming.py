"""What the warm process has imported is what submissions need."""

import json
import subprocess
import sys
from pathlib import Path

SOLUTION = Path(__file__).parents[3] / "solutions" / "ch01_prediction" / "ch01_prediction.ipynb"
PROGRAM = """\
import json, sys
from labtools.grading.running.warming import warm_up
warm_up()
before = set(sys.modules)
from labtools.grading.running.cells import Cells
cells = Cells("Plain")
started = set(sys.modules)
for source in json.load(sys.stdin):
    assert cells.run(source).error is None
print(json.dumps([sorted(before), sorted(set(sys.modules) - started)]))
"""


def test_a_right_answer_imports_next_to_nothing():
    cells = json.loads(SOLUTION.read_text())["cells"]
    wanted = [cell for cell in cells if cell["cell_type"] == "code"]
    sources = [
        "".join(cell["source"]) for cell in wanted if "demo" not in cell["metadata"].get("tags", [])
    ]
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        input=json.dumps(sources), capture_output=True, text=True, check=True,
    )  # fmt: skip
    before, later = json.loads(ran.stdout)
    assert "torch._dynamo" not in before  # torch's compiler: seconds that no check needs
    assert len(later) < 20, later
