"""A generator of numpy goes on where it stands."""

# %%
import numpy as np
rng = np.random.default_rng(5)
rng.random(3)

# %% deploy --force
def handler(event, context):
    return [repr(float(x)) for x in rng.random(2)]

# %% expect
# needs: numpy
# answers
