"""What the name of a source says."""

from __future__ import annotations

import re


def is_recording(source: str) -> bool:
    """Whether it is a file; else it is a camera: its number, or an address such as rtsp://…"""
    return not source.isdecimal() and "://" not in source


def hidden(source: str) -> str:
    """The name without the password that may stand in an address."""
    return re.sub(r"//[^/]*@", "//…@", source)
