"""``python``: a script that deploys the same with the official SDK, alibabacloud_fc20230330."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fc_magic.export import beside
from fc_magic.export.described import Described
from fc_magic.export.result import Export
from fc_magic.export.secrets import Secret, notes


def as_script(described: Described) -> Export:
    said: list[str] = []
    files = {"deploy.py": _script(described, said).encode("utf-8", "backslashreplace")}
    if described.code is not None:
        files["code.zip"] = described.code
    return Export(
        described.name,
        "python",
        files,
        home=f"{described.name}-python",
        notes=(
            *notes(described.secrets, "the environment"),
            *said,
            *beside.notes(described.live, (beside.ASYNC, beside.CONCURRENCY)),
            *described.notes,
        ),
        step="pip install alibabacloud_fc20230330 && python {place}/deploy.py",
        private=described.with_secrets,
    )


def _script(described: Described, said: list[str]) -> str:
    function = {"functionName": described.name, **described.settings}
    domains = [_domain(described, said)] if described.domain else []
    return (
        _SCRIPT.replace("@NAME@", described.name)
        .replace("@REGION@", literal(described.live.region))
        .replace("@FUNCTION@", literal(function))
        .replace("@TRIGGERS@", literal(list(described.triggers)))
        .replace("@DOMAINS@", literal(domains))
        .replace("@ASYNC@", literal(described.live.beside.get(beside.ASYNC, {})))
        .replace("@CONCURRENCY@", literal(described.live.beside.get(beside.CONCURRENCY, {})))
    )


def _domain(described: Described, said: list[str]) -> dict[str, Any]:
    domain = described.domain
    assert domain is not None
    if "HTTPS" in domain.protocol:
        said.append(f"{domain.host} is asked by https: add its certConfig")
    body: dict[str, Any] = {
        "domainName": domain.host,
        "protocol": domain.protocol,
        "authConfig": dict(domain.auth),
    }
    if domain.cors:
        body["corsConfig"] = dict(domain.cors)
    route = {"path": domain.path, "functionName": described.name, "qualifier": domain.qualifier}
    return {**body, "routeConfig": {"routes": [route]}}


def literal(value: Any, depth: int = 0) -> str:
    """A value as Python writes it; a secret is looked up when the script runs."""
    if isinstance(value, Secret):
        return f"os.environ[{value.name!r}]"
    if not isinstance(value, Mapping | list | tuple):
        return ascii(value)
    items = (
        [f"{key!a}: {literal(inner, depth + 1)}" for key, inner in value.items()]
        if isinstance(value, Mapping)
        else [literal(inner, depth + 1) for inner in value]
    )
    left, right = "{}" if isinstance(value, Mapping) else "[]"
    if not items:
        return left + right
    space = "    " * (depth + 1)
    return "\n".join([left, *(f"{space}{item}," for item in items), "    " * depth + right])


_SCRIPT = '''"""Deploys @NAME@ to Function Compute 3.0 with the official SDK: pip install alibabacloud_fc20230330

The key comes from ALIBABA_CLOUD_ACCESS_KEY_ID, ALIBABA_CLOUD_ACCESS_KEY_SECRET and, of temporary keys,
ALIBABA_CLOUD_SECURITY_TOKEN; FC_ENDPOINT (http://HOST:PORT) names another endpoint than the region's.
"""

import base64
import json
import os
from pathlib import Path

from alibabacloud_fc20230330 import models
from alibabacloud_fc20230330.client import Client
from alibabacloud_tea_openapi.models import Config

REGION = @REGION@
FUNCTION = @FUNCTION@
TRIGGERS = @TRIGGERS@
DOMAINS = @DOMAINS@
#: how it is called without waiting, and how many instances it may have; empty: as Function Compute does
ASYNC = @ASYNC@
CONCURRENCY = @CONCURRENCY@
#: what UpdateFunction does not take
FIXED = ("functionName", "resourceGroupId", "tags")


def connect():
    protocol, _, host = os.environ.get("FC_ENDPOINT", "").rstrip("/").rpartition("://")
    config = Config(
        access_key_id=os.environ["ALIBABA_CLOUD_ACCESS_KEY_ID"],
        access_key_secret=os.environ["ALIBABA_CLOUD_ACCESS_KEY_SECRET"],
        security_token=os.environ.get("ALIBABA_CLOUD_SECURITY_TOKEN"),
        region_id=REGION,
        endpoint=host or None,
        protocol=protocol or None,
        user_agent="fc-magic-export",
    )
    return Client(config)


def function():
    """The settings, with the code that stands beside this file."""
    package = Path(__file__).with_name("code.zip")
    if not package.exists():
        return FUNCTION
    return {**FUNCTION, "code": {"zipFile": base64.b64encode(package.read_bytes()).decode()}}


def trigger(given):
    return {**given, "triggerConfig": json.dumps(given["triggerConfig"])}


def domain(given):
    auth = given.get("authConfig") or {}
    if not isinstance(auth.get("authInfo"), dict):
        return given
    return {**given, "authConfig": {**auth, "authInfo": json.dumps(auth["authInfo"])}}


def either(create, update, exists):
    """Creates, or updates what is there."""
    try:
        return create()
    except Exception as error:
        if getattr(error, "code", "") not in exists:
            raise
        return update()


def deploy_function(client):
    body = function()
    change = {key: value for key, value in body.items() if key not in FIXED}
    either(
        lambda: client.create_function(
            models.CreateFunctionRequest(body=models.CreateFunctionInput().from_map(body))
        ),
        lambda: client.update_function(
            body["functionName"], models.UpdateFunctionRequest(body=models.UpdateFunctionInput().from_map(change))
        ),
        ("FunctionAlreadyExists",),
    )


def deploy_trigger(client, given):
    name, body = FUNCTION["functionName"], trigger(given)
    keys = ("triggerConfig", "description", "qualifier", "invocationRole")
    change = {key: body[key] for key in keys if key in body}
    either(
        lambda: client.create_trigger(
            name, models.CreateTriggerRequest(body=models.CreateTriggerInput().from_map(body))
        ),
        lambda: client.update_trigger(
            name,
            body["triggerName"],
            models.UpdateTriggerRequest(body=models.UpdateTriggerInput().from_map(change)),
        ),
        ("TriggerAlreadyExists",),
    )


def deploy_domain(client, given):
    body = domain(given)
    either(
        lambda: client.create_custom_domain(
            models.CreateCustomDomainRequest(body=models.CreateCustomDomainInput().from_map(body))
        ),
        lambda: extend_domain(client, body),
        ("DomainNameAlreadyExists",),
    )


def extend_domain(client, body):
    """Adds the routes to those of a domain that is there; other functions keep theirs."""
    there = client.get_custom_domain(body["domainName"]).body.to_map()
    routes = body["routeConfig"]["routes"]
    paths = {route["path"] for route in routes}
    kept = [r for r in (there.get("routeConfig") or {}).get("routes") or [] if r.get("path") not in paths]
    change = {"routeConfig": {"routes": kept + routes}}
    client.update_custom_domain(
        body["domainName"],
        models.UpdateCustomDomainRequest(body=models.UpdateCustomDomainInput().from_map(change)),
    )


def configure(client):
    name = FUNCTION["functionName"]
    if ASYNC:
        body = models.PutAsyncInvokeConfigInput().from_map(ASYNC)
        client.put_async_invoke_config(name, models.PutAsyncInvokeConfigRequest(body=body))
    if CONCURRENCY:
        body = models.PutConcurrencyInput().from_map(CONCURRENCY)
        client.put_concurrency_config(name, models.PutConcurrencyConfigRequest(body=body))


def main():
    client = connect()
    deploy_function(client)
    configure(client)
    print("function", FUNCTION["functionName"])
    for given in TRIGGERS:
        deploy_trigger(client, given)
        print("trigger", given["triggerName"])
    for given in DOMAINS:
        deploy_domain(client, given)
        print("domain", given["domainName"])


if __name__ == "__main__":
    main()
'''
