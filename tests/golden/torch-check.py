"""What PyTorch makes of rote's files: torch-check.py CHECKPOINT RELEASE DATA < the record of 'nn-eval DATA CHECKPOINT'.

The package safetensors opens both; a network built from the model text takes the release's weights with load_state_dict,
and has the record's loss (within 1e-5) and its number of right answers (apart from samples whose two best logits differ
by under 1e-4).
"""
import csv
import gzip
import os
import sys

import torch
from safetensors import safe_open
from torch import nn


def read_safetensors(path):
    with safe_open(path, "pt") as file:
        return file.metadata(), {name: file.get_tensor(name) for name in file.keys()}


def read_idx(path, header):
    opened = open if os.path.exists(path) else gzip.open
    with opened(path if opened is open else path + ".gz", "rb") as file:
        return torch.frombuffer(bytearray(file.read()), dtype=torch.uint8, offset=header)


def make_layer(word, numbers, settings, shape):
    """A layer of the model text for inputs of `shape`; dropout is off in evaluation."""
    if word == "conv":
        return nn.Conv2d(shape[1], int(numbers[0]), int(numbers[1]), int(settings.get("stride", 1)), int(settings.get("pad", 0)))
    if word == "dense":
        return nn.Linear(shape.numel(), int(numbers[0]))
    if word == "maxpool":
        return nn.MaxPool2d(int(numbers[0]), int(settings.get("stride", numbers[0])))
    return nn.ReLU()


def make_network(text):
    """The input's shape, the mean and deviation of its channels, and the network with rote's names: conv1, relu2, dense1 ..."""
    network, counts, normalize = nn.Sequential(), {}, [0.0, 1.0]
    for line in text.splitlines():
        word, *rest = line.split()
        numbers = [float(value) for value in rest if "=" not in value and value[0] in "0123456789.-"]
        settings = dict(value.split("=") for value in rest if "=" in value)
        if word == "input":
            picture = tuple(int(number) for number in numbers)
        elif word == "normalize":
            normalize = numbers
        elif word in ("conv", "dense", "maxpool", "relu"):
            shape = network(torch.zeros(1, *picture)).shape
            if word == "dense" and len(shape) > 2:
                network.append(nn.Flatten())
            counts[word] = counts.get(word, 0) + 1
            network.add_module(f"{word}{counts[word]}", make_layer(word, numbers, settings, shape))
    return picture, *torch.tensor(normalize).view(-1, 2, 1, 1).unbind(1), network.eval()


def check(holds, text):
    if not holds:
        sys.exit("torch-check.py: " + text)


checkpoint_path, release_path, data = sys.argv[1:]
record = next(csv.DictReader((line.removeprefix("#") for line in sys.stdin), delimiter="\t"))
about, checkpoint = read_safetensors(checkpoint_path)
card, release = read_safetensors(release_path)
check(about["digest"] == record["digest"] == card["checkpoint"], "the files and the record are not of one checkpoint")
check(all(torch.equal(tensor, checkpoint["model." + name]) for name, tensor in release.items()), "the release has other weights")

shape, mean, deviation, network = make_network(about["model"])
network.load_state_dict(release)
labels = read_idx(data + "-labels-idx1-ubyte", 8).long()
pictures = read_idx(data + "-images-idx3-ubyte", 16).view(len(labels), *shape).float().div(255).sub(mean).div(deviation)
with torch.no_grad():
    logits = torch.cat([network(part) for part in pictures.split(500)])
loss = nn.functional.cross_entropy(logits.double(), labels).item()
best = logits.topk(2).values
close = (best[:, 0] - best[:, 1] < 1e-4).sum().item()
correct = (logits.argmax(1) == labels).sum().item()
answers = f"{correct} and {record['correct']} right of {len(labels)}, {close} close; loss {loss:.7f} and {float(record['loss']):.7f}"
check(abs(loss - float(record["loss"])) <= 1e-5, f"nn-eval has another loss: {answers}")
check(abs(correct - int(record["correct"])) <= close, f"nn-eval has other answers: {answers}")
print(f"{checkpoint_path}: {answers}")
