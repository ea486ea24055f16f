"""Two names of one function are one function."""

# %%
def area(r):
    area.calls = getattr(area, "calls", 0) + 1
    return r * r

# %%
surface = area
surface(2)

# %% deploy
def handler(event, context):
    surface(3)
    return [area.calls, surface is area]

# %% expect
# answers
