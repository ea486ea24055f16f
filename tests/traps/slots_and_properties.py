"""Slots, properties with setters, and an instance with its state."""

# %%
class Temp:
    __slots__ = ("_c", "name")
    def __init__(self, c):
        self._c = c
    @property
    def f(self):
        return self._c * 9 / 5 + 32
    @f.setter
    def f(self, value):
        self._c = (value - 32) * 5 / 9

# %%
t = Temp(100)
t.f = 32

# %% deploy
def handler(event, context):
    return [t._c, t.f, hasattr(t, "name")]

# %% expect
# answers
