"""``corsConfig``: which pages may ask a function. The gateway answers preflights, and the function does not run."""

from __future__ import annotations

from typing import Any

import pytest

from fc_magic.client.client import Client
from tests.conftest import Deploy, Server
from tests.server.test_gateway import METHODS, ORIGIN, Reply, Site, SiteOf, cors, site

__all__ = ["site"]  # a fixture

PAGE = ORIGIN[1]
CONFIG: dict[str, Any] = {
    "allowOrigins": [PAGE, "https://*.shop.example.com"],
    "allowMethods": ["GET", "PUT"],
    "allowHeaders": ["X-Own", "content-type"],
    "exposeHeaders": ["X-Total"],
    "allowCredentials": True,
    "maxAge": 600,
}


def preflight(
    one: Site, origin: str = PAGE, method: str = "PUT", names: str = "x-own, Content-Type"
) -> Reply:
    headers = [("Origin", origin), ("Access-Control-Request-Method", method)]
    return one.send("/", "OPTIONS", headers=[*headers, ("Access-Control-Request-Headers", names)])


@pytest.mark.parametrize("methods", [[], ["GET", "PUT", "OPTIONS"]])
def test_valid_preflight(site: SiteOf, client: Client, methods: list[str]) -> None:
    """204 with what is allowed, also where the trigger names OPTIONS; the function does not run."""
    one = site("raises", corsConfig=CONFIG, methods=methods)
    reply = preflight(one)
    assert (reply.status, reply.body) == (204, b"")
    found = cors(reply)
    assert found.pop("expose-headers")
    assert found == {
        "allow-origin": PAGE,
        "allow-methods": "GET, PUT",
        "allow-headers": "x-own, Content-Type",
        "allow-credentials": "true",
        "max-age": "600",
    }
    assert reply.headers["Vary"].lower() == "origin"
    assert client.logs(one.name).requests == ()


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"origin": "https://evil.example.com"}, "allowOrigins"),
        ({"origin": "https://app.example.com.evil.org"}, "allowOrigins"),
        ({"origin": "http://app.example.com"}, "allowOrigins"),
        ({"origin": "https://shop.example.com"}, "allowOrigins"),
        ({"origin": "https://.shop.example.com"}, "allowOrigins"),
        ({"method": "DELETE"}, "allowMethods"),
        ({"names": "x-own, x-other"}, "allowHeaders"),
    ],
)
def test_preflight_that_is_not_allowed(
    site: SiteOf, client: Client, asked: dict[str, str], field: str
) -> None:
    """It is refused with what does not fit, and a browser finds nothing in it that would let the page go on."""
    one = site(corsConfig=CONFIG)
    reply = preflight(one, **asked)
    assert (reply.status, reply.json["Code"]) == (403, "AccessDenied")
    assert [d["field"] for d in reply.json["Details"]] == [f"corsConfig.{field}"]
    assert ("allow-origin" in cors(reply)) == (field != "allowOrigins")
    assert "allow-methods" not in cors(reply)
    assert client.logs(one.name).requests == ()


def test_request_of_a_page(site: SiteOf) -> None:
    """An allowed origin may read the response; another is answered too, and its browser keeps it from the page."""
    one = site("answers", corsConfig=CONFIG)
    for origin in (PAGE, "https://a.shop.example.com", "HTTPS://A.B.SHOP.example.com"):
        reply = one.said("'x'", headers=[("Origin", origin)])
        assert cors(reply) == {
            "allow-origin": origin,
            "allow-credentials": "true",
            "expose-headers": "X-Total, X-Fc-Request-Id, X-Fc-Error-Type",
        }
        assert reply.headers["Vary"].lower() == "origin"
    other = one.said("'x'", headers=[("Origin", "https://evil.example.com")])
    assert (other.status, other.body, cors(other)) == (200, b"x", {})


def test_function_overrides_the_config(site: SiteOf) -> None:
    """What the function says of origins wins, once."""
    said = "{'statusCode': 200, 'headers': {'access-control-allow-origin': 'https://own', 'Vary': 'Accept'}}"
    reply = site("answers", corsConfig=CONFIG).said(said, headers=[ORIGIN])
    assert reply.headers.get_all("Access-Control-Allow-Origin") == ["https://own"]
    assert reply.headers["Vary"] == "Accept, Origin"


def test_config_that_says_little(site: SiteOf) -> None:
    """What is left out is not narrowed; an origin for all is a star, as long as there are no credentials."""
    one = site(corsConfig={"maxAge": 0}, methods=["GET", "POST"])
    found = cors(preflight(one, method="POST", names="x-any"))
    assert (found["allow-origin"], found["allow-methods"], found["max-age"]) == ("*", "GET, POST", "0")
    assert "allow-credentials" not in found
    assert preflight(one, method="PUT").status == 403
    with_credentials = site("raises", corsConfig={"allowCredentials": True})
    assert cors(preflight(with_credentials))["allow-origin"] == PAGE


@pytest.mark.parametrize("auth", [{}, {"corsConfig": CONFIG}], ids=["permissive", "configured"])
def test_preflight_needs_no_signature(site: SiteOf, client: Client, auth: dict[str, Any]) -> None:
    """A browser sends no credentials with a preflight; the request itself needs them."""
    one = site(authType="function", **auth)
    assert preflight(one).status == 204
    refused = one.send("/", "PUT", headers=[ORIGIN])
    assert refused.status == 400
    assert cors(refused)["allow-origin"] == PAGE
    assert client.logs(one.name).requests == ()


def test_refusals_can_be_read(site: SiteOf) -> None:
    """A page can read why it was refused: a method, a head that is too large, an answer that is none."""
    one = site("answers", methods=["POST"])
    too_large = [ORIGIN, ("X-Big", "x" * 8200)]
    replies = (one.send("/", "PUT", headers=[ORIGIN]), one.send("/", "POST", headers=too_large))
    assert [reply.status for reply in replies] == [405, 400]
    for reply in (*replies, one.said("{'statusCode': 1}", headers=[ORIGIN])):
        assert cors(reply)["allow-origin"] == PAGE


def test_methods_of_an_open_trigger(site: SiteOf) -> None:
    """A permissive preflight names every method there is."""
    assert cors(preflight(site()))["allow-methods"].split(", ") == list(METHODS)


def test_config_holds_at_its_host(server: Server, deploy: Deploy) -> None:
    """At the host and path of the trigger's url it is the same."""
    config = {"url": "http://cors.example.com/api/*", "corsConfig": CONFIG}
    deploy("echo", triggers=[{"type": "http", "config": config}])
    headers = [ORIGIN, ("Access-Control-Request-Method", "PUT")]
    reply = Site(server, "", "").send("/api/x", "OPTIONS", headers=headers, host="cors.example.com")
    assert (reply.status, cors(reply)["allow-origin"]) == (204, PAGE)
