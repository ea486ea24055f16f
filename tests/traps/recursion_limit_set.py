"""The limit of recursion that a cell has set is not set up there."""

# %%
import sys
sys.setrecursionlimit(5000)

# %%
def deep(n):
    return 0 if n == 0 else 1 + deep(n - 1)

# %% deploy
def handler(event, context):
    return [deep(10)]

# %% expect
# kernel: yes
# answers
# warned: sys.setrecursionlimit
