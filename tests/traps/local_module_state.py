"""What a local module has collected since its import is not in its file."""

# %% file tally.py
SEEN = []
def see(x):
    SEEN.append(x)
    return len(SEEN)

# %%
from tally import see
see("a"); see("b")

# %% deploy
def handler(event, context):
    return [see("c")]

# %% expect
# refused: tally | SEEN
