"""From settings to a target that is not the local one: a region, or a URL; which host, which dialect, whose key."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

from fc_magic.client import keys as chain
from fc_magic.client.keys import Keys
from fc_magic.client.profile import Profile
from fc_magic.client.target import Credentials, Target, is_this_machine
from fc_magic.config import NETWORKS, Settings
from fc_magic.errors import UsageError
from fc_magic.wire import regions
from fc_magic.wire.v2 import PUBLIC_HOST

#: the dialect of a region, and of a URL whose host is not one of FC 3.0's own
OF_REGION, OF_URL = "fc3", "v2"
#: of a region whose address is made of what a person set
WHEN_GONE = "check the network, and the region and the account id in the address: %fctarget shows both"


class Reached(NamedTuple):
    """The target, its key as it is kept fresh, and the settings with what was found out."""

    target: Target
    keys: Keys
    settings: Settings


def check_target(name: str, origin: str = "") -> None:
    """Raises UsageError for a word that is neither ``local``, nor a region, nor a URL."""
    if name == "local" or "://" in name or regions.is_region(name):
        return
    near = regions.nearest(name, ("local",))
    place = f" ({origin})" if origin not in ("", "default", "option") else ""
    raise UsageError(
        f"the target {name!r}{place} is not local, a region such as cn-hangzhou, or an http(s) URL",
        hint=f"did you mean {near}?" if near else "",
    )


def reach(settings: Settings, environ: Mapping[str, str] | None = None) -> Reached:
    """Sends nothing to the target; credentials may be asked for elsewhere. Raises UsageError."""
    environ = os.environ if environ is None else environ
    check_target(settings.target, settings.origins.get("target", ""))
    is_url = "://" in settings.target
    if is_url:
        _checked(settings.target, "")
    keys, profile = chain.find(settings, environ)
    told = regions.told_by(_host(settings.target)) if is_url else (settings.target, "")
    settings = _completed(settings, told, keys, profile)
    api = settings.api or (OF_REGION if told[0] else OF_URL)
    endpoint = settings.target.rstrip("/") if is_url else _endpoint(settings, api)
    target = Target(
        name=settings.target,
        endpoint=endpoint,
        region=settings.region,
        credentials=keys.current(),
        account_id=settings.account_id,
        role=settings.role,
        objects=_objects(settings, is_url),
        api=api,
        is_cloud=not (is_url and is_this_machine(endpoint)),
        key_from=keys.place,
        when_gone=Target.when_gone if is_url else WHEN_GONE,
    )
    return Reached(target, keys, settings)


def _completed(settings: Settings, told: tuple[str, str], keys: Keys, profile: Profile | None) -> Settings:
    """The region and the account: what the host tells is so, then what was set, then what the profile has."""
    region, account = told
    origin = "host of the target" if "://" in settings.target else "target"
    if region:
        settings = settings.with_(origin, region=region)
    elif "region" not in settings.origins and profile and profile.region:
        settings = settings.with_(profile.place, region=profile.region)
    if account:
        settings = settings.with_(origin, account_id=account)
    # another key than the profile's may be of another account
    elif not settings.account_id and profile and keys.place.startswith(profile.place) and profile.account_id:
        settings = settings.with_(profile.place, account_id=profile.account_id)
    return settings


def _endpoint(settings: Settings, api: str) -> str:
    """The address of a region."""
    if settings.endpoint:
        given = settings.endpoint if "://" in settings.endpoint else f"https://{settings.endpoint}"
        _checked(given, settings.origins.get("endpoint", ""))
        return given.rstrip("/")
    if api == "v2":
        return PUBLIC_HOST
    if settings.network != NETWORKS[0] and not settings.account_id:
        raise UsageError(
            f"the {settings.network} host of {settings.region} begins with the account id, and it is not known",
            hint="export FC_MAGIC_ACCOUNT_ID=…, or network = public",
        )
    return f"https://{regions.host(settings.region, settings.network, settings.account_id)}"


def _objects(settings: Settings, is_url: bool) -> str:
    if settings.oss_endpoint:
        given = settings.oss_endpoint
        given = given if "://" in given else f"https://{given}"
        _checked(given, settings.origins.get("oss_endpoint", ""))
        return given.rstrip("/")
    if is_url:
        return ""  # it does not say
    inner = "-internal" if settings.network == "internal" else ""
    return f"https://oss-{settings.region}{inner}.aliyuncs.com"


def _checked(url: str, origin: str) -> None:
    """Raises UsageError for what paths cannot be put behind."""
    try:
        Target(url, url, "", Credentials("", ""))
    except UsageError as error:
        place = f" ({origin})" if origin not in ("", "default", "option") else ""
        raise UsageError(f"{error.message}{place}", hint=error.hint) from None


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""
