"""A function of one's own after a star import counts."""

# %%
from os.path import *

# %%
def join(*parts):
    return "+".join(parts)

# %% deploy
def handler(event, context):
    return [join("a", "b"), basename("/x/y.txt")]

# %% expect
# answers
