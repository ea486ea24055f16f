"""The documentation of a class is what it is now."""

# %%
from collections import namedtuple
from dataclasses import dataclass
from enum import Enum
class Changed:
    "as it was"
class Added:
    def f(self): return 1
class Kept:
    """
    Some lines,
      indented.
    """
class Taken:
    "away"
@dataclass
class Row:
    a: int
@dataclass
class Own:
    a: int
class Mode(Enum):
    "modes"
    A = 1
Point = namedtuple("Point", "x y")
Other = namedtuple("Other", "x y")

# %%
Changed.__doc__ = "as it is"
Added.__doc__ = "added"
Taken.__doc__ = None
Own.__doc__ = "a row"
Point.__doc__ = "a point"

# %% deploy
def handler(event, context):
    return [c.__doc__ and c.__doc__.split() for c in (Changed, Added, Kept, Taken, Row, Own, Mode, Point, Other)]

# %% expect
# answers
