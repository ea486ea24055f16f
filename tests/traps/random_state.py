"""A generator of random numbers of one's own goes on where it stands."""

# %%
import random
dice = random.Random(7)
dice.random()

# %% deploy
def handler(event, context):
    return [dice.randint(1, 10**9), dice.random()]

# %% expect
# answers
