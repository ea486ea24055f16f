"""A seed set by from random import seed is told."""

# %%
from random import random, seed
seed(3)

# %% deploy
def handler(event, context):
    return [0 <= random() < 1]

# %% expect
# answers
# warned: seed(3)
