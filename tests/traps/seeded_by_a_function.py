"""A seed that a function of the notebook sets is told where that function was called."""

# %%
import random
def seed_everything(seed):
    random.seed(seed)
def start():
    seed_everything(42)

# %%
start()

# %% deploy
def handler(event, context):
    return [0 <= random.random() < 1]

# %% expect
# answers
# warned: random.seed(seed), which start(…) did | line 1
