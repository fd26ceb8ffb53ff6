"""One epoch of pipelines/models/mnist-cnn.model in PyTorch: torch_cnn.py DIRECTORY THREADS [SAMPLES].

DIRECTORY holds MNIST's files, raw or .gz. All samples stand in memory, as normalized floats, before the clock starts.
"""
import gzip
import os
import sys
import time

import torch
from torch import nn


def read_idx(path, header):
    opened = open if os.path.exists(path) else gzip.open
    with opened(path if opened is open else path + ".gz", "rb") as file:
        return torch.frombuffer(bytearray(file.read()), dtype=torch.uint8, offset=header)


directory, threads = sys.argv[1], int(sys.argv[2])
samples = int(sys.argv[3]) if len(sys.argv) > 3 else 60000
torch.set_num_threads(threads)
torch.manual_seed(1)

pictures = read_idx(directory + "/train-images-idx3-ubyte", 16).view(-1, 1, 28, 28)[:samples]
pictures = pictures.float().div(255).sub(0.1307).div(0.3081)
labels = read_idx(directory + "/train-labels-idx1-ubyte", 8)[:samples].long()
network = nn.Sequential(
    nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Dropout(0.25),
    nn.Flatten(), nn.Linear(9216, 128), nn.ReLU(), nn.Dropout(0.5), nn.Linear(128, 10))
optimizer = torch.optim.Adadelta(network.parameters(), lr=1.0)
loss_function = nn.CrossEntropyLoss()

begin = time.monotonic()
total = 0.0
for batch in torch.randperm(samples).split(64):
    optimizer.zero_grad()
    loss = loss_function(network(pictures[batch]), labels[batch])
    loss.backward()
    optimizer.step()
    total += loss.item() * len(batch)
print(f"epoch {time.monotonic() - begin:.2f} s, loss {total / samples:.4f}, torch {torch.__version__}, {threads} threads")
