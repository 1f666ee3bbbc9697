"""The rules of the house that are not lint."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("alerts", "config", "daemon", "streams")
FOLDERS = {*PACKAGES, "tests", "seeds", "systemd"}
FILES = {"pyproject.toml", "README.md", "CHANGELOG.md", "LICENSE", "Makefile"}


def tracked() -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, check=False, capture_output=True, text=True
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    return listed.stdout.split("\n")[:-1]


def test_the_import_contracts_are_kept() -> None:
    found = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports"))],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    assert found.returncode == 0, found.stdout


def test_the_top_level_is_the_fixed_one() -> None:
    names = {path.split("/")[0] for path in tracked()}
    assert {name for name in names if not name.startswith(".")} == FOLDERS | FILES


@pytest.mark.parametrize("folder", sorted(FOLDERS))
def test_each_folder_says_what_it_is(folder: str) -> None:
    text = (ROOT / folder / "README.md").read_text()
    assert text.startswith(f"# {folder}")


def test_the_packages_are_ours() -> None:
    """`python-daemon` and PyPI's `config` own the same names and would overwrite them silently."""
    parents = {
        Path(str(importlib.import_module(name).__file__)).parents[1].resolve() for name in PACKAGES
    }
    assert parents == {ROOT.resolve()}


@pytest.mark.parametrize("package", PACKAGES)
def test_each_package_is_typed(package: str) -> None:
    assert (ROOT / package / "py.typed").is_file()


def test_every_dependency_says_what_it_is_for() -> None:
    text = (ROOT / "pyproject.toml").read_text()
    listed = tomllib.loads(text)["project"]["dependencies"]
    lines = {line.strip() for line in text.splitlines()}
    for dependency in listed:
        (line,) = (line for line in lines if line.startswith(f'"{dependency}"'))
        assert re.search(r"# \S+ \S+", line), line


def test_every_relative_link_of_a_readme_leads_somewhere() -> None:
    for name in tracked():
        if name.endswith(".md"):
            folder = (ROOT / name).parent
            for link in re.findall(r"\]\((?!https?:)([^)#]+)\)", (ROOT / name).read_text()):
                assert (folder / link).exists(), f"{name}: {link}"
