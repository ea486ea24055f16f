"""A view that shares its memory with its array shares it still, or is refused."""

# %%
import numpy as np
grid = np.zeros((3, 3))
row = grid[1]

# %% deploy
def handler(event, context):
    row[:] = 5
    return grid.tolist()

# %% expect
# needs: numpy
# refused: row | grid
