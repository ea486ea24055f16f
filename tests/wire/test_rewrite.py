"""Rewrite rules of custom domains: FC's documented examples, what is refused, and what holds for any path."""

from __future__ import annotations

import contextlib
import string
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from fc_magic.errors import InvalidArgument
from fc_magic.wire.rewrite import Rewrite, regex_problem

KINDS = {"equal": "equalRules", "wildcard": "wildcardRules", "regex": "regexRules"}


def rewrite(kind: str, match: str, replacement: str, target: str) -> str:
    rules = Rewrite.model_validate({KINDS[kind]: [{"match": match, "replacement": replacement}]})
    path, _, query = target.partition("?")
    path, query = rules.apply(path, query)
    return f"{path}?{query}" if query else path


@pytest.mark.parametrize(
    ("kind", "match", "replacement", "target", "seen"),
    [
        # as FC's documents have them
        ("equal", "/old", "/new", "/old", "/new"),
        ("equal", "/old", "/new", "/test/old", "/test/old"),
        ("equal", "/serviceName.Qualifier", "/serviceA", "/serviceName.Qualifier", "/serviceA"),
        ("wildcard", "/old", "/new", "/old", "/new"),
        ("wildcard", "/old", "/new", "/test/old", "/new"),
        ("wildcard", "^/old", "/new", "/old", "/new"),
        ("wildcard", "^/old", "/new", "/test/old", "/test/old"),
        ("wildcard", "/api/*", "/$1", "/api/getFunctionName", "/getFunctionName"),
        ("wildcard", "/api/*", "/$1", "/api/getFunctionName&Version=1", "/getFunctionName&Version=1"),
        ("wildcard", "/css/*", "/public/static/css/$1", "/css/style.css", "/public/static/css/style.css"),
        (
            "wildcard",
            "/ServiceName/*/FunctionName/*/Qualifier/*",
            "/$1.$3/$2",
            "/ServiceName/svc-a/FunctionName/func-a/Qualifier/1",
            "/svc-a.1/func-a",
        ),
        ("wildcard", "/f..c", "/helloworld", "/f..c", "/helloworld"),
        ("wildcard", "/f..c", "/helloworld", "/func", "/func"),
        ("regex", "^/old/[a-z]+/", "/new", "/old/ab/", "/new"),
        ("regex", "^/old/[a-z]+/", "/new", "/test/a-b/", "/test/a-b/"),
        ("regex", "^/api/.+?/(.*)", "/api/v2/$1", "/api/v1/a/b", "/api/v2/a/b"),
        # ours
        ("wildcard", "/a/*/c", "/$1", "/a/b", "/a/b"),
        ("wildcard", "/*/*", "/$2/$1", "/a/", "//a"),
        ("regex", "/(a)|/(b)", "/${1}x$2", "/b", "/xb"),
        ("equal", "/一", "/二", "/%E4%B8%80", "/%E4%BA%8C"),
        ("equal", "/a b", "/c", "/a%20b", "/c"),
        ("equal", "/old", "/new?a=1", "/old?b=2", "/new?a=1&b=2"),
        ("equal", "/old", "new", "/old?b=2", "/new?b=2"),
    ],
)
def test_examples(kind: str, match: str, replacement: str, target: str, seen: str) -> None:
    """The whole path is replaced, a query goes before the request's own."""
    assert rewrite(kind, match, replacement, target) == seen


def test_only_the_first_that_fits() -> None:
    """Rules of one kind in their order; equal ones before wildcards, those before expressions."""
    rules: dict[str, Any] = {
        "regexRules": [{"match": "/.*", "replacement": "/regex"}],
        "wildcardRules": [
            {"match": "^/a*", "replacement": "/first"},
            {"match": "/a*", "replacement": "/second"},
        ],
        "equalRules": [{"match": "/ab", "replacement": "/equal"}],
    }
    made = Rewrite.model_validate(rules)
    assert [made.apply(path, "")[0] for path in ("/ab", "/ac", "/b/a", "/x")] == [
        "/equal",
        "/first",
        "/second",
        "/regex",
    ]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("(", "is no regular expression"),
        ("[z-a]", "is no regular expression"),
        ("a{99999999999}", "is no regular expression"),
        ("(?=a)", "look-around"),
        ("(?<!a)b", "look-around"),
        (r"(a)\1", "look-around"),
        ("(a+)+$", "take for ever"),
        ("(a|aa)+$", "take for ever"),
        ("(?:ab?)+", "take for ever"),
        ("((a*))*", "take for ever"),
        (".*" * 8 + "x$", "more than 2"),
        ("(?:.*){8}x", "more than 2"),
        (".{0,200}.{1,}[a-z]+x", "more than 2"),
        ("a?" * 40 + "a" * 40, "ways"),
        ("(a|b|aa)" * 20, "ways"),
        ("(?:a?){60}x", "ways"),
    ],
)
def test_expressions_that_are_refused(text: str, why: str) -> None:
    """What is none, what FC's do not have, and what could search without end."""
    assert why in regex_problem(text)


@pytest.mark.parametrize(
    "text", ["^/a/(.*)$", "(a|b)*", "(ab)+", r"/\d{1,3}/[^/]+/(\w*)", "(?i)/A", "(?:a|bc)"]
)
def test_expressions_that_are_taken(text: str) -> None:
    """Those people write."""
    assert regex_problem(text) == ""


@pytest.mark.parametrize("rule", ["(.*)(.*)x$", "^.*(?:a|aa|b)?.*x$", "/?.*.{0,250}x$", "(?:a|aa){7}.*x$"])
def test_what_is_taken_ends_soon(rule: str) -> None:
    """A path of any length is looked at in no time by any rule that is taken, or refused with what it may have."""
    assert regex_problem(rule) == ""
    for length in (400, 8000):
        started = time.perf_counter()
        with contextlib.suppress(InvalidArgument):
            rewrite("regex", rule, "/x", "/" + "a" * length)
        assert time.perf_counter() - started < 3


def test_path_too_long_for_its_rule() -> None:
    """The refusal says how long a path may be, and nothing is rewritten by chance."""
    with pytest.raises(InvalidArgument, match="has 8001 characters"):
        rewrite("regex", "(.*)(.*)x$", "/x", "/" + "a" * 8000)


def test_a_group_that_is_not_there() -> None:
    """A replacement names only what its rule takes."""
    for kind, match in (("wildcard", "/*"), ("regex", "/(a)")):
        with pytest.raises(ValidationError, match=r"names \$2"):
            rewrite(kind, match, "/$2", "/a")


PATHS = st.text(string.ascii_letters + string.digits + "/-._~%", max_size=60).map(lambda text: f"/{text}")


@given(st.text("/ab*^.$", min_size=1, max_size=20), PATHS)
def test_any_wildcard(match: str, path: str) -> None:
    """A rule without a reference makes one path of all that it fits, and leaves the others as they are."""
    seen = rewrite("wildcard", match, "/there", path)
    assert seen in ("/there", path)
    if "*" not in match and "^" not in match and match in path:
        assert seen == "/there"


@given(st.lists(st.text("abc/", max_size=5), min_size=1, max_size=6), st.text("abc/", max_size=40))
def test_wildcards_take_what_is_between(pieces: list[str], rest: str) -> None:
    """What the stars took, with the text of the rule between, is a part of the path."""
    match, path = "*".join(pieces) or "*", f"/{rest}"
    stars = match.count("*")
    again = "".join(f"{piece}${n}" if n <= stars else piece for n, piece in enumerate(pieces, 1))
    seen = rewrite("wildcard", match, f"/{again}", path)
    assert seen == path or seen.removeprefix("/") in path


def test_many_stars_take_no_time() -> None:
    """A path of 4 KB is looked at in no time, however many stars there are."""
    started = time.perf_counter()
    assert rewrite("wildcard", "*a" * 100 + "b", "/x", "/" + "a" * 4000) == "/" + "a" * 4000
    assert time.perf_counter() - started < 1
