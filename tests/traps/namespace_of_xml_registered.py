"""A prefix that was registered for XML is told."""

# %%
import xml.etree.ElementTree as ET
ET.register_namespace("a", "http://a.example/")

# %% deploy
def handler(event, context):
    return [ET.tostring(ET.Element("{http://a.example/}x")).decode()[:1]]

# %% expect
# kernel: yes
# answers
# warned: register_namespace
