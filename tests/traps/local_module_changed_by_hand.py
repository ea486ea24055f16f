"""What a cell set in a local module is not in its file."""

# %% file conf.py
LIMIT = 1
def limit():
    return LIMIT

# %%
import conf
conf.LIMIT = 99

# %% deploy
def handler(event, context):
    return [conf.limit()]

# %% expect
# refused: conf | LIMIT
