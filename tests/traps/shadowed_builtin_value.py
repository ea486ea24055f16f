"""A variable that shadows a builtin is that variable, in helpers too."""

# %%
sum = 0
list = [1, 2]

# %%
def total():
    return [sum, list]

# %% deploy
def handler(event, context):
    return total()

# %% expect
# answers
