"""Settings, made once and frozen. There is little to configure: what is not set works on this machine.

An environment variable beats the default; a magic's option or a call's argument beats both. Each value knows
where it came from, and a secret never shows.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from fc_magic.errors import UsageError

#: seconds, and repetitions: more than anybody waits
MOST = 1_000_000
SECRET = ("access_key_secret", "security_token")


def _setting(default: Any, help_: str, *names: str) -> Any:
    return field(default=default, metadata={"help": help_, "env": names})


def public(url: str) -> str:
    """A URL without the user and password it may name: what of it can be shown."""
    return re.sub(r"//.*@", "//****@", url)


@dataclass(frozen=True, repr=False)
class Settings:
    """Where to deploy, as whom, and how long to wait. Times in seconds."""

    target: str = _setting("local", "local, a region such as cn-hangzhou, or a URL", "FC_MAGIC_TARGET")
    region: str = _setting(
        "cn-hangzhou", "region of the local Function Compute, or of a URL", "FC_MAGIC_REGION"
    )
    access_key_id: str = _setting(
        "", "access key id (local: generated)", "FC_MAGIC_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_ID"
    )
    access_key_secret: str = _setting(
        "",
        "access key secret (local: generated)",
        "FC_MAGIC_ACCESS_KEY_SECRET",
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET",
    )
    security_token: str = _setting(
        "",
        "STS token of temporary keys",
        "FC_MAGIC_SECURITY_TOKEN",
        "ALIBABA_CLOUD_SECURITY_TOKEN",
    )
    account_id: str = _setting("", "account id (local: 1234567890123456)", "FC_MAGIC_ACCOUNT_ID")
    role: str = _setting("", "role of functions: ARN (local: one is offered)", "FC_MAGIC_ROLE")
    runtime: str = _setting("python3.10", "runtime if a cell names none", "FC_MAGIC_RUNTIME")
    home: str = _setting("", "folder of the local Function Compute's data", "FC_MAGIC_HOME")
    idle_stop: float = _setting(
        600.0, "local: seconds after the last kernel until it ends; 0 = never", "FC_MAGIC_IDLE_STOP"
    )
    connect_timeout: float = _setting(5.0, "seconds to connect", "FC_MAGIC_CONNECT_TIMEOUT")
    read_timeout: float = _setting(
        60.0, "seconds to wait for an answer (calls: more)", "FC_MAGIC_READ_TIMEOUT"
    )
    retries: int = _setting(3, "repetitions after a failure, where repeating is safe", "FC_MAGIC_RETRIES")

    origins: Mapping[str, str] = field(default_factory=dict, compare=False)

    def __repr__(self) -> str:
        return f"Settings({', '.join(f'{name}={value!r}' for name, value, _ in self.rows())})"

    @classmethod
    def load(cls, environ: Mapping[str, str] | None = None, **given: Any) -> Settings:
        """Option (``given``, None = not said) > environment > default. Raises UsageError."""
        environ = os.environ if environ is None else environ
        unknown = sorted(set(given) - {item.name for item in _items()})
        if unknown:
            known = ", ".join(item.name for item in _items())
            raise UsageError(f"{', '.join(unknown)} is not a setting; there are {known}")
        values: dict[str, Any] = {}
        origins: dict[str, str] = {}
        for item in _items():
            name = next((n for n in item.metadata["env"] if environ.get(n, "").strip()), None)
            if given.get(item.name) is not None:
                said = given[item.name]
                values[item.name] = _read(item.default, said, item.name, f"{item.name}={item.default}")
                origins[item.name] = "option"
            elif name:
                values[item.name] = _read(
                    item.default, environ[name].strip(), name, f"export {name}={item.default}"
                )
                origins[item.name] = name
        return cls(**values, origins=origins)

    def with_(self, origin: str, **values: Any) -> Settings:
        """A copy with some values changed; ``origin`` says by what."""
        return replace(self, **values, origins={**self.origins, **dict.fromkeys(values, origin)})

    def rows(self) -> list[tuple[str, str, str]]:
        """(name, value, where it came from) of each setting; secrets as ``****``."""
        out = []
        for item in _items():
            value = getattr(self, item.name)
            text = f"{value:g}" if isinstance(value, float) else str(value)
            shown = "****" if item.name in SECRET and value else public(text)
            out.append((item.name, shown, self.origins.get(item.name, "default")))
        return out

    @property
    def folder(self) -> Path:
        """Where the local Function Compute keeps its data."""
        if self.home:
            return Path(self.home).expanduser().absolute()  # the server runs in another folder
        from platformdirs import user_data_dir

        return Path(user_data_dir("fc-magic", appauthor=False))


def _items() -> list[Any]:
    return [item for item in fields(Settings) if item.metadata]


def environment_names() -> dict[str, tuple[str, ...]]:
    """setting -> the environment variables that set it, the stronger first."""
    return {item.name: item.metadata["env"] for item in _items()}


def _read(default: Any, said: Any, name: str, hint: str) -> Any:
    if not isinstance(default, int | float):
        return said
    try:
        number = type(default)(str(said))
    except ValueError:
        number = math.nan
    # nothing can wait for no time at all, nor for more than a system's clock holds
    least = "more than 0" if name.lower().endswith("_timeout") else "0"
    if not (0 < number <= MOST or (number == 0 and least == "0")):
        raise UsageError(f"{name} is {said!r}, which is not a number from {least} to {MOST}", hint=hint)
    return number
