"""TLS and passwords at a real mosquitto, with an authority made for the test."""

from __future__ import annotations

import logging
import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.alerts.alerts import alert
from tests.alerts.notifiers.brokered import logged, mqtt, running
from tests.stand_ins.authority import Authority
from tests.stand_ins.broker import Broker

pytestmark = pytest.mark.real_time

PASSWORD = "open sesame"  # noqa: S105  # made up
LOGIN = {"username": "comove", "password": PASSWORD}


@pytest.fixture
async def guarded(tmp_path: Path) -> AsyncIterator[tuple[Broker, Authority]]:
    """A mosquitto that speaks TLS alone, and asks for a password."""
    program = shutil.which("mosquitto_passwd")
    if program is None:
        pytest.skip("mosquitto_passwd is not installed")
    passwords, authority = tmp_path / "passwords", Authority(tmp_path / "authority")
    subprocess.run([program, "-c", "-b", str(passwords), "comove", PASSWORD], check=True)  # noqa: ASYNC221  # quick, and nothing else runs
    extra = (
        f"password_file {passwords}\ncertfile {authority.certificate}\nkeyfile {authority.key}\n"
    )
    broker = Broker(tmp_path, anonymous=False, extra=extra)
    await broker.start()
    yield broker, authority
    broker.close()


def trusting(authority: Authority | None) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=None if authority is None else str(authority.ca))


async def test_with_the_right_password_and_a_trusted_authority_alerts_are_delivered(
    guarded: tuple[Broker, Authority],
) -> None:
    broker, authority = guarded
    notifier = mqtt(broker, tls=trusting(authority), patience=10.0, **LOGIN)
    async with running(notifier):
        await notifier.notify(alert())


@pytest.mark.parametrize(
    ("login", "trusts", "sentence"),
    [
        (LOGIN | {"password": "not this one"}, True, "Not authorized"),
        ({}, True, "Not authorized"),
        (LOGIN, False, "certificate verify failed"),
    ],
    ids=["wrong password", "no password", "untrusted authority"],
)
async def test_what_is_wrong_is_logged_once_and_no_password_with_it(
    guarded: tuple[Broker, Authority],
    caplog: pytest.LogCaptureFixture,
    login: dict[str, Any],
    trusts: bool,  # noqa: FBT001  # a parameter
    sentence: str,
) -> None:
    broker, authority = guarded
    notifier = mqtt(broker, tls=trusting(authority if trusts else None), **login)
    with caplog.at_level(logging.DEBUG):
        async with running(notifier):
            told = await logged(caplog, 2)
    assert [record.levelname for record in told[:2]] == ["WARNING", "DEBUG"]
    assert sentence in told[0].message
    for secret in (PASSWORD, "not this one"):
        assert secret not in caplog.text


async def test_a_certificate_for_another_name_is_not_trusted(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    authority = Authority(tmp_path / "authority", name="127.0.0.2")
    extra = f"certfile {authority.certificate}\nkeyfile {authority.key}\n"
    broker = Broker(tmp_path, extra=extra)
    await broker.start()
    try:
        with caplog.at_level(logging.WARNING):
            async with running(mqtt(broker, tls=trusting(authority))):
                told = await logged(caplog, 1)
    finally:
        broker.close()
    assert "IP address mismatch" in told[0].message


async def test_a_broker_that_speaks_no_tls_is_told_apart_from_silence(
    broker: Broker, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        async with running(mqtt(broker, tls=trusting(None))):
            told = await logged(caplog, 1)
    assert told[0].message.startswith("no MQTT broker at 127.0.0.1")
