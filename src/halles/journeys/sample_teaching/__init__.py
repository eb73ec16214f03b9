"""Staff teach the showroom its samples with five photos; head office sees what is taken for what, why, and what to do.

Promises: a photo is decoded in the inference process alone and kept without its metadata; a sample counts only when a person
said so; a photo of something else is told at once; what is learned is found within a minute, without a restart.
"""
