"""A dict of one's own class with attributes, and one that refers to another of its kind."""

# %%
class Env(dict):
    "A scope, with the scope around it."
    def __init__(self, params=(), args=(), outer=None):
        self.update(zip(params, args))
        self.outer = outer
    def find(self, var):
        return self if var in self else self.outer.find(var)

# %%
top = Env(["x", "y"], [1, 2])
inner = Env(["x"], [10], top)
top["z"] = 3

# %% deploy
def handler(event, context):
    return [inner.find("z")["z"], inner["x"], inner.outer is top, type(top).__name__, inner.find("x") is inner]

# %% expect
# answers
