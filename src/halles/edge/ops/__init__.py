"""Running an installation for real: its listening socket, its children, draining, readiness, metrics, backup and restore.

Promises: a process that is told to end answers what it has begun and takes nothing new; a backup is one moment of the database
with every picture that moment names; a restore changes nothing until the backup has proved whole, and replaces all or nothing.
"""
