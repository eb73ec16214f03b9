# pyright: basic, reportMissingImports=false
"""A few calls into Open Image Denoise 1.4, from the library that the "oidn" wheel carries."""

from __future__ import annotations

import ctypes
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np

FLOAT3 = 3


@cache
def _library() -> ctypes.CDLL:
    spec = find_spec("oidn")
    if spec is None or spec.origin is None:
        raise SystemExit("the oidn package is missing: see README.md")
    folder = Path(spec.origin).parent / "lib.linux.x64"
    ctypes.CDLL(str(next(folder.glob("libtbb.so*"))), mode=ctypes.RTLD_GLOBAL)
    lib = ctypes.CDLL(str(next(folder.glob("libOpenImageDenoise.so*"))))
    lib.oidnNewDevice.restype = lib.oidnNewFilter.restype = ctypes.c_void_p
    lib.oidnNewFilter.argtypes = [ctypes.c_void_p, ctypes.c_char_p]
    lib.oidnSetSharedFilterImage.argtypes = [
        ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p, ctypes.c_int, *[ctypes.c_size_t] * 5,
    ]  # fmt: skip
    lib.oidnSetFilter1b.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_bool]
    for name in (
        "oidnCommitDevice",
        "oidnReleaseDevice",
        "oidnCommitFilter",
        "oidnExecuteFilter",
        "oidnReleaseFilter",
    ):
        getattr(lib, name).argtypes = [ctypes.c_void_p]
    return lib


def denoise(beauty: np.ndarray, albedo: np.ndarray, normal: np.ndarray) -> np.ndarray:
    """Clean a linear picture with the help of its albedo and normals."""
    lib = _library()
    h, w = beauty.shape[:2]
    result = np.zeros((h, w, 3), np.float32)
    planes = {"color": beauty, "albedo": np.clip(albedo, 0, 1), "normal": normal}
    kept = {k: np.ascontiguousarray(v, dtype=np.float32) for k, v in planes.items()} | {"output": result}
    device = lib.oidnNewDevice(0)
    lib.oidnCommitDevice(device)
    job = lib.oidnNewFilter(device, b"RT")
    for name, plane in kept.items():
        lib.oidnSetSharedFilterImage(job, name.encode(), plane.ctypes.data, FLOAT3, w, h, 0, 0, 0)
    lib.oidnSetFilter1b(job, b"hdr", True)
    lib.oidnCommitFilter(job)
    lib.oidnExecuteFilter(job)
    lib.oidnReleaseFilter(job)
    lib.oidnReleaseDevice(device)
    return result
