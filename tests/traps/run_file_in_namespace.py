"""%run -i runs a file in the notebook's own names."""

# %% file more.py
total = start + 5
def shifted(x):
    return x + start

# %%
start = 10
# %run -i more.py

# %% deploy
def handler(event, context):
    return [total, shifted(1)]

# %% expect
# answers
