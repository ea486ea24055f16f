"""``%load_ext``: names are there at once, what stands behind them when it is used."""

from __future__ import annotations

from pathlib import Path

from tests.notebook.conftest import Kernel, kernel_in, text_of

IMPORTED = "import sys; print(*sorted(name for name in sys.modules if name.startswith('fc_magic')))"


def names(kernel: Kernel) -> set[str]:
    return set(text_of(kernel.run(IMPORTED)).split())


def test_little_is_imported(home: Path) -> None:
    """A notebook that loads the extension and uses nothing of it has loaded next to nothing."""
    with kernel_in(home) as kernel:
        at_once = names(kernel)
        assert {name.rpartition(".")[2] for name in at_once} == {
            *("fc_magic", "notebook", "loading", "completion", "completing"),
            *("formatters", "unstored", "interrupted", "configurable"),
        }
        kernel.run("print(1)\n[1, 2]\n")
        assert names(kernel) == at_once
        kernel.run("%fcversions --help")
        assert "fc_magic.notebook.magics" in names(kernel)


def test_what_looks_imports_nothing_that_builds(home: Path) -> None:
    """A list needs neither what packs a cell nor what serves it."""
    with kernel_in(home) as kernel:
        kernel.run("%fclist")
        assert not names(kernel) & {
            "fc_magic.notebook.build",
            "fc_magic.preflight.examine",
            "fc_magic.server.serve",
        }


def test_errors_that_are_imported_later(home: Path) -> None:
    """An error is a card, also when nothing of ours was used before; and none any more without the extension."""
    raising = "from fc_magic.errors import UsageError\nraise UsageError('it is said', hint='what to type')"
    with kernel_in(home) as kernel:
        outputs = kernel.run(raising, fails=True)
        assert any("text/html" in output.get("data", {}) for output in outputs)
        kernel.run("%unload_ext fc_magic")
        outputs = kernel.run(raising, fails=True)
        assert not any("text/html" in output.get("data", {}) for output in outputs)
        assert "it is said" in text_of(outputs)
