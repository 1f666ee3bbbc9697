"""Secrets: they stand in files of their own, and their values hide themselves."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, SecretStr, ValidationInfo

from config import forms
from config.refusals import names, refused

_LARGEST = 64_000
"""Bytes that are read in search of a secret."""


def _secret_file(value: Any, info: ValidationInfo) -> SecretStr:
    if not isinstance(value, str):
        raise refused("this must be the name of a file", "one that holds the secret alone")
    return _secret(names(info).folder / value)


def _credential(value: Any, info: ValidationInfo) -> SecretStr:
    folder = names(info).credentials
    if not isinstance(value, str) or "/" in value:
        raise refused("this must be a credential's name", "as in LoadCredential=name:path")
    if folder is None:
        remedy = "give LoadCredential= in the unit, or name a file instead of a credential"
        raise refused("systemd gave no credentials ($CREDENTIALS_DIRECTORY is not set)", remedy)
    return _secret(folder / value)


def _secret(path: Path) -> SecretStr:
    try:
        with path.open("rb") as file:
            text = file.read(_LARGEST).decode().strip()
    except FileNotFoundError:
        remedy = "write the secret into it, and let only the service read it (chmod 600)"
        raise refused(f"there is no file {path}", remedy) from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise refused(f"{path} cannot be read: {reason}", "see to its owner and mode") from None
    if not text or not text.isprintable():
        what = "more than one line" if text else "nothing"
        raise refused(f"{path} holds {what}", "put the secret alone into it, on one line")
    return SecretStr(text)


SecretFile = Annotated[SecretStr, BeforeValidator(_secret_file), forms.FILE_NAME]
"""The content of a file, its name relative to the configuration's folder."""

Credential = Annotated[SecretStr, BeforeValidator(_credential), forms.text("^[^/]+$")]
"""A credential given by systemd, by its name."""


def one_secret(what: str, file: SecretStr | None, credential: SecretStr | None) -> SecretStr | None:
    """The secret that is given as one or the other, or not at all."""
    if file is not None and credential is not None:
        raise refused(f"two sources of one {what}", f"keep {what}_file or {what}_credential")
    return file or credential


def need_secret(what: str, file: SecretStr | None, credential: SecretStr | None) -> None:
    """Refuse keys that give no secret."""
    if one_secret(what, file, credential) is None:
        remedy = f"add '{what}_file: name of a file that holds it' or '{what}_credential: name'"
        raise refused(f"the {what} is missing", remedy)
