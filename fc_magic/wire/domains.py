"""Custom domains: which function answers at a host and path. JSON of ``/2023-03-30/custom-domains`` <-> values."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, ValidationError, ValidationInfo, field_validator, model_validator

from fc_magic.errors import InvalidArgument, Problem
from fc_magic.wire import auth_config, checks
from fc_magic.wire.auth_config import fingerprint
from fc_magic.wire.cors import Cors
from fc_magic.wire.fc3 import VERSION
from fc_magic.wire.fc3_triggers import QUALIFIER
from fc_magic.wire.fields import CAMEL, spelled
from fc_magic.wire.jwks import is_masked
from fc_magic.wire.rewrite import Rewrite
from fc_magic.wire.triggers import METHODS, Http
from fc_magic.wire.wording import clipped, first_few, what

MAX_NAME, MAX_PATH = 256, 2048
MAX_ROUTES, MAX_CIPHERS = 100, 100
#: who may call, as a domain can say it
AUTH_TYPES = ("anonymous", "function", "jwt")
PROTOCOLS = ("HTTP", "HTTPS", "HTTP,HTTPS")
_NAME = re.compile(
    r"(\*\.)?([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)+(?!\d+$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
)
#: what is said of the domain itself, and never sent with it
_SAID = ("accountId", "apiVersion", "createdTime", "lastModifiedTime", "subdomainCount", "isE2B")
_ALLOWED = {
    "domainName": "a host such as api.example.com or *.example.com, 1 to 256 characters",
    "protocol": " or ".join(PROTOCOLS),
    "authConfig": "authType anonymous, function or jwt, and for jwt authInfo",
}


def path(name: str = "") -> str:
    from fc_magic.wire.signature import percent

    return f"/{VERSION}/custom-domains" + (f"/{percent(name)}" if name else "")


class _Part(BaseModel):
    model_config = CAMEL


class PathConfig(_Part):
    """A route: what comes to ``path`` (``/api/*``: what is below, too) goes to a function."""

    path: Annotated[str, Field(max_length=MAX_PATH)]
    function_name: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_-]{0,127}$")]
    qualifier: str = "LATEST"
    methods: tuple[str, ...] = ()
    rewrite_config: Rewrite | None = None

    @field_validator("path")
    @classmethod
    def _path(cls, value: str) -> str:
        if not re.fullmatch(r"/[^*?#\s]*\*?", value):
            raise ValueError("must be /a/path or /a/path/*")
        return value

    @field_validator("qualifier")
    @classmethod
    def _qualifier(cls, value: str) -> str:
        if value and not QUALIFIER.fullmatch(value):
            raise ValueError("is no version or alias")
        return value or "LATEST"

    @field_validator("methods")
    @classmethod
    def _methods(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        upper = tuple(dict.fromkeys(method.upper() for method in value))
        if wrong := [method for method in upper if method not in METHODS]:
            raise ValueError(f"has {clipped(', '.join(wrong))}; allowed are {', '.join(METHODS)}")
        return upper


class _Routes(_Part):
    routes: Annotated[tuple[PathConfig, ...], Field(max_length=MAX_ROUTES)] = ()

    @field_validator("routes")
    @classmethod
    def _once(cls, value: tuple[PathConfig, ...]) -> tuple[PathConfig, ...]:
        paths = [route.path for route in value]
        if twice := sorted({path for path in paths if paths.count(path) > 1}):
            raise ValueError(f"has the path {clipped(twice[0])} twice")
        return value


class _Auth(_Part):
    """``authInfo`` is JSON as text, the ``authConfig`` of an http trigger."""

    auth_type: Literal["anonymous", "function", "jwt"] = "anonymous"
    auth_info: Annotated[dict[str, Any] | None, Field(repr=False, validate_default=True)] = None

    @field_validator("auth_info", mode="before")
    @classmethod
    def _info(cls, value: Any, info: ValidationInfo) -> Any:
        kind = info.data.get("auth_type")
        return auth_config.read(kind, value) if kind else None


class _Cert(_Part):
    """The private key is kept as a fingerprint only: nothing here has a use for it."""

    cert_name: Annotated[str, Field(min_length=1, max_length=128)]
    certificate: Annotated[str, Field(max_length=20480)]
    private_key: Annotated[str, Field(repr=False)]

    @field_validator("certificate")
    @classmethod
    def _pem(cls, value: str) -> str:
        if not re.match(r"\s*-----BEGIN [A-Z0-9 ]*CERTIFICATE-----", value):
            raise ValueError("is not in PEM form, which begins with -----BEGIN CERTIFICATE-----")
        return value

    @field_validator("private_key")
    @classmethod
    def _key(cls, value: str) -> str:
        if is_masked(value):
            return value
        if len(value) > 4096:
            raise ValueError("is longer than 4096 characters")
        if not re.match(r"\s*-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----", value):
            raise ValueError("is not in PEM form, which begins with -----BEGIN PRIVATE KEY-----")
        return fingerprint(value)


class _Tls(_Part):
    min_version: Literal["TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3"] | None = None
    max_version: Literal["TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3"] | None = None
    cipher_suites: Annotated[tuple[str, ...], Field(max_length=MAX_CIPHERS)] = ()

    @model_validator(mode="after")
    def _order(self) -> _Tls:
        if self.min_version and self.max_version and self.min_version > self.max_version:
            raise ValueError("minVersion is higher than maxVersion")
        return self


class _Waf(_Part):
    enable_waf: Annotated[bool, Field(alias="enableWAF")] = False


class Domain(_Part):
    """One custom domain. A route has no authType of its own: that of the domain counts."""

    domain_name: Annotated[str, Field(max_length=MAX_NAME)]
    protocol: Literal["HTTP", "HTTPS", "HTTP,HTTPS"] = "HTTP"
    route_config: _Routes = Field(default_factory=_Routes)
    auth_config: _Auth = Field(default_factory=_Auth)
    cert_config: _Cert | None = None
    cors_config: Cors | None = None
    tls_config: _Tls | None = None
    waf_config: _Waf | None = None
    created_time: str = ""
    last_modified_time: str = ""

    @field_validator("domain_name", mode="before")
    @classmethod
    def _host(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        host = value.lower()
        if len(host) <= MAX_NAME and not _NAME.fullmatch(host):
            raise ValueError("is no name of a host")
        return host

    @model_validator(mode="after")
    def _with_certificate(self) -> Domain:
        if "HTTPS" in self.protocol and self.cert_config is None:
            raise ValueError("certConfig is required with HTTPS")
        return self

    @property
    def routes(self) -> tuple[PathConfig, ...]:
        return self.route_config.routes

    def trigger(self, route: PathConfig) -> Http:
        """Who may call at a route, by which methods, from which origins: as an http trigger says it."""
        return Http.model_construct(
            name=self.domain_name,
            qualifier=route.qualifier,
            auth_type=self.auth_config.auth_type,
            auth_config=self.auth_config.auth_info,
            methods=route.methods,
            cors_config=self.cors_config,
        )


# ---------------------------------------------------------------- answers


def encode(domain: Domain, account_id: str, warnings: Iterable[str] = ()) -> dict[str, Any]:
    """As an answer: what is secret is a fingerprint."""
    answer = keep(domain)
    info = auth_config.public(domain.auth_config.auth_info)
    answer["authConfig"] = {"authType": domain.auth_config.auth_type}
    if info is not None:
        answer["authConfig"]["authInfo"] = json.dumps(info, ensure_ascii=False, separators=(",", ":"))
    answer |= {"accountId": account_id, "apiVersion": VERSION, "subdomainCount": "0"}
    noted = list(warnings)
    # ours: other clients ignore what they do not know
    return {**answer, "warnings": noted} if noted else answer


def keep(domain: Domain) -> dict[str, Any]:
    """As it is stored: :func:`kept` reads it again."""
    return domain.model_dump(by_alias=True, exclude_none=True, mode="json")


def kept(stored: Mapping[str, Any]) -> Domain:
    """Raises pydantic's ValidationError if it can no longer be read."""
    return Domain.model_validate(stored)


# ---------------------------------------------------------------- requests


def read(body: Any) -> Domain:
    """A body of CreateCustomDomain. Raises InvalidArgument that names the domain and every wrong field."""
    given = _fields(body)
    return _read(given, given.get("domainName"), "created")


def read_update(body: Any, old: Domain) -> Domain:
    """A body of UpdateCustomDomain: what it does not name stays; what is sent empty is cleared."""
    asked, name = _fields(body), old.domain_name
    if asked.pop("domainName", name) != name:
        wrong = Problem("domainName", "the name of a custom domain cannot change", name)
        raise refusal([wrong], name, "updated")
    certificate, key = asked.get("certConfig"), old.cert_config.private_key if old.cert_config else ""
    if key and isinstance(certificate, Mapping) and certificate and not certificate.get("privateKey"):
        # answers have no key in clear: who sends one back has none to send
        asked["certConfig"] = {**certificate, "privateKey": key}
    return _read({**keep(old), **asked}, name, "updated", key)


def _fields(body: Any) -> dict[str, Any]:
    if not isinstance(body, Mapping):
        raise InvalidArgument("the body is not a JSON object", hint="send the custom domain as a JSON object")
    return {str(name): v for name, v in body.items() if v is not None and name not in _SAID}


def _read(given: Mapping[str, Any], name: Any, done: str, known_key: str = "") -> Domain:
    wrong = [Problem(clipped(field), why) for field, value in given.items() if (why := checks.unfit(value))]
    if wrong:
        raise refusal(wrong, name, done)
    try:
        domain = Domain.model_validate(_without_empty(given))
    except ValidationError as error:
        raise refusal(_problems(error, given), name, done) from None
    if masked := _masks(domain, given, known_key):
        what_ = "has a fingerprint (sha256:…), as answers show it, where the secret itself must be"
        raise refusal([Problem(masked, what_)], name, done)
    return domain


def _without_empty(given: Mapping[str, Any]) -> dict[str, Any]:
    """Tools send a part that is empty all the way down to say that there is none."""
    return {name: value for name, value in given.items() if not _is_nothing(value)}


def _is_nothing(value: Any) -> bool:
    return all(map(_is_nothing, value.values())) if isinstance(value, Mapping) else value in ("", [], None)


def _masks(domain: Domain, given: Mapping[str, Any], known_key: str) -> str:
    """Where a fingerprint stands for a secret that is not known here."""
    if auth_config.has_masks(domain.auth_config.auth_info):
        return "authConfig.authInfo"
    certificate = given.get("certConfig")
    key = certificate.get("privateKey") if isinstance(certificate, Mapping) else None
    masked = isinstance(key, str) and is_masked(key) and key != known_key
    return "certConfig.privateKey" if masked else ""


def _problems(error: ValidationError, given: Mapping[str, Any]) -> Iterable[Problem]:
    found: dict[str, list[str]] = {}
    for item in error.errors():
        place = ".".join(clipped(spelled(part)) for part in item["loc"])
        found.setdefault(place or "certConfig", []).append(what(item))
    for place, texts in found.items():
        given_here = (
            checks.shown("", given[place]) if place in ("domainName", "protocol") and place in given else ""
        )
        wrong = "; ".join(dict.fromkeys(texts))
        yield Problem(place, wrong, _ALLOWED.get(place.partition(".")[0], ""), given_here)


def refusal(wrong: Iterable[Problem], name: Any, done: str) -> InvalidArgument:
    """``done``: created or updated, which it was not."""
    found: Sequence[Problem] = list(wrong)
    which = f"custom domain '{clipped(name)}'" if isinstance(name, str) and name else "the custom domain"
    return InvalidArgument(f"{which} was not {done}: {first_few(found)}", problems=found)
