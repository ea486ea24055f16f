"""From what is deployed to the files of other tools: one file a format, and a table of them in ``kinds``."""
