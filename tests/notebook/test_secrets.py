"""Values that look secret, as a cell that needs them meets them: they are told, and not shown."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.notebook.conftest import HANDLER, Shell

VALUE = "s3cr3t-of-a-test"
TYPED = "typed-by-hand"


@pytest.fixture
def notebook(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shell]:
    """One whose environment has a secret."""
    monkeypatch.setenv("TEST_API_KEY", VALUE)
    yield shell
    shell.ip.reset()


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("import os\nkept = os.environ['TEST_API_KEY']", "kept has the value of TEST_API_KEY"),
        ("import os\nkept = {'a': [os.environ['TEST_API_KEY'] + '!']}", "kept has the value of TEST_API_KEY"),
        (f"import os\nkept = 1\nmy_token = '{TYPED}'", "my_token looks like a secret"),
        (f"import os\nkept = dict(password='{TYPED}')", "password looks like a secret"),
    ],
)
def test_told_and_masked(notebook: Shell, cell: str, said: str) -> None:
    """The card says what would stand in the file and how it comes otherwise; a dry run does not show it."""
    assert notebook.run(cell).success
    body = "return len(str(my_token))" if "my_token" in cell else "return len(str(kept))"
    ran = notebook.run(f"%%fcdeploy secretive --dry-run\n{HANDLER}    {body}\n")
    assert ran.success, ran.text
    text = " ".join(ran.text.split())
    assert said in text
    assert "--env" in text
    assert VALUE not in ran.text
    assert TYPED not in ran.text
    assert "****" in text
    sent = notebook.run(f"%%fcdeploy secretive\n{HANDLER}    {body}\n")
    assert said in " ".join(sent.text.split())
    assert notebook.run("secretive() > 0").value is True
    notebook.run("%fcdelete secretive")


@pytest.mark.parametrize(
    "cell", ["sort_key = 'day of week'", "key = 'id'", "tokens = ['a-long-word-of-text']", "password = ''"]
)
def test_nothing_secret(notebook: Shell, cell: str) -> None:
    """Words that are no secrets are shown as they are."""
    assert notebook.run(cell).success
    name = cell.partition(" ")[0]
    ran = notebook.run(f"%%fcdeploy open-hearted --dry-run\n{HANDLER}    return {name}\n")
    assert ran.success, ran.text
    assert "secret" not in ran.text
    assert cell.partition("= ")[2].strip("[]'") in ran.text


def test_from_the_environment_there(notebook: Shell) -> None:
    """A cell that asks for it itself has nothing to be told."""
    body = "import os\n" + HANDLER + "    return len(os.environ['TEST_API_KEY'])\n"
    ran = notebook.run(f"%%fcdeploy asks-itself --env TEST_API_KEY\n{body}")
    assert ran.success, ran.text
    assert "secret" not in ran.text
    assert notebook.run("asks_itself()").value == len(VALUE)
    notebook.run("%fcdelete asks-itself")
