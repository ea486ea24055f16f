"""A builtin's name that holds the builtin itself with arguments."""

# %%
from functools import partial
import io
out = []
sorted = partial(sorted, reverse=True)

# %%
def ranked(xs):
    return sorted(xs)

# %% deploy
def handler(event, context):
    return [ranked([1, 3, 2])]

# %% expect
# answers
