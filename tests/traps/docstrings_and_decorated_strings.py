"""A docstring, comments and layout of a helper are kept as they were typed."""

# %%
def f(x):
    """Doc of f.

    >>> f(1)
    """
    # why: it must be so
    return  x+1   # odd layout stays

# %% deploy
def handler(event, context):
    return [f(1), f.__doc__.split()]  # Python 3.13 takes the indent out

# %% expect
# answers
# has: # why: it must be so
# has: return  x+1   # odd layout stays
