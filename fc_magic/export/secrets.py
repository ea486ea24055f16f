"""What is not written into a file: values that look secret, and secrets of which only a fingerprint is known."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fc_magic.wire.jwks import is_masked

#: names of what is kept to oneself. An id of a key is no secret
_NAME = re.compile(
    r"SECRET|PASSWORD|PASSWD|PASSPHRASE|(?:TOKEN|KEY|CREDENTIAL)S?(?:_?[0-9]+)?$", re.IGNORECASE
)
#: a URL with a password in it
_VALUE = re.compile(r"://[^/@\s:]*:[^/@\s]+@")
#: what answers say of a trigger only by a fingerprint: the data of a token, the key of an HMAC
_FINGERPRINTED = ("tokenData", "k")
#: what is between a trigger and a secret in it
_WORDS = ("authConfig", "tokens", "jwks", "keys", *_FINGERPRINTED)
#: the parts of a tag: its key is the name of its value, and no secret
_TAG = {"Key", "Value"}
#: what these mean to whoever runs the file must not become a setting of the function
_TAKEN = ("ALIBABA_CLOUD_", "ALICLOUD_", "FC_", "PATH", "HOME")


@dataclass(frozen=True)
class Secret:
    """Stands for a value. ``name``: the variable of the environment, or of the format, that has it; ``place``: whose
    value it is; ``known``: whether it could have been written."""

    name: str
    place: str
    known: bool


def looks_secret(name: str, value: str) -> bool:
    return bool(value) and bool(_NAME.search(name) or _VALUE.search(value))


@dataclass
class Hiding:
    """Puts a :class:`Secret` where a secret is, the same one wherever the same value is said again."""

    with_secrets: bool = False
    found: dict[str, Secret] = field(default_factory=dict)

    def hide(self, value: Any, place: str, name: str = "") -> Any:
        """``value`` with its secrets hidden; ``place`` says where it is, ``name`` is its key there."""
        if isinstance(value, Mapping) and value.keys() == _TAG:
            key = str(value["Key"])
            return {"Key": key, "Value": self.hide(value["Value"], _below(place, key), key)}
        if isinstance(value, Mapping):
            return {key: self.hide(inner, _below(place, key), str(key)) for key, inner in value.items()}
        if isinstance(value, list | tuple):
            return [self.hide(inner, _below(place, _label(inner, n)), name) for n, inner in enumerate(value)]
        if not isinstance(value, str):
            return value
        if name in _FINGERPRINTED and is_masked(value):
            return self._secret(place, known=False)
        if not self.with_secrets and (name in _FINGERPRINTED or looks_secret(name, value)):
            return self._secret(place, known=True)
        return value

    def _secret(self, place: str, known: bool) -> Secret:
        if place not in self.found:
            name = re.sub(r"\W+", "_", place.removeprefix("environment."), flags=re.ASCII).strip("_")
            name = name if place.startswith("environment.") else name.upper()
            if name.upper().startswith(_TAKEN):
                name = f"FUNCTION_{name}"
            taken = {secret.name.upper() for secret in self.found.values()}
            number = next(n for n in range(1, 10_000) if _numbered(name, n).upper() not in taken)
            self.found[place] = Secret(_numbered(name, number), place, known)
        return self.found[place]


def _numbered(name: str, number: int) -> str:
    return name if number == 1 else f"{name}_{number}"


def _below(place: str, key: object) -> str:
    """A place one step further down, without the words that say nothing to a person, or to a shell."""
    label = re.sub(r"[^\w-]", "_", str(key), flags=re.ASCII)
    return place if place and key in _WORDS else f"{place}.{label}".strip(".")


def _label(item: Any, number: int) -> str:
    """What an item of a list is called: by its name, if it has one."""
    names = ("tokenName", "kid", "triggerName", "name")
    named = next((str(item[key]) for key in names if item.get(key)), "") if isinstance(item, Mapping) else ""
    return named or str(number)


def notes(secrets: Iterable[Secret], how: str) -> list[str]:
    """What a person must know of them. ``how``: what gives them to the file, such as "the environment"."""
    found = list(secrets)
    known, said = [s.name for s in found if s.known], []
    if known:
        names = ", ".join(known)
        said.append(
            f"{names} is a secret and is not in the file: it comes from {how}; --with-secrets writes it"
            if len(known) == 1
            else f"{names} are secrets and are not in the file: they come from {how}; --with-secrets writes them"
        )
    for secret in found:
        if not secret.known:
            said.append(
                f"only a fingerprint is known of {secret.place}: the secret comes as {secret.name} from {how}"
            )
    return said
