"""Where Halles meets the world: the HTTP application, the worker, the inference process, the commands, the demo.

Owns no table. Promises that everything a person or a program can reach is stated here once: which routers are served, which
reactions run, which processes make up an installation.
"""
