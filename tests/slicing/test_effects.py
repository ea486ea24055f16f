"""What a cell does besides binding names is found in its text."""

from __future__ import annotations

import pytest

from fc_magic.slicing.effects import Effect, effects, of_functions

NAMES = {
    **{name: name for name in ("random", "os", "sys", "math", "decimal", "locale", "pandas")},
    **{"np": "numpy", "seed": "random.seed", "environ": "os.environ", "getcontext": "decimal.getcontext"},
}


def found(source: str) -> list[Effect]:
    return effects(source, lambda name: NAMES.get(name, ""))


@pytest.mark.parametrize(
    ("source", "path", "key"),
    [
        ("random.seed(42)", "random.seed", ""),
        ("seed(1)", "random.seed", ""),
        ("np.random.seed(0)", "numpy.random.seed", ""),
        ("np.set_printoptions(precision=2)", "numpy.set_printoptions", ""),
        ("if True:\n    sys.setrecursionlimit(10**6)", "sys.setrecursionlimit", ""),
        ("decimal.getcontext().prec = 6", "decimal.getcontext", ""),
        ("getcontext().prec += 6", "decimal.getcontext", ""),
        ("os.environ['A'] = 'x'", "os.environ", "A"),
        ("environ['A'] = 'x'", "os.environ", "A"),
        ("del os.environ['A']", "os.environ", "A"),
        ("os.environ[name] = 'x'", "os.environ", ""),
        ("os.environ.update(A='x')", "os.environ", ""),
        ("os.environ.setdefault('A', 'x')", "os.environ", "A"),
        ("os.environ.pop('A')", "os.environ", "A"),
        ("os.putenv('A', 'x')", "os.putenv", "A"),
        ("os.chdir('data')", "os.chdir", ""),
        ("locale.setlocale(locale.LC_ALL, 'de_DE')", "locale.setlocale", ""),
        ("get_ipython().run_line_magic('env', 'A=x')", "os.environ", "A"),
        ("get_ipython().run_line_magic('set_env', 'A x')", "os.environ", "A"),
        ("get_ipython().run_line_magic('cd', 'data')", "os.chdir", ""),
    ],
)
def test_settings(source: str, path: str, key: str) -> None:
    """A setting of the whole process is found under whatever name it was reached."""
    [effect] = found(source)
    assert (effect.path, effect.key, effect.changed) == (path, key, False)


@pytest.mark.parametrize(
    ("source", "path"),
    [
        ("math.pi = 3", "math.pi"),
        ("np.inf += 1", "numpy.inf"),
        ("del math.tau", "math.tau"),
        ("setattr(math, 'pi', 3)", "math.pi"),
        ("pandas.options.display.max_rows = 5", "pandas.options.display.max_rows"),
        ("sys.modules['x'] = 1", "sys.modules"),
    ],
)
def test_changes(source: str, path: str) -> None:
    """An attribute of a library that was set is found."""
    [effect] = found(source)
    assert (effect.path, effect.changed) == (path, True)


@pytest.mark.parametrize(
    "source",
    [
        "x.y = 1",
        "table['a'] = 1",
        "os.environ.get('A')",
        "os.environ['A']",
        "decimal.getcontext()",
        "def f():\n    random.seed(1)",
        "f = lambda: np.random.seed(1)",
        "random.random() == math.pi",
        "seed",
        "get_ipython().run_line_magic('env', '')",
        "get_ipython().run_line_magic('time', 'seed = 1')",
        "random.seed(",
    ],
)
def test_nothing(source: str) -> None:
    """Looking is no effect, nor is what a function would do if it were called."""
    assert found(source) == []


def test_felt() -> None:
    """A setting matters to code that can feel it; a variable of the environment to code that has its name."""
    [seed], [variable] = found("random.seed(42)"), found("os.environ['MODE'] = 'secret'")
    assert seed.is_felt("import random\n")
    assert not seed.is_felt("import math\n")
    assert not seed.is_felt('import numpy as np\n"""random"""\nx = np.random.random()  # random')
    assert variable.is_felt("import os\nx = os.environ['MODE']")
    assert not variable.is_felt("import os\nx = os.environ['OTHER']")
    assert "secret" not in variable.what


def test_functions() -> None:
    """What a function does is known by its name, and not what its own names hide."""
    text = "def seed_all(n):\n    random.seed(n)\ndef not_this(random):\n    random.seed(1)"
    done = of_functions(text, lambda name: NAMES.get(name, ""))
    assert {name: [effect.path for effect in each] for name, each in done.items()} == {
        "seed_all": ["random.seed"]
    }
