"""The inference process: the one place where untrusted pictures are decoded and models run (ADR 0004).

`server` answers on a Unix socket in the data folder, `client` is what the other processes hold, `frames` is what they
say to each other. Promises: one photo at a time, in order of arrival; a full queue refuses at once; a photo that kills
or hangs the process costs its own answer only; nothing of a photo is kept.
"""
