"""Where the objects of a target are, and with which key: what an SDK of OSS asks for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from fc_magic.client.auth import ObjectAuth
from fc_magic.client.target import Credentials, Target
from fc_magic.config import public
from fc_magic.errors import UsageError


@dataclass(frozen=True)
class ObjectStore:
    """What ``oss2.AuthV4`` and ``oss2.Bucket`` take; ``security_token`` only with temporary keys. No secret shows."""

    endpoint: str
    region: str
    access_key_id: str
    access_key_secret: str = field(repr=False)
    security_token: str = field(default="", repr=False)

    def __reduce__(self) -> Any:
        raise TypeError("an access key is not pickled: ask the client where it is needed")

    @property
    def auth(self) -> ObjectAuth:
        """Signs requests to the store: ``requests.get(f"{store.endpoint}/BUCKET/KEY", auth=store.auth)``."""
        key = Credentials(self.access_key_id, self.access_key_secret, self.security_token)
        return ObjectAuth(key, self.region)


def of(target: Target) -> ObjectStore:
    """The one beside the local Function Compute, or OSS itself in a region. Raises UsageError for other URLs."""
    endpoint = target.objects
    if not endpoint and "://" in target.name:
        raise UsageError(
            f"the target {public(target.name)} does not say where its objects are",
            hint="set oss_endpoint to the address that fc-magic serve prints, or use the target local or a region",
        )
    key = target.credentials
    return ObjectStore(
        endpoint or f"https://oss-{target.region}.aliyuncs.com",
        target.region,
        key.access_key_id,
        key.access_key_secret,
        key.security_token,
    )
