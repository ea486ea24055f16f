"""A function and the cached one made of it are two, each with attributes of its own, around the same function."""

# %%
from functools import lru_cache
def g(x):
    return [x]
g.early = "before"
f = lru_cache(None)(g)

# %%
g.note = "of g alone"
f.mark = "of f alone"
del g.early

# %%
def h(x):
    return [x, "h"]
k = lru_cache(None)(h)
h.note = "of the older h alone"
def h(x):
    return "newer"

# %% deploy
def attributes(thing):
    return sorted([key, value] for key, value in vars(thing).items() if key in ("early", "note", "mark"))

def handler(event, context):
    return [f(1), g(2), f.__wrapped__ is g, attributes(f), attributes(g), k(1), attributes(k), h(1)]

# %% expect
# answers
