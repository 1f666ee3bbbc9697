from __future__ import annotations

import io
from pathlib import Path

import pytest

from config.shipped import CONFIG, RULES, shipped
from daemon.cli.check import check
from daemon.cli.init import init


def run(directory: Path) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    return init(directory, out=out, err=err), out.getvalue(), err.getvalue()


def test_a_new_folder_gets_files_that_check(tmp_path: Path) -> None:
    folder = tmp_path / "etc" / "comove"
    code, out, err = run(folder)
    assert (code, err) == (0, "")
    assert f"comove check {folder / CONFIG}" in out
    assert f"comove run -c {folder / CONFIG}" in out
    assert (folder / RULES).read_text() == shipped(RULES)
    assert check([folder], out=io.StringIO(), err=io.StringIO()) == 0
    for name in (CONFIG, RULES):
        schema = (folder / name).read_text().splitlines()[0].partition("$schema=")[2]
        assert (folder / schema).read_text() == shipped(schema)


@pytest.mark.parametrize("name", [CONFIG, RULES])
def test_nothing_is_overwritten(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("mine")
    code, out, err = run(tmp_path)
    assert (code, out) == (1, "")
    assert str(tmp_path / name) in err
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [(name, "mine")]


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    code, _, err = run(tmp_path / "file" / "folder")
    assert code == 1
    assert "cannot be written" in err
