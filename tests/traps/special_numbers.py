"""Numbers that have no plain literal keep their meaning."""

# %%
nan, inf, minus_zero, big, tiny, z = float("nan"), float("-inf"), -0.0, 2**200, 5e-324, complex(-0.0, 2)
flags = [True, 1, 1.0, False, 0, None, ..., NotImplemented]

# %% deploy
def handler(event, context):
    return [repr(x) for x in (nan, inf, minus_zero, big, tiny, z, flags)]

# %% expect
# answers
