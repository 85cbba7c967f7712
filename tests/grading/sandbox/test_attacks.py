"""Nothing that code in a box tries gets it further: as each user, with each ability missing."""

import json

import box_attacks
import pytest
from box_talk import HERE, USERS, output

WITHOUT = {"": "warm", "cgroup,seccomp": "warm", "nested": "cold", "cgroup,nested,seccomp": "cold"}


@pytest.mark.parametrize("without", WITHOUT)
@pytest.mark.parametrize("user", USERS)
def test_every_attack_is_held(user, without, tmp_path):
    secret = tmp_path / "gradebook.db"
    secret.write_text("grades")
    mode, results = json.loads(output(user, HERE / "try_attacks.py", secret, without=without))
    assert mode == WITHOUT[without]
    assert set(results) >= set(box_attacks.ANY_MACHINE)
    assert {name: result for name, result in results.items() if result != "held"} == {}
