"""The profiles of the aliyun CLI: ``~/.aliyun/config.json``. Read as they are, judged elsewhere."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fc_magic.errors import UsageError

FILE = "~/.aliyun/config.json"
ECS = "EcsRamRole"


class NoProfile(Exception):
    """Why there is none; never more than names of places."""


@dataclass(frozen=True)
class Profile:
    """One profile. ``modes`` is its own, then those of the profiles that it builds on."""

    name: str
    modes: tuple[str, ...]
    #: it has the keys, so nothing of it is shown
    _values: Mapping[str, Any] = field(repr=False)

    @property
    def place(self) -> str:
        return f"profile {self.name} of {FILE}"

    @property
    def mode(self) -> str:
        return self.modes[0]

    @property
    def region(self) -> str:
        return self.text("region_id")

    @property
    def account_id(self) -> str:
        """The account of its keys, where it says so."""
        told = self.text("cloud_sso_account_id")
        role = re.match(r"acs:ram::([0-9]+):", self.text("ram_role_arn"))
        return told or (role[1] if role else "")

    @property
    def role_name(self) -> str:
        return self.text("ram_role_name")

    @property
    def expires(self) -> float:
        """When its STS token ends, in seconds of the epoch; 0 if it does not say."""
        told = self._values.get("sts_expiration")
        return float(told) if isinstance(told, int | float) else 0.0

    def text(self, name: str) -> str:
        value = self._values.get(name)
        return value if isinstance(value, str) else ""

    def __reduce__(self) -> Any:
        raise TypeError("a profile has keys, and is not pickled")


def path() -> Path:
    return Path(os.path.expanduser(FILE))


def load(name: str, environ: Mapping[str, str]) -> Profile:
    """The profile of that name, or the CLI's current one. Raises NoProfile, or UsageError for a name that is none."""
    if environ.get("ALIBABA_CLOUD_CLI_PROFILE_DISABLED", "").lower() == "true":
        raise NoProfile("is not read: ALIBABA_CLOUD_CLI_PROFILE_DISABLED is set")
    said = _read(path())
    listed = said.get("profiles")
    rows = [p for p in listed if isinstance(p, dict)] if isinstance(listed, list) else []
    profiles = {str(p.get("name")): p for p in rows}
    wanted = name or str(said.get("current") or "")
    if wanted in profiles:
        return Profile(wanted, tuple(_modes(wanted, profiles)), profiles[wanted])
    if name:
        known = ", ".join(profiles) or "none"
        raise UsageError(
            f"{name} is not a profile of {FILE}; there are {known}", hint="aliyun configure list"
        )
    raise NoProfile("has no current profile")


def _read(file: Path) -> Mapping[str, Any]:
    try:
        said = json.loads(file.read_bytes())
    except FileNotFoundError:
        raise NoProfile("does not exist") from None
    except OSError as error:
        raise NoProfile(f"cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError):
        said = None  # the parser's own message holds the whole file
    if not isinstance(said, dict):
        raise NoProfile("is not the JSON that the aliyun CLI writes")
    return said


def _modes(name: str, profiles: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    seen: set[str] = set()
    while name in profiles and name not in seen:
        seen.add(name)
        yield str(profiles[name].get("mode") or "AK")
        name = str(profiles[name].get("source_profile") or "")
