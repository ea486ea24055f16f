"""The notebook side: magics, cards and the form. The only room that has heard of IPython and ipywidgets."""
