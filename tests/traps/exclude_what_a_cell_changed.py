"""A change of a library can be left behind by the name that the refusal gives."""

# %%
import json
def default(self, obj):
    return str(obj)
json.JSONEncoder.default = default

# %%
def shown(x):
    assert json.JSONEncoder.default
    return json.dumps(x)

# %% deploy --exclude json.JSONEncoder.default
def handler(event, context):
    return [shown([1])]

# %% expect
# kernel: yes
# answers
# warned: json.JSONEncoder.default | (--exclude)
