"""Attributes that were set later on dataclasses, Enums, named tuples and ordered classes are there."""

# %%
from collections import Counter, namedtuple
from dataclasses import dataclass, field
from enum import Enum
from functools import total_ordering
from typing import ClassVar, NamedTuple

# %%
@dataclass
class Row:
    a: int
    n: int = field(default=3)
    b: int = 1
    seen: ClassVar[Counter] = Counter()
    size: ClassVar[int] = len("abc")
    cache = dict()
    gone = "x"
    def __post_init__(self):
        Row.made = getattr(Row, "made", 0) + 1
@dataclass(frozen=True)
class Fixed:
    a: int
@total_ordering
class Size:
    def __init__(self, n): self.n = n
    def __lt__(self, other): return self.n < other.n
    def __eq__(self, other): return self.n == other.n
class Mode(Enum):
    A = 1
    B = 2
class Planet(Enum):
    EARTH = (3, 4)
    def __init__(self, mass, radius):
        self.mass, self.density = mass, mass / radius
class Pair(NamedTuple):
    x: int
Point = namedtuple("Point", "x y")

# %%
Row(1), Row(2)
Row.unit, Row.n, Row.b, Row.size = "kg", 5, 6, 7
Row.seen["x"] += 1
Row.cache["k"] = "v"
del Row.gone
Fixed.unit = ["m"]
Size.unit = {"l": 1}
Mode.default = Mode.B
Mode.A.label = "first"
Planet.EARTH.density = 9
Planet.heavy = [Planet.EARTH]
Pair.unit = "s"
Point.origin = Point(0, 0)
Point.swapped = lambda self: Point(self.y, self.x)

# %% deploy
def handler(event, context):
    return repr([
        (Row.made, Row.unit, Row.n, Row.b, Row.size, Row.seen, Row.cache, hasattr(Row, "gone"), Row(1)),
        (Fixed.unit, Fixed(1), Size.unit, Size(1) >= Size(2)),
        (Mode.default, Mode.A.label, hasattr(Mode.B, "label"), list(Mode)),
        (Planet.EARTH.mass, Planet.EARTH.density, Planet.heavy),
        (Pair.unit, Pair(1), Point.origin, Point(1, 2).swapped()),
    ])

# %% expect
# answers
