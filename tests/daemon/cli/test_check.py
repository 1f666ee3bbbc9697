from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from config.shipped import CONFIG, RULES, shipped
from daemon.cli.check import Form, check
from tests.config.folder import RULE, config_with, write

ROOT = Path(__file__).parents[3]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def run(
    *paths: Path, form: Form = "text", strict: bool = False, err: io.StringIO | None = None
) -> tuple[int, str, str]:
    out, err = io.StringIO(), err or io.StringIO()
    code = check(paths, form=form, strict=strict, out=out, err=err)
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


def test_machines_get_a_list(tmp_path: Path) -> None:
    path = write(tmp_path, None, RULE.replace("divergence", "divergense"))
    code, out, err = run(path, form="json")
    assert (code, err) == (78, "")
    assert json.loads(out) == [
        {
            "file": str(tmp_path / RULES),
            "line": 4,
            "column": 11,
            "end_column": 21,
            "severity": "error",
            "message": "unknown metric 'divergense'",
            "remedy": "did you mean 'divergence'?",
        }
    ]


def test_machines_get_an_empty_list_where_all_is_well(tmp_path: Path) -> None:
    assert run(write(tmp_path), form="json") == (0, "[]\n", "")
    assert run(write(tmp_path), form="gcc") == (0, "", "")


def test_a_file_that_is_not_there_has_no_line_for_machines_either(tmp_path: Path) -> None:
    _, out, _ = run(tmp_path / "none.yaml", form="json")
    (fault,) = json.loads(out)
    assert (fault["line"], fault["column"], fault["end_column"]) == (None, None, None)


def test_editors_get_a_line_a_fault_as_compilers_write_it(tmp_path: Path) -> None:
    path = write(tmp_path, None, RULE.replace("divergence", "divergense") + WARNED)
    code, out, err = run(path, form="gcc")
    assert (code, err) == (78, "")
    where = f"{tmp_path / RULES}:4:11"
    assert out == f"{where}: error: unknown metric 'divergense'; did you mean 'divergence'?\n"


WARNED = "  - {id: two, title: Two, when: age(ETH) < 5s and age(ETH) > 9s}\n"


def test_warnings_alone_let_it_pass_unless_it_is_strict(tmp_path: Path) -> None:
    path = write(tmp_path, None, RULE + WARNED)
    code, out, err = run(path)
    assert code == 0
    assert out == f"{path}: 4 instruments, 1 pair, 2 rules: 1 warning\n"
    headline, line, carets, remedy = err.splitlines()
    assert headline.startswith(f"{tmp_path / RULES}:5:51: warning: 'age(ETH) > 9s' contradicts")
    assert (line.strip(), carets.strip()) == (WARNED.strip(), "^" * len("age(ETH) > 9s"))
    assert remedy.startswith("  write")
    assert run(path, strict=True)[0] == 78
    assert ": warning: " not in run(path, strict=True)[2]


def test_warnings_are_told_apart_for_machines(tmp_path: Path) -> None:
    path = write(tmp_path, None, RULE + WARNED)
    code, out, _ = run(path, form="json")
    assert code == 0
    assert [each["severity"] for each in json.loads(out)] == ["warning"]
    _, out, _ = run(path, form="gcc")
    assert out.startswith(f"{tmp_path / RULES}:5:51: warning: ")


def test_a_rule_file_alone_is_warned_about_too(tmp_path: Path) -> None:
    path = write(tmp_path, None, RULE + WARNED).with_name(RULES)
    code, out, err = run(path)
    assert (code, out) == (0, f"{path}: 2 rules: 1 warning\n")
    assert ": warning: " in err


def test_nothing_is_warned_of_rules_beside_a_faulty_configuration(tmp_path: Path) -> None:
    path = write(tmp_path, config_with("step: 1s", "stepp: 1s"), RULE + WARNED).with_name(RULES)
    assert run(path) == (0, f"{path}: 2 rules: no fault\n", "")


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


def test_a_file_of_rule_tests_is_known_for_what_it_is(tmp_path: Path) -> None:
    for name in ("comove.yaml", "rules.yaml", "rules.test.yaml", "events.yaml"):
        (tmp_path / name).write_text(shipped(name), "utf-8")
    out, err = io.StringIO(), io.StringIO()
    assert check([tmp_path / "rules.test.yaml"], out=out, err=err) == 0
    assert "tests: no fault" in out.getvalue()
    assert not err.getvalue()
