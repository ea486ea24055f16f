"""A class on top of a namedtuple that was made in its head."""

# %%
from collections import namedtuple
class Vec(namedtuple("Vec", "x y")):
    __slots__ = ()
    def __add__(self, other):
        return Vec(self.x + other.x, self.y + other.y)

# %%
ORIGIN = Vec(0, 0)

# %% deploy
def handler(event, context):
    return [repr(Vec(1, 2) + Vec(3, 4)), ORIGIN.x, isinstance(ORIGIN, Vec)]

# %% expect
# answers
