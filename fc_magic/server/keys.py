"""The access keys of a local Function Compute: made at the first start, in a file only its user can read."""

from __future__ import annotations

import json
import os
import secrets
import string
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from fc_magic.errors import ServerStartFailed
from fc_magic.server.auth import Key

FILE = "keys.json"
_LETTERS = string.ascii_letters + string.digits


@dataclass(frozen=True)
class Keys:
    """``access_key_*`` for the user; ``role_*`` for functions, as the STS credentials of their role."""

    access_key_id: str
    access_key_secret: str = field(repr=False)
    role_key_id: str
    role_key_secret: str = field(repr=False)
    role_token: str = field(repr=False)

    @property
    def role(self) -> tuple[str, str, str]:
        return self.role_key_id, self.role_key_secret, self.role_token

    def accepted(self, more: Mapping[str, str]) -> dict[str, Key]:
        """Every key the server takes: its own, the functions', and pairs that were given at the start."""
        return {
            self.access_key_id: Key(self.access_key_secret),
            self.role_key_id: Key(self.role_key_secret, self.role_token),
            **{key_id: Key(secret) for key_id, secret in more.items() if key_id and secret},
        }


def load(folder: Path) -> Keys:
    """Reads the keys of ``folder``, or makes them. Only the process that holds the folder's lock may call it.

    Raises ServerStartFailed if the file is there and cannot be used.
    """
    path = folder / FILE
    if path.exists():
        try:
            return read(folder)
        except (OSError, ValueError, TypeError) as error:
            # what is in the file is not quoted: it may be half a secret
            raise ServerStartFailed(
                f"the keys in {path} cannot be read ({type(error).__name__})",
                hint=f"restore {FILE}, or remove it: new keys are made at the next start",
            ) from error
    keys = Keys(
        access_key_id="LTAI" + _random(20),
        access_key_secret=_random(30),
        role_key_id="STS." + _random(24),
        role_key_secret=_random(44),
        role_token=_random(64),
    )
    write_private(path, keys.__dict__)
    return keys


def read(folder: Path) -> Keys:
    """The keys of ``folder``. Raises OSError, ValueError or TypeError if they cannot be read."""
    found = Keys(**json.loads((folder / FILE).read_text()))
    if not all(isinstance(value, str) and value for value in vars(found).values()):
        raise ValueError("a key is missing")
    return found


def write_private(path: Path, values: Mapping[str, object]) -> None:
    """JSON, mode 0600, whole or not at all."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    with os.fdopen(handle, "w") as file:
        json.dump(dict(values), file)
    os.replace(name, path)


def _random(length: int) -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(length))
