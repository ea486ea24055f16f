"""The settings of matplotlib are looked at, however they were set."""

# %%
import matplotlib.pyplot as plt
plt.rcParams["figure.dpi"] = 50

# %% deploy --force
def handler(event, context):
    return [plt.Figure().dpi > 0]

# %% expect
# needs: matplotlib
# kernel: yes
# answers
# warned: figure.dpi is 50
