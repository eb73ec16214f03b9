"""Counting people who cross a line in a camera's view, and telling Halles.

Runs apart from the server, on a small machine at the door: nothing here reaches a database, and `python -m
halles.journeys.door_camera` needs no more than numpy, OpenCV, ONNX Runtime, httpx and typer. Owns no schema. Promises that a
crossing, once counted, is on disk under its id before it is sent, and is sent under that id until it is taken: neither a kill
nor a lost network loses or doubles it. Nobody is recognised: people are boxes that move, no picture is kept or sent. Emits no
event; the server does, when it takes the crossings.
"""
