"""contrib/loader in NumPy and, where ROTE_TORCH names a Python that has it, in PyTorch: the network's answers are those of nn-eval."""
import csv
import os
import subprocess
import sys
from collections import OrderedDict

import numpy
import safetensors.numpy

root, data, run = os.environ["ROOT"], os.environ["DATA"], os.environ["RUN"]
sys.path.insert(0, root + "/contrib/loader")
import rote_loader  # noqa: E402

checkpoint = run + "/epoch-0002.safetensors"


def report(sentence, holds, detail=""):
    print("ok" if holds else "not ok", "-", sentence, flush=True)
    if not holds:
        print("#", detail)
    report.failed |= not holds


def refuses(path, reason):
    try:
        rote_loader.load(path)
    except ValueError as error:
        return str(error) == f"{path}: {reason}", str(error)
    return False, "it was loaded"


def read_idx(path, header):
    with open(path, "rb") as file:
        return numpy.frombuffer(file.read(), "u1", offset=header)


def samples(model):
    """Pictures as the network takes them, and their labels."""
    mean, deviation = next(line.split()[1:] for line in model.splitlines() if line.startswith("normalize"))
    pictures = read_idx(data + "/test-images-idx3-ubyte", 16).reshape(-1, 1, 28, 28)
    return ((pictures / 255 - float(mean)) / float(deviation)).astype("f4"), read_idx(data + "/test-labels-idx1-ubyte", 8)


def logits_of_numpy(weights, pictures):
    """conv 4 3, relu, maxpool 2, dense 10: the model of tests/helpers.bash."""
    windows = numpy.lib.stride_tricks.sliding_window_view(pictures[:, 0], (3, 3), axis=(1, 2))
    value = numpy.einsum("brckl,okl->borc", windows, weights["conv1.weight"][:, 0]) + weights["conv1.bias"][:, None, None]
    value = numpy.maximum(value, 0).reshape(len(pictures), 4, 13, 2, 13, 2).max((3, 5))
    return value.reshape(len(pictures), -1) @ weights["dense1.weight"].T + weights["dense1.bias"]


def logits_of_torch(weights, pictures):
    import torch
    from torch import nn
    network = nn.Sequential(OrderedDict(
        conv1=nn.Conv2d(1, 4, 3), relu1=nn.ReLU(), maxpool1=nn.MaxPool2d(2), flatten=nn.Flatten(), dense1=nn.Linear(676, 10)))
    network.load_state_dict(weights)
    with torch.no_grad():
        return network(torch.from_numpy(pictures)).numpy()


def agrees(logits, labels):
    """With the record of nn-eval: the mean loss to 1e-6, and the number of right answers."""
    lines = subprocess.run(["nn-eval", "-q", data + "/test", checkpoint], check=True, capture_output=True, text=True).stdout
    record = next(csv.DictReader(lines.removeprefix("#").splitlines(), delimiter="\t"))
    logits = logits.astype("f8")
    loss = (numpy.log(numpy.exp(logits).sum(1)) - logits[numpy.arange(len(labels)), labels]).mean()
    correct = (logits.argmax(1) == labels).sum()
    holds = abs(loss - float(record["loss"])) < 1e-6 and correct == int(record["correct"])
    return holds, f"loss {loss} and {record['loss']}, {correct} and {record['correct']} right"


def changed(path, name, change):
    with open(path, "rb") as file:
        data = bytearray(file.read())
    with open(name, "wb") as file:
        file.write(change(data))
    return name


def flip(data):
    data[len(data) // 2] ^= 1
    return data


def make_average():
    """A checkpoint that keeps a moving average and running statistics, and its release."""
    with open("average.model", "w") as file:
        file.write("input 1 28 28\nconv 3 5 bias=no\nbatchnorm\nrelu\ndense 10\n"
                   "loss cross-entropy\ntrain batch=64\noptimizer sgd lr=0.05 momentum=0.9\nema 0.9\n")
    for line in ("nn-init -o 0.safetensors average.model", f"nn-train-epoch -o 1.safetensors 0.safetensors {data}/train",
                 "ckpt-release -o release.safetensors 1.safetensors"):
        subprocess.run([*line.split(), "-q"], check=True)


def check_numpy():
    about, arrays = rote_loader.load(checkpoint)
    pictures, labels = samples(about["model"])
    report("NumPy has the network's answers", *agrees(logits_of_numpy(arrays, pictures), labels))
    make_average()
    arrays = rote_loader.load("1.safetensors")[1]
    released = rote_loader.load("release.safetensors")[1]
    theirs = safetensors.numpy.load_file("release.safetensors")
    for name, others in (("its release", released), ("what the package safetensors finds there", theirs)):
        report(f"a checkpoint with a moving average has the tensors of {name}",
               arrays.keys() == others.keys() and all(numpy.array_equal(arrays[key], others[key]) for key in arrays),
               f"{sorted(arrays)} and {sorted(others)}")
    for kind, path in (("checkpoint", checkpoint), ("release", "release.safetensors")):
        report(f"a {kind} with another bit is refused", *refuses(
            changed(path, "flipped.safetensors", flip), "prove: digest differs: the file was changed after it was written"))
    size = os.path.getsize("release.safetensors")
    report("a release that was cut short is refused", *refuses(
        changed("release.safetensors", "cut.safetensors", lambda data: data[:-400]),
        f"read: it has {size - 400} bytes, and its tensors end at {size}"))
    report("a model text is refused", *refuses("average.model", "read: neither a checkpoint nor a release"))


def check_torch():
    pictures, labels = samples(rote_loader.load(checkpoint)[0]["model"])
    logits = logits_of_torch(rote_loader.state_dict(checkpoint), pictures)
    report("an nn.Sequential of PyTorch takes the weights and has the network's answers", *agrees(logits, labels))


report.failed = False
if sys.argv[1:] == ["torch"]:
    check_torch()
else:
    check_numpy()
    if os.environ.get("ROTE_TORCH"):
        report.failed |= subprocess.run([os.environ["ROTE_TORCH"], __file__, "torch"]).returncode != 0
    else:
        print("ok - PyTorch # skip ROTE_TORCH names no Python that has torch")
sys.exit(report.failed)
