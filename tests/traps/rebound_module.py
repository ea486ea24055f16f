"""A name that was a module is now a number."""

# %%
import math as m

# %%
def twice():
    return m * 2

# %%
m = 21

# %% deploy
def handler(event, context):
    return [twice()]

# %% expect
# answers
# lacks: import math
