"""Warnings that the notebook made errors are none there."""

# %%
import warnings
warnings.filterwarnings("error")
warnings.filterwarnings("ignore", category=FutureWarning)

# %% deploy
def handler(event, context):
    return [1]

# %% expect
# kernel: yes
# answers
# warned: filterwarnings('error')
