"""Certificates and keys of a Security, for the command lines of processes."""

from __future__ import annotations

import ssl
from pathlib import Path

from distributed.security import Security


def security_of(security: Security | bool | None) -> Security:
    """As LocalCluster takes it: True makes certificates for the occasion, which needs the package cryptography."""
    if security is True:
        return Security.temporary()
    if security is None or security is False:
        return Security()
    if not isinstance(security, Security):
        raise TypeError("security must be a Security object, or True")
    return security


def tls_options(security: Security, role: str, folder: Path) -> list[str]:
    """Options of the scheduler or of workers: `role` is the prefix of their certificate and key.

    What the Security has as text instead of a file's name is put into files of that folder.
    """
    if not security.require_encryption:
        return []
    parts = {
        "--tls-ca-file": security.tls_ca_file,
        "--tls-cert": getattr(security, f"tls_{role}_cert"),
        "--tls-key": getattr(security, f"tls_{role}_key"),
    }
    missing = [option for option in ("--tls-ca-file", "--tls-cert") if not parts[option]]
    if missing:
        raise ValueError(f"security has no {missing[0][2:]} for the {role}: encryption needs an authority and certificates")
    options = ["--protocol", "tls"]
    for option, given in parts.items():
        if given:
            options += [option, _file(given, folder / f"{role}{option}.pem")]
    return options


def _file(given: str, path: Path) -> str:
    if "\n" not in given:
        return str(Path(given).resolve())
    path.touch(mode=0o600)
    path.write_text(given)
    return str(path)


def tls_settings(security: Security) -> dict[str, str]:
    """Variables for all processes. A part of what can be asked for is refused by dask-jvm, with a reason."""
    if not security.require_encryption:
        return {}
    settings = {"REQUIRE_ENCRYPTION": "True"}
    if security.tls_ciphers:
        settings["TLS__CIPHERS"] = security.tls_ciphers
    if security.tls_min_version == ssl.TLSVersion.TLSv1_3:
        settings["TLS__MIN_VERSION"] = "1.3"
    return {f"DASK_DISTRIBUTED__COMM__{name}": value for name, value in settings.items()}
