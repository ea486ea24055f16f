"""The seed of the random module is no variable; that it was set elsewhere is said."""

# %%
import random
random.seed(42)

# %%
def roll():
    return random.randint(1, 6)

# %% deploy
def handler(event, context):
    return [1 <= roll() <= 6]

# %% expect
# answers
# warned: random.seed
