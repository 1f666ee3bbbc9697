from __future__ import annotations

from pathlib import Path

import pytest

from config.load import load
from config.settings import Config
from streams.instrument import NS
from tests.config.folder import config_with, faults, marked, write
from tests.stand_ins.authority import Authority


def written(folder: Path, notifier: str) -> Path:
    (folder / "secret").write_text("s3cret\n")
    return write(folder, config_with("log: {}", f"log: {{}}\n  {notifier}"))


def loaded(folder: Path, notifier: str) -> Config:
    return load(written(folder, notifier))


def test_mqtt_says_little_and_hears_nothing_unless_told(tmp_path: Path) -> None:
    mqtt = loaded(tmp_path, "mqtt: {}").notifiers.mqtt
    assert mqtt is not None
    assert (mqtt.metric_interval, mqtt.discovery, mqtt.commands) == (10 * NS, None, False)


def test_mqtt_takes_its_keys(tmp_path: Path) -> None:
    ca = Authority(tmp_path / "authority").ca
    text = (
        "mqtt: {tls: true, ca_file: authority/ca.pem, metric_interval: 0s, "
        "discovery: homeassistant, commands: true}"
    )
    mqtt = loaded(tmp_path, text).notifiers.mqtt
    assert mqtt is not None
    assert mqtt.ca_file == ca
    assert (mqtt.metric_interval, mqtt.discovery, mqtt.commands) == (0, "homeassistant", True)


@pytest.mark.parametrize(
    ("notifier", "message", "under"),
    [
        ("mqtt: {tls: true, ca_file: nowhere.pem}", "there is no file", "nowhere.pem"),
        ("mqtt: {tls: true, ca_file: secret}", "no certificate in it", "secret"),
        ("mqtt: {tls: true, ca_file: .}", "cannot be used", "."),
        ("mqtt: {ca_file: authority/ca.pem}", "an authority without encryption", "{"),
        ("mqtt: {metric_interval: 2d}", "out of range", "2d"),
        ("mqtt: {discovery: 'home#'}", "'home#' cannot be a topic", "'home#'"),
        ("webhook: {secret_file: secret}", "'url' is missing", "{"),
        ("webhook: {url: 'https://a/b'}", "the secret is missing", "{"),
    ],
)
def test_what_is_wrong_is_said_at_its_place(
    tmp_path: Path, notifier: str, message: str, under: str
) -> None:
    Authority(tmp_path / "authority")
    (fault,) = faults(written(tmp_path, notifier))
    assert message in fault.message
    assert marked(fault).startswith(under)


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/hook?x=1",
        "https://[2001:db8::1]:8443/",
        "http://127.0.0.1:8080/",
        "http://[::1]/",
        "http://localhost/hook",
    ],
)
def test_a_webhook_is_reached_encrypted_or_on_this_machine(tmp_path: Path, url: str) -> None:
    webhook = loaded(tmp_path, f"webhook: {{url: '{url}', secret_file: secret}}").notifiers.webhook
    assert webhook is not None
    assert webhook.url == url
    assert webhook.secret.get_secret_value() == "s3cret"
    assert "s3cret" not in repr(webhook)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("http://example.com/", "not sent unencrypted to other machines"),
        ("http://127.0.0.1.example.com/", "not sent unencrypted"),
        ("http://127.0.0.1@example.com/", "a name or password in an address"),
        ("https://ann:pass@example.com/", "a name or password in an address"),
        ("ftp://example.com/", "is not an address"),
        ("https:///path", "is not an address"),
        ("https://example.com:99999/", "is not an address"),
        ("example.com", "is not an address"),
        ("https://[::1/", "is not an address"),
    ],
)
def test_other_addresses_are_refused(tmp_path: Path, url: str, message: str) -> None:
    (fault,) = faults(written(tmp_path, f"webhook: {{url: '{url}', secret_file: secret}}"))
    assert message in fault.message
