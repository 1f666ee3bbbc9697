"""Bad files, each told in a sentence with its place and a remedy."""

from __future__ import annotations

import codecs
from pathlib import Path
from time import perf_counter

import pytest

from config.errors import rendered
from config.shipped import CONFIG, RULES, shipped
from tests.config.folder import RULE, config_with, faults, marked, write


@pytest.mark.parametrize(
    ("old", "new", "under", "said"),
    [
        ("step: 1s", "stepp: 1s", "stepp", ("unknown key 'stepp'", "'step'?")),
        ("step: 1s", "step: 1 sec", "sec", ("unknown unit 'sec'", "'s'?")),
        ("step: 1s", "step: 1", "1", ("not a duration", "90s")),
        ("step: 1s", "step: 1h", "1h", ("out of range", "0.1s to 60s")),
        ("step: 1s", "step: [1s]", "[1s]", ("must be a duration", "30s")),
        ("step: 1s", "step:", "step", ("'step' is empty", "write a value")),
        ("instance: comove", "instance: my one", "my one", ("cannot be a name", "letters")),
        ("calendar: NYSE", "calendar: NYS", "NYS", ("not one of", "'NYSE'?")),
        ("max_spread: 0.5%", "max_spread: 0.5", "0.5", ("not a percentage", "0.5%")),
        ("max_spread: 0.5%", "max_spread: 200%", "200%", ("out of range", "100%")),
        ("coinbase:ETH-USD", "coinbas:ETH-USD", "coinbas:ETH-USD", ("venue", "'coinbase'?")),
        (
            "coinbase:ETH-USD",
            "coinbase",
            "coinbase",
            ("a venue and its symbol", "coinbase:ETH-USD"),
        ),
        ("[yahoo:IWM]", "yahoo:IWM", "yahoo:IWM", ("not a list", "brackets")),
        ("[yahoo:SPY]", "[]", "[]", ("empty", "name one")),
        ("[yahoo:SPY]", "[alpaca:SPY]", "alpaca:SPY", ("alpaca needs a key", "'feeds:'")),
        ("[yahoo:SPY]", "[yahoo:IWM]", "yahoo:IWM", ("stands twice", "the first is in line")),
        ("    calendar: NYSE\n", "", "price: trade", ("'calendar' is missing", "add 'calendar")),
        ("y: IWM", "y: IWN", "IWN", ("unknown instrument", "'IWM'?")),
        ("[SPY, BTC]", "[SPY, IWM]", "x: ETH", ("an instrument twice", "differ")),
        ("correlation: 0.5", "correlation: high", "high", ("not a number", "0.5")),
        ("correlation: 0.5", "correlation: 2", "2", ("too large", "0.95 or less")),
        ("correlation: 0.5", "correlation: .nan", ".nan", ("not a number", "0.5")),
        ("feeds: {}", "feeds: {yahooo: {}}", "yahooo", ("unknown key", "'yahoo'?")),
        ("feeds: {}", "feeds: {kraken: {url: foo}}", "foo", ("not an address", "wss://")),
        ("feeds: {}", "feeds: {finnhub: {}}", "{}", ("the token is missing", "token_file")),
        ("log: {}", "logg: {}", "logg", ("unknown key", "'log'?")),
        ("notifiers:\n  log: {}", "notifiers: {}", "{}", ("nobody", "log: {}")),
        ("log: {}", "mqtt: {port: 99999}", "99999", ("too large", "65535")),
        ("log: {}", "mqtt: {port: high}", "high", ("not a whole number", "digits")),
        ("log: {}", "mqtt: {tls: perhaps}", "perhaps", ("neither true nor false", "true")),
        ("log: {}", "mqtt: {base: a/#}", "a/#", ("cannot be a topic", "words")),
        ("log: {}", "mqtt: {password_file: a}", "a", ("there is no file", "chmod")),
        ("log: {}", "telegram: {token_file: t, chats: [1]}", "t", ("there is no file", "chmod")),
        ("log: {}", "mqtt: {username: {}}", "{}", ("must be a text", "quotes")),
        ("  log: {}", "  - log", "- log", ("not a group of keys", "key: value")),
        ("rules: rules.yaml", "rules: rulez.yaml", "rulez.yaml", ("no such file", "init")),
        ("instance: comove", "instance: !x comove", "!x comove", ("a tag", "remove")),
        ("instance: comove", "[a]: b\ninstance: comove", "[a]", ("a key must be a word", "key: v")),
        ("  BTC:", "  price:", "price", ("a word of the rule language", "another name")),
        ("  SPY:", "  S-Y:", "S-Y", ("cannot be an instrument's name", "letters")),
        ("step: 1s", "step: 1s\nstep: 2s", "step", ("stands twice", "the first is in line 9")),
    ],
)
def test_a_fault_of_the_configuration_is_said_where_it_is(
    old: str, new: str, under: str, said: tuple[str, str], tmp_path: Path
) -> None:
    found = faults(write(tmp_path, config_with(old, new), RULE))
    message, remedy = said
    fault = next((f for f in found if message in f.message and remedy in f.remedy), None)
    assert fault is not None, found
    assert marked(fault).startswith(under)
    assert fault.file == str(tmp_path / CONFIG)
    lines = (tmp_path / CONFIG).read_text().splitlines()
    assert fault.line is not None
    assert lines[fault.line - 1] == fault.source_line


@pytest.mark.parametrize(
    ("rule", "place", "under", "said"),
    [
        ("when: divergense(60m) < -4", "3:11", "divergense", ("unknown metric", "'divergence'?")),
        ("when: 'divergense(60m) < -4'", "3:12", "divergense", ("unknown metric", "'divergence'?")),
        ("when: &x divergense < -4", "3:14", "divergense", ("unknown metric", "'divergence'?")),
        ('when: "corr < \\"1"', "3:20", '"', ("cannot stand here", "")),
        (
            "when: |\n      corr < 0.2\n      and breakdwn",
            "5:11",
            "breakdwn",
            ("unknown", "breakd"),
        ),
        ("when: >- # why\n      corr < 0.2\n      and brk", "5:11", "brk", ("unknown metric", "")),
        ("when: corr < 0.2\n      and brkdown", "4:11", "brkdown", ("unknown metric", "breakdown")),
        ("when: corr < 5%", "3:18", "5%", ("is a percentage", "write 0.05")),
        ("when: corr <", "3:17", "", ("stops too early", "missing")),
        ("when: {corr: 1}", "3:11", "{corr: 1}", ("must be a text", "quotes")),
        ("when: breakdown\n    for: 5minutes", "4:11", "minutes", ("unknown unit", "'m'?")),
        ("when: breakdown\n    severity: fatal", "4:15", "fatal", ("not one of", "critical")),
        ("when: breakdown\n    notify: mqtt", "4:13", "mqtt", ("not configured", "log")),
        ("when: breakdown\n    notify: []", "4:13", "[]", ("empty", "name one")),
        ("when: breakdown\n    pairs: [ETH-IWN]", "4:13", "ETH-IWN", ("unknown pair", "ETH-IWM")),
        ("when: breakdown\n    cleer: corr < 1", "4:5", "cleer", ("unknown key", "'clear'?")),
        ("when: breakdown\n    clear: corr", "4:12", "corr", ("not a yes or no", "compare")),
        ("when: breakdown\n    message: '{foo}'", "4:16", "foo", ("unknown metric", "known")),
        ("when: breakdown\n    repeat_interval: soon", "4:22", "soon", ("not a duration", "90s")),
        ("clear: breakdown", "2:5", "id: one", ("'when' is missing", "add 'when")),
    ],
)
def test_a_fault_of_a_rule_is_said_where_it_is(
    rule: str, place: str, under: str, said: tuple[str, str], tmp_path: Path
) -> None:
    text = f"rules:\n  - {{}}\n    {rule}\n".replace("- {}", "- id: one", 1)
    text += "    title: One\n"
    (fault,) = faults(write(tmp_path, None, text))
    assert fault.place == f"{tmp_path / RULES}:{place}"
    assert marked(fault).startswith(under)
    assert said[0] in fault.message
    assert said[1] in fault.remedy


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        (b"", "1:1", ("empty", "comove init")),
        (b"# nothing yet\n", "1:1", ("empty", "comove init")),
        (b"rules:\n\t- id: one\n", "2:1", ("a tab", "spaces")),
        (b"just some text", "1:1", ("not YAML with keys", "key: value")),
        (b"- a\n- b\n", "1:1", ("not YAML with keys", "key: value")),
        (b"rules: [a, b\nx: y\n", "2:2", ("not YAML", "quotes")),
        (b"a: 'b\n", "1:4", ("a quote is not closed", "close it")),
        (b"a: [b,\n  c\n", "1:4", ("a bracket is not closed", "close it")),
        (b"message: {pair}: fell\n", "1:16", ("a ':' stands", "quotes")),
        (b"a: @b\n", "1:4", ("begin like this", "quotes")),
        (b"a: *b\n", "1:4", ("names no anchor", "'&name'")),
        (b"a: b\n---\nc: d\n", "2:1", ("a second document", "'---'")),
        (b"rules: &a\n  - *a\n", "1:8", ("contains itself", "remove")),
        (b"a: b\nc: \xff\n", "2:4", ("not UTF-8", "UTF-8")),
        (codecs.BOM_UTF16_LE + "a: b".encode("utf-16-le"), "1:1", ("not UTF-8", "UTF-8")),
        (b"a: \x07\n", "1:4", ("cannot stand in YAML", "remove")),
        (b"a: " + b"[" * 5000, "1:1", ("nested too deeply", "init")),
        (bytes([0]), "1:1", ("cannot stand in YAML", "remove")),
    ],
)
@pytest.mark.parametrize("name", [CONFIG, RULES])
def test_what_cannot_be_read_is_said_where_it_stops(
    name: str, text: bytes, place: str, said: tuple[str, str], tmp_path: Path
) -> None:
    path = write(tmp_path)
    (tmp_path / name).write_bytes(text)
    fault = next(fault for fault in faults(path) if said[0] in fault.message)
    assert fault.place == f"{tmp_path / name}:{place}"
    assert said[1] in fault.remedy


def test_a_byte_order_mark_and_returns_do_no_harm(tmp_path: Path) -> None:
    path = write(tmp_path, config_with("step: 1s", "step: 1"))
    path.write_bytes(codecs.BOM_UTF8 + path.read_bytes().replace(b"\n", b"\r\n"))
    (fault,) = faults(path)
    assert fault.place == f"{path}:9:7"


def test_a_file_that_is_not_there_has_no_line(tmp_path: Path) -> None:
    (fault,) = faults(tmp_path / CONFIG)
    assert fault.headline == f"{tmp_path / CONFIG}: there is no such file"
    (fault,) = faults(tmp_path)
    assert fault.message.startswith("cannot be read")


def test_all_faults_of_both_files_are_found_in_one_pass(tmp_path: Path) -> None:
    config = config_with("step: 1s", "stepp: 1s").replace("y: IWM", "y: IWN")
    config = config.replace("log: {}", "telegram: {token_file: none, chats: []}")
    rules = """\
rules:
  - id: one
    titel: One
    when: divergense(60m) < -4 and corr(1h) < 5%
  - id: one
    title: Two
    when: breakdown
    for: 2 minutes
    message: "{foo}"
"""
    found = [(Path(f.file).name, marked(f)) for f in faults(write(tmp_path, config, rules))]
    assert found == [
        (CONFIG, "stepp"),
        (CONFIG, "IWN"),
        (CONFIG, "none"),
        (CONFIG, "[]"),
        (RULES, "id: one"),
        (RULES, "titel"),
        (RULES, "divergense"),
        (RULES, "5%"),
        (RULES, "one"),
        (RULES, "minutes"),
        (RULES, "foo"),
    ]


def test_two_rules_of_one_id_name_both_lines(tmp_path: Path) -> None:
    (fault,) = faults(write(tmp_path, None, RULE + RULE.removeprefix("rules:\n")))
    assert fault.place.endswith(f"{RULES}:5:9")
    assert fault.message == "two rules are called 'one'"
    assert "line 2" in fault.remedy


@pytest.mark.parametrize(
    ("content", "message"), [(b"", "nothing"), (b"a\nb\n", "one line"), (b"\xff", "not text")]
)
def test_a_secret_is_one_line_of_text(content: bytes, message: str, tmp_path: Path) -> None:
    (tmp_path / "t").write_bytes(content)
    text = config_with("log: {}", "telegram: {token_file: t, chats: [1]}")
    (fault,) = faults(write(tmp_path, text))
    assert message in fault.message
    assert marked(fault) == "t"


def test_a_credential_without_systemd_is_a_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    text = config_with("log: {}", "telegram: {token_credential: bot, chats: [1]}")
    (fault,) = faults(write(tmp_path, text))
    assert "$CREDENTIALS_DIRECTORY" in fault.message


def test_one_secret_has_one_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    (tmp_path / "t").write_text("1:AA")
    text = config_with("log: {}", "telegram: {token_credential: t, token_file: t, chats: [1]}")
    (fault,) = faults(write(tmp_path, text))
    assert "two sources" in fault.message


def test_aliases_cannot_swell_a_file(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    found = faults(write(tmp_path, "\n".join([*lines, "rules: *a11"])))
    assert len(found) < 50


def test_a_fault_is_drawn_with_carets(tmp_path: Path) -> None:
    path = write(tmp_path, None, RULE.replace("divergence", "divergense"))
    (fault,) = faults(path)
    assert rendered(fault) == (
        f"{tmp_path / RULES}:4:11: unknown metric 'divergense'\n"
        "    when: divergense(60m) < -4\n"
        "          ^^^^^^^^^^\n"
        "  did you mean 'divergence'?"
    )


def test_of_a_long_line_the_part_round_the_fault_is_drawn(tmp_path: Path) -> None:
    when = f"corr(1h) < 0.1 {'and stale(ETH) ' * 60}and divergense < 1{' or stale(ETH)' * 60}"
    (fault,) = faults(write(tmp_path, None, RULE.replace("divergence(60m) < -4", when)))
    assert fault.excerpt is not None
    line, carets = fault.excerpt
    assert line[carets.index("^") :].startswith("divergense < 1 or")
    assert len(carets) < len(line) <= 162
    assert line.startswith("…")
    assert line.endswith("…")


@pytest.mark.parametrize("opening", ["[", "{", "- ", "? ", "a: [\n", "[\n"])
def test_nesting_without_end_is_soon_told(opening: str, tmp_path: Path) -> None:
    path = write(tmp_path, None, "rules: [" + opening * 20_000)
    began = perf_counter()
    (fault,) = faults(path)
    assert fault.line is not None
    assert perf_counter() - began < 30


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no endless file here")
def test_a_file_without_end_is_not_read_to_its_end(tmp_path: Path) -> None:
    text = config_with("log: {}", "telegram: {token_file: /dev/zero, chats: [1]}")
    found = faults(write(tmp_path, text.replace("rules: rules.yaml", "rules: /dev/zero")))
    assert [fault.message for fault in found] == [
        "larger than 256 kB",
        "/dev/zero holds more than one line",
    ]


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    (fault,) = faults(write(tmp_path, None, RULE + "# " * 200_000))
    assert fault.message == "larger than 256 kB"


def test_what_a_terminal_would_obey_is_not_printed(tmp_path: Path) -> None:
    rules = RULE.replace("title: One", 'title: One\n    "x\\e[31m\u202e": y')
    text = "".join(rendered(fault) for fault in faults(write(tmp_path, None, rules)))
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_shipped_lines_are_short_enough_to_read() -> None:
    for name in (CONFIG, RULES):
        assert max(map(len, shipped(name).splitlines())) <= 110
