"""A method whose decorator was taken off has none there."""

# %%
from functools import lru_cache, wraps
def twice(f):
    @wraps(f)
    def run(*args):
        return 2 * f(*args)
    return run
class A:
    @twice
    def f(self): return 1
    @lru_cache
    def g(self): return 2
    @staticmethod
    def h(x): return x
    @property
    def p(self): return 3
    def still(self): return 4

# %%
A.f = A.f.__wrapped__
A.g = A.g.__wrapped__
A.h = classmethod(lambda cls, x: x + 1)
A.p = A.p.fget

# %% deploy
def handler(event, context):
    a = A()
    return [a.f(), a.g(), hasattr(a.g, "cache_info"), a.h(1), a.p(), a.still()]

# %% expect
# answers
