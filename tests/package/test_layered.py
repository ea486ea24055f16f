"""Libraries as layers: named by what they are, several if one cannot hold them."""

from __future__ import annotations

import random
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from fc_magic.errors import PackageError
from fc_magic.package.contents import Wheel
from fc_magic.package.layered import OURS, layered
from tests.package.wheels import wheel

DICE = random.Random(3)


@pytest.fixture
def wheels(tmp_path: Path) -> list[Wheel]:
    """Three of 40 KB, and a small one that the first needs."""
    large = [wheel(tmp_path, name, {f"{name}/data.bin": DICE.randbytes(40_000)}) for name in "abc"]
    return [*large, wheel(tmp_path, "z", {"z.py": b"z"}, "2.0", why="a")]


def names(code: bytes) -> set[str]:
    with zipfile.ZipFile(BytesIO(code)) as archive:
        return {name.removeprefix("python/").partition("/")[0] for name in archive.namelist()}


def test_one_layer(wheels: list[Wheel], tmp_path: Path) -> None:
    """Its name is a name of Function Compute's, tells the runtime and changes with any wheel; it says what is in it,
    what was asked for first."""
    (made,) = layered(wheels, "python3.10")
    assert OURS.fullmatch(made.name)
    assert made.name.startswith("fc-magic-python3_10-")
    assert made.description == "a 1.0, b 1.0, c 1.0, z 2.0"
    assert names(made.libraries.whole()[:]) >= {"a", "b", "c", "z.py"}
    other = wheel(tmp_path, "a", {"a/data.bin": b"other"})
    assert layered([other, *wheels[1:]], "python3.10")[0].name != made.name
    assert layered(wheels[:3], "python3.10")[0].name != made.name
    assert layered(wheels, "python3.12")[0].name != made.name
    assert layered(wheels, "python3.10", ("*.bin",))[0].name != made.name


def test_a_description_that_is_too_long(tmp_path: Path) -> None:
    """Function Compute takes 256 characters."""
    many = [wheel(tmp_path, f"distribution{n}", {f"m{n}.py": b""}) for n in range(30)]
    (made,) = layered(many, "python3.10")
    assert len(made.description) == 256
    assert made.description.endswith("…")
    assert len(made.contents) == 30


def test_several_layers(wheels: list[Wheel]) -> None:
    """As few as hold them, the same in whatever order they are named, and together everything."""
    made = layered(wheels, "python3.10", most=100_000)
    assert len(made) == 2
    assert len({one.name for one in made}) == 2
    assert all(one.libraries.size <= 100_000 for one in made)
    assert set().union(*(names(one.libraries.whole()[:]) for one in made)) >= {"a", "b", "c", "z.py"}
    for _ in range(3):
        DICE.shuffle(wheels)
        assert [one.name for one in layered(wheels, "python3.10", most=100_000)] == [one.name for one in made]


def test_a_wheel_that_no_layer_holds(wheels: list[Wheel]) -> None:
    """It is named, with what there is instead."""
    with pytest.raises(PackageError, match=r"^[abc] 1\.0 has ") as caught:
        layered(wheels, "python3.10", most=30_000)
    assert "--image-url" in caught.value.hint
