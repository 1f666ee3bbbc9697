"""A certificate authority for one test: it signs a server's certificate, and nobody knows it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

OPENSSL = shutil.which("openssl")


class Authority:
    """Files in `folder`: `ca`, whom to trust, and `certificate` with its `key` for 127.0.0.1."""

    def __init__(self, folder: Path, name: str = "127.0.0.1") -> None:
        if OPENSSL is None:
            pytest.skip("openssl is not installed")
        folder.mkdir()
        self._folder = folder
        self.ca, ca_key = folder / "ca.pem", folder / "ca.key"
        self.certificate, self.key = folder / "server.pem", folder / "server.key"
        self._request(ca_key, self.ca, "/CN=nobody", "-x509", "-days", "2")
        request, names = folder / "request.pem", folder / "names"
        self._request(self.key, request, f"/CN={name}")
        names.write_text(f"subjectAltName=IP:{name}\n", encoding="ascii")
        self._openssl(
            "x509", "-req", "-in", request, "-CA", self.ca, "-CAkey", ca_key, "-CAcreateserial",
            "-days", "2", "-extfile", names, "-out", self.certificate,
        )  # fmt: skip

    def _request(self, key: Path, out: Path, subject: str, *options: str) -> None:
        made = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key)
        self._openssl("req", *made, "-subj", subject, "-out", out, *options)

    def _openssl(self, *arguments: str | Path) -> None:
        assert OPENSSL is not None
        subprocess.run(
            [OPENSSL, *map(str, arguments)], check=True, capture_output=True, cwd=self._folder
        )
