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


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (f"API_TOKEN = '{TYPED}'", "API_TOKEN looks like a secret"),
        (f"import os\nos.environ['DB_PASSWORD'] = '{TYPED}'", "DB_PASSWORD looks like a secret"),
        (f"address = 'postgres://me:{TYPED}@example.com/db'", "address looks like a secret"),
        (f"class Login:\n    secret = '{TYPED}'", "secret looks like a secret"),
        (f"kept = '{VALUE}'", "has the value of TEST_API_KEY"),
        ("upload_key = 'A1b2C3d4E5f6G7h8I9j0'", "upload_key looks like a secret"),
        ("token = '/abc/xyzXYZ/A1b2C3d4E5f6G7h8I9j0'", "token looks like a secret"),
        (f"import os\nSECRET = os.environ.get('S') or '{TYPED}'", "SECRET looks like a secret"),
        (f"n = 1\nSECRET = '{TYPED}' if n else 'no-secret'", "SECRET looks like a secret"),
        (f"n = 1\nSECRET = None if n else '{TYPED}'", "SECRET looks like a secret"),
        (f"PASSWORD = '{TYPED}'.strip().encode()", "PASSWORD looks like a secret"),
        (f"import os\nos.environ.setdefault('API_TOKEN', '{TYPED}')", "API_TOKEN looks like a secret"),
        (f"from os import getenv\nkept = getenv('API_TOKEN', '{TYPED}')", "API_TOKEN looks like a secret"),
        (f"import os\nkept = os.getenv('API_TOKEN', default='{TYPED}')", "API_TOKEN looks like a secret"),
        (f"PASSWORDS = ('{TYPED}', 'A1b2C3d4E5f6G7h8I9j0')", "PASSWORDS looks like a secret"),
        (f"API_KEYS = [['{TYPED}']]", "API_KEYS looks like a secret"),
        ("TOKENS = {'A1b2C3d4E5f6G7h8I9j0'}", "TOKENS looks like a secret"),
    ],
)
def test_in_the_cell_itself(notebook: Shell, cell: str, said: str) -> None:
    """It is told as one of another cell is: the commonest place."""
    ran = notebook.run(f"%%fcdeploy by-itself --dry-run\n{cell}\n{HANDLER}    return 1\n")
    assert ran.success, ran.text
    text = " ".join(ran.text.split())
    assert said in text
    assert text.count("and stands in the file") == 1
    for secret in (VALUE, TYPED, "A1b2C3d4E5f6G7h8I9j0"):
        assert secret not in ran.text


@pytest.mark.parametrize(
    ("runtime", "cell"),
    [
        ("nodejs20", f'const password = "{TYPED}";\nexports.handler = async () => password;'),
        ("nodejs20", f'const kept = "{VALUE}";\nexports.handler = async () => kept;'),
        ("custom.debian12", f'#!/bin/sh\nAPI_TOKEN="{TYPED}"\nexec serve'),
        ("custom.debian12", f"#!/bin/sh\nAPI_TOKEN={TYPED}\nexec serve"),
        ("custom.debian12", f"#!/usr/bin/env python3\nfrom serve import run\nrun(token='{TYPED}')"),
        ("custom.debian12 --entrypoint 'python3 app.py'", f"from serve import run\nrun(token='{TYPED}')"),
        ("custom.debian12 --entrypoint 'sh run.sh'", f"export API_TOKEN={TYPED}\nexec serve"),
    ],
)
def test_masked_in_every_language(notebook: Shell, runtime: str, cell: str) -> None:
    """A function that does not exist yet is shown whole, but for these."""
    ran = notebook.run(f"%%fcdeploy spoken --dry-run --force --runtime {runtime}\n{cell}\n")
    assert ran.success, ran.text
    shown = cell.replace(TYPED, "****").replace(VALUE, "****")
    assert all(line in ran.text for line in shown.splitlines())
    assert TYPED not in ran.text
    assert VALUE not in ran.text


@pytest.mark.parametrize(
    ("run_by", "line"),
    [
        ("/usr/bin/env python3", "token = get_token()"),
        ("/usr/local/bin/node", "const token = getToken();"),
        ("/bin/sh", 'curl -H "Authorization: $token" $url'),
    ],
)
def test_code_of_a_program(notebook: Shell, run_by: str, line: str) -> None:
    """Where texts stand in quotes, what stands in none is code, and of a shell the names of variables are."""
    ran = notebook.run(
        f"%%fcdeploy spoken --dry-run --force --runtime custom.debian12\n#!{run_by}\n{line}\nAUTH_TOKEN=$token\n"
    )
    assert ran.success, ran.text
    assert line in ran.text


@pytest.mark.parametrize(
    ("cell", "said", "variable"),
    [
        (
            f"import urllib.request\ndef read():\n    urllib.request.urlopen('https://bob:{TYPED}@host.com/x')",
            "⚠ a URL with a password stands in the file: ",
            "SECRET",
        ),
        ("HEADERS = {'x-api-key': 'A1b2C3d4E5f6G7h8I9j0'}", "⚠ x-api-key looks like a secret, ", "X_API_KEY"),
        (f"HEADERS = {{'2fa.token': '{TYPED}'}}", "⚠ 2fa.token looks like a secret, ", "_2FA_TOKEN"),
        (f"FC_TOKEN = '{TYPED}'", "⚠ FC_TOKEN looks like a secret, ", "TOKEN"),
    ],
)
def test_what_is_no_name_of_a_variable(notebook: Shell, cell: str, said: str, variable: str) -> None:
    """The option that is named beside it can be followed."""
    ran = notebook.run(f"%%fcdeploy by-itself --dry-run\n{cell}\n{HANDLER}    return 1\n")
    assert ran.success, ran.text
    text = " ".join(ran.text.split())
    assert said in text
    assert f'--env {variable} and os.environ["{variable}"] in the cell' in text
    assert TYPED not in ran.text


#: what has the name of a secret, and is none
ORDINARY = [
    ("PRIMARY_KEY", "customer_id"),
    ("cache_key", "user-profile-cache-v2"),
    ("OBJECT_KEY", "data/2024/report-01.csv"),
    ("password", "password"),
    ("PASSWORD_FILE", "/run/secrets/database"),
    ("PRIVATE_KEY", "keys/private.pem"),
    ("SSH_KEY", "/etc/ssh/a1b2c3d4e5f6a7b8c9d0.pem"),
    ("SECRET_NAME", "production-database"),
    ("API_KEY_HEADER", "X-Api-Key"),
    ("TOKEN", "<your token>"),
    ("API_KEY", "${API_KEY}"),
    ("MAX_TOKENS", "128000"),
    ("pad_token", "<|padding|>"),
    ("SECRET", "https://example.com/where-it-is"),
    ("DB_PASSWORD", "PROD_DB_PASSWORD"),
    ("MODE", "production-of-2024"),
]


def test_ordinary_values(notebook: Shell) -> None:
    """Nobody is told of what is no secret, wherever it stands."""
    lines = "".join(f"{name} = {value!r}\n" for name, value in ORDINARY)
    options = " ".join(f"--env '{name}={value}'" for name, value in ORDINARY if "{" not in value)
    ran = notebook.run(f"%%fcdeploy ordinary {options}\n{lines}{HANDLER}    return 1\n")
    assert ran.success, ran.text
    assert "⚠" not in ran.text
    notebook.run("%fcdelete ordinary")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DB_KEY", "correct-horse-battery"),
        ("SESSION_KEY", "hunter2.hunter2"),
        ("DB_PASSWORD", "/hunter2.x"),
        ("PASSWORD_PARAM", "hunter2hunter"),
    ],
)
def test_masked_without_a_word(notebook: Shell, name: str, value: str) -> None:
    """What may be a secret and may be none is not shown, whether it is told or not."""
    assert notebook.run(f"{name} = {value!r}").success
    ran = notebook.run(f"%%fcdeploy unsaid --dry-run\n{HANDLER}    return {name}\n")
    assert ran.success, ran.text
    assert f"{name} = '****'" in ran.text
    assert value not in ran.text


@pytest.mark.parametrize(
    ("cell", "masked", "code"),
    [
        ("SORT_KEY = 'result'", "SORT_KEY = '****'", "result = dict(a=1)\n    return result"),
        ("PARTITION_KEY = 'context'", "PARTITION_KEY = '****'", "return str(context)"),
        ("password = 'password'", "password = '****'", "return dict(password=password)"),
        ("x = 1\nDB_KEY = f'handler{x}'", "DB_KEY = f'****{x}'", "return handler.__name__"),
    ],
)
def test_a_word_of_the_code(notebook: Shell, cell: str, masked: str, code: str) -> None:
    """One that is also a value with the name of a secret is shown: a dry run shows the code as it is, also line by
    line beside what is live."""
    own = f"{cell}\n{HANDLER}    {code}\n"
    for live in ("", f"%%fcdeploy worded\n{HANDLER}    return 2\n"):
        if live:
            assert notebook.run(live).success
        ran = notebook.run(f"%%fcdeploy worded --dry-run\n{own}")
        assert ran.success, ran.text
        assert masked in ran.text
        assert all(line.strip() in ran.text for line in code.split("\n"))
        assert "def handler(event, context):" in ran.text
    notebook.run("%fcdelete worded")


def test_told_since_the_environment_has_it(notebook: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever it looks like: the environment says what it is."""
    monkeypatch.setenv("ORDERS_KEY", "correct-horse-battery")
    assert notebook.run("import os\nkept = os.environ['ORDERS_KEY']").success
    ran = notebook.run(f"%%fcdeploy has-it --dry-run\n{HANDLER}    return kept\n")
    assert ran.success, ran.text
    assert "kept has the value of ORDERS_KEY" in " ".join(ran.text.split())
    assert "correct-horse-battery" not in ran.text


@pytest.mark.parametrize("option", [f"--env API_KEY={TYPED}", f'--env \'{{"API_KEY": "{TYPED}"}}\''])
def test_on_the_line(notebook: Shell, option: str) -> None:
    """One warning says of all how they come without standing there; the function has them all the same."""
    body = f"import os\n{HANDLER}    return os.environ['API_KEY']\n"
    ran = notebook.run(f"%%fcdeploy on-the-line {option} --env MODE=production\n{body}")
    assert ran.success, ran.text
    text = " ".join(ran.text.split())
    assert (
        "⚠ API_KEY looks like a secret, and stands on the line: --env API_KEY without a value takes it"
        in text
    )
    assert ran.text.count("⚠ API_KEY") == 1
    assert TYPED not in ran.text
    assert notebook.run("on_the_line()").value == TYPED
    notebook.run("%fcdelete on-the-line")
    two = notebook.run(f"%%fcdeploy on-the-line {option} --env DB_PASSWORD={TYPED}\n{body}")
    assert "API_KEY, DB_PASSWORD look like secrets" in " ".join(two.text.split())
    notebook.run("%fcdelete on-the-line")


def test_from_elsewhere(notebook: Shell) -> None:
    """What a variable of the notebook or of its environment has does not stand on the line."""
    notebook.run(f"kept = '{TYPED}'")
    body = f"import os\n{HANDLER}    return os.environ['DB_PASSWORD']\n"
    ran = notebook.run(f"%%fcdeploy from-elsewhere --env TEST_API_KEY --env DB_PASSWORD={{kept}}\n{body}")
    assert ran.success, ran.text
    assert "⚠" not in ran.text
    notebook.run("%fcdelete from-elsewhere")
