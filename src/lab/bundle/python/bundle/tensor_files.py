"""Safetensors files of float32 tensors: https://huggingface.co/docs/safetensors/index#format"""

import ctypes
import hashlib
import json
import os

from channel import Buffer


def read_buffers(file):
    """Tensors by name, as a request of the worker has them."""
    with open(file, "rb") as stream:
        header = json.loads(stream.read(int.from_bytes(stream.read(8), "little")))
        data = stream.read()
    header.pop("__metadata__", None)
    return {
        name: Buffer({"dtype": "float32", "shape": entry["shape"]}, bytearray(data[slice(*entry["data_offsets"])]))
        for name, entry in header.items()
    }


def write_tensors(file, tensors):
    """Replaces the file at once. Returns the SHA-256 of its bytes."""
    entries, parts, offset = {"__metadata__": {"format": "pt"}}, [], 0
    for name in sorted(tensors):
        values = tensors[name].detach().float().cpu().contiguous()
        size = 4 * values.numel()
        parts.append(ctypes.string_at(values.data_ptr(), size) if size else b"")
        entries[name] = {"dtype": "F32", "shape": list(values.shape), "data_offsets": [offset, offset + size]}
        offset += size
    header = json.dumps(entries).encode()
    header += b" " * (-len(header) % 8)
    data = len(header).to_bytes(8, "little") + header + b"".join(parts)
    replace_file(file, data)
    return hashlib.sha256(data).hexdigest()


def replace_file(file, data):
    """Writes beside the file, then takes its place: a kill leaves the old or the new one."""
    os.makedirs(os.path.dirname(file), exist_ok=True)
    with open(f"{file}.new", "wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(f"{file}.new", file)
