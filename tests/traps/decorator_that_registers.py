"""A registry that decorators filled is what it is now."""

# %%
REGISTRY = {}
def command(f):
    REGISTRY[f.__name__] = f
    return f

# %%
@command
def add(a, b):
    return a + b
@command
def sub(a, b):
    return a - b

# %%
del REGISTRY["sub"]
REGISTRY["plus"] = add

# %% deploy
def handler(event, context):
    return [sorted(REGISTRY), REGISTRY["plus"](2, 3), REGISTRY["add"] is add]

# %% expect
# answers
