"""The regions Function Compute is known to be in. Source: the endpoint map of the official SDK, 4.8.3.

A region that is not here may exist: the list is for suggestions, not for refusals.
"""

from __future__ import annotations

import difflib
import re

KNOWN = (
    "cn-beijing", "cn-chengdu", "cn-hangzhou", "cn-hongkong", "cn-huhehaote", "cn-qingdao", "cn-shanghai",
    "cn-shenzhen", "cn-wulanchabu", "cn-zhangjiakou", "ap-northeast-1", "ap-northeast-2", "ap-south-1",
    "ap-southeast-1", "ap-southeast-2", "ap-southeast-3", "ap-southeast-5", "ap-southeast-7", "eu-central-1",
    "eu-west-1", "us-east-1", "us-west-1", "me-central-1", "cn-shanghai-finance-1", "cn-hangzhou-finance",
    "cn-heyuan-acdr-1",
)  # fmt: skip
_FORM = re.compile(r"[a-z]{2}(-[a-z]+)+(-[0-9]{1,2})?")


def is_region(name: str) -> bool:
    """Whether this can be a region: a known one, its next number, or another that is no typo of a known one."""
    if not _FORM.fullmatch(name):
        return False
    place, area = name.rstrip("0123456789"), name[:3]
    if any(known.rstrip("0123456789") == place for known in KNOWN):
        return True
    # na-south-1 is another continent, and not ap-south-1 mistyped
    typo = difflib.get_close_matches(
        name, [known for known in KNOWN if known.startswith(area)], n=1, cutoff=0.9
    )
    return not typo


def nearest(name: str, others: tuple[str, ...] = ()) -> str:
    """The known region (or other word) that was most likely meant, or nothing."""
    close = difflib.get_close_matches(name, (*others, *KNOWN), n=1, cutoff=0.8)
    return close[0] if close else ""
