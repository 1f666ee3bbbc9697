from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import typer
import zstandard
from typer.testing import CliRunner

from daemon.cli.decode import OK, UNREADABLE, USAGE, decode, decode_command, run
from streams.feeds.registry import VENUES

MATCH = (
    '{"type":"match","product_id":"ETH-USD","trade_id":7,"price":"1774.920","size":"0.00000011",'
    '"time":"2021-02-22T15:51:44.208Z"}'
)
ROW = (
    '{"kind":"trade","venue":"coinbase","symbol":"ETH-USD","price":1774.920,"size":0.00000011,'
    '"bid":null,"ask":null,"ts_event":1614009104208000000,"ts_recv":%s,"id":7}\n'
)


def decoded(lines: Iterable[str], venue: str = "coinbase", symbol: str | None = None) -> Any:
    out, err = io.StringIO(), io.StringIO()
    source = io.BytesIO("".join(f"{line}\n" for line in lines).encode())
    return decode(venue, source, symbol, out, err), out.getvalue(), err.getvalue()


def recorded_line(frame: str, ts: str = "1786309548.6290078", t: str = "recv") -> str:
    data = json.dumps(frame)
    return f'{{"t":"{t}","conn":"c.1","ts":{ts},"addr":"wss://x","data":{data}}}'


def test_bare_frame_keeps_the_venues_digits_and_has_no_time_of_receipt() -> None:
    assert decoded([MATCH]) == (OK, ROW % "null", "frames=1 ticks=1 ignored=0 errors=0\n")


def test_recorders_form_gives_the_time_of_receipt_exactly() -> None:
    lines = [
        '{"t":"header","format":2,"exchange":"COINBASE","recorded":1786309548.026294}',
        '{"t":"connect","conn":"c.1","ts":1.5,"addr":"wss://x"}',
        recorded_line(MATCH, t="send"),
        recorded_line(MATCH),
        recorded_line(MATCH, ts="1786309548.123456789"),
        '{"t":"close","conn":"c.1","ts":1.5}',
    ]
    expected = ROW % "1786309548629007800" + ROW % "1786309548123456789"
    assert decoded(lines) == (OK, expected, "frames=2 ticks=2 ignored=0 errors=0\n")


@pytest.mark.parametrize("ts", ["null", '"NaN"', "1e99", "-1"])
def test_time_of_receipt_that_is_none_is_null(ts: str) -> None:
    assert decoded([recorded_line(MATCH, ts=ts)])[1] == ROW % "null"


def test_marked_and_empty_lines() -> None:
    code, out, err = decoded([f"< {MATCH}", '> {"type":"subscribe"}', "", "  "])
    assert (code, out, err) == (OK, ROW % "null", "frames=1 ticks=1 ignored=0 errors=0\n")


def test_frame_that_cannot_be_read_is_shown_by_its_line_and_the_next_is_read() -> None:
    code, out, err = decoded(['{"type":"l2update"}', '{"type":"match"}', "", "{", MATCH])
    first, second, summary = err.splitlines()
    assert (code, out) == (OK, ROW % "null")
    assert first.startswith("line 2: ")
    assert second.startswith("line 4: ")
    assert summary == "frames=4 ticks=1 ignored=1 errors=2"


def test_file_without_one_readable_frame_is_unreadable() -> None:
    code, out, _ = decoded(["{", "["])
    assert (code, out) == (UNREADABLE, "")


def test_empty_file_is_fine() -> None:
    assert decoded([]) == (OK, "", "frames=0 ticks=0 ignored=0 errors=0\n")


def test_symbol_filters() -> None:
    other = MATCH.replace("ETH-USD", "BTC-USD")
    code, out, err = decoded([MATCH, other], symbol="eth-usd")
    assert (code, out, err) == (OK, ROW % "null", "frames=2 ticks=1 ignored=1 errors=0\n")


@pytest.mark.parametrize(
    ("name", "hint"),
    [("coinbas", "Did you mean coinbase?"), ("Krakn", "Did you mean kraken?"), ("okx", "")],
)
def test_unknown_venue_is_a_sentence(name: str, hint: str) -> None:
    code, out, err = decoded([MATCH], venue=name)
    assert (code, out) == (USAGE, "")
    assert repr(name) in err
    assert all(venue in err for venue in VENUES)
    assert err.endswith(f"{hint}\n")
    assert ("Did you mean" in err) is bool(hint)


def test_number_too_long_to_write_out_keeps_its_exponent() -> None:
    _, out, _ = decoded([MATCH.replace("0.00000011", "1e-999999999")])
    assert '"size":1E-999999999,' in out


def test_quote_in_decimals() -> None:
    quote = '{"u":1,"s":"ETHUSDT","b":"2.50","B":"31.2","a":"2.51","A":"40.6"}'
    _, out, _ = decoded([quote], venue="binance")
    assert out == (
        '{"kind":"quote","venue":"binance","symbol":"ETHUSDT","price":2.505,"size":null,'
        '"bid":2.50,"ask":2.51,"ts_event":null,"ts_recv":null,"id":null}\n'
    )


def _run(file: Path, venue: str = "coinbase") -> Any:
    out, err = io.StringIO(), io.StringIO()
    return run(venue, file, None, out, err), out.getvalue(), err.getvalue()


def test_compressed_file_even_one_appended_to(tmp_path: Path) -> None:
    file = tmp_path / "frames.jsonl.zst"
    piece = zstandard.compress(f"{MATCH}\n".encode())
    file.write_bytes(piece + piece)
    assert _run(file)[:2] == (OK, ROW % "null" * 2)


@pytest.mark.parametrize(
    ("name", "content"),
    [("missing", None), ("damaged.zst", b"not zstandard at all"), (".", None)],
)
def test_file_that_cannot_be_read_is_a_sentence(
    tmp_path: Path, name: str, content: bytes | None
) -> None:
    file = tmp_path / name
    if content:
        file.write_bytes(content)
    code, out, err = _run(file)
    assert (code, out) == (UNREADABLE, "")
    assert str(file) in err
    assert "Traceback" not in err


def _app() -> typer.Typer:
    app = typer.Typer()
    app.command()(decode_command)
    return app


def test_command_reads_standard_input_and_exits_with_the_code() -> None:
    result = CliRunner().invoke(_app(), ["coinbase", "-", "--symbol", "ETH-USD"], input=MATCH)
    assert (result.exit_code, result.stdout) == (OK, ROW % "null")
    assert result.stderr == "frames=1 ticks=1 ignored=0 errors=0\n"
    assert CliRunner().invoke(_app(), ["nasdaq", "-"], input="").exit_code == USAGE


@pytest.mark.real_time
def test_reader_that_has_enough_is_no_fault(tmp_path: Path) -> None:
    file = tmp_path / "frames"
    file.write_text(f"{MATCH}\n" * 20_000)
    code = "import typer; from daemon.cli.decode import decode_command as d; typer.run(d)"
    with subprocess.Popen(  # our own interpreter
        [sys.executable, "-c", code, "coinbase", str(file)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline().decode() == ROW % "null"
        process.stdout.close()
        assert process.wait(timeout=30) == OK
        assert b"Error" not in process.stderr.read()


def test_recorded_file_decodes_to_what_it_holds(recorded: Path) -> None:
    code, out, err = _run(recorded / "wire" / "kraken_v2.ndjson", "kraken")
    rows = [json.loads(line, parse_float=Decimal) for line in out.splitlines()]
    assert code == OK
    assert err == "frames=1500 ticks=13 ignored=1494 errors=0\n"
    assert rows[0]["price"] == Decimal("1774.14")
    assert rows[0]["size"] == Decimal("0.00147959")
