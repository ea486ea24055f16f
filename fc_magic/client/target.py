"""An endpoint, and as whom it is called."""

from __future__ import annotations

from dataclasses import dataclass, field

from fc_magic.errors import UsageError


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


@dataclass(frozen=True)
class Target:
    """Where deployments go. ``name`` is what a person calls it; ``runtimes`` what it is known to run, if it is."""

    name: str
    endpoint: str
    region: str
    credentials: Credentials
    account_id: str = ""
    role: str = ""
    runtimes: tuple[str, ...] | None = None
    #: what a person can do when the endpoint does not answer
    when_gone: str = "check the network and the target: %fctarget"
