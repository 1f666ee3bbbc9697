from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from config.shipped import CONFIG, RULES, shipped
from daemon.cli.check import check
from tests.config.folder import RULE, config_with, write

ROOT = Path(__file__).parents[3]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def run(
    *paths: Path, as_json: bool = False, err: io.StringIO | None = None
) -> tuple[int, str, str]:
    out, err = io.StringIO(), err or io.StringIO()
    code = check(paths, as_json=as_json, out=out, err=err)
    return code, out.getvalue(), err.getvalue()


def test_sound_files_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert run() == (0, "comove.yaml: 4 instruments, 1 pair, 5 rules: no fault\n", "")


def test_a_folder_stands_for_the_configuration_in_it(tmp_path: Path) -> None:
    path = write(tmp_path)
    assert run(tmp_path) == run(path)


BAD = {
    "unknown key": (config_with("step: 1s", "stepp: 1s"), None),
    "bad unit": (config_with("step: 1s", "step: 1 sec"), None),
    "misspelt metric": (None, RULE.replace("divergence", "divergense")),
    "duplicate id": (None, RULE + RULE.removeprefix("rules:\n")),
    "tab": (None, RULE.replace("    when", "\twhen")),
    "wrong type": (config_with("log: {}", "mqtt: {port: high}"), None),
    "missing token file": (config_with("log: {}", "telegram: {token_file: x, chats: [1]}"), None),
    "empty file": (None, ""),
    "not YAML": ("{{{ not yaml ::", None),
    "cyclic anchor": (None, "rules: &a\n  - *a\n"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_ends_in_78_with_place_line_and_remedy(name: str, tmp_path: Path) -> None:
    config, rules = BAD[name]
    code, out, err = run(write(tmp_path, config, rules))
    assert (code, out) == (78, "")
    headline, *rest = err.splitlines()
    file = tmp_path / (CONFIG if config is not None else RULES)
    assert headline.startswith(f"{file}:")
    line, column = headline.removeprefix(f"{file}:").split(":")[:2]
    assert int(line) >= 1
    assert int(column) >= 1
    assert rest[-1].startswith("  ")
    assert name == "empty file" or set(rest[1].strip()) == {"^"}


def test_the_faults_of_ten_bad_files_are_told_in_one_run(tmp_path: Path) -> None:
    folders = [tmp_path / name.replace(" ", "-") for name in BAD]
    for folder, (config, rules) in zip(folders, BAD.values(), strict=True):
        folder.mkdir()
        write(folder, config, rules)
    code, _, err = run(*folders)
    assert code == 78
    assert all(str(folder) in err for folder in folders)


def test_a_rule_file_is_checked_with_the_configuration_beside_it(tmp_path: Path) -> None:
    write(tmp_path, config_with("  SPY:", "  QQQ:").replace("[SPY, BTC]", "[QQQ]"))
    other = tmp_path / "other.yaml"
    other.write_text(RULE.replace("divergence(60m)", "corr(ETH, QQQ)").replace("-4", "0"))
    assert run(other) == (0, f"{other}: 1 rule: no fault\n", "")


def test_a_rule_file_alone_is_checked_with_the_shipped_configuration(tmp_path: Path) -> None:
    alone = tmp_path / RULES
    alone.write_text(shipped(RULES))
    assert run(alone) == (0, f"{alone}: 5 rules: no fault\n", "")
    alone.write_text(shipped(RULES).replace("stale(IWM)", "stale(IWN)"))
    code, _, err = run(alone)
    assert code == 78
    assert "did you mean 'IWM'?" in err


def test_a_fault_is_told_once_though_its_file_is_named_twice(tmp_path: Path) -> None:
    path = write(tmp_path, None, RULE.replace("divergence", "divergense"))
    _, _, err = run(path, path.with_name(RULES), path)
    assert err.count("divergense'") == 1


def test_machines_get_one_object(tmp_path: Path) -> None:
    path = write(tmp_path, config_with("step: 1s", "stepp: 1s"))
    code, out, err = run(path, as_json=True)
    assert (code, err) == (78, "")
    (fault,) = json.loads(out)["faults"]
    assert (fault["file"], fault["line"], fault["column"]) == (str(path), 8, 1)
    assert "step" in fault["remedy"]


def test_a_terminal_gets_the_same_in_colour(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    path = write(tmp_path, None, RULE.replace("divergence", "divergense"))
    _, _, plain = run(path)
    _, _, coloured = run(path, err=Terminal())
    assert "\x1b[" in coloured
    assert "divergense(60m) < -4" in coloured
    assert "\x1b[" not in plain


def test_a_process_says_it_without_a_traceback(tmp_path: Path) -> None:
    path = write(tmp_path, "rules: [", "")
    program = "import sys; from pathlib import Path; from daemon.cli.check import check; "
    program += "sys.exit(check([Path(sys.argv[1])]))"
    done = subprocess.run(  # our own interpreter
        [sys.executable, "-c", program, str(path)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 78
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith(f"{path}:1:9: ")
