"""An attribute of a class of a library that the code does not name may be felt by it."""

# %%
import json
json.JSONEncoder.item_separator = ","

# %% deploy
def handler(event, context):
    return [json.dumps([1, 2])[:2]]

# %% expect
# kernel: yes
# answers
# warned: json.JSONEncoder.item_separator = ','
