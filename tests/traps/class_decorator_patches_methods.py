"""A class decorator that patched methods did so, whatever is called so by now."""

# %%
from functools import wraps
def loud(cls):
    for name in ("f", "g"):
        old = getattr(cls, name)
        @wraps(old)
        def run(self, old=old):
            return old(self) + 999
        setattr(cls, name, run)
    return cls
def add(f):
    @wraps(f)
    def run(*args):
        return f(*args) + 99
    return run
@loud
class A:
    def f(self): return 1
    def g(self): return 2
    def h(self): return 3
class B:
    @add
    def f(self): return 1
    def h(self): return 3

# %%
def loud(cls): return cls
def add(f): return f

# %% deploy
def handler(event, context):
    return [A().f(), A().g(), A().h(), B().f(), B().h()]

# %% expect
# answers
