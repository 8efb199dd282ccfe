"""One file for each client library, named after it, its only importer; `dispatch` is what they share.

An adapter patches its library once, at class level, so that clients made before the stub are caught too. It is imported
and installed when its library is, be that before or after the stub was entered: a process that never imports boto3
does not pay for it.
"""
