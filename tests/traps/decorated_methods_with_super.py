"""A method with a decorator of the notebook may call super; one whose decorator looked around is made as it is."""

# %%
from functools import wraps
LOUD = True
def logged(f):
    "Counts nothing."
    @wraps(f)
    def run(self, *args):
        return ["logged", f(self, *args)]
    return run
def maybe(f):
    def run(*args):
        return [f(*args)]
    if LOUD:
        return run
    return f

# %%
class Base:
    def f(self): return 1
class Sub(Base):
    @logged
    def f(self): return super().f() + 1
    @maybe
    def g(self): return 2

# %%
LOUD = False

# %% deploy
def handler(event, context):
    return [Sub().f(), Sub().g(), Sub.f.__name__]

# %% expect
# answers
