"""``s.yaml``: a project of Serverless Devs (edition 3.0.0, component fc3), with the code beside it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from fc_magic.export import beside
from fc_magic.export.archive import unpack
from fc_magic.export.described import Described
from fc_magic.export.live import Domain
from fc_magic.export.result import Export
from fc_magic.export.secrets import Secret, notes
from fc_magic.wire.domains import AUTH_TYPES

CODE = "code"
#: of the component's schema, 2026
REGIONS = frozenset({
    "ap-northeast-1", "ap-northeast-2", "ap-south-1", "ap-southeast-1", "ap-southeast-2", "ap-southeast-3",
    "ap-southeast-5", "ap-southeast-7", "cn-beijing", "cn-chengdu", "cn-hangzhou", "cn-heyuan-acdr-1", "cn-hongkong",
    "cn-huhehaote", "cn-qingdao", "cn-shanghai", "cn-shanghai-cloudspe", "cn-shanghai-finance-1", "cn-shenzhen",
    "cn-wulanchabu", "cn-zhangjiakou", "eu-central-1", "eu-west-1", "me-central-1", "us-east-1", "us-west-1",
})  # fmt: skip
#: Serverless Devs runs what stands in these, again and again, so that nothing can keep them as they are
_TEMPLATE = re.compile(r"\$\{[\s\S]*?\}|<%")
#: what every reader of YAML takes for a text without quotes
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_./-]*")
_WORDS = ("true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan", "inf", "infinity")


def as_project(described: Described) -> Export:
    said: list[str] = []
    files, executable = _code(described, said)
    props = _props(described, said)
    content = {
        "edition": "3.0.0",
        "name": described.name,
        "access": "default",
        "resources": {described.name: {"component": "fc3", "props": _without_templates(props, "", said)}},
    }
    return Export(
        described.name,
        "s.yaml",
        {"s.yaml": dump(content).encode(), **files},
        home=f"{described.name}-s",
        executable=executable,
        notes=(
            *notes(described.secrets, "the environment of s deploy"),
            *said,
            *beside.notes(described.live, beside.SET),
            *described.notes,
        ),
        step="cd {place} && s deploy",
        private=described.with_secrets,
    )


def _props(described: Described, said: list[str]) -> dict[str, Any]:
    region, settings = described.live.region, dict(described.settings)
    if region not in REGIONS:
        said.append(f"the component does not list the region {region}")
    props = {"region": region, "functionName": described.name, **settings}
    if described.code is not None:
        props["code"] = f"./{CODE}" if not _zip_stays(described) else f"./{CODE}.zip"
    if props.get("tags"):
        props["tags"] = [{"key": tag.get("Key"), "value": tag.get("Value")} for tag in props["tags"]]
    if described.triggers:
        props["triggers"] = [_trigger(trigger, said) for trigger in described.triggers]
    props |= {kind: described.live.beside[kind] for kind in beside.SET if kind in described.live.beside}
    if described.domain:
        props["customDomain"] = _domain(described.domain, said)
    return props


def _trigger(trigger: Mapping[str, Any], said: list[str]) -> dict[str, Any]:
    auth = trigger["triggerConfig"].get("authType")
    if auth is not None and auth not in AUTH_TYPES:
        said.append(f"the component's schema does not know authType {auth}; it passes it on")
    return dict(trigger)


def _domain(domain: Domain, said: list[str]) -> dict[str, Any]:
    if "HTTPS" in domain.protocol:
        said.append(
            f"{domain.host} is asked by https: add its certConfig (certName, certificate, privateKey)"
        )
    if domain.cors:
        said.append(f"the component's customDomain has no corsConfig: set that of {domain.host} by itself")
    auth = {"authConfig": _auth_config(domain.auth, said)} if domain.auth["authType"] != "anonymous" else {}
    return {
        "domainName": domain.host,
        "protocol": domain.protocol,
        **auth,
        "route": {"path": domain.path, "qualifier": domain.qualifier},
    }


def _auth_config(auth: Mapping[str, Any], said: list[str]) -> dict[str, Any]:
    if "authInfo" not in auth:
        return dict(auth)
    info = _without_templates(auth["authInfo"], "customDomain.authConfig.authInfo", said)
    return {**auth, "authInfo": _Meant(json.dumps(info, sort_keys=True))}


class _Meant(str):
    """A text whose ``${…}`` Serverless Devs is to run."""


def _reference(secret: Secret) -> str:
    return f"${{env('{secret.name}')}}"


# ---------------------------------------------------------------- code


def _zip_stays(described: Described) -> bool:
    return unpack(described.code or b"").files is None


def _code(described: Described, said: list[str]) -> tuple[dict[str, bytes], frozenset[str]]:
    if described.code is None:
        return {}, frozenset()
    found = unpack(described.code)
    if found.files is None:
        said.append(f"the code stays a ZIP: {found.why}")
        return {f"{CODE}.zip": described.code}, frozenset()
    files = {f"{CODE}/{path}": raw for path, raw in found.files.files.items()}
    return files, frozenset(f"{CODE}/{path}" for path in found.files.executable)


# ---------------------------------------------------------------- YAML


def _without_templates(value: Any, place: str, said: list[str]) -> Any:
    """Without texts that Serverless Devs would run; a reference of ours is one that it is to run."""
    if isinstance(value, Mapping):
        kept = {
            k: _without_templates(v, f"{place}.{k}".strip("."), said)
            for k, v in value.items()
            if _fits(k, v, place, said)
        }
        return kept
    if isinstance(value, list | tuple):
        return [
            _without_templates(v, f"{place}.{n}", said)
            for n, v in enumerate(value)
            if _fits(n, v, place, said)
        ]
    return _Meant(_reference(value)) if isinstance(value, Secret) else value


def _fits(key: object, value: Any, place: str, said: list[str]) -> bool:
    if not isinstance(value, str) or isinstance(value, _Meant) or not _TEMPLATE.search(value):
        return True
    said.append(
        f"{place}.{key}".strip(".") + " is left out: Serverless Devs runs ${…} and <% as its own language"
    )
    return False


def dump(content: Mapping[str, Any]) -> str:
    """Every text that is not plainly one is quoted: readers of YAML 1.1 and 1.2 differ in what is a number."""
    import yaml

    class Dumper(yaml.SafeDumper):
        def ignore_aliases(self, data: object) -> bool:
            return True

    def text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
        plain = _PLAIN.fullmatch(value) and value.lower() not in _WORDS
        # a text with line ends of YAML 1.1 keeps them only as escapes, between double quotes
        style = None if plain else "'" if value.isprintable() else '"'
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style)

    Dumper.add_representer(str, text)
    Dumper.add_representer(
        _Meant, lambda dumper, value: dumper.represent_scalar("tag:yaml.org,2002:str", str(value))
    )
    return yaml.dump(dict(content), Dumper=Dumper, sort_keys=False, allow_unicode=True, width=1 << 30)
