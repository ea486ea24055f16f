"""An array of objects that cannot go is refused."""

# %%
import numpy as np
class Thing: pass
things = np.array([Thing(), open("/dev/null")], dtype=object)

# %% deploy --force
def handler(event, context):
    return [len(things)]

# %% expect
# needs: numpy
# refused: things
