"""Alibaba's own package for credentials, for what is more than a key: roles, OIDC, ECS, a URI, the CLI's other modes.

Optional, and slow to import: it is imported where nothing simpler had a key. What it says is not passed on as it
is, because its messages repeat answers, and answers have keys.
"""

from __future__ import annotations

import configparser
import logging
import os
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from fc_magic.client.profile import ECS, Profile
from fc_magic.client.profile import path as profile_path
from fc_magic.client.target import Credentials
from fc_magic.config import Settings

#: what a role, an OIDC provider or the metadata service may take, the import included
DEADLINE_S = 20.0
EXTRA = "pip install 'fc-magic[credentials]'"
INI = "~/.alibabacloud/credentials.ini"
OIDC = ("ALIBABA_CLOUD_OIDC_TOKEN_FILE", "ALIBABA_CLOUD_ROLE_ARN", "ALIBABA_CLOUD_OIDC_PROVIDER_ARN")
_ECS_OFF = 'the ECS metadata service is off; ecs_role = "auto" asks it'
#: loggers of what is called here; at their levels they write requests and answers, in which there are tokens
_TALKATIVE = ("credentials", "alibabacloud-tea", "urllib3.connectionpool")

T = TypeVar("T")


class Failed(Exception):
    """Why a place gave no key, in words without a value."""


@dataclass(frozen=True)
class Place:
    """Somewhere a key may come from: ``refused`` says why it is not asked, ``make`` makes what is asked."""

    name: str
    make: Callable[[Any], Any]
    refused: str = ""


def places(settings: Settings, profile: Profile | None, environ: Mapping[str, str]) -> Iterator[Place]:
    """The places that are set up, in the order in which they are asked."""
    if all(environ.get(name) for name in OIDC):
        token, role, provider = (environ[name] for name in OIDC)
        yield Place(
            f"OIDC of {OIDC[0]}",
            lambda given: given.OIDCRoleArnCredentialsProvider(
                role_arn=role, oidc_provider_arn=provider, oidc_token_file_path=token
            ),
        )
    off = _metadata_off(settings, environ)
    if profile:
        yield Place(
            f"{profile.place} ({profile.mode})",
            lambda given: _of_profile(given, profile),
            off if ECS in profile.modes else "",
        )
    file = os.path.expanduser(environ.get("ALIBABA_CLOUD_CREDENTIALS_FILE") or INI)
    if os.path.isfile(file):
        section = settings.profile or "default"
        yield Place(
            f"{section} of {INI if file == os.path.expanduser(INI) else file}",
            lambda given: given.ProfileCredentialsProvider(profile_file=file, profile_name=section),
            off if _is_ecs(file, section) else "",
        )
    role_name = None if settings.ecs_role == "auto" else settings.ecs_role
    if settings.ecs_role:
        yield Place("ECS metadata service", lambda given: _of_ecs(given, role_name), off)
    uri = environ.get("ALIBABA_CLOUD_CREDENTIALS_URI")
    if uri:
        yield Place("ALIBABA_CLOUD_CREDENTIALS_URI", lambda given: given.URLCredentialsProvider(uri=uri))


def _metadata_off(settings: Settings, environ: Mapping[str, str]) -> str:
    if environ.get("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "").lower() == "true":
        return "ALIBABA_CLOUD_ECS_METADATA_DISABLED is set"
    return "" if settings.ecs_role else _ECS_OFF


def _is_ecs(file: str, section: str) -> bool:
    found = configparser.ConfigParser()
    try:
        found.read(file, encoding="utf-8")
        return found.get(section, "type", fallback="").partition("#")[0].strip() == "ecs_ram_role"
    except (configparser.Error, UnicodeError):
        return False


def _of_profile(given: Any, profile: Profile) -> Any:
    if profile.mode == ECS:
        return _of_ecs(given, profile.role_name)
    return given.CLIProfileCredentialsProvider(profile_name=profile.name, profile_file=str(profile_path()))


def _of_ecs(given: Any, role_name: str | None) -> Any:
    # no thread of its own that renews: who calls asks again in time
    return given.EcsRamRoleCredentialsProvider(role_name=role_name or None, async_update_enabled=False)


class Provider:
    """One place, asked within a deadline. The package itself renews what it gives, before it ends."""

    def __init__(self, place: Place, deadline: float) -> None:
        self._place, self._deadline = place, deadline
        self._made: Any = None

    def get(self) -> tuple[Credentials, float]:
        """A key, and when it ends in seconds of the epoch (0: it does not say). Raises Failed."""
        if self._place.refused:
            raise Failed(self._place.refused)
        return within(self._deadline, self._ask)

    def anew(self) -> tuple[Credentials, float]:
        """Another key than the one that was given last. Raises Failed."""
        self._made = None
        return self.get()

    def _ask(self) -> tuple[Credentials, float]:
        with silent():
            if self._made is None:
                self._made = self._place.make(_package())
            found = self._made.get_credentials()
            key = Credentials(
                found.get_access_key_id() or "",
                found.get_access_key_secret() or "",
                found.get_security_token() or "",
            )
        if not (key.access_key_id and key.access_key_secret):
            raise Failed("gave no key")
        return key, float(found.get_expiration() or 0)


def _package() -> Any:
    try:
        from alibabacloud_credentials import provider
    except ImportError:
        raise Failed(f"needs the package alibabacloud_credentials: {EXTRA}") from None
    return provider


def within(deadline: float, ask: Callable[[], T]) -> T:
    """What ``ask`` returns, if it does in time. Raises Failed; a late answer is thrown away."""
    found: list[T] = []
    failed: list[str] = []

    def run() -> None:
        try:
            found.append(ask())
        except Failed as error:
            failed.append(str(error))
        except Exception as error:  # noqa: BLE001 - whatever a package of others raises
            failed.append(told(error))

    thread = threading.Thread(target=run, name="fc-magic-credentials", daemon=True)
    thread.start()
    thread.join(deadline)
    if found:
        return found[0]
    raise Failed(failed[0] if failed else f"gave no answer within {deadline:g} s")


def told(error: BaseException) -> str:
    """What an exception says, without what may be secret: answers, addresses' ends, anything like a key."""
    text = str(error).partition("\n")[0].partition("{")[0].partition("result:")[0]
    text = re.sub(r"(https?://)(?:[^\s/@]*@)?([^\s/?#,@]+)[^\s,]*", r"\1\2/…", text)
    text = re.sub(r"url: \S+", "url: …", text)
    text = re.sub(r"[\w+/=.~-]{20,}", _unless_a_path, text).strip(" ,:([")
    return f"{type(error).__name__}: {text[:200]}" if text else type(error).__name__


def _unless_a_path(word: re.Match[str]) -> str:
    is_path = word[0].startswith(("/", "~")) and os.path.exists(os.path.expanduser(word[0]))
    return word[0] if is_path else "…"


@contextmanager
def silent() -> Iterator[None]:
    """Nothing that this thread does is logged by what it calls."""
    own = threading.get_ident()

    def others(record: logging.LogRecord) -> bool:
        return record.thread != own

    loggers = [logging.getLogger(name) for name in _TALKATIVE]
    for logger in loggers:
        logger.addFilter(others)
    try:
        yield
    finally:
        for logger in loggers:
            logger.removeFilter(others)


def deadline(settings: Settings) -> float:
    return min(DEADLINE_S, settings.read_timeout)
