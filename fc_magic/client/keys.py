"""Where the access key of a target that is not this machine comes from, and how it stays fresh.

In this order: what the settings say (an argument, the environment, the user's file), a profile of the aliyun CLI,
Alibaba's own package. What was tried and why it did not work is in the error, by the names of places.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from fc_magic.client import alibaba, profile
from fc_magic.client.alibaba import Failed
from fc_magic.client.profile import NoProfile, Profile
from fc_magic.client.target import Credentials, is_this_machine
from fc_magic.config import Settings, public
from fc_magic.errors import FcError, Problem, UsageError

#: how often the package is asked whether there is a newer key, and how long before its end a key is renewed
POLL_S, MARGIN_S = 60.0, 300.0
_SIMPLE = ("AK", "StsToken")
_EXPORT = "export ALIBABA_CLOUD_ACCESS_KEY_ID=… ALIBABA_CLOUD_ACCESS_KEY_SECRET=…, or use the target local"
#: of a URL of this machine: no account of the cloud has a key for it
_SERVED = (
    "fc-magic serve has its keys in keys.json of its data folder: "
    "give them as FC_MAGIC_ACCESS_KEY_ID and FC_MAGIC_ACCESS_KEY_SECRET"
)

#: a key, and when it ends in seconds of the epoch (0: it does not)
Found = tuple[Credentials, float]


class Keys:
    """A key that is renewed before it ends, and when it is refused. Safe to use from several threads."""

    def __init__(
        self, place: str, first: Found, fetch: Callable[[], Found], again: Callable[[], Found] | None = None
    ) -> None:
        #: a person's words for where it comes from
        self.place = place
        self._fetch, self._again = fetch, again or fetch
        self._lock = threading.Lock()
        self._key, self._until = Credentials("", ""), 0.0
        self._keep(first)

    def __reduce__(self) -> Any:
        raise TypeError("a key is not pickled")

    def current(self) -> Credentials:
        """The key, another one if this one is about to end."""
        if time.time() < self._until:
            return self._key
        with self._lock:
            if time.time() >= self._until:
                try:
                    self._keep(self._fetch())
                except (FcError, Failed, NoProfile):
                    # the one there is may still be good, and if it is not, the endpoint says so
                    self._until = time.time() + MARGIN_S / 10
            return self._key

    def renewed(self, refused: Credentials) -> bool:
        """Whether there is another key than the one that was refused."""
        with self._lock:
            if self._key != refused:
                return True  # another thread was faster
            try:
                self._keep(self._again())
            except (FcError, Failed, NoProfile):
                return False
            return self._key != refused

    def _keep(self, found: Found) -> None:
        key, ends = found
        self._key = key
        now = time.time()
        # of a key that ends sooner than the margin half of its time is used
        self._until = (
            now + max(min(ends - now - MARGIN_S, 3600.0), (ends - now) / 2, 1.0) if ends else now + POLL_S
        )


def find(
    settings: Settings, environ: Mapping[str, str], anew: Callable[[], Settings] = Settings.load
) -> tuple[Keys, Profile | None]:
    """The key of these settings, and the CLI's profile if there is one. Raises UsageError with all that was tried.

    ``anew`` loads the settings again, when a key of theirs was refused.
    """
    tried: list[Problem] = []
    found = _from_settings(settings, anew, tried)
    # which profile was meant is not asked where the key is from elsewhere
    known = _profile(settings.with_("", profile="") if found else settings, environ, tried)
    found = found or _from_profile(known, environ, tried) or _from_package(settings, known, environ, tried)
    if found:
        return found, known
    here = is_this_machine(settings.target)
    raise UsageError(
        f"the target {public(settings.target)} needs an access key, and none was found",
        problems=[replace(problem, hint="") for problem in tried] if here else tried,
        hint=_SERVED if here else _EXPORT,
    )


def _from_settings(settings: Settings, anew: Callable[[], Settings], tried: list[Problem]) -> Keys | None:
    own = _of_settings(settings)
    if own is None:
        tried.append(Problem("settings and environment", _missing(settings)))
        return None
    place = settings.origins.get("access_key_secret", "default")
    return Keys(place, (own, 0.0), lambda: (own, 0.0), lambda: (_said_again(anew(), place) or own, 0.0))


def _from_profile(known: Profile | None, environ: Mapping[str, str], tried: list[Problem]) -> Keys | None:
    if known is None or known.mode not in _SIMPLE:
        return None
    try:
        first = _of_profile(environ, known.name)
    except Failed as error:
        tried.append(Problem(known.place, str(error), hint="aliyun configure"))
        return None
    return Keys(known.place, first, lambda: _of_profile(environ, known.name))


def _from_package(
    settings: Settings, known: Profile | None, environ: Mapping[str, str], tried: list[Problem]
) -> Keys | None:
    rest = known if known and known.mode not in _SIMPLE else None
    for place in alibaba.places(settings, rest, environ):
        provider = alibaba.Provider(place, alibaba.deadline(settings))
        try:
            return Keys(place.name, provider.get(), provider.get, provider.anew)
        except Failed as error:
            tried.append(Problem(place.name, str(error)))
    if not settings.ecs_role:
        tried.append(Problem("ECS metadata service", "is off", hint="export FC_MAGIC_ECS_ROLE=auto"))
    return None


def _of_settings(settings: Settings) -> Credentials | None:
    if not (settings.access_key_id and settings.access_key_secret):
        return None
    return Credentials(settings.access_key_id, settings.access_key_secret, settings.security_token)


def _said_again(settings: Settings, place: str) -> Credentials | None:
    """What the same place says now, and no other one: that might be somebody else's key."""
    return _of_settings(settings) if settings.origins.get("access_key_secret") == place else None


def _missing(settings: Settings) -> str:
    if settings.access_key_id:
        return f"have access_key_id ({settings.origins.get('access_key_id', 'default')}) without its secret"
    if settings.access_key_secret:
        return (
            f"have access_key_secret ({settings.origins.get('access_key_secret', 'default')}) without its id"
        )
    return "have no access_key_id"


def _profile(settings: Settings, environ: Mapping[str, str], tried: list[Problem]) -> Profile | None:
    try:
        return profile.load(settings.profile, environ)
    except NoProfile as error:
        tried.append(Problem(profile.FILE, str(error), hint="aliyun configure"))
        return None


def _of_profile(environ: Mapping[str, str], name: str) -> Found:
    """The profile as it is in the file now. Raises Failed."""
    try:
        found = profile.load(name, environ)
    except NoProfile as error:
        raise Failed(str(error)) from None
    token = found.text("sts_token") if found.mode == "StsToken" else ""
    if not (found.text("access_key_id") and found.text("access_key_secret")):
        raise Failed("has no access key")
    if found.mode == "StsToken" and not token:
        raise Failed("has no STS token")
    if 0 < found.expires <= time.time():
        at = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(found.expires))
        raise Failed(f"its STS token ended at {at}")
    return Credentials(found.text("access_key_id"), found.text("access_key_secret"), token), found.expires
