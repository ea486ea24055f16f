"""What a cell needs from the rest of a notebook -> readable source. It knows Python, and no IPython."""
