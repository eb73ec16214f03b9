"""The outside of the counter: network, camera, file of crossings, server."""
