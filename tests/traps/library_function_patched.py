"""A function of a library that was replaced by one of the notebook is not the same up there."""

# %%
import json
def dumps(x):
    return "patched"
json.dumps = dumps

# %% deploy
def handler(event, context):
    return [json.dumps([1])]

# %% expect
# kernel: yes
# refused: json | dumps
