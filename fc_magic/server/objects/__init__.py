"""An object store shaped like OSS: buckets and objects on disk, served to both official SDKs.

``app.build`` joins the parts; ``store.Store`` is useful without HTTP; ``changes.Change`` is what triggers hear.
"""
