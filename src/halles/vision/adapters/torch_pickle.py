"""Reads tensors from the old torch serialisation format, without torch and without trusting it.

The format (torch < 1.6, `torch/serialization.py`, `_legacy_save`) is five pickles in a row, magic number, protocol
version, system information, the object itself, and the list of storage keys, then the raw storages in that order:
one little-endian int64 of elements each, followed by the elements.

A pickle can call anything it can name. Here it can name four things, of which none reaches the system; any other name
is refused before it is resolved.
"""

import collections
import io
import pickle
from dataclasses import dataclass
from typing import IO, Any, TypeAlias, cast

import numpy as np
import numpy.typing as npt

from halles.vision.types import ModelDamaged

_MAGIC = 0x1950A86A20F9469CFC6C
_PROTOCOL = 1001
_STORAGE_DTYPES = {"FloatStorage": np.dtype("<f4"), "LongStorage": np.dtype("<i8")}

Tensor: TypeAlias = "npt.NDArray[np.float32 | np.int64]"


@dataclass(frozen=True, slots=True)
class _StorageType:
    name: str


@dataclass(frozen=True, slots=True)
class _StorageRef:
    key: str
    dtype: "np.dtype[Any]"
    numel: int


@dataclass(frozen=True, slots=True)
class _TensorRef:
    storage: _StorageRef
    offset: int
    shape: tuple[int, ...]
    stride: tuple[int, ...]


def _rebuild_tensor(
    storage: object, offset: object, shape: object, stride: object, *_grad_and_hooks: object
) -> _TensorRef:
    if not (isinstance(storage, _StorageRef) and isinstance(offset, int)):
        raise pickle.UnpicklingError("a tensor without a storage")
    return _TensorRef(storage, offset, _ints(shape), _ints(stride))


def _ints(values: object) -> tuple[int, ...]:
    if not isinstance(values, tuple):
        raise pickle.UnpicklingError("a tensor's shape is not a tuple")
    items = cast("tuple[object, ...]", values)
    if not all(isinstance(item, int) and 0 <= item < 2**31 for item in items):
        raise pickle.UnpicklingError("a tensor's shape is not made of whole numbers")
    return cast("tuple[int, ...]", items)


class _TensorUnpickler(pickle.Unpickler):
    """Knows the names a plain state dict needs, and refuses the rest."""

    _ALLOWED: dict[tuple[str, str], object] = {  # noqa: RUF012 (a constant)
        ("collections", "OrderedDict"): collections.OrderedDict,
        ("torch._utils", "_rebuild_tensor_v2"): _rebuild_tensor,
        ("torch", "FloatStorage"): _StorageType("FloatStorage"),
        ("torch", "LongStorage"): _StorageType("LongStorage"),
    }

    def find_class(self, module_name: str, global_name: str, /) -> Any:
        try:
            return self._ALLOWED[module_name, global_name]
        except KeyError:
            raise pickle.UnpicklingError(f"{module_name}.{global_name} is not a tensor") from None

    def persistent_load(self, pid: object) -> _StorageRef:
        match pid:
            case ("storage", _StorageType(name=name), str(key), str(), int(numel), None) if (
                0 <= numel < 2**31
            ):
                return _StorageRef(key, _STORAGE_DTYPES[name], numel)
            case _:
                raise pickle.UnpicklingError("an unknown kind of storage")


def read_state_dict(source: IO[bytes]) -> dict[str, Tensor]:
    """Tensors by name, as float32 or int64 arrays of their own memory.

    Raises ModelDamaged when the file is cut, is not of this format, or names anything but tensors.
    """
    try:
        return _read_state_dict(source)
    except (
        pickle.UnpicklingError,
        EOFError,
        ValueError,
        TypeError,
        KeyError,
        AttributeError,
        IndexError,
    ) as reason:
        raise ModelDamaged(file="weights", reason=str(reason) or type(reason).__name__) from reason


def _read_state_dict(source: IO[bytes]) -> dict[str, Tensor]:
    def load() -> Any:
        return _TensorUnpickler(source).load()

    if load() != _MAGIC or load() != _PROTOCOL:
        raise ValueError("not the old torch format")
    if load().get("little_endian") is not True:
        raise ValueError("big-endian weights are not supported")
    state = load()
    keys = load()
    if not isinstance(state, dict) or not isinstance(keys, list):
        raise ValueError("not a state dict")
    refs = {
        str(name): ref
        for name, ref in cast("dict[object, object]", state).items()
        if isinstance(ref, _TensorRef)
    }
    storages = _read_storages(source, cast("list[object]", keys), refs)
    return {name: _view(storages[ref.storage.key], ref) for name, ref in refs.items()}


def _read_storages(source: IO[bytes], keys: list[object], refs: dict[str, _TensorRef]) -> dict[str, Tensor]:
    declared = {ref.storage.key: ref.storage for ref in refs.values()}
    storages: dict[str, Tensor] = {}
    for key in keys:
        storage = declared[str(key)]
        numel = int.from_bytes(_exactly(source, 8), "little")
        if numel != storage.numel:
            raise ValueError(f"storage {key} has {numel} elements, {storage.numel} were declared")
        storages[storage.key] = np.frombuffer(_exactly(source, numel * storage.dtype.itemsize), storage.dtype)
    return storages


def _exactly(source: IO[bytes], count: int) -> bytes:
    data = source.read(count)
    if len(data) != count:
        raise EOFError("the file ends too early")
    return data


def _view(storage: Tensor, ref: _TensorRef) -> Tensor:
    if len(ref.shape) != len(ref.stride):
        raise ValueError("shape and stride differ in length")
    last = ref.offset + sum((size - 1) * step for size, step in zip(ref.shape, ref.stride, strict=True))
    if min(ref.shape, default=1) < 1 or not 0 <= ref.offset <= last < storage.size:
        raise ValueError("a tensor reaches outside its storage")
    strides = tuple(step * storage.itemsize for step in ref.stride)
    return np.lib.stride_tricks.as_strided(storage[ref.offset :], ref.shape, strides).copy()


def read_state_dict_bytes(data: bytes) -> dict[str, Tensor]:
    """read_state_dict of bytes already in memory."""
    return read_state_dict(io.BytesIO(data))
