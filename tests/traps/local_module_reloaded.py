"""After a reload the file is what the kernel has."""

# %% file speeds.py
def speed():
    return 1

# %%
import importlib, speeds

# %% file speeds.py
def speed():
    return 22

# %%
importlib.reload(speeds)

# %% deploy
def handler(event, context):
    return [speeds.speed()]

# %% expect
# answers
