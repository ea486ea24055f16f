"""A view that shares its memory with its array would share it no more."""

# %%
import numpy as np
grid = np.zeros((3, 3))
row = grid[1]

# %% deploy --force
def handler(event, context):
    row[:] = 5
    return grid.tolist()

# %% expect
# needs: numpy
# refused: grid | shares its memory
