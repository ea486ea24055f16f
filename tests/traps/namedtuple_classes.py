"""namedtuple in both spellings, with instances."""

# %%
from collections import namedtuple
from typing import NamedTuple
Pair = namedtuple("Pair", "left right", defaults=[9])
class Spot(NamedTuple):
    x: int
    y: int = 5
    def sum(self):
        return self.x + self.y

# %%
pairs = [Pair(1), Pair(2, 3)]
home = Spot(1)

# %% deploy
def handler(event, context):
    return [pairs, [p.right for p in pairs], home.sum(), repr(home), type(pairs[0]) is Pair]

# %% expect
# answers
