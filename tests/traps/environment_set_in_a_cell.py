"""A variable of the environment that a cell has set is not set up there; --env sets it."""

# %%
import os
os.environ["MODE_OF_TEST"] = "fast"

# %%
def mode():
    return os.environ.get("MODE_OF_TEST", "none")

# %% deploy
def handler(event, context):
    return [mode() in ("fast", "none")]

# %% expect
# kernel: yes
# answers
# warned: MODE_OF_TEST | --env
