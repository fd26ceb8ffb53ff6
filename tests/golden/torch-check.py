"""What PyTorch makes of rote's files: torch-check.py CHECKPOINT RELEASE DATA < the record of 'nn-eval DATA CHECKPOINT'.

The package safetensors, where it is there, opens both and finds what we find; a network built from the model text takes the
release's weights with load_state_dict, and has the record's loss (within 1e-5) and its number of right answers (apart from
samples whose two best logits differ by under 1e-4).
"""
import csv
import gzip
import os
import sys

import torch
from torch import nn

from torch_network import Network, parse_model, read_safetensors

try:
    from safetensors import safe_open
except ImportError:
    safe_open = None


def read_idx(path, header):
    opened = open if os.path.exists(path) else gzip.open
    with opened(path if opened is open else path + ".gz", "rb") as file:
        return torch.frombuffer(bytearray(file.read()), dtype=torch.uint8, offset=header)


def check(holds, text):
    if not holds:
        sys.exit("torch-check.py: " + text)


def read(path):
    about, tensors = read_safetensors(path)
    if safe_open:
        with safe_open(path, "pt") as file:
            same = file.metadata() == about and set(file.keys()) == set(tensors)
            same = same and all(torch.equal(file.get_tensor(name), tensor) for name, tensor in tensors.items())
            check(same, f"{path}: the package safetensors finds something else in it")
    return about, tensors


checkpoint_path, release_path, data = sys.argv[1:]
record = next(csv.DictReader((line.removeprefix("#") for line in sys.stdin), delimiter="\t"))
about, checkpoint = read(checkpoint_path)
card, release = read(release_path)
check(about["digest"] == record["digest"] == card["checkpoint"], "the files and the record are not of one checkpoint")
averages = {name: checkpoint.get("ema." + name, checkpoint["model." + name]) for name in release}
check(all(torch.equal(tensor, averages[name]) for name, tensor in release.items()), "the release has other weights")

network = Network(parse_model(about["model"])).eval()
network.load_state_dict(release)
labels = read_idx(data + "-labels-idx1-ubyte", 8).long()
pictures = read_idx(data + "-images-idx3-ubyte", 16).view(len(labels), *network.picture).float().div(255)
pictures = pictures.sub(network.mean).div(network.deviation)
with torch.no_grad():
    logits = torch.cat([network(part) for part in pictures.split(500)])
loss = nn.functional.cross_entropy(logits.double(), labels).item()
best = logits.topk(2).values
close = (best[:, 0] - best[:, 1] < 1e-4).sum().item()
correct = (logits.argmax(1) == labels).sum().item()
recorded = float(record["loss"])
answers = f"{correct} and {record['correct']} right of {len(labels)}, {close} close; loss {loss:.7f} and {recorded:.7f}"
check(abs(loss - recorded) <= 1e-5, f"nn-eval has another loss: {answers}")
check(abs(correct - int(record["correct"])) <= close, f"nn-eval has other answers: {answers}")
print(f"{checkpoint_path}: {answers}")
