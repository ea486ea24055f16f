"""OSS's XML, both ways. Documents that are read have no DOCTYPE: nothing is expanded or fetched."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timezone
from urllib.parse import quote
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from fc_magic.server.objects.refusals import Refused

Value = str | int | bool | Iterable["Element"]
Element = tuple[str, Value]

_CONTROL = re.compile("[\x00-\x1f\ufffe\uffff]")
MEDIA_TYPE = "application/xml"


def document(name: str, children: Value) -> bytes:
    return ('<?xml version="1.0" encoding="UTF-8"?>\n' + _text((name, children))).encode("utf-8", "replace")


def _text(element: Element) -> str:
    name, value = element
    if isinstance(value, bool):
        inside = "true" if value else "false"
    elif isinstance(value, str | int):
        # what XML cannot say is said as a number; a client that lists such keys asks for encoding-type=url
        inside = _CONTROL.sub(lambda found: f"&#{ord(found[0])};", escape(str(value)))
    else:
        inside = "".join(map(_text, value))
    return f"<{name}>{inside}</{name}>"


def parse(body: bytes, name: str) -> ElementTree.Element:
    """The root of a document that must be called ``name``."""
    if b"<!DOCTYPE" in body[:1024] or b"<!ENTITY" in body:
        raise Refused("MalformedXML")
    try:
        root = ElementTree.fromstring(body)  # noqa: S314 - a document without DOCTYPE cannot expand anything
    except (ElementTree.ParseError, ValueError, LookupError):
        raise Refused("MalformedXML") from None
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]  # some clients name OSS's namespace
    if root.tag != name:
        raise Refused("MalformedXML")
    return root


def time(seconds: float) -> str:
    moment = datetime.fromtimestamp(seconds, timezone.utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")  # OSS writes no parts of seconds; oss2 reads none


def coded(text: str, encoding: str) -> str:
    """A key as the client asked for it: plain, or percent-encoded with ``encoding-type=url``."""
    return quote(text, safe="") if encoding else text
