"""rote's files for PyTorch: what a safetensors file holds, and the network and the recipe of a model text.

The texts are those of checkpoints: canonical, so that a parameter that is not there has its default, which is PyTorch's.
"""
import json

import torch
from torch import nn


def read_safetensors(path):
    """The metadata and the tensors. No package is needed for it."""
    with open(path, "rb") as file:
        size = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(size))
        data = torch.frombuffer(bytearray(file.read()), dtype=torch.float32)
    about = header.pop("__metadata__", {})
    places = {name: [offset // 4 for offset in tensor["data_offsets"]] for name, tensor in header.items()}
    return about, {name: data[begin:end].view(header[name]["shape"]) for name, (begin, end) in places.items()}


def parse_statement(line):
    """A statement's word, its variant ("adam") or None, its numbers, and its settings with Python's names."""
    word, *rest = line.split()
    named = [value.split("=") for value in rest if "=" in value]
    plain = [value for value in rest if "=" not in value]
    variant = plain.pop(0) if plain and plain[0][0].isalpha() else None
    return word, variant, [number(value) for value in plain], {key.replace("-", "_"): number(value) for key, value in named}


def number(text):
    """A whole number, a real one, or a choice."""
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        return {"yes": True, "no": False}.get(text, text)


def parse_model(text):
    return [parse_statement(line) for line in text.splitlines()]


class Dense(nn.Linear):
    """Of a picture, which it makes a vector."""

    def forward(self, value):
        return super().forward(value.flatten(1))[:, :, None, None]


LAYERS = {
    "conv": lambda value, channels, kernel, stride=1, pad=0, bias=True: nn.Conv2d(
        value.shape[1], channels, kernel, stride, pad, bias=bias),
    "dense": lambda value, outputs: Dense(value[0].numel(), outputs),
    "relu": lambda value: nn.ReLU(),
    "tanh": lambda value: nn.Tanh(),
    "maxpool": lambda value, size, stride=None: nn.MaxPool2d(size, stride),
    "avgpool": lambda value, size, stride=None: nn.AvgPool2d(size, stride),
    "global-avgpool": lambda value: nn.AdaptiveAvgPool2d(1),
    "dropout": lambda value, rate: nn.Dropout(rate),
    "dropout2d": lambda value, rate: nn.Dropout2d(rate),
    "batchnorm": lambda value, **settings: nn.BatchNorm2d(value.shape[1], **settings),
}


def make_projection(first, last):
    """What brings a block's first value to the shape of its last one."""
    stride = -(-first.shape[2] // last.shape[2])
    return nn.Conv2d(first.shape[1], last.shape[1], 1, stride, bias=False)


class Network(nn.Module):
    """The network of a parsed model, its layers named as in rote's files: conv1, relu2, dense1, projection1...

    Between layers a vector is a picture of one row and one column. picture: the input's shape, (channels, rows, columns);
    mean, deviation: of its channels, (channels, 1, 1) or (1, 1, 1).
    """

    def __init__(self, statements):
        super().__init__()
        self.counts, self.steps, blocks = {}, [], []
        self.mean, self.deviation = torch.zeros(1, 1, 1), torch.ones(1, 1, 1)
        for word, _, numbers, settings in statements:
            if word == "input":
                self.picture = tuple(numbers)
                value = torch.zeros(2, *self.picture)
            elif word == "normalize":
                self.mean, self.deviation = torch.tensor(numbers, dtype=torch.float32).view(-1, 2, 1, 1).unbind(1)
            elif word == "residual":
                blocks.append(value)
                self.steps.append((word, None))
            elif word == "end":
                first = blocks.pop()
                fits = first.shape == value.shape
                self.steps.append((word, None if fits else self.add("projection", make_projection(first, value))))
            elif word in LAYERS:
                name = self.add(word, LAYERS[word](value, *numbers, **settings))
                self.steps.append(("layer", name))
                value = getattr(self, name)(value)

    def add(self, word, layer):
        self.counts[word] = self.counts.get(word, 0) + 1
        name = f"{word}{self.counts[word]}"
        self.add_module(name, layer)
        return name

    def forward(self, value):
        blocks = []
        for step, name in self.steps:
            if step == "residual":
                blocks.append(value)
            elif step == "layer":
                value = getattr(self, name)(value)
            else:
                first = blocks.pop()
                value = value + (getattr(self, name)(first) if name else first)
        return value.flatten(1)
