"""A module beside the notebook that the deployed cell imports itself."""

# %% file side.py
def work(x):
    return x + 3

# %% deploy
from side import work
def handler(event, context):
    return [work(2)]

# %% expect
# answers
