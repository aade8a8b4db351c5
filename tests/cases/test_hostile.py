"""H2 to H9 and H14 to H16: a few seconds of each attack that tests/hostile repeats for a minute.

Nothing here is timed. A measured client is never refused, what it was acknowledged is stored exactly
once, and the server lives in its memory, stops and opens again.
"""
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "hostile"))
import attacks_http  # noqa: F401 (each enters its attacks)
import attacks_kafka  # noqa: F401
import attacks_keys  # noqa: F401
from campaign import try_attack
from target import ATTACKS

SECONDS = 3
ROWS = ["H2", "H3", "H4", "H5", "H6", "H7", "H8", "H9", "H14", "H15", "H16"]


@pytest.mark.parametrize("row", ROWS)
def test_an_attack_is_noticed_by_nobody_else(row):
    """The first attack of each row, which is the one that the row describes."""
    attack = next(one for one in ATTACKS if one.row == row)
    finding = try_attack(attack, SECONDS)
    assert finding.tally.payloads + finding.tally.opened > 0, "the attack was never made"
    assert finding.wrong == []
    assert finding.large == []
