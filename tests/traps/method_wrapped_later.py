"""A method that was wrapped with functools.wraps is the wrapped one, also where it calls super."""

# %%
from functools import lru_cache, wraps
def twice(f):
    @wraps(f)
    def run(*args):
        return 2 * f(*args)
    return run

# %%
class Sum:
    def __init__(self, n): self.n = n
    def total(self): return 3 * self.n
    def name(self): return "sum"
    @staticmethod
    def half(n): return n / 2
    @property
    def root(self): return self.n ** 0.5
class More(Sum):
    def total(self): return super().total() + 1
    def name(self): return "more"

# %%
Sum.total = twice(Sum.total)
Sum.half = staticmethod(twice(twice(Sum.half)))
Sum.root = property(twice(Sum.root.fget))
Sum.name = lru_cache(Sum.name)
More.total = twice(More.total)

# %% deploy
def handler(event, context):
    s, m = Sum(4), More(4)
    return [s.total(), s.half(3), s.root, s.name(), hasattr(s.name, "cache_info"), m.total(), m.name()]

# %% expect
# answers
