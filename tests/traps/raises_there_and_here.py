"""A failure of a sliced helper is the failure that the kernel has."""

# %%
class Refused(Exception): pass
def check(n):
    if n > 1:
        raise Refused(f"{n} is too many")
    return n

# %% deploy
def handler(event, context):
    return [check(2)]

# %% expect
# answers
