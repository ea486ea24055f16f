"""A cell that failed half way has bound what stands before."""

# %% fails
def good(x):
    return x + step
step = 2
1 / 0
def good(x):
    return "never defined"
step = 50

# %% deploy
def handler(event, context):
    return [good(1)]

# %% expect
# answers
