"""The variable of a comprehension is its own, the global of that name another."""

# %%
n = "global"
def squares(count):
    return [n * n for n in range(count)]

# %% deploy
def handler(event, context):
    return [squares(4), n]

# %% expect
# answers
