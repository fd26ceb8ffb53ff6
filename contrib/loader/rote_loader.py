"""Weights from rote's files, for NumPy and PyTorch.

    import rote_loader

    about, arrays = rote_loader.load("release.safetensors")    # arrays["conv1.weight"], as NumPy has them
    network.load_state_dict(rote_loader.state_dict("runs/a/epoch-0003.safetensors"))

`about` is the file's metadata, text by name: a checkpoint's as rote-checkpoint(5) says, or the card of a release (ckpt-release(1)). The
names are PyTorch's: conv1.weight, dense1.bias, batchnorm1.running_var. Of a checkpoint they are those of the network alone, with the
moving average where it keeps one: what a release would have. Pixels are to be divided by 255 and normalized as about["model"] says.

What a file can prove is proven: a checkpoint by the digest of all its bytes, a release as ckpt-release(1) wrote it by that of its weights.
A file that differs is refused (ValueError). Who made it is for its signature to say, and for ckpt-verify(1) or minisign to look at.

NumPy is needed, PyTorch only for state_dict(), the package safetensors for neither. It is one file: copy it to where it is used.
"""
import hashlib
import json

import numpy


def load(path):
    """The metadata, and the network's tensors: read-only arrays of float32."""
    with open(path, "rb") as file:
        data = file.read()
    begin = place = 8 + int.from_bytes(data[:8], "little")
    try:
        header = json.loads(data[8:begin])
        about = header.pop("__metadata__")
        is_checkpoint = about["format"].startswith("rote-checkpoint-")
        end = begin + max(tensor["data_offsets"][1] for tensor in header.values())
    except (ValueError, KeyError, AttributeError, TypeError):
        raise ValueError(f"{path}: read: neither a checkpoint nor a release") from None
    if end != len(data):
        raise ValueError(f"{path}: read: it has {len(data)} bytes, and its tensors end at {end}")
    if is_checkpoint: # its own digest counts as zeros
        stated = about.get("digest", "")
        proven = data.replace(stated.encode(), b"0" * 64, 1)
    else:
        stated, proven = about.get("weights.digest"), data[begin:]
    if stated is not None and stated != hashlib.blake2b(proven, digest_size=32).hexdigest():
        raise ValueError(f"{path}: prove: digest differs: the file was changed after it was written")
    arrays = {}
    for name, tensor in header.items():
        first, last = (begin + offset for offset in tensor["data_offsets"])
        if tensor["dtype"] != "F32" or first != place:
            raise ValueError(f"{path}: {name}: read: not laid out as rote's tensors are")
        arrays[name] = numpy.frombuffer(data[first:last], "<f4").reshape(tensor["shape"])
        place = last
    if is_checkpoint:
        names = [name.removeprefix("model.") for name in arrays if name.startswith("model.")]
        arrays = {name: arrays.get("ema." + name, arrays["model." + name]) for name in names}
    return about, arrays


def state_dict(path):
    """What torch.nn.Module.load_state_dict() takes."""
    import torch
    return {name: torch.from_numpy(array.copy()) for name, array in load(path)[1].items()}
