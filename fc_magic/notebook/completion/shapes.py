"""What may stand on the line of each magic, as completion needs it: its words, its options, and what values are.

Of most magics that is read from what their help says, so that a new one has completion when it has help. The options
of ``%%fcdeploy`` are written down here, because fields take longer to import than a person waits for a Tab; a test
holds them against these.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

#: what a value is, by the word that a usage has for it or by the option; see ``offers``
_KINDS = {
    "NAME": "function", "PREFIX": "function", "QUALIFIER": "qualifier", "VERSION": "version", "ALIAS": "alias",
    "REGION": "target", "DIR": "folder", "FILE": "file", "PATH": "file", "RUNTIME": "runtime",
}  # fmt: skip
_RATES = "one of 10/s|1000/h|1e6/month"
#: where the option says more than the word
_BY_OPTION = {
    "target": "target", "api": "api", "runtime": "runtime", "version": "version", "canary": "canary",
    "request": "request", "requirements": "requirements", "folder": "folder", "zip": "zip", "out": "folder",
    "rate": _RATES, "limit": "one of 5|20|100", "delay": "one of 10|60|600", "since": "one of 5m|1h|1d",
    "for": "one of 10s|30s|5m",
}  # fmt: skip
_PLACE = {"target": "target", "api": "api", "yes": ""}
#: options of %%fcdeploy -> what their values are
DEPLOY = {
    **{
        "runtime": "runtime",
        "memory": "memory",
        "timeout": "timeout",
        "env": "variable",
        "trigger": "trigger",
    },
    **{"layer": "layer", "handler": "handler", "entrypoint": "handler", "requirements": "requirements"},
    **{"include": "folder", "file": "file", "folder": "folder", "code": "zip", "role": "role"},
    "rate": _RATES,
    "description": "like thumbnails for the shop",
    "vpc-config": 'like {"vpc_id": "vpc-1", "vswitch_ids": ["vsw-1"], "security_group_id": "sg-1"}',
    **{"exclude": "name", "leave-out": "pattern", "keep": "pattern", "name": "function"},
    **{"publish": "truth", "target": "target", "api": "api"},
    "zip-file": "like https://example.com/function.zip",
    "image-url": "like registry.example.com/team/web:1.4",
    "image-tag": "like latest",
    "image-digest-value": "",
    "custom-container-config": 'like {"port": 9000}',
    "oss-bucket": "like my-bucket",
    "oss-object-key": "like myfunction.zip",
}
DEPLOY_FLAGS = ("dry-run", "force", "locked", "upgrade", "no-layer", "no-publish", "form", "yes", "help")
DEPLOY_REPEATED = frozenset(
    {"env", "trigger", "layer", "file", "include", "requirements", "exclude", "leave-out", "keep"}
)
#: options of %%fcrun, which takes those of %%fcdeploy as well; its word is no function that there is
RUN = {"event": 'like {"key": 1}', "event-file": "file"}
#: of these the whole help takes long to make
_SHORT = {
    "fcexport": "%fcexport NAME --to s.yaml|zip|json|curl|terraform|python [--out PATH] [--force] [--with-secrets]"
}
#: of these a name is that of a layer
_OF_LAYERS = ("fclayer", "fclayers")
_OPTION = re.compile(r"--([a-z][a-z-]*)(?:[ =]([A-Za-z0-9][\w.|=-]*))?")
_ROW = re.compile(r"^ *--([a-z][a-z-]*)(?: ([A-Z]\S*))?(?:  |$)", re.MULTILINE)
_PLAIN = re.compile(r"[\w.]+(?:\|[\w.]+)+|[A-Z]{2,}")
_USAGE_END = re.compile(r": |：")


@dataclass(frozen=True)
class Shape:
    """``plain`` says what each word is that is no option; ``options`` what the value of each is, None if it has none.
    ``text``: after the words comes what is taken as it is."""

    plain: tuple[str, ...] = ()
    options: Mapping[str, str | None] = field(default_factory=dict)
    repeated: frozenset[str] = frozenset()
    text: bool = False


def of(name: str, usage_of: Callable[[str], str]) -> Shape:
    """Of a magic, by what its help says."""
    if name == "fcrun":
        return Shape((), {**RUN, **DEPLOY, **dict.fromkeys(DEPLOY_FLAGS)}, DEPLOY_REPEATED)
    if name == "fcdeploy":
        return Shape(("function",), {**DEPLOY, **dict.fromkeys(DEPLOY_FLAGS)}, DEPLOY_REPEATED)
    help_ = _SHORT.get(name) or usage_of(name)
    usage = _USAGE_END.split(help_, maxsplit=1)[0].split("\n")[0]
    found = [*_OPTION.findall(usage), *_ROW.findall(help_)]
    options: dict[str, str | None] = {}
    for option, word in found:
        options.setdefault(option, _value(option, word) if word else None)
    words = _PLAIN.findall(_OPTION.sub("", usage).replace("[options]", ""))
    kinds = tuple("layer-name" if w == "NAME" and name in _OF_LAYERS else _kind(w) for w in words)
    # NAME:QUALIFIER is one word
    plain = tuple(kind for kind in kinds if kind not in ("qualifier", "text"))
    places = {option: kind or None for option, kind in _PLACE.items()}
    repeated = frozenset({"canary"} & set(options))
    if "[options of %%fcdeploy]" in usage:
        options |= {**DEPLOY, **dict.fromkeys(DEPLOY_FLAGS)}
        repeated = DEPLOY_REPEATED
    return Shape(plain, {**options, **places, "help": None}, repeated, "text" in kinds)


def _value(option: str, word: str) -> str:
    return f"one of {word}" if "|" in word else _BY_OPTION.get(option) or _KINDS.get(word, "")


def _kind(word: str) -> str:
    if "|" in word:
        return "target" if "REGION" in word else f"one of {word}"
    return "text" if word == "EVENT" else _KINDS.get(word, "")
