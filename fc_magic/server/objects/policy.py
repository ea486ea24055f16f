"""The policy of a form: who signed it, until when, and what it allows the form to say."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from fc_magic.server.objects.auth import Verifier
from fc_magic.server.objects.refusals import Refused
from fc_magic.wire import oss_signature as signature


def check(fields: Mapping[str, str], bucket: str, verifier: Verifier) -> tuple[int, int | None]:
    """The sizes that the signed policy allows (None: any). ``fields`` has lower-case names. Raises Refused."""
    policy = fields.get("policy", "")
    if not policy:
        raise Refused("AccessDenied", "The form has no field policy.")
    _check_signature(fields, policy, verifier)
    said = _document(policy)
    end = _time(said.get("expiration"))
    if verifier.clock() > end:
        raise Refused("AccessDenied", "Invalid according to Policy: Policy expired.")
    sizes: tuple[int, int | None] = (0, None)
    for condition in _conditions(said):
        if condition[0] == "content-length-range":
            sizes = _sizes(condition)
        elif not _holds(condition, {**fields, "bucket": bucket}):
            text = json.dumps(condition, ensure_ascii=False)
            raise Refused("AccessDenied", f"Invalid according to Policy: Policy Condition failed: {text}")
    return sizes


def _check_signature(fields: Mapping[str, str], policy: str, verifier: Verifier) -> None:
    token = fields.get("x-oss-security-token", "")
    scope: tuple[str, ...] = ()
    if "x-oss-signature-version" in fields:
        try:
            key_id, scope = signature.credential(fields.get("x-oss-credential", ""))
        except ValueError as error:
            raise Refused("InvalidArgument", str(error)) from None
        verifier.check_region(scope)
        said = fields.get("x-oss-signature", "")
    else:
        key_id, said = fields.get("ossaccesskeyid", ""), fields.get("signature", "")
    if not (key_id and said):
        raise Refused("AccessDenied", "The form is not signed.")
    key = verifier.key(key_id, token)
    if not signature.same(signature.sign_policy(policy, key.secret, scope), said):
        raise Refused(
            "SignatureDoesNotMatch", OSSAccessKeyId=key_id, SignatureProvided=said, StringToSign=policy
        )


def _document(policy: str) -> dict[str, Any]:
    try:
        said = json.loads(base64.b64decode(policy, validate=True))
    except (binascii.Error, ValueError, RecursionError):
        raise Refused("InvalidPolicyDocument", "Invalid Policy: it is not JSON in base64.") from None
    if not isinstance(said, dict):
        raise Refused("InvalidPolicyDocument")
    return said


def _time(text: object) -> float:
    try:
        moment = datetime.fromisoformat(str(text).replace("Z", "+00:00"))
    except ValueError:
        raise Refused("InvalidPolicyDocument", "Invalid Policy: Invalid expiration.") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).timestamp()


def _conditions(said: Mapping[str, Any]) -> list[list[Any]]:
    """All conditions as lists: ``{"bucket": "b"}`` says the same as ``["eq", "$bucket", "b"]``."""
    conditions = said.get("conditions")
    if not isinstance(conditions, list) or not conditions:
        raise Refused("InvalidPolicyDocument", "Invalid Policy: it has no conditions.")
    found: list[list[Any]] = []
    for condition in conditions:
        if isinstance(condition, dict):
            found += [["eq", f"${name}", value] for name, value in condition.items()]
        elif isinstance(condition, list) and len(condition) == 3:
            found.append(condition)
        else:
            raise Refused(
                "InvalidPolicyDocument", "Invalid Policy: a condition is neither a pair nor a list of three."
            )
    return found


def _holds(condition: list[Any], fields: Mapping[str, str]) -> bool:
    how, name, wanted = condition
    value = fields.get(str(name).removeprefix("$").lower(), "")
    if how == "eq":
        return isinstance(wanted, str) and value == wanted
    if how == "starts-with":
        return isinstance(wanted, str) and value.startswith(wanted)
    if how in ("in", "not-in") and isinstance(wanted, list):
        return (value in wanted) is (how == "in")
    raise Refused("InvalidPolicyDocument", f"Invalid Policy: {how!r} is no condition.")


def _sizes(condition: list[Any]) -> tuple[int, int | None]:
    low, high = condition[1], condition[2]
    if not (isinstance(low, int) and isinstance(high, int) and 0 <= low <= high):
        raise Refused("InvalidPolicyDocument", "Invalid Policy: Invalid content-length-range.")
    return low, high
