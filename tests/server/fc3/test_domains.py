"""Custom domains through FC 3.0's own API as the official SDK calls it, and requests to their hosts."""

from __future__ import annotations

import asyncio
import base64
import json
import random
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import jwt
import pytest
from alibabacloud_fc20230330 import models
from alibabacloud_fc20230330.client import Client as Sdk
from alibabacloud_tea_openapi.exceptions import ClientException

from fc_magic.errors import DomainNameAlreadyExists
from tests.conftest import ACCOUNT, KEY_ID, SECRET, Server, body, serving, zipped
from tests.server.calls import Answer, Caller, send

DOMAINS = "/2023-03-30/custom-domains"
CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
KEY = "-----BEGIN RSA PRIVATE KEY-----\nthis-must-not-be-shown\n-----END RSA PRIVATE KEY-----\n"
HS_SECRET = b"a-secret-of-hmac-that-must-not-be-shown"
HS_KEY = {"kty": "oct", "alg": "HS256", "k": base64.urlsafe_b64encode(HS_SECRET).decode().rstrip("=")}
TLS = {"certName": "own", "certificate": CERTIFICATE, "privateKey": KEY}


@pytest.fixture
def name(caller: Caller, request: pytest.FixtureRequest) -> str:
    """A deployed function that returns its event, without triggers."""
    made = "fc3-" + "".join(c if c.isalnum() else "-" for c in request.node.name)[:50]
    assert caller.deploy(body(made)).status == 201
    return made


@pytest.fixture(autouse=True)
def no_domains(server: Server) -> Iterator[None]:
    yield
    caller = Caller(server.url)
    for domain in caller.call("GET", DOMAINS).said["customDomains"]:
        assert caller.call("DELETE", f"{DOMAINS}/{domain['domainName']}").status == 204


def route(path: str, function: str, **fields: Any) -> models.PathConfig:
    return models.PathConfig(path=path, function_name=function, **fields)


def create(sdk: Sdk, name: str, *routes: models.PathConfig, **fields: Any) -> models.CustomDomain:
    leads = models.RouteConfig(routes=list(routes)) if routes else None
    asked = models.CreateCustomDomainInput(domain_name=name, route_config=leads, **fields)
    return sdk.create_custom_domain(models.CreateCustomDomainRequest(body=asked)).body


def update(sdk: Sdk, name: str, **fields: Any) -> models.CustomDomain:
    asked = models.UpdateCustomDomainInput(**fields)
    return sdk.update_custom_domain(name, models.UpdateCustomDomainRequest(body=asked)).body


def page(sdk: Sdk, **query: Any) -> models.ListCustomDomainOutput:
    return sdk.list_custom_domains(models.ListCustomDomainsRequest(**query)).body


def refused(call: Callable[[], Any]) -> ClientException:
    with pytest.raises(ClientException) as caught:
        call()
    assert caught.value.data["RequestId"]
    return caught.value


def asked(name: str, *routes: Mapping[str, Any], **fields: Any) -> dict[str, Any]:
    return {"domainName": name, "routeConfig": {"routes": list(routes)}, **fields}


def at(server: Server, host: str, target: str = "/", method: str = "GET", **headers: str) -> Answer:
    """A request to the server with this Host."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    raw = b"{}" if method in ("POST", "PUT") else b""
    return send(server.url, method, target, {"Host": host, **named}, raw)


# ---------------------------------------------------------------- what is kept


def test_create_and_get(sdk: Sdk, name: str) -> None:
    """A domain has what was asked for, and what FC says of it beside."""
    rules = models.RewriteConfig(
        wildcard_rules=[models.WildcardRule(match="/v1/*", replacement="/$1")],
    )
    made = create(sdk, "API.example.com", route("/v1/*", name, methods=["get"], rewrite_config=rules))
    assert (made.domain_name, made.protocol, made.account_id) == ("api.example.com", "HTTP", ACCOUNT)
    assert (made.api_version, made.subdomain_count) == ("2023-03-30", "0")
    assert made.auth_config.auth_type == "anonymous"
    assert made.created_time == made.last_modified_time
    assert made.created_time.endswith("Z")
    (leads,) = made.route_config.routes
    assert (leads.path, leads.function_name, leads.qualifier, leads.methods) == (
        "/v1/*",
        name,
        "LATEST",
        ["GET"],
    )
    assert leads.rewrite_config.wildcard_rules[0].to_map() == {"match": "/v1/*", "replacement": "/$1"}
    assert sdk.get_custom_domain("api.example.com").body.to_map() == made.to_map()


def test_https_is_served_by_http(sdk: Sdk, server: Server, caller: Caller, name: str) -> None:
    """Certificate, TLS and firewall are kept; the answer says what they mean here, and never has the key."""
    parts = {
        "cert_config": models.CertConfig(cert_name="own", certificate=CERTIFICATE, private_key=KEY),
        "tls_config": models.TLSConfig(min_version="TLSv1.2", cipher_suites=["TLS_RSA_WITH_RC4_128_SHA"]),
        "waf_config": models.WAFConfig(enable_waf=True),
    }
    made = create(sdk, "tls.example.com", route("/*", name), protocol="HTTPS", **parts)
    assert (made.protocol, made.cert_config.cert_name, made.cert_config.certificate) == (
        "HTTPS",
        "own",
        CERTIFICATE,
    )
    assert made.cert_config.private_key.startswith("sha256:")
    assert made.tls_config.to_map() == {"minVersion": "TLSv1.2", "cipherSuites": ["TLS_RSA_WITH_RC4_128_SHA"]}
    assert made.waf_config.enable_waf is True
    answer = caller.call("GET", f"{DOMAINS}/tls.example.com")
    assert [text.split()[0] for text in answer.said["warnings"]] == ["the", "tlsConfig", "wafConfig"]
    assert "by HTTP" in answer.said["warnings"][0]
    for said in (answer, caller.call("GET", DOMAINS)):
        assert b"must-not-be-shown" not in said.body
    stored = b"".join(path.read_bytes() for path in server.data.glob("fc.sqlite*"))
    assert b"must-not-be-shown" not in stored
    assert at(server, "tls.example.com").status == 200


def test_what_was_read_can_be_written_back(sdk: Sdk, name: str) -> None:
    """The fingerprint of the key stands for the key that is there, and for no other."""
    certificate = models.CertConfig(cert_name="own", certificate=CERTIFICATE, private_key=KEY)
    made = create(sdk, "back.example.com", route("/*", name), protocol="HTTP,HTTPS", cert_config=certificate)
    again = update(sdk, "back.example.com", cert_config=made.cert_config, protocol=made.protocol)
    assert again.cert_config.to_map() == made.cert_config.to_map()
    other = models.CertConfig(cert_name="own", certificate=CERTIFICATE, private_key="sha256:0123456789abcdef")
    error = refused(lambda: update(sdk, "back.example.com", cert_config=other))
    assert (error.code, error.data["Details"][0]["field"]) == ("InvalidArgument", "certConfig.privateKey")


def test_update(sdk: Sdk, server: Server, name: str) -> None:
    """What an update names is changed, the rest stays; what it sends empty is cleared."""
    made = create(
        sdk, "up.example.com", route("/a", name), cors_config=models.CORSConfig(allow_origins=["*"])
    )
    was = update(sdk, "up.example.com")
    assert {**was.to_map(), "lastModifiedTime": ""} == {**made.to_map(), "lastModifiedTime": ""}
    leads = models.RouteConfig(routes=[route("/b", name)])
    new = update(sdk, "up.example.com", route_config=leads)
    assert [r.path for r in new.route_config.routes] == ["/b"]
    assert (new.created_time, new.cors_config.allow_origins) == (made.created_time, ["*"])
    assert (at(server, "up.example.com", "/a").status, at(server, "up.example.com", "/b").status) == (
        404,
        200,
    )
    bare = update(
        sdk, "up.example.com", cors_config=models.CORSConfig(), route_config=models.RouteConfig(routes=[])
    )
    assert (bare.cors_config, bare.route_config.routes) == (None, [])
    assert at(server, "up.example.com", "/b").status == 404


def test_lists(sdk: Sdk) -> None:
    """A list is in pages in order of name, whose last names no next, and can be narrowed by a prefix."""
    for number in (3, 1, 2):
        create(sdk, f"list-{number}.example.com")
    create(sdk, "other.example.com")
    found, token = [], None
    while True:
        part = page(sdk, prefix="list-", limit=2, next_token=token)
        found += [domain.domain_name for domain in part.custom_domains]
        token = part.next_token
        if token is None:
            break
    assert found == [f"list-{number}.example.com" for number in (1, 2, 3)]
    assert len(page(sdk).custom_domains) == 4
    sdk.delete_custom_domain("list-2.example.com")
    assert len(page(sdk, prefix="list-").custom_domains) == 2


def test_names(sdk: Sdk, server: Server) -> None:
    """A name is given once, and one that is not there is said so, by every call."""
    create(sdk, "once.example.com")
    error = refused(lambda: create(sdk, "ONCE.example.com"))
    assert (error.code, error.status_code) == ("DomainNameAlreadyExists", 409)
    for call in (
        lambda: sdk.get_custom_domain("absent.example.com"),
        lambda: update(sdk, "absent.example.com"),
        lambda: sdk.delete_custom_domain("absent.example.com"),
    ):
        error = refused(call)
        assert (error.code, error.status_code) == ("DomainNameNotFound", 404)
    assert at(server, "absent.example.com").status == 403


RULE = {"match": "/a", "replacement": "/b"}
WRONG: list[tuple[dict[str, Any], list[str]]] = [
    ({}, ["domainName"]),
    *(
        (asked(wrong), ["domainName"])
        for wrong in (
            "example",
            "-a.example.com",
            "a..example.com",
            "a.*.com",
            "*",
            "10.0.0.1",
            "exämple.com",
            "a b.example.com",
            "http://a.example.com",
            f"{'a' * 64}.example.com",
            f"{'a.' * 128}example.com",
            "localhost",
        )
    ),
    (asked("w.example.com", protocol="FTP"), ["protocol"]),
    (asked("w.example.com", protocol="HTTPS"), ["certConfig"]),
    (
        asked("w.example.com", protocol="HTTPS", certConfig={**TLS, "certificate": "x", "privateKey": "y"}),
        ["certConfig.certificate", "certConfig.privateKey"],
    ),
    (asked("w.example.com", certConfig={**TLS, "certName": "n" * 129}), ["certConfig.certName"]),
    (
        asked("w.example.com", certConfig={**TLS, "certificate": CERTIFICATE + "x" * 20480}),
        ["certConfig.certificate"],
    ),
    (asked("w.example.com", tlsConfig={"minVersion": "SSLv3"}), ["tlsConfig.minVersion"]),
    (asked("w.example.com", tlsConfig={"minVersion": "TLSv1.3", "maxVersion": "TLSv1.2"}), ["tlsConfig"]),
    (asked("w.example.com", authConfig={"authType": "bearer"}), ["authConfig.authType"]),
    (asked("w.example.com", authConfig={"authType": "jwt"}), ["authConfig.authInfo"]),
    (asked("w.example.com", authConfig={"authType": "jwt", "authInfo": "{"}), ["authConfig.authInfo"]),
    (asked("w.example.com", corsConfig={"allowOrigins": ["nowhere"]}), ["corsConfig.allowOrigins"]),
    (asked("w.example.com", colour=1), ["colour"]),
    (asked("w.example.com", {}), ["routeConfig.routes.0.path", "routeConfig.routes.0.functionName"]),
    *(
        (asked("w.example.com", {"path": wrong, "functionName": "f"}), ["routeConfig.routes.0.path"])
        for wrong in ("a", "/a*/b", "/a?b", "/" + "a" * 2048, "/a b")
    ),
    (
        asked("w.example.com", {"path": "/", "functionName": "f", "methods": ["FETCH"], "qualifier": "?"}),
        ["routeConfig.routes.0.qualifier", "routeConfig.routes.0.methods"],
    ),
    (asked("w.example.com", *[{"path": "/a", "functionName": "f"}] * 2), ["routeConfig.routes"]),
    (
        asked("w.example.com", *({"path": f"/{n}", "functionName": "f"} for n in range(101))),
        ["routeConfig.routes"],
    ),
    *(
        (
            asked(
                "w.example.com",
                {"path": "/", "functionName": "f", "rewriteConfig": {kind: [{**RULE, **wrong}]}},
            ),
            [f"routeConfig.routes.0.rewriteConfig.{kind}.0{place}"],
        )
        for kind, wrong, place in (
            ("equalRules", {"match": ""}, ".match"),
            ("equalRules", {"replacement": "x" * 257}, ".replacement"),
            ("wildcardRules", {"match": "/*", "replacement": "/$2"}, ""),
            ("regexRules", {"match": "("}, ""),
            ("regexRules", {"match": "(a+)+$"}, ""),
            ("regexRules", {"match": "(?=a)"}, ""),
            ("regexRules", {"match": "/(a)", "replacement": "/$2"}, ""),
        )
    ),
]


@pytest.mark.parametrize(("given", "fields"), WRONG)
def test_wrong_ones(caller: Caller, given: dict[str, Any], fields: list[str]) -> None:
    """A refusal names the domain and every wrong field, and nothing is kept."""
    answer = caller.call("POST", DOMAINS, given)
    assert (answer.status, answer.code, answer.fields) == (400, "InvalidArgument", fields), answer.said
    assert "was not created" in answer.said["Message"]
    assert caller.call("GET", DOMAINS).said["customDomains"] == []


def test_a_bad_update_changes_nothing(sdk: Sdk, caller: Caller, name: str) -> None:
    """What is wrong is named, and the domain is what it was; its name cannot change."""
    made = create(sdk, "bad.example.com", route("/", name))
    error = refused(lambda: update(sdk, "bad.example.com", protocol="HTTPS"))
    assert (error.code, error.data["Details"][0]["field"]) == ("InvalidArgument", "certConfig")
    answer = caller.call("PUT", f"{DOMAINS}/bad.example.com", {"domainName": "new.example.com"})
    assert (answer.status, answer.fields) == (400, ["domainName"])
    assert sdk.get_custom_domain("bad.example.com").body.to_map() == made.to_map()


# ---------------------------------------------------------------- what is served


def test_longest_match(sdk: Sdk, server: Server, caller: Caller, name: str) -> None:
    """The very path wins, then the longest route that covers it; a path that none covers is not found."""
    other = f"{name}-2"
    assert caller.deploy(body(other, code=None)).status == 201
    create(
        sdk,
        "long.example.com",
        route("/a/*", name),
        route("/a/b", other),
        route("/a/b/c/*", other),
        route("/", other),
    )

    def answers(target: str) -> str:
        before = {n: caller.get(n).said["callsToday"] for n in (name, other)}
        assert at(server, "long.example.com", target).status == 200
        return next(n for n in before if caller.get(n).said["callsToday"] > before[n])

    expected = {"/a": name, "/a/x": name, "/a/b": other, "/a/b/x": name, "/a/b/c/d": other, "/z": other}
    assert {target: answers(target) for target in expected} == expected
    update(sdk, "long.example.com", route_config=models.RouteConfig(routes=[route("/a/*", name)]))
    nowhere = at(server, "LONG.example.com:8080", "/z")
    assert (nowhere.status, nowhere.code) == (404, "FunctionNotFound")
    assert at(server, "LONG.example.com:8080", "/a/z").status == 200


def test_methods(sdk: Sdk, server: Server, name: str) -> None:
    """A route with methods takes no other one."""
    create(sdk, "methods.example.com", route("/*", name, methods=["GET", "PUT"]))
    assert at(server, "methods.example.com").status == 200
    assert at(server, "methods.example.com", method="PUT").status == 200
    assert at(server, "methods.example.com", method="POST").status == 405


def test_event(sdk: Sdk, server: Server, name: str) -> None:
    """The function sees the domain as its host, and the path as it came."""
    create(sdk, "event.example.com", route("/v1/*", name))
    event = at(server, "event.example.com", "/v1/%E4%B8%80?a=1&a=2").said
    assert (event["rawPath"], event["queryParameters"]) == ("/v1/%E4%B8%80", {"a": "1,2"})
    context = event["requestContext"]
    assert (context["domainName"], context["domainPrefix"]) == ("event.example.com", "event")


def test_rewritten(sdk: Sdk, server: Server, name: str) -> None:
    """The function sees path and query as the first rule that fits makes them, whatever the caller sent."""
    rules = models.RewriteConfig(
        equal_rules=[models.EqualRule(match="/v1/old", replacement="/new?from=old")],
        wildcard_rules=[models.WildcardRule(match="/v1/*/of/*", replacement="/$2/$1")],
        regex_rules=[models.RegexRule(match="^/v1/item-([0-9]+)$", replacement="/items/$1")],
    )
    create(sdk, "re.example.com", route("/v1/*", name, rewrite_config=rules))

    def seen(target: str) -> tuple[str, dict[str, str]]:
        event = at(server, "re.example.com", target).said
        assert event["requestContext"]["http"]["path"] == event["rawPath"]
        return event["rawPath"], event["queryParameters"]

    assert seen("/v1/old?a=1") == ("/new", {"from": "old", "a": "1"})
    assert seen("/v1/color/of/cat?a=1") == ("/cat/color", {"a": "1"})
    assert seen("/v1/item-7") == ("/items/7", {})
    assert seen("/v1/item-x") == ("/v1/item-x", {})


def test_wildcard_domain(sdk: Sdk, server: Server, caller: Caller, name: str) -> None:
    """``*.example.com`` is any one label; a domain of the very name goes before it."""
    create(sdk, "*.wild.example.com", route("/*", name))
    assert at(server, "a.wild.example.com").status == 200
    assert at(server, "a.b.wild.example.com").status == 403
    assert at(server, "wild.example.com").status == 403
    create(sdk, "own.wild.example.com", route("/only", name))
    assert (
        at(server, "own.wild.example.com", "/only").status,
        at(server, "own.wild.example.com").status,
    ) == (200, 404)
    answer = caller.call("GET", f"{DOMAINS}/*.wild.example.com")
    assert answer.said["domainName"] == "*.wild.example.com"
    assert sdk.get_custom_domain("*.wild.example.com").body.domain_name == "*.wild.example.com"
    assert update(sdk, "*.wild.example.com", protocol="HTTP").domain_name == "*.wild.example.com"
    sdk.delete_custom_domain("*.wild.example.com")
    assert at(server, "a.wild.example.com").status == 403


def test_qualifier(sdk: Sdk, server: Server, caller: Caller, name: str) -> None:
    """A route leads to the version that it names, whatever is deployed since, and only to one that is there."""
    for qualifier, code in (("99", "VersionNotFound"), ("prod", "AliasNotFound")):
        error = refused(lambda q=qualifier: create(sdk, "q.example.com", route("/", name, qualifier=q)))
        assert (error.code, error.status_code) == (code, 404)
    source = "def handler(event, context):\n    return {'statusCode': 200, 'body': 'second'}\n"
    assert caller.put(name, body(name, code=zipped(source))).status == 200
    create(sdk, "q.example.com", route("/old", name, qualifier="1"), route("/new", name))
    assert at(server, "q.example.com", "/old").said["rawPath"] == "/old"
    assert at(server, "q.example.com", "/new").body == b"second"


def test_signed(sdk: Sdk, server: Server, name: str) -> None:
    """authType function lets signed requests in, whatever a rule makes of their path."""
    rules = models.RewriteConfig(equal_rules=[models.EqualRule(match="/in", replacement="/out?own=1")])
    auth = models.AuthConfig(auth_type="function")
    create(sdk, "signed.example.com", route("/in", name, rewrite_config=rules), auth_config=auth)
    assert at(server, "signed.example.com", "/in").status == 400
    caller = Caller("http://signed.example.com", KEY_ID, SECRET)
    headers = caller.headers("GET", "/in", "a=1")
    answer = send(server.url, "GET", "/in?a=1", headers)
    assert (answer.status, answer.said["rawPath"]) == (200, "/out")
    assert answer.said["queryParameters"] == {"own": "1", "a": "1"}


def test_jwt(sdk: Sdk, server: Server, caller: Caller, name: str) -> None:
    """authInfo is the authConfig of a trigger as text; its secret is a fingerprint in answers; an update keeps it."""
    info = {
        "jwks": {"keys": [HS_KEY]},
        "tokenLookup": "header:Authorization:Bearer",
        "claimPassBy": "header:sub:x-sub",
    }
    auth = models.AuthConfig(auth_type="jwt", auth_info=json.dumps(info))
    made = create(sdk, "jwt.example.com", route("/*", name), auth_config=auth)
    (key,) = json.loads(made.auth_config.auth_info)["jwks"]["keys"]
    assert key["k"].startswith("sha256:")
    assert HS_KEY["k"].encode() not in caller.call("GET", DOMAINS).body
    update(sdk, "jwt.example.com", protocol="HTTP")
    token = jwt.encode({"sub": "ann", "exp": int(time.time()) + 60}, HS_SECRET, "HS256")
    event = at(server, "jwt.example.com", authorization=f"Bearer {token}").said
    assert event["headers"]["X-Sub"] == "ann"
    assert at(server, "jwt.example.com").status == 403
    error = refused(lambda: update(sdk, "jwt.example.com", auth_config=made.auth_config))
    assert (error.code, error.data["Details"][0]["field"]) == ("InvalidArgument", "authConfig.authInfo")


def test_whitelist_is_of_what_is_asked_for(sdk: Sdk, server: Server, name: str) -> None:
    """Which paths need no token is said of the domain's own, not of what a rule makes of them."""
    rules = models.RewriteConfig(equal_rules=[models.EqualRule(match="/open", replacement="/inner")])
    info = {"jwks": {"keys": [HS_KEY]}, "tokenLookup": "query:t", "whitelist": ["/open"]}
    auth = models.AuthConfig(auth_type="jwt", auth_info=json.dumps(info))
    create(sdk, "list.example.com", route("/*", name, rewrite_config=rules), auth_config=auth)
    assert at(server, "list.example.com", "/open").said["rawPath"] == "/inner"
    assert at(server, "list.example.com", "/inner").status == 403


def test_keys_that_verify_nothing(sdk: Sdk, name: str) -> None:
    """A key that cannot verify a token is refused when it is given, not when somebody comes."""
    bad = {"kty": "RSA", "n": "AQAB" * 86, "e": "Ag", "alg": "RS256"}
    info = json.dumps({"jwks": {"keys": [bad]}, "tokenLookup": "query:t"})
    auth = models.AuthConfig(auth_type="jwt", auth_info=info)
    error = refused(lambda: create(sdk, "keys.example.com", route("/*", name), auth_config=auth))
    assert (error.code, error.data["Details"][0]["field"]) == ("InvalidArgument", "authConfig.authInfo")


def test_cors(sdk: Sdk, server: Server, name: str) -> None:
    """corsConfig of the domain answers preflights of its routes."""
    cors = models.CORSConfig(allow_origins=["https://app.example.com"], allow_methods=["GET"], max_age=7)
    create(sdk, "cors.example.com", route("/*", name), cors_config=cors)
    head = {"origin": "https://app.example.com", "access_control_request_method": "GET"}
    answer = at(server, "cors.example.com", method="OPTIONS", **head)
    assert (answer.status, answer.headers["access-control-max-age"]) == (204, "7")
    answer = at(server, "cors.example.com", origin="https://app.example.com")
    assert answer.headers["access-control-allow-origin"] == "https://app.example.com"
    assert (
        at(server, "cors.example.com", method="OPTIONS", **{**head, "origin": "https://b.example.com"}).status
        == 403
    )


def test_a_function_that_is_gone(sdk: Sdk, server: Server, caller: Caller, name: str) -> None:
    """A route leads to a function that is there; the domain outlives it, says so, and serves its next namesake."""
    error = refused(lambda: create(sdk, "gone.example.com", route("/", "fc3-absent")))
    assert (error.code, error.status_code) == ("FunctionNotFound", 404)
    create(sdk, "gone.example.com", route("/", name))
    sdk.delete_function(name)
    answer = at(server, "gone.example.com")
    assert (answer.status, answer.code) == (404, "FunctionNotFound")
    assert update(sdk, "gone.example.com", protocol="HTTP").route_config.routes[0].function_name == name
    assert caller.deploy(body(name)).status == 201
    assert at(server, "gone.example.com").status == 200


def test_own_paths_are_of_the_domain(sdk: Sdk, server: Server, name: str) -> None:
    """At its host a domain has every path, also those where the API lives on this machine's own."""
    create(sdk, "paths.example.com", route("/*", name))
    for target in ("/2023-03-30/functions", "/v2/x", "/fn/x", "/-/health"):
        assert at(server, "paths.example.com", target).said["rawPath"] == target


def test_kept_over_a_restart(tmp_path: Path) -> None:
    """Domains and their routes are there again after the server was killed."""
    with serving(tmp_path) as first:
        caller = Caller(first.url)
        assert caller.deploy(body("kept")).status == 201
        rewrite = {"equalRules": [{"match": "/a", "replacement": "/b"}]}
        given = asked("kept.example.com", {"path": "/a", "functionName": "kept", "rewriteConfig": rewrite})
        assert caller.call("POST", DOMAINS, {**given, "protocol": "HTTPS", "certConfig": TLS}).status == 200
        assert caller.call("POST", DOMAINS, {"domainName": "empty.example.com"}).status == 200
        before = caller.call("GET", DOMAINS).said
        first.kill()
    with serving(tmp_path) as second:
        assert Caller(second.url).call("GET", DOMAINS).said == before
        assert at(second, "kept.example.com", "/a").said["rawPath"] == "/b"
        assert at(second, "empty.example.com").status == 404


def test_created_at_once(caller: Caller) -> None:
    """Of several that create one domain at a time, one does."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(8) as pool:
        statuses = list(
            pool.map(lambda _: caller.call("POST", DOMAINS, asked("at-once.example.com")).status, range(8))
        )
    assert sorted(statuses) == [200, *[409] * 7]


def test_async_client(sdk: Sdk, name: str) -> None:
    """The SDK's coroutines do the same."""

    async def go() -> list[str]:
        leads = models.RouteConfig(routes=[route("/", name)])
        new = models.CreateCustomDomainInput(domain_name="async.example.com", route_config=leads)
        await sdk.create_custom_domain_async(models.CreateCustomDomainRequest(body=new))
        change = models.UpdateCustomDomainInput(auth_config=models.AuthConfig(auth_type="function"))
        await sdk.update_custom_domain_async(
            "async.example.com", models.UpdateCustomDomainRequest(body=change)
        )
        got = await sdk.get_custom_domain_async("async.example.com")
        assert got.body.auth_config.auth_type == "function"
        found = await sdk.list_custom_domains_async(models.ListCustomDomainsRequest())
        await sdk.delete_custom_domain_async("async.example.com")
        return [domain.domain_name for domain in found.body.custom_domains]

    assert asyncio.run(go()) == ["async.example.com"]
    assert page(sdk).custom_domains == []


# ---------------------------------------------------------------- the url of a trigger is an address, too


def web(*urls: str, **config: Any) -> list[dict[str, Any]]:
    """Http triggers with these urls, the second and any other one of a version."""
    return [
        {"type": "http", "config": {"url": f"http://{url}", **config, **({"qualifier": str(n)} if n else {})}}
        for n, url in enumerate(urls)
    ]


def put(caller: Caller, name: str, *urls: str, **config: Any) -> Answer:
    """Deploys it with http triggers at these urls; with none without a trigger."""
    return caller.put(name, body(name, triggers=web(*urls, **config)))


def own_url(caller: Caller, name: str) -> list[str | None]:
    """The url of each http trigger, as a deployment's answer has it."""
    return [trigger["config"].get("url") for trigger in caller.get(name).said["triggers"]]


def paths(domain: models.CustomDomain) -> list[tuple[str, str]]:
    return [(leads.path, leads.function_name) for leads in domain.route_config.routes]


def other(caller: Caller, name: str) -> str:
    assert caller.deploy(body(f"{name}-2")).status == 201
    return f"{name}-2"


def test_a_url_is_a_domain(sdk: Sdk, caller: Caller, name: str) -> None:
    """The host of urls is shown as a custom domain that asks for what the triggers ask for, in every list."""
    second, cors = other(caller, name), {"allowOrigins": ["https://app.example.com"]}
    config = {"authType": "function", "corsConfig": cors}
    assert put(caller, second, "shown.example.com/b/*", **config).status == 200
    assert (
        put(caller, name, "SHOWN.example.com", "shown.example.com/old", **config, methods=["GET"]).status
        == 200
    )
    shown = sdk.get_custom_domain("Shown.example.com").body
    assert (shown.domain_name, shown.protocol, shown.auth_config.auth_type) == (
        "shown.example.com",
        "HTTP",
        "function",
    )
    assert shown.cors_config.allow_origins == ["https://app.example.com"]
    assert [leads.to_map() for leads in shown.route_config.routes] == [
        {"path": "/", "functionName": name, "qualifier": "LATEST", "methods": ["GET"]},
        {"path": "/b/*", "functionName": second, "qualifier": "LATEST", "methods": []},
        {"path": "/old", "functionName": name, "qualifier": "1", "methods": ["GET"]},
    ]
    assert shown.created_time.endswith("Z")
    create(sdk, "explicit.example.com")
    assert [d.domain_name for d in page(sdk).custom_domains] == ["explicit.example.com", "shown.example.com"]
    first = page(sdk, limit=1)
    assert [d.domain_name for d in page(sdk, next_token=first.next_token).custom_domains] == [
        "shown.example.com"
    ]
    assert caller.call("DELETE", f"/2023-03-30/functions/{second}").status == 204
    assert [path for path, _ in paths(sdk.get_custom_domain("shown.example.com").body)] == ["/", "/old"]


def test_a_jwt_of_a_url(sdk: Sdk, server: Server, caller: Caller, name: str) -> None:
    """Its secret is a fingerprint in the domain, and outlives an update that does not name it."""
    config = {"jwks": {"keys": [HS_KEY]}, "tokenLookup": "header:Authorization:Bearer"}
    assert put(caller, name, "jwt-url.example.com/x", authType="jwt", authConfig=config).status == 200
    shown = sdk.get_custom_domain("jwt-url.example.com").body
    assert json.loads(shown.auth_config.auth_info)["jwks"]["keys"][0]["k"].startswith("sha256:")
    update(sdk, "jwt-url.example.com", protocol="HTTP")
    token = jwt.encode({"sub": "ann", "exp": int(time.time()) + 60}, HS_SECRET, "HS256")
    assert at(server, "jwt-url.example.com", "/x", authorization=f"Bearer {token}").status == 200
    assert at(server, "jwt-url.example.com", "/x").status == 403


@pytest.mark.parametrize("kind", ["bearer", "mixed", "no host"])
def test_a_url_that_is_no_domain(sdk: Sdk, server: Server, caller: Caller, name: str, kind: str) -> None:
    """What a custom domain cannot say is none; who asks for it is told why, and the address serves."""
    host = "localhost" if kind == "no host" else "formless.example.com"
    tokens = {"tokens": [{"tokenName": "t", "tokenData": "a" * 32, "enable": True}]}
    config = {"authType": "bearer", "authConfig": tokens} if kind == "bearer" else {}
    assert put(caller, name, f"{host}/x", **config).status == 200
    if kind == "mixed":
        assert put(caller, other(caller, name), f"{host}/y", authType="function").status == 200
    assert page(sdk).custom_domains == []
    for call in (
        lambda: sdk.get_custom_domain(host),
        lambda: update(sdk, host, protocol="HTTP"),
        lambda: sdk.delete_custom_domain(host),
    ):
        error = refused(call)
        assert error.code == "DomainNameNotFound"
        assert f"is the url of http triggers of {name}" in error.message
    assert at(server, host, "/x").status == (403 if kind == "bearer" else 200)


def test_the_client_is_told_whose_a_host_is(server: Server, caller: Caller, name: str) -> None:
    """Where no custom domain can be, the client that wants one is told whose the host is."""
    assert put(caller, name, "both-ways.example.com/x").status == 200
    triggers = web("both-ways.example.com/y", authType="function")
    assert caller.deploy(body(f"{name}-2", triggers=triggers)).status == 201
    with server.client(api="fc3") as client, pytest.raises(DomainNameAlreadyExists, match=f"leads to {name}"):
        client.deploy({"name": f"{name}-2", "code": zipped("handler = print\n"), "triggers": triggers})
    assert at(server, "both-ways.example.com", "/x").status == 200


def test_a_url_is_no_name_for_a_new_domain(sdk: Sdk, caller: Caller, name: str) -> None:
    """Its host is there already: creating it is refused, and it is said whose it is."""
    assert put(caller, name, "taken.example.com/x").status == 200
    error = refused(lambda: create(sdk, "taken.example.com", route("/", name)))
    assert (error.code, error.status_code) == ("DomainNameAlreadyExists", 409)
    assert name in error.message
    assert own_url(caller, name) == ["http://taken.example.com/x"]


def test_changing_a_url_as_a_domain(sdk: Sdk, server: Server, caller: Caller, name: str) -> None:
    """A trigger has its url as long as the domain leads there; the function is not another one for it."""
    second = other(caller, name)
    assert put(caller, name, "change.example.com/a").status == 200
    assert put(caller, second, "change.example.com/b").status == 200
    before = [caller.get(n).said for n in (name, second)]
    kept = update(sdk, "change.example.com", auth_config=models.AuthConfig(auth_type="function"))
    assert paths(kept) == [("/a", name), ("/b", second)]
    assert at(server, "change.example.com", "/a").status == 400
    assert (own_url(caller, name), own_url(caller, second)) == (
        ["http://change.example.com/a"],
        ["http://change.example.com/b"],
    )
    leads = models.RouteConfig(routes=[route("/a", second), route("/b", second), route("/c", name)])
    new = update(
        sdk, "change.example.com", route_config=leads, auth_config=models.AuthConfig(auth_type="anonymous")
    )
    assert new.created_time == kept.created_time
    assert (own_url(caller, name), own_url(caller, second)) == ([None], ["http://change.example.com/b"])
    assert [at(server, "change.example.com", f"/{path}").status for path in "abcd"] == [200, 200, 200, 404]
    sdk.delete_custom_domain("change.example.com")
    assert own_url(caller, second) == [None]
    assert at(server, "change.example.com", "/b").status == 403
    same = ("revision", "version", "functionId", "lastModifiedTime")
    after = [caller.get(n).said for n in (name, second)]
    assert [[said[key] for key in same] for said in after] == [[said[key] for key in same] for said in before]


def test_deleting_a_url_as_a_domain(sdk: Sdk, server: Server, caller: Caller, name: str) -> None:
    """The triggers at that host have no url any more, and the functions go on; other hosts stay."""
    assert put(caller, name, "away.example.com/a", "stays.example.com/a").status == 200
    sdk.delete_custom_domain("away.example.com")
    assert own_url(caller, name) == [None, "http://stays.example.com/a"]
    assert (at(server, "away.example.com", "/a").status, at(server, "stays.example.com", "/a").status) == (
        403,
        200,
    )
    assert refused(lambda: sdk.get_custom_domain("away.example.com")).code == "DomainNameNotFound"
    create(sdk, "away.example.com", route("/", name))
    assert at(server, "away.example.com", "/a").status == 200


def test_a_bad_update_of_a_url(sdk: Sdk, server: Server, caller: Caller, name: str) -> None:
    """What is wrong is named, and the url is what it was."""
    assert put(caller, name, "bad-url.example.com/a").status == 200
    leads = models.RouteConfig(routes=[route("/b", "fc3-absent")])
    assert refused(lambda: update(sdk, "bad-url.example.com", route_config=leads)).code == "FunctionNotFound"
    assert refused(lambda: update(sdk, "bad-url.example.com", protocol="HTTPS")).code == "InvalidArgument"
    assert own_url(caller, name) == ["http://bad-url.example.com/a"]
    assert at(server, "bad-url.example.com", "/a").status == 200


# ---------------------------------------------------------------- a deployment at a custom domain


def test_deployed_where_a_domain_leads(sdk: Sdk, server: Server, caller: Caller, name: str) -> None:
    """A url that is a route to this very function changes neither of them, once nor twice."""
    assert caller.put(name, body(name, triggers=[{"type": "http", "config": {}}])).status == 200
    rules = models.RewriteConfig(equal_rules=[models.EqualRule(match="/v1", replacement="/inner")])
    made = create(sdk, "led.example.com", route("/v1", name, methods=["GET"], rewrite_config=rules))
    before = caller.get(name).said
    assert [url["url"] for url in before["urls"]][1:] == ["http://led.example.com/v1"]
    assert own_url(caller, name) == [None]
    for _ in range(2):
        answer = put(caller, name, "led.example.com/v1")
        assert answer.status == 200
        assert {**answer.said, "requestId": "", "triggers": 0} == {**before, "requestId": "", "triggers": 0}
        assert own_url(caller, name) == ["http://led.example.com/v1"]
        assert sdk.get_custom_domain("led.example.com").body.to_map() == made.to_map()
    assert at(server, "led.example.com", "/v1").said["rawPath"] == "/inner"


def test_deployed_beside_what_a_domain_leads(sdk: Sdk, server: Server, caller: Caller, name: str) -> None:
    """A free path becomes a route of the domain, and goes with the url, also when the function is deleted."""
    second = other(caller, name)
    create(sdk, "beside.example.com", route("/a", second))
    answer = put(caller, name, "beside.example.com/b", methods=["GET"])
    assert answer.status == 200
    assert [url["url"] for url in answer.said["urls"]][1:] == ["http://beside.example.com/b"]
    shown = sdk.get_custom_domain("beside.example.com").body
    assert paths(shown) == [("/a", second), ("/b", name)]
    assert shown.route_config.routes[1].methods == ["GET"]
    assert at(server, "beside.example.com", "/b", method="PUT").status == 405
    assert put(caller, name, "beside.example.com/c").status == 200
    assert paths(sdk.get_custom_domain("beside.example.com").body) == [("/a", second), ("/c", name)]
    assert at(server, "beside.example.com", "/c", method="PUT").status == 200
    assert put(caller, name).status == 200
    assert paths(sdk.get_custom_domain("beside.example.com").body) == [("/a", second)]
    assert put(caller, name, "beside.example.com/b").status == 200
    assert caller.delete(name).status in (200, 204)
    assert paths(sdk.get_custom_domain("beside.example.com").body) == [("/a", second)]
    assert at(server, "beside.example.com", "/a").status == 200


def test_what_a_deployment_changes_of_its_address(
    sdk: Sdk, server: Server, caller: Caller, name: str
) -> None:
    """Who may call is changed in the domain with the trigger; what was made of the domain since then else stays."""
    create(sdk, "follow.example.com")
    assert put(caller, name, "follow.example.com/a").status == 200
    update(sdk, "follow.example.com", protocol="HTTP,HTTPS", cert_config=models.CertConfig(
        cert_name="own", certificate=CERTIFICATE, private_key=KEY))  # fmt: skip
    assert put(caller, name, "follow.example.com/a", authType="function").status == 200
    shown = sdk.get_custom_domain("follow.example.com").body
    assert (shown.auth_config.auth_type, shown.protocol) == ("function", "HTTP,HTTPS")
    assert at(server, "follow.example.com", "/a").status == 400
    opened = update(sdk, "follow.example.com", auth_config=models.AuthConfig(auth_type="anonymous"))
    assert (
        caller.put(
            name, body(name, triggers=web("follow.example.com/a", authType="function"), memory=256)
        ).status
        == 200
    )
    assert sdk.get_custom_domain("follow.example.com").body.to_map() == opened.to_map()
    assert put(caller, name).status == 200
    assert paths(sdk.get_custom_domain("follow.example.com").body) == []


REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("a", {}, "url no.example.com/a already leads to {other}, by the custom domain no.example.com"),
    (
        "b",
        {"authType": "function"},
        "the custom domain no.example.com and its other routes ask for authType anonymous, this trigger for function",
    ),
    (
        "b",
        {"authType": "bearer", "authConfig": {"tokens": [{"tokenName": "t", "tokenData": "a" * 32}]}},
        "url no.example.com/b is of a custom domain, and those have no authType bearer",
    ),
    ("b%20c", {}, "url no.example.com/b c has a path that no route of a custom domain has"),
]


@pytest.mark.parametrize(("path", "config", "why"), REFUSED)
def test_what_no_domain_can_lead_to(
    sdk: Sdk, caller: Caller, name: str, path: str, config: dict[str, Any], why: str
) -> None:
    """A url that the domain at its host cannot serve is refused with what is in its way, and nothing changes."""
    second = other(caller, name)
    made = create(sdk, "no.example.com", route("/a", second))
    answer = put(caller, name, f"no.example.com/{path}", **config)
    assert (answer.status, answer.code, answer.fields) == (400, "InvalidArgument", ["triggers.0"])
    assert answer.said["Details"][0]["problem"] == why.format(other=second)
    assert sdk.get_custom_domain("no.example.com").body.to_map() == made.to_map()
    assert caller.get(name).said["triggers"] == []


def test_a_domain_that_is_full(sdk: Sdk, caller: Caller, name: str) -> None:
    """A domain has at most 100 routes, whoever adds them."""
    create(sdk, "full.example.com", *(route(f"/{number}", name) for number in range(100)))
    answer = put(caller, name, "full.example.com/more")
    assert (answer.status, answer.fields) == (400, ["triggers.0"])
    assert "has 100 routes" in answer.said["Details"][0]["problem"]
    assert put(caller, name, "full.example.com/7").status == 200


def test_a_function_changed_by_fc3_keeps_its_address(
    sdk: Sdk, server: Server, caller: Caller, name: str
) -> None:
    """UpdateFunction and UpdateTrigger leave the address, by whichever name it has."""
    create(sdk, "explicit-one.example.com")
    assert put(caller, name, "explicit-one.example.com/a", "implied-one.example.com/b").status == 200
    sdk.update_function(
        name, models.UpdateFunctionRequest(body=models.UpdateFunctionInput(description="new"))
    )
    config = json.dumps({"authType": "anonymous", "methods": ["GET"]})
    change = models.UpdateTriggerInput(trigger_config=config, qualifier="LATEST")
    trigger = caller.get(name).said["triggers"][0]["name"]
    sdk.update_trigger(name, trigger, models.UpdateTriggerRequest(body=change))
    assert own_url(caller, name) == ["http://explicit-one.example.com/a", "http://implied-one.example.com/b"]
    assert [
        at(server, f"{kind}-one.example.com", path).status
        for kind, path in (("explicit", "/a"), ("implied", "/b"))
    ] == [200, 200]


def test_addresses_over_a_restart(tmp_path: Path) -> None:
    """What leads where, and by which name, is the same after the server was killed."""
    with serving(tmp_path) as first:
        caller = Caller(first.url)
        assert caller.call("POST", DOMAINS, asked("named.example.com")).status == 200
        for name in ("one", "two"):
            triggers = web(f"named.example.com/{name}", f"implied.example.com/{name}")
            assert caller.deploy(body(name, triggers=triggers)).status == 201
        before, said = caller.call("GET", DOMAINS).said, caller.get("one").said["urls"]
        first.kill()
    with serving(tmp_path) as second:
        caller = Caller(second.url)
        assert caller.call("GET", DOMAINS).said == before
        assert [u["url"].split("/", 3)[3] for u in caller.get("one").said["urls"]] == [
            u["url"].split("/", 3)[3] for u in said
        ]
        assert {
            at(second, f"{host}.example.com", f"/{n}").status
            for host in ("named", "implied")
            for n in ("one", "two")
        } == {200}
        assert caller.call("DELETE", f"{DOMAINS}/implied.example.com").status == 204
        assert own_url(caller, "one") == ["http://named.example.com/one", None]


def test_both_dialects_at_once(server: Server, caller: Caller, name: str) -> None:
    """However deployments and changes of a domain come together, a trigger has a url only where it answers."""
    from concurrent.futures import ThreadPoolExecutor

    names, host = [name, other(caller, name)], "at-once-url.example.com"

    def deploy(number: int) -> int:
        which = names[number % 2]
        return put(caller, which, *([f"{host}/{number % 2}"] if number % 3 else [])).status

    def change(number: int) -> int:
        if number % 4 == 3:
            return caller.call("DELETE", f"{DOMAINS}/{host}").status
        leads = [{"path": "/0", "functionName": name}] if number % 2 else []
        return caller.call(
            "PUT", f"{DOMAINS}/{host}", {"routeConfig": {"routes": leads}} if number % 3 else {}
        ).status

    with ThreadPoolExecutor(8) as pool:
        done = [pool.submit(act, number) for number in range(24) for act in (deploy, change)]
        assert {future.result() for future in done} <= {200, 204, 400, 404}
    for number, which in enumerate(names):
        for url in filter(None, own_url(caller, which)):
            assert at(server, host, f"/{number}").status == 200, url


def test_a_url_taken_away_while_its_function_changes(sdk: Sdk, caller: Caller, name: str) -> None:
    """An UpdateFunction that is under way does not bring back a url that was deleted as a domain meanwhile."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as pool:
        for number in range(8):
            assert put(caller, name, "race.example.com/a").status == 200
            raw = zipped(
                {"index.py": "handler = print\n", "data": random.Random(number).randbytes(2_000_000)}
            )
            code = models.InputCodeLocation(zip_file=base64.b64encode(raw).decode())
            asked = models.UpdateFunctionRequest(body=models.UpdateFunctionInput(code=code))
            changing = pool.submit(sdk.update_function, name, asked)
            for _ in range(4 * number):  # so that it comes at another moment each time
                caller.get(name)
            assert caller.call("DELETE", f"{DOMAINS}/race.example.com").status == 204
            changing.result()
            assert own_url(caller, name) == [None]
