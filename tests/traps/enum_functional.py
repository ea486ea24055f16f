"""An Enum made by calling Enum, and one with values of all kinds."""

# %%
from enum import Enum, IntEnum, auto
Dir = Enum("Dir", "UP DOWN")
class Size(IntEnum):
    S = auto()
    L = 10
class Odd(Enum):
    A = (1, "x")
    B = frozenset({2})

# %%
way = Dir.DOWN

# %% deploy
def handler(event, context):
    return [way.name, Dir["UP"].value, Size.L + 1, Odd.A.value[1], way is Dir(2)]

# %% expect
# answers
