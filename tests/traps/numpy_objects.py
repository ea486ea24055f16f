"""An array of objects is refused, or goes exactly."""

# %%
import numpy as np
class Thing: pass
things = np.array([Thing(), open("/dev/null")], dtype=object)

# %% deploy
def handler(event, context):
    return [len(things)]

# %% expect
# needs: numpy
# refused: things
