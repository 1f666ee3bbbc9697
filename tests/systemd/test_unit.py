"""The service as it is shipped, under a systemd that is booted for it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NESTED = ROOT.parent / "shared" / "tools" / "nested-systemd"
"""Boots a systemd in namespaces of its own and runs a script there; not part of the project."""

_HIDDEN = ("/tmp", "/var/tmp", "/home", "/root")  # noqa: S108  # not written to
"""What the machine or the service does not see of the host."""
_FOLDERS = ("alerts", "config", "daemon", "seeds", "streams")
_PARTS = (*_FOLDERS, "pyproject.toml", "README.md", "LICENSE")


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What unit.sh saw, by name."""
    if not NESTED.exists():
        pytest.skip(f"no systemd can be booted for the test: {NESTED} is not there")
    if os.geteuid() != 0 or shutil.which("mosquitto") is None:
        pytest.skip("booting a systemd takes root, and the service's broker mosquitto")
    if sys.version_info[:2] != _system_python():
        pytest.skip("the packages that are installed here are not those of /usr/bin/python3")
    # Where neither the booted machine nor the service has a folder of its own instead.
    place = Path("/srv") / f"comove-unit-{os.getpid()}"
    place.mkdir()
    try:
        wheel = _wheel(place, tmp_path_factory.mktemp("source"))
        script = ROOT / "tests" / "systemd" / "unit.sh"
        shutil.copytree(ROOT / "systemd", place / "systemd")
        shutil.copy(script, place)
        done = subprocess.run(
            [NESTED, place / script.name, place, wheel, _packages(place)],
            env={**os.environ, "NESTED_S": "150"},
            capture_output=True,
            text=True,
            timeout=200,
            check=False,
        )
    finally:
        shutil.rmtree(place)
    parts = re.split(r"^== (\w+)\n", done.stdout, flags=re.MULTILINE)
    found = dict(zip(parts[1::2], (part.strip() for part in parts[2::2]), strict=True))
    if "installed" not in found:
        pytest.skip(f"no systemd can be booted here: {done.stdout[-300:]}{done.stderr[-300:]}")
    return found


def _packages(place: Path) -> Path:
    """What is installed here, where the service can read it too."""
    site = Path(sysconfig.get_path("purelib"))
    if not any(site.is_relative_to(hidden) for hidden in _HIDDEN):
        return site
    try:
        shutil.copytree(site, place / "site", copy_function=os.link)
    except shutil.Error:  # another file system
        shutil.copytree(site, place / "site", dirs_exist_ok=True)
    return place / "site"


def _system_python() -> tuple[int, int] | None:
    try:
        code = "import sys; print(*sys.version_info[:2])"
        out = subprocess.run(["/usr/bin/python3", "-c", code], capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    major, minor = out.stdout.split()
    return int(major), int(minor)


def _wheel(place: Path, source: Path) -> Path:
    """The package, built from a copy without what is only for development."""
    for name in _PARTS:
        part = ROOT / name
        if part.is_dir():
            shutil.copytree(part, source / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(part, source / name)
    pip = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", str(place), str(source)]
    subprocess.run(pip, check=True, timeout=120)
    [wheel] = place.glob("*.whl")
    return wheel


def test_it_is_installed_from_a_wheel_and_ready_within_five_seconds(seen: dict[str, str]) -> None:
    assert "running: systemctl status comove" in seen["installed"]
    assert seen["ready"] == "active"
    assert int(seen["started_usec"]) - int(seen["began_usec"]) < 5_000_000


def test_its_exposure_is_at_most_1_2(seen: dict[str, str]) -> None:
    level = re.search(r"Overall exposure level for comove.service: ([\d.]+)", seen["exposure"])
    assert level is not None, seen["exposure"]
    assert float(level[1]) <= 1.2
    left = re.findall(r"^✗ (\S+)", seen["exposure"], flags=re.MULTILINE)
    readme = (ROOT / "systemd" / "README.md").read_text("utf-8")
    assert left
    assert [point for point in left if point.partition("=")[0] not in readme] == []


def test_the_status_line_says_how_it_stands(seen: dict[str, str]) -> None:
    assert re.search(r"ETH–IWM correlation 1h .* feeds \d of 4 live", seen["status"])


def test_credentials_are_readable_by_it_alone(seen: dict[str, str]) -> None:
    folder, file = seen["credential_mode"].splitlines()
    assert folder.startswith("500 ")
    assert file.startswith("400 ")
    assert not folder.endswith(" root")
    assert "Permission denied" in seen["credential_of_others"]
    assert "the-password" not in seen["credential_of_others"]
    assert re.search("Permission denied|No such file", seen["environment_of_others"])


def test_operators_reach_it_and_others_do_not(seen: dict[str, str]) -> None:
    assert "ETH" in seen["status_of_operator"]
    assert "ETH" not in seen["status_of_stranger"]
    assert "ermission" in seen["status_of_stranger"]


def test_a_good_reload_is_taken_and_a_bad_one_changes_nothing(seen: dict[str, str]) -> None:
    assert "rules are taken over" in seen["reload_good_log"]
    assert re.search(r"rules\.yaml:\d+:\d+: unknown metric 'stael'", seen["reload_bad_log"])
    assert "nothing was changed" in seen["reload_bad_log"]
    assert "A reload was refused" in seen["reload_alert"]
    assert seen["same_process"] == "0"


def test_one_that_hangs_is_restarted_by_the_watchdog(seen: dict[str, str]) -> None:
    assert seen["watchdog"] == "0"
    assert seen["watchdog_restarts"] == "1"


def test_one_that_is_killed_is_restarted_with_its_state(seen: dict[str, str]) -> None:
    assert seen["killed"] == "0"
    assert seen["restored"] == "0"
    assert seen["state"].startswith("600 ")


def test_it_stops_within_five_seconds_and_tells_its_sinks(seen: dict[str, str]) -> None:
    assert float(seen["stop_ended"]) - float(seen["stop_began"]) < 5
    assert seen["stop_result"] == "success"
    assert seen["availability"].splitlines()[-1] == "comove/comove/availability offline"


def test_a_faulty_configuration_exits_with_78_and_is_not_restarted(seen: dict[str, str]) -> None:
    assert seen["refused_status"] == "78"
    assert seen["refused_restarts"] == "0"
    assert seen["refused_state"] == "failed"
    assert "comove.yaml" in seen["refused_log"]


def test_what_was_installed_is_removed_and_the_configuration_stays(seen: dict[str, str]) -> None:
    assert "/etc/comove/comove.yaml" in seen["left"].splitlines()
    assert "cannot access '/opt/comove'" in seen["left"]
