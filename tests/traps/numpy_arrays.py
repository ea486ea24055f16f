"""Arrays are what they are now: mutated, of all kinds, large ones as files."""

# %%
import numpy as np
grid = np.arange(6, dtype="int16").reshape(2, 3)
grid[0, 1] = -9
large = np.linspace(0, 1, 50_000)
large[7] = np.nan
names = np.array(["a", "bcd"])
when = np.array(["2024-01-31", "NaT"], dtype="datetime64[D]")
view = grid[:, 1].copy()
one = np.float32(1.5)

# %% deploy --force
def handler(event, context):
    return [grid.tolist(), str(grid.dtype), repr(float(large.sum(where=~np.isnan(large)))), large.shape[0],
            names.tolist(), [str(w) for w in when], view.tolist(), repr(float(one)), str(one.dtype)]

# %% expect
# needs: numpy
# answers
