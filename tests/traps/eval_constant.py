"""Names in the constant text of an eval are followed."""

# %%
x = 41
def answer():
    return eval("x + 1")

# %% deploy
def handler(event, context):
    return [answer()]

# %% expect
# answers
