"""Values of a notebook that go with a cell: what the function answers is what the kernel answers."""

from __future__ import annotations

import pytest

from tests.notebook.conftest import Shell
from tests.notebook.test_slice import deployed, handler, notebook, refused, same

__all__ = ["notebook"]


def test_what_two_names_share_is_shared_there(notebook: Shell) -> None:
    """A change by one name is seen by the other."""
    notebook.run("rows = [1, 2]\nindex = {'all': rows}\nrows.append(3)")
    cell = (
        "def handler(event, context):\n    index['all'].append(4)\n    return [rows, index['all'] is rows]\n"
    )
    assert same(notebook, cell) == [[1, 2, 3, 4], True]


def test_two_constants_that_are_one_list(notebook: Shell) -> None:
    """No statement says so by itself: the names were bound in two cells."""
    notebook.run("first = [1, 2]")
    notebook.run("second = first")
    cell = "def handler(event, context):\n    first.append(3)\n    return second\n"
    name = deployed(notebook, cell)
    assert notebook.run(f"{name}({{}})").value == [1, 2, 3]


def test_objects_with_state(notebook: Shell) -> None:
    """Of classes of the notebook, as they are now and not as __init__ makes them."""
    notebook.run(
        "class Account:\n"
        "    def __init__(self, owner):\n"
        "        print('opened')\n"
        "        self.owner, self.entries = owner, []\n"
        "    def pay(self, amount):\n"
        "        self.entries.append(amount)\n"
        "        return sum(self.entries)\n"
    )
    notebook.run("account = Account('Ann')\naccount.pay(5)\nledger = {'Ann': account}")
    assert same(notebook, handler("[account.pay(0), ledger['Ann'] is account, account.owner]")) == [
        5,
        True,
        "Ann",
    ]


def test_an_environment_as_in_lispy(notebook: Shell) -> None:
    notebook.run(
        "class Env(dict):\n"
        "    def __init__(self, parms=(), args=(), outer=None):\n"
        "        self.update(zip(parms, args))\n"
        "        self.outer = outer\n"
        "    def find(self, var):\n"
        "        return self if var in self else self.outer.find(var)\n"
    )
    notebook.run("world = Env(['pi'], [3.14])\nworld.update({'me': 1})\nlocal = Env(['r'], [10], world)")
    assert same(
        notebook, handler("[local.find('pi')['pi'], local.find('r') is local, local.outer is world]")
    ) == [
        3.14,
        True,
        True,
    ]


def test_large_values_are_files(notebook: Shell) -> None:
    """Read when the function starts."""
    notebook.run("words = {f'word {i}': (i, i / 7) for i in range(3_000)}\ntext = 'line\\n' * 2_000")
    shown = notebook.run("%%fcdeploy big --dry-run\n" + handler("words, text")).text
    assert all(f"values/{file}" in shown for file in ("text.txt", "words.json"))
    cell = handler("[len(words), words['word 2999'], type(words['word 1']).__name__, len(text)]")
    assert same(notebook, cell) == [3000, [2999, 2999 / 7], "tuple", 10_000]


def test_a_set_of_numbers_is_gone_through_as_in_the_kernel(notebook: Shell) -> None:
    notebook.run("seen = set()\nfor n in (8, 0, 16, 1000, 24): seen.add(n)")
    assert sorted(same(notebook, handler("list(seen)"))) == [0, 8, 16, 24, 1000]


def test_numbers_of_chance_go_on(notebook: Shell) -> None:
    notebook.run("import random\ndice = random.Random(7)\ndice.random()")
    name = deployed(notebook, handler("dice.random()"))
    assert notebook.run(f"{name}({{}})").value == notebook.run("dice.random()").value


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("open('/dev/null')", "an open file or stream"),
        ("(n for n in [1, 2])", "a generator, which may be half consumed"),
        ("{'lock': [__import__('threading').Lock()]}", "a lock, which belongs to this process"),
    ],
)
def test_what_cannot_go_is_refused_in_words(notebook: Shell, value: str, words: str) -> None:
    notebook.run(f"thing = {value}")
    assert words in refused(notebook, handler("str(thing)"))
    notebook.run("getattr(thing, 'close', lambda: None)(); del thing")


def test_a_path_of_this_machine_is_told(notebook: Shell) -> None:
    notebook.run("from pathlib import Path\nplace = {'of': Path('/home/ann/data')}")
    ran = notebook.run("%%fcdeploy place --dry-run\n" + handler("str(place['of'])"))
    assert "/home/ann/data of this machine" in ran.text
