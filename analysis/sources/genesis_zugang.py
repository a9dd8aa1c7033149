"""Who asks which portal of the GENESIS family: its address, and user and password or a token.

They come from the environment or the keyring of the system and are never written anywhere, shown, or part of an error.
"""

import ipaddress
import os
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from analysis.errors import InputError

PORTALS = {
    "genesis": "https://genesis.destatis.de/genesisWS/rest/2020/",
    "regionalstatistik": "https://www.regionalstatistik.de/genesisws/rest/2020/",
    "zensus": "https://ergebnisse.zensus2022.de/api/rest/2020/",
}
"""Portal → base address of its service. Each has its own registration."""

URL_VARIABLE = "KREISBLICK_GENESIS_URL"
"""Environment variable with another base address (https, or a server on this machine)."""


@dataclass(frozen=True)
class Zugang:
    """Portal, its base address, and what identifies the user there; never shown."""

    portal: str
    url: str
    user: str = field(repr=False)
    password: str = field(repr=False)

    @property
    def may_order(self) -> bool:
        """Whether jobs can be started: a token (which has no password) may only read."""
        return bool(self.password)


def zugang(portal: str) -> Zugang:
    """Access to a portal: from the environment, else from the keyring of the system.

    Variables are `KREISBLICK_<PORTAL>_USER` with `_PASSWORD`, or `_TOKEN`; keyring entries `user`, `password`, `token`
    of the service `kreisblick-<portal>`. User and password come before a token, which cannot order large tables.

    Raises
    ------
    InputError
        Nothing or only half is given, a character that no header can carry, or an address that is not safe.
    """
    url = _address(portal)
    prefix, service = f"KREISBLICK_{portal.upper()}", f"kreisblick-{portal}"
    given = {name: os.environ.get(f"{prefix}_{name.upper()}", "") for name in ("user", "password", "token")}
    if not any(given.values()):
        given = _from_keyring(service)
    given["user"], given["token"] = given["user"].strip(), given["token"].strip()
    if bool(given["user"]) != bool(given["password"]):
        raise InputError(f"{portal}: user or password is missing; expected {prefix}_USER and {prefix}_PASSWORD")
    if not given["user"] and not given["token"]:
        raise InputError(
            f"{portal}: no credentials; set {prefix}_USER and {prefix}_PASSWORD (or {prefix}_TOKEN) in the "
            f"environment, or `keyring set {service} user` and `keyring set {service} password`"
        )
    user, password = (given["user"], given["password"]) if given["user"] else (given["token"], "")
    if not (user + password).isprintable() or password != password.strip():
        raise InputError(f"{portal}: user, password or token has a line end, or a blank at its end")
    return Zugang(portal, url, user, password)


def _from_keyring(service: str) -> dict[str, str]:
    import keyring
    import keyring.errors

    try:
        return {name: keyring.get_password(service, name) or "" for name in ("user", "password", "token")}
    except (keyring.errors.KeyringError, RuntimeError):  # this machine has no keyring, or it stays locked
        return {"user": "", "password": "", "token": ""}


def _address(portal: str) -> str:
    url = os.environ.get(URL_VARIABLE, "").strip() or PORTALS[portal]
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        parts, host = None, ""
    if not host or parts.username or parts.password or parts.query or parts.fragment:
        raise InputError(
            f"{URL_VARIABLE}: not an address; expected https://…/rest/2020/ without user, password or query"
        )
    if parts.scheme != "https" and not (parts.scheme == "http" and on_this_machine(host)):
        raise InputError(f"{URL_VARIABLE}: the credentials would travel unprotected to {host}; expected https://")
    return url.rstrip("/") + "/"


def on_this_machine(host: str) -> bool:
    """Whether a host name means this machine itself."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
