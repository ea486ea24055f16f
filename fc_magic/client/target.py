"""An endpoint, and as whom it is called."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from ipaddress import IPv6Address, ip_address
from typing import Any
from urllib.parse import urlsplit

from fc_magic.config import public
from fc_magic.errors import UsageError

_ENDPOINT = re.compile(
    r"https?://(?:([^][\s:/?#@\\]+)|\[([0-9a-f:.]+)\])(?::([0-9]{1,5}))?(?:/[^\s?#\\]*)?",
    re.IGNORECASE | re.ASCII,
)


@dataclass(frozen=True)
class Credentials:
    """An access key; ``security_token`` only with temporary ones. Never shown."""

    access_key_id: str
    access_key_secret: str = field(repr=False)
    security_token: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            # a line break, as files and pasted text have it at their end, cannot stand in a header
            if not (value.isascii() and value.isprintable() and " " not in value):
                raise UsageError(
                    f"the {name.replace('_', ' ')} has a character that no key has: a space, a line break, …",
                    hint="set it again, without anything around it",
                )

    def __reduce__(self) -> Any:
        raise TypeError("an access key is not pickled: connect where it is needed")

    def __copy__(self) -> Credentials:
        return self

    def __deepcopy__(self, memo: object) -> Credentials:
        return self  # frozen


@dataclass(frozen=True)
class Target:
    """Where deployments go. ``name`` is what a person calls it; ``runtimes`` what it is known to run, if it is;
    ``objects`` the URL of an object store of its own."""

    name: str
    endpoint: str
    region: str
    credentials: Credentials
    account_id: str = ""
    role: str = ""
    runtimes: tuple[str, ...] | None = None
    objects: str = ""
    #: the dialect: v2, the deployments API, or fc3, Function Compute 3.0's own
    api: str = "v2"
    #: not this machine: a person agrees before the first write
    is_cloud: bool = False
    #: where the access key is from, in words
    key_from: str = ""
    #: what a person can do when the endpoint does not answer
    when_gone: str = "check the network, and the address of the target"

    def __post_init__(self) -> None:
        check(self.endpoint)


def check(url: str) -> None:
    """Raises UsageError for what is no address of a target."""
    if not _is_endpoint(url):
        raise UsageError(
            f"the target {public(url)!r} is not an http or https URL of a host, without user and query",
            hint="an address such as http://HOST:PORT",
        )


def is_this_machine(url: str) -> bool:
    """Whether a URL's host is the loopback, by its name or address."""
    name = urlsplit(url).hostname or ""
    try:
        return name == "localhost" or ip_address(name).is_loopback
    except ValueError:
        return False


def _is_endpoint(url: str) -> bool:
    """Whether paths can be put behind it. A user and password have no place: requests are signed with the key.

    Not by ``urlsplit``, which takes a broken port or IPv6 address, more or less of them in each Python.
    """
    found = _ENDPOINT.fullmatch(url)
    if not found:
        return False
    name, address, port = found.groups()
    try:
        _ = IPv6Address(address) if address else name.encode("idna")
    except ValueError:
        return False
    return url.isprintable() and (port is None or 0 < int(port) < 1 << 16)
