"""One file for each client library, named after it, which alone imports it; `dispatch` is shared by all.

An adapter patches its library at class level, so that clients made before the stub are intercepted too. It is imported
and installed when its library is, before or after the stub was entered: a process that never imports boto3 does not
load it.
"""
