"""A local module that was edited after its import is not what the kernel has."""

# %% file rates.py
def rate():
    return 1

# %%
import rates
rates.rate()

# %% file rates.py
def rate():
    return 2

# %% deploy
def handler(event, context):
    return [rates.rate()]

# %% expect
# refused: rates
