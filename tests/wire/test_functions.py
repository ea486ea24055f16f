"""CreateFunction and UpdateFunction are read whatever is sent: taken, or refused by the name of the field."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fc_magic.errors import InvalidArgument
from fc_magic.wire import functions, kept, tags, v2
from fc_magic.wire.function_fields import SERVED
from fc_magic.wire.results import Function
from fc_magic.wire.runtimes import CUSTOM, PYTHON

SERVES = (*PYTHON, *CUSTOM)
FIELDS = (*SERVED, *kept.NAMES, "functionName", "customContainerConfig", "microSandboxConfig", "strange")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=8,
)
#: the keys that are known inside of the fields, so that values are reached
INSIDE = (
    "zipFile", "ossBucketName", "checksum", "command", "args", "port", "healthCheckConfig", "initializer", "preStop",
    "handler", "timeout", "mountPoints", "mountDir", "userId", "params", "vpcId", "vSwitchIds", "Key", "Value",
)  # fmt: skip
NEAR = JSON | st.dictionaries(st.sampled_from(INSIDE), JSON | st.dictionaries(st.sampled_from(INSIDE), JSON))
BODIES = st.dictionaries(st.sampled_from(FIELDS), NEAR | st.lists(NEAR, max_size=3), max_size=5)
DEPLOYED = Function(
    name="f", region="r", arn="acs:fc:r:1:functions/f", runtime="custom", handler="h", entrypoint="python3 app.py",
    memory=512, timeout=3, role="", kept={"nasConfig": {"userId": 1}},
)  # fmt: skip


def read(asked: Any) -> None:
    """As far as the engine does it: one that cannot be deployed is an InvalidArgument that names its fields."""
    if asked.unserved:
        assert all(problem.hint for problem in asked.unserved)
        return
    found = v2.read(asked.body, SERVES, needs_role=False)
    with pytest.raises(InvalidArgument) if asked.wrong or found.problems else contextlib.nullcontext():
        found.whole(asked.wrong)


@given(BODIES)
def test_any_body_is_read(body: dict[str, Any]) -> None:
    """No value of any field makes reading fail."""
    read(functions.create(body, SERVES))
    read(functions.change(body, DEPLOYED, b"zip", SERVES))


@given(JSON)
def test_a_body_that_is_no_object(body: Any) -> None:
    """Only an object is a body."""
    if not isinstance(body, dict):
        with pytest.raises(InvalidArgument):
            functions.create(body, SERVES)


@given(st.text(max_size=30))
def test_any_list_in_a_query(text: str) -> None:
    """A list in a query is one as JSON, or refused."""
    for reading in (tags.texts, tags.filters):
        with contextlib.suppress(InvalidArgument):
            assert isinstance(reading("tags", text), list)


def test_a_flood_of_wrong_values_is_said_shortly() -> None:
    """Of very many wrong values some are named, and how many more there are."""
    points = [{"readOnly": "no"} for _ in range(5000)]
    body = {"polarFsConfig": {"mountPoints": points}, "tags": [{"Key": 1}] * 5000}
    asked = functions.create(body, SERVES)
    assert len(asked.wrong) < 100
    error = functions.in_words(v2.refusal(asked.wrong, "f"), "f", "created")
    assert len(error.message) < 3000
    assert "more" in error.message
