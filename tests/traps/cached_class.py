"""A cache around a class, a method, a partial and a function of Python's own."""

# %%
from dataclasses import dataclass
from functools import lru_cache, partial
from math import sqrt

# %%
@dataclass(frozen=True)
class Honeycomb:
    letters: str
    centre: str = "G"

    def other(self):
        return Honeycomb(self.letters, "X")

# %%
Honeycomb = lru_cache(None)(Honeycomb)
split = lru_cache(8)("a-b".split)
double = lru_cache(partial(lambda n, x: n * x, 2))
root = lru_cache(maxsize=3, typed=True)(sqrt)

# %% deploy
def handler(event, context):
    one = Honeycomb("LAP")
    return [one is Honeycomb("LAP"), one.other().centre, split("-"), double(4), root(9), root.cache_parameters()]

# %% expect
# answers
