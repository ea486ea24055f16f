"""A folder of modules without an __init__ beside the notebook."""

# %% file parts/first.py
def one():
    from parts import second
    return second.TWO - 1

# %% file parts/second.py
TWO = 2

# %%
import parts.first

# %% deploy
def handler(event, context):
    return [parts.first.one()]

# %% expect
# answers
