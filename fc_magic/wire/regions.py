"""The regions Function Compute is known to be in, and their hosts, from the endpoint map of the official SDK, 4.8.3.

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
#: regions whose public host is of the older form
_OLDER = ("me-central-1", "cn-shanghai-finance-1", "cn-hangzhou-finance", "cn-heyuan-acdr-1")
#: network -> the host; those of an account name it
_HOSTS = {
    "public": "fcv3.{region}.aliyuncs.com",
    "account": "{account}.{region}.fc.aliyuncs.com",
    "internal": "{account}.{region}-internal.fc.aliyuncs.com",
}
_REGION = r"(?P<region>[a-z]{2}(?:-[a-z]+)+?(?:-[0-9]{1,2})?)"
#: the SDK makes the second and third form for a region that it does not know; they are no documented hosts
_TELLING = (
    re.compile(rf"(?P<account>)(?:fcv3|fc|fc-vpc)\.{_REGION}\.aliyuncs\.com"),
    re.compile(rf"(?:(?P<account>[0-9]+)\.)?{_REGION}(?:-internal)?\.fc\.aliyuncs\.com"),
)
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


def host(region: str, network: str = "public", account_id: str = "") -> str:
    """Where FC 3.0's API of a region is. ``account`` and ``internal`` need the account id."""
    form = "{region}.fc.aliyuncs.com" if network == "public" and region in _OLDER else _HOSTS[network]
    return form.format(region=region, account=account_id)


def told_by(name: str) -> tuple[str, str]:
    """The region and the account id that a host's name tells; nothing where it tells none."""
    found = next((hit for form in _TELLING if (hit := form.fullmatch(name.lower()))), None)
    return (found["region"], found["account"] or "") if found else ("", "")
