"""A library whose attribute was replaced by a cell is not the same up there."""

# %%
import math
math.pi = 3

# %%
def circle(r):
    return math.pi * r

# %% deploy
def handler(event, context):
    return [circle(2)]

# %% expect
# kernel: yes
# refused: math | pi
