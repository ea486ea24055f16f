"""A class is found, too, where each of its methods has a decorator of the notebook, or was replaced."""

# %%
from dataclasses import dataclass
from enum import Enum
from functools import wraps
def twice(f):
    def run(*args):
        return 2 * f(*args)
    return run
def tag(name):
    def decorate(f):
        @wraps(f)
        def run(*args):
            return [name, f(*args)]
        return run
    return decorate
class lazy:
    def __init__(self, f): self.f = f
    def __get__(self, one, cls): return self.f(one)

# %%
class Base:
    def total(self): return 1
class Plain:
    @twice
    def total(self): return 1
class Below(Base):
    @tag("b")
    def total(self): return super().total() + 1
class Lazy:
    size = 3
    @lazy
    def total(self): return self.size
@dataclass
class Row:
    n: int
    @twice
    def total(self): return self.n
@dataclass
class Other:
    n: int
    def total(self): return self.n
class Mode(Enum):
    A = 1
    def total(self): return 1

# %%
Other.total = lambda self: self.n + 5
Mode.total = lambda self: self.value + 6

# %% deploy
def handler(event, context):
    every = [Plain(), Below(), Row(3), Other(4), Mode.A]
    return [[each.total() for each in every], Lazy().total]

# %% expect
# answers
