"""Names for types, used in annotations and in code."""

# %%
from typing import Callable, Dict, List, Optional, Tuple, Union
from collections import namedtuple
Point = Tuple[int, int]
Grid = Dict[Point, str]
Maybe = Optional[Grid]
Key = Union[int, str]
Test = Callable[[Point], bool]
Cell = complex
Choice = "str | int"
Row = list[int]
Names = List["Name"]

# %%
def north(p: Point, grid: Maybe = None, test: Test = None, k: Key = 0) -> Names:
    return Cell(p[0], p[1] - 1)

# %% deploy
def handler(event, context):
    return [str(north((1, 2))), str(Grid), Row([1]), str(north.__annotations__["p"])]

# %% expect
# answers
