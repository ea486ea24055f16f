"""Options of numpy that a cell has set are not set up there."""

# %%
import numpy as np
np.set_printoptions(precision=2)

# %%
def shown():
    return str(np.array([1.0]))

# %% deploy --force
def handler(event, context):
    return [shown()]

# %% expect
# needs: numpy
# kernel: yes
# answers
# warned: set_printoptions
