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
    ("cell", "said"),
    [
        (f"def kept(password='{TYPED}'): return password", "password looks like a secret"),
        (f"def kept(*, password='{TYPED}'): return password", "password looks like a secret"),
        (
            f"class kept:\n    def __init__(self, a=1, token='{TYPED}'): self.a = token",
            "token looks like a secret",
        ),
        (f"def kept():\n    my_token = b'{TYPED}'\n    return my_token", "my_token looks like a secret"),
        (f"def kept():\n    x = my_token = '{TYPED}'\n    return x", "my_token looks like a secret"),
        (f"def kept():\n    x, my_token = 1, '{TYPED}'\n    return my_token", "my_token looks like a secret"),
        (
            f"def kept():\n    x = {{}}\n    x['password'] = '{TYPED}'\n    return x",
            "password looks like a secret",
        ),
        (f"def kept():\n    if (password := '{TYPED}'): return password", "password looks like a secret"),
        (
            f"def kept(n=1):\n    password = f'{TYPED}{{n}}'\n    return password",
            "password looks like a secret",
        ),
        (
            f"def kept(n=1):\n    password = '{TYPED}' + str(n)\n    return password",
            "password looks like a secret",
        ),
    ],
)
def test_told_and_masked_in_functions(notebook: Shell, cell: str, said: str) -> None:
    """What stays source is searched wherever a text may have a name."""
    assert notebook.run(cell).success
    ran = notebook.run(f"%%fcdeploy secretive --dry-run\n{HANDLER}    return str(kept())\n")
    assert ran.success, ran.text
    assert said in " ".join(ran.text.split())
    assert TYPED not in ran.text
    assert "****" in ran.text


def test_secret_that_begins_with_another(notebook: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the longer one is left."""
    monkeypatch.setenv("A_TOKEN", "abcdef")
    monkeypatch.setenv("B_TOKEN", "abcdef-rest-of-it")
    assert notebook.run("import os\nkept = {'a': os.environ['A_TOKEN'], 'b': os.environ['B_TOKEN']}").success
    ran = notebook.run(f"%%fcdeploy secretive --dry-run\n{HANDLER}    return kept\n")
    assert ran.success, ran.text
    assert "****" in ran.text
    assert "rest-of-it" not in ran.text


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
