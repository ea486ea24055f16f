"""The tree of exceptions: drawn, told apart by code, and carried over the wire."""

from __future__ import annotations

import re

import pytest

from fc_magic import errors
from fc_magic.errors import ApiError, FcError, Problem
from fc_magic.wire.results import Invocation

CLASSES = {
    name: cls for name, cls in vars(errors).items() if isinstance(cls, type) and issubclass(cls, FcError)
}
API = {name: cls for name, cls in CLASSES.items() if issubclass(cls, ApiError)}


def drawn() -> tuple[dict[str, str], dict[str, int]]:
    """The docstring's picture: class -> parent, and class -> status."""
    parents: dict[str, str] = {}
    statuses: dict[str, int] = {}
    path: list[str] = ["FcError"]
    for line in (errors.__doc__ or "").splitlines():
        found = re.match(r"    ([│ ]*)[├└]── (.+)", line)
        if not found:
            continue
        depth = len(found[1]) // 4
        names, _, said = re.sub(r"\s{2,}", "\t", found[2].strip()).partition("\t")
        for entry in names.split(", "):
            name, _, own = entry.partition(" (")
            parents[name] = path[depth]
            status = own.rstrip(")") or said
            if status.isdigit():
                statuses[name] = int(status)
            path[depth + 1 :] = [name]
    return parents, statuses


def test_drawn_tree_is_the_real_tree() -> None:
    """The picture in the docstring shows every class under its own parent."""
    real = {name: cls.__mro__[1].__name__ for name, cls in CLASSES.items() if cls is not FcError}
    assert drawn()[0] == real


def test_drawn_statuses_are_the_real_ones() -> None:
    """Every class an API answers with is drawn with its status."""
    statuses = drawn()[1]
    inherited = {
        name: cls.status for name, cls in API.items() if name not in statuses and cls is not ApiError
    }
    assert {name: API[name].status for name in statuses} == statuses
    refined = {"DeploymentNotFound", "DeploymentAlreadyExists", "InvalidAccessKeyID", "SignatureNotMatch"}
    assert set(inherited) == refined
    assert all(status == CLASSES[drawn()[0][name]].status for name, status in inherited.items())


def test_every_code_is_unique_and_found() -> None:
    """A code names one class, and the class is found by it."""
    codes = [cls.code for cls in CLASSES.values()]
    assert len(set(codes)) == len(codes)
    assert {cls.code: cls for cls in CLASSES.values()} == errors.BY_CODE


@pytest.mark.parametrize("name", sorted(API))
def test_api_error_builds_the_class_of_a_code(name: str) -> None:
    """A refusal comes back as the class the server raised, with everything it said."""
    cls = API[name]
    details = [{"field": "memory", "problem": "is too small", "allowed": "128 to 32768 MB"}]
    error = errors.api_error(cls.code, cls.status, "no", "req-1", details)
    assert type(error) is cls
    assert (error.code, error.status, error.message, error.request_id) == (
        cls.code,
        cls.status,
        "no",
        "req-1",
    )
    assert error.problems == (Problem("memory", "is too small", "128 to 32768 MB"),)
    assert error.hint == ""


@pytest.mark.parametrize(
    ("code", "status"),
    [("TooManyCooks", 418), ("", 502), ("UsageError", 400), ("FunctionError", 500), ("FcError", 404)],
)
def test_unknown_code_stays_an_api_error(code: str, status: int) -> None:
    """A code we do not know, or that is none of an API's, is kept as it came."""
    error = errors.api_error(code, status, "what?", "req-2", [])
    assert type(error) is ApiError
    assert (error.code, error.status) == (code or "ApiError", status)
    assert "req-2" in str(error)


def test_known_code_with_another_status_keeps_both() -> None:
    """The status is the one that came, not the one we would have used; the class is not changed by it."""
    error = errors.api_error("FunctionNotFound", 410, "gone", "", [])
    assert (error.status, errors.FunctionNotFound.status, errors.FunctionNotFound("x").status) == (
        410,
        404,
        404,
    )


@pytest.mark.parametrize(
    ("detail", "problem"),
    [
        ({"field": "name", "problem": "is required"}, Problem("name", "is required")),
        ({"field": None, "problem": 5, "other": 1}, Problem("", "5")),
        ("free text", Problem("", "free text")),
        (None, Problem("", "None")),
        ({}, Problem("", "")),
    ],
)
def test_details_of_any_shape_are_read(detail: object, problem: Problem) -> None:
    """Another server's details never break the error they explain."""
    assert errors.api_error("X", 400, "m", "", [detail]).problems == (problem,)


def test_text_has_sentence_problems_hint_code_and_request() -> None:
    """What a person reads: all parts, a line each, columns aligned."""
    error = errors.InvalidArgument(
        "hello was not deployed",
        problems=[
            Problem("memory", "is too small", "128 to 32768 MB", "7", "128"),
            Problem("role", "is required", "", "", "acs:ram::1:role/r"),
        ],
        hint="mend and send again",
        request_id="req-3",
    )
    assert str(error).splitlines() == [
        "hello was not deployed",
        "  memory 7  is too small: 128 to 32768 MB  128",
        "  role      is required                    acs:ram::1:role/r",
        "mend and send again",
        "InvalidArgument · request req-3",
    ]
    assert str(error.problems[0]) == "memory 7: is too small; allowed: 128 to 32768 MB"


def test_traceback_for_ipython_is_a_few_lines() -> None:
    """IPython shows the class, the message and the hint; no frames of ours."""
    error = errors.FunctionNotFound("there is no function hello", hint="deploy it")
    assert error._render_traceback_() == ["FunctionNotFound: there is no function hello\ndeploy it"]


def test_function_error_carries_its_invocation() -> None:
    """A failed call can be looked into: payload, log and request id stay with the error."""
    call = Invocation("hello", "req-4", b'{"errorMessage": "boom"}', "UnhandledInvocationError", log="l")
    error = errors.FunctionError(call, "hello failed")
    assert error.invocation is call
    assert error.request_id == "req-4"
    assert error.invocation.error == {"errorMessage": "boom"}
