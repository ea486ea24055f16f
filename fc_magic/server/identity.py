"""Who this Function Compute is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Identity:
    """Who this Function Compute is; ``credentials`` (id, secret, token) are the ones functions are given, and
    ``objects_url`` is where they find its object store."""

    region: str = "cn-hangzhou"
    account_id: str = "1234567890123456"
    credentials: tuple[str, str, str] = field(default=("", "", ""), repr=False)
    objects_url: str = ""

    def given(self, kept: Mapping[str, Any], place: str) -> tuple[str, str, str]:
        """The credentials that a function gets there (Env, Request), unless it says ``disableInjectCredentials``."""
        return ("", "", "") if kept.get("disableInjectCredentials") in (place, "All") else self.credentials

    def function_arn(self, name: str) -> str:
        return f"acs:fc:{self.region}:{self.account_id}:functions/{name}"

    @property
    def role(self) -> str:
        """The role that a local deployment may name when it has none of its own."""
        return f"acs:ram::{self.account_id}:role/fcServiceRole"
