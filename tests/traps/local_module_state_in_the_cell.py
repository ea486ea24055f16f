"""The refusal of a local module that has collected something says how it goes all the same."""

# %% file counted.py
SEEN = []
def see(x):
    SEEN.append(x)
    return len(SEEN)

# %%
import counted
counted.see("a")

# %% deploy
import counted
def handler(event, context):
    return [counted.see("c")]

# %% expect
# refused: --exclude counted | SEEN
