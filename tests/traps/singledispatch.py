"""A generic function with what was registered in later cells."""

# %%
from functools import singledispatch
@singledispatch
def show(x):
    return f"thing {x}"

# %%
@show.register
def _(x: int):
    return f"int {x}"

# %%
@show.register(list)
def show_list(x):
    return [show(one) for one in x]

# %% deploy
def handler(event, context):
    return [show("a"), show(3), show([1, "b"])]

# %% expect
# answers
