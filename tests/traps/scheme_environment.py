"""A small interpreter: environments that hold functions and themselves."""

# %%
import math, operator as op
class Env(dict):
    def __init__(self, params=(), args=(), outer=None):
        self.update(zip(params, args))
        self.outer = outer
    def find(self, var):
        return self if (var in self) else self.outer.find(var)
def standard_env():
    env = Env()
    env.update({name: getattr(math, name) for name in ("sin", "sqrt", "floor", "pi")})
    env.update({"+": op.add, "*": op.mul, "car": lambda x: x[0], "list": lambda *x: list(x)})
    return env

# %%
global_env = standard_env()
def evaluate(x, env=global_env):
    if isinstance(x, str):
        return env.find(x)[x]
    if not isinstance(x, list):
        return x
    proc, *args = [evaluate(arg, env) for arg in x]
    return proc(*args)

# %%
global_env["r"] = 10

# %% deploy
def handler(event, context):
    return [evaluate(["*", "r", ["+", 1, "r"]]), evaluate(["car", ["list", 7, 8]]), evaluate(["floor", 2.5])]

# %% expect
# answers
