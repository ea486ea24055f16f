"""Several statements on a line, continued lines, and a hidden output."""

# %%
a = 1; b = a + 1; f = lambda: (a,
    b); b += 5;
def g(): return \
    [a, b]

# %%
g();

# %% deploy
def handler(event, context):
    return [f(), g()]

# %% expect
# answers
