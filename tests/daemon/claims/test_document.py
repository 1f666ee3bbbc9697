from __future__ import annotations

from pathlib import Path

import pytest

from daemon.claims.document import ClaimsError, read_claims, shipped
from daemon.claims.statement import Side

GOOD = """claims:
  - id: one
    words: They move together.
    test: {statistic: correlation, of: ETH, against: IWM}
    supported: {above: 0.1}
    refuted: {below: 0.1}
"""


def refused(folder: Path, text: str) -> str:
    path = folder / "claims.yaml"
    path.write_text(text)
    with pytest.raises(ClaimsError) as caught:
        read_claims(path)
    return str(caught.value)


def test_the_shipped_claims_are_those_of_the_article() -> None:
    found = {statement.id: statement for statement in read_claims(shipped())}
    assert {"move-together", "small-caps-rose-42", "small-caps-lead-days", "easing-binds"} <= set(
        found
    )
    assert found["small-caps-rose-42"].test.measured == "rise from low"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("statistic: correlation", "statistic: corelation", ":4: Invalid value 'corelation'"),
        ("of: ETH, ", "", ":4: Object missing required field `of`"),
        ("of: ETH", "off: ETH", ":4: Object"),
        ("{above: 0.1}", "{above: 0.1, below: 1}", ":5: write either 'above' or 'below'"),
        ("{above: 0.1}", "{above: much}", ":5: Expected `float | null`"),
        ("{above: 0.1}", "{below: 0.1}", ":2: 'supported' and 'refuted' are of opposite sides"),
        ("{above: 0.1}", "{above: 0.0}", ":2: 'supported' and 'refuted' must have no figure"),
        ("    refuted: {below: 0.1}\n", "", ":2: write which figures"),
        ("claims:", "claim:", "unknown field `claim`"),
        ("claims:", "claims: [", "this is not YAML"),
    ],
)
def test_a_fault_is_told_with_its_line(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in GOOD
    assert said in refused(tmp_path, GOOD.replace(old, new))


def test_no_two_claims_have_one_name_and_there_is_one_at_least(tmp_path: Path) -> None:
    assert "two claims are called 'one'" in refused(tmp_path, GOOD + GOOD.removeprefix("claims:\n"))
    assert "there are no claims" in refused(tmp_path, "claims: []\n")


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(ClaimsError, match=r"none\.yaml"):
        read_claims(tmp_path / "none.yaml")
    path = tmp_path / "bytes.yaml"
    path.write_bytes(b"claims: \xff\n")
    with pytest.raises(ClaimsError, match="UTF-8"):
        read_claims(path)


def test_a_side_holds_what_is_wholly_on_it() -> None:
    assert Side(above=0.1).holds(0.1, 0.5)
    assert not Side(above=0.1).holds(0.05, 0.5)
    assert Side(below=-0.1).holds(-0.5, -0.1)
    assert Side(below=-0.1).text == "below −0.1"
