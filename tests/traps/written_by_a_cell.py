"""A module that a cell wrote to a file and another imported."""

# %%
# %%writefile made_here.py
VALUE = 7
def get():
    return VALUE

# %%
import made_here

# %% deploy
def handler(event, context):
    return [made_here.get()]

# %% expect
# answers
