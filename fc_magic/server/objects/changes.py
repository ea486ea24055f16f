"""A change of the store's objects, as triggers are told of it, and FC's event for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

from fc_magic.server.objects.call import as_text
from fc_magic.server.objects.model import Object


@dataclass(frozen=True)
class Change:
    """What was done. ``name`` is OSS's own, without the ``oss:`` of a trigger: ``ObjectCreated:PutObject``.

    ``size`` and ``etag`` are the object's after the change (of a removed one: before it); ``delta_size`` is what
    the bucket grew by. An upload or a part that is not an object yet has a delta of 0.
    """

    name: str
    bucket: str
    key: str
    size: int
    delta_size: int
    etag: str
    mime_type: str
    time: float
    source_ip: str
    request_id: str
    user_meta: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, name: str, found: Object, delta: int, time: float, source_ip: str, request_id: str) -> Change:
        about = (found.bucket, found.key, found.size, delta, found.etag, as_text(found.meta.mime_type))
        user = {meta: as_text(value) for meta, value in found.meta.user.items()}
        return cls(name, *about, time, source_ip, request_id, user)

    def event(self, region: str, account_id: str, rule_id: str = "") -> dict[str, Any]:
        """The one member of ``events`` in what FC hands to a function."""
        moment = datetime.fromtimestamp(self.time, timezone.utc)
        arn = f"acs:oss:{region}:{account_id}:{self.bucket}"
        owner = {"name": self.bucket, "arn": arn, "ownerIdentity": account_id, "virtualBucket": ""}
        about = {"mimeType": self.mime_type, "userMeta": dict(self.user_meta)}
        changed = {"key": self.key, "size": self.size, "deltaSize": self.delta_size, "eTag": self.etag}
        return {
            "eventName": self.name,
            "eventSource": "acs:oss",
            "eventTime": moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z",
            "eventVersion": "1.0",
            "region": region,
            "oss": {
                "ossSchemaVersion": "1.0",
                "ruleId": rule_id,
                "bucket": owner,
                "object": {**changed, "objectMeta": about},
            },
            "requestParameters": {"sourceIPAddress": self.source_ip},
            "responseElements": {"requestId": self.request_id},
            "userIdentity": {"principalId": account_id},
        }
