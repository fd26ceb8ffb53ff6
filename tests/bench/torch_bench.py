"""What run.sh measures PyTorch and onnxruntime by: torch_bench.py WORK MODEL DIRECTORY THREADS [LAYOUT].

WORK is one of
    epoch      one epoch of training; all samples stand in memory as normalized floats before the clock starts
    evaluate   the test set through an untrained network, in the batches that take least time
    onnx       the same by onnxruntime
    whole      read the files, train one epoch, evaluate the test set, save
    published  the same as PyTorch's example for MNIST does it on a processor: a DataLoader makes tensors of pictures one by one

MODEL is mnist-cnn, mlp or one-epoch, network and recipe as in pipelines/models. DIRECTORY holds MNIST's files, raw or .gz. LAYOUT is
contiguous_format, PyTorch's default, or channels_last.
The last line says "WORK 12.345 s ...": the seconds that its clock counted.
"""
import gzip
import io
import os
import sys
import time
import warnings

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

MEAN, DEVIATION = 0.1307, 0.3081


def layers_of(model):
    if model == "mlp":
        return nn.Sequential(nn.Flatten(), nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 10))
    if model == "one-epoch":
        return nn.Sequential(
            nn.Conv2d(1, 24, 5), nn.MaxPool2d(2), nn.ReLU(), nn.Conv2d(24, 32, 3), nn.MaxPool2d(2), nn.ReLU(),
            nn.Flatten(), nn.Linear(800, 256), nn.ReLU(), nn.Linear(256, 10))
    return nn.Sequential(
        nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Dropout(0.25),
        nn.Flatten(), nn.Linear(9216, 128), nn.ReLU(), nn.Dropout(0.5), nn.Linear(128, 10))


def network_of(model):
    return layers_of(model).to(memory_format=layout)


def recipe_of(model, network, samples):
    """Its batch, optimizer and schedule."""
    if model == "one-epoch":
        optimizer = torch.optim.Adam(network.parameters(), lr=0.01, betas=(0.7, 0.9))
        return 256, optimizer, torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.01, total_steps=-(-samples // 256))
    return 64, torch.optim.Adadelta(network.parameters(), lr=1.0), None


def read_idx(directory, name, header):
    path = f"{directory}/{name}-ubyte"
    with open(path, "rb") if os.path.exists(path) else gzip.open(path + ".gz", "rb") as file:
        return torch.frombuffer(bytearray(file.read()), dtype=torch.uint8, offset=header)


def read_set(directory, name):
    return read_idx(directory, name + "-images-idx3", 16).view(-1, 28, 28), read_idx(directory, name + "-labels-idx1", 8).long()


def normalized(pictures):
    return pictures.unsqueeze(1).float().div(255).sub(MEAN).div(DEVIATION)


class Pictures(Dataset):
    """One at a time, as torchvision's MNIST with ToTensor and Normalize, but for the detour by way of PIL."""

    def __init__(self, pictures, labels):
        self.pictures, self.labels = pictures, labels

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, i):
        return self.pictures[i].unsqueeze(0).float().div(255).sub(MEAN).div(DEVIATION), int(self.labels[i])


class Batches:
    """Of tensors that stand in memory."""

    def __init__(self, pictures, labels, size, shuffled):
        self.pictures, self.labels, self.size, self.shuffled = pictures, labels, size, shuffled

    def __iter__(self):
        n = len(self.labels)
        for batch in (torch.randperm(n) if self.shuffled else torch.arange(n)).split(self.size):
            yield self.pictures[batch], self.labels[batch]


def train(network, batches, optimizer, schedule):
    """The mean loss of the last batch."""
    network.train()
    for pictures, labels in batches:
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(network(pictures), labels)
        loss.backward()
        optimizer.step()
        if schedule:
            schedule.step()
        last = loss.item()
    return last


def evaluate(network, batches):
    """How many labels are the largest logit's."""
    network.eval()
    with torch.inference_mode():
        return sum((network(pictures).argmax(1) == labels).sum().item() for pictures, labels in batches)


def say(work, seconds, *rest):
    print(f"{work} {seconds:.3f} s", *rest)


def do_epoch(model, directory):
    pictures, labels = read_set(directory, "train")
    network = network_of(model)
    batch, optimizer, schedule = recipe_of(model, network, len(labels))
    batches = Batches(normalized(pictures), labels, batch, True)
    begin = time.monotonic()
    loss = train(network, batches, optimizer, schedule)
    say("epoch", time.monotonic() - begin, f"loss {loss:.4f}")


def say_least(work, run, pictures):
    """run(batch) evaluates: in batches of several sizes, in turn; the first time warms up."""
    times = []
    for size in [100, 100, 200, 500, 1000] * 2:
        begin = time.monotonic()
        for batch in pictures.split(size):
            run(batch)
        times.append((time.monotonic() - begin, size))
    seconds, size = min(times[1:])
    say(work, seconds, f"batch {size}")


def do_evaluate(model, directory):
    pictures = normalized(read_set(directory, "t10k")[0])
    network = network_of(model).eval()
    with torch.inference_mode():
        say_least("evaluate", network, pictures)


def do_onnx(model, directory):
    import onnxruntime

    pictures = normalized(read_set(directory, "t10k")[0])
    file = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(network_of(model).eval(), (pictures[:1],), file, dynamo=False, input_names=["x"],
                          dynamic_axes={"x": {0: "batch"}})
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    session = onnxruntime.InferenceSession(file.getvalue(), options, providers=["CPUExecutionProvider"])
    say_least("onnx", lambda batch: session.run(None, {"x": batch.numpy()}), pictures)


def finish(work, begin, network, test, n):
    correct = evaluate(network, test)
    torch.save(network.state_dict(), "torch.pt")
    say(work, time.monotonic() - begin, f"accuracy {100 * correct / n:.2f} %")


def do_whole(model, directory):
    begin = time.monotonic()
    (pictures, labels), (tests, answers) = read_set(directory, "train"), read_set(directory, "t10k")
    network = network_of(model)
    batch, optimizer, schedule = recipe_of(model, network, len(labels))
    train(network, Batches(normalized(pictures), labels, batch, True), optimizer, schedule)
    finish("whole", begin, network, Batches(normalized(tests), answers, 1000, False), len(answers))


def do_published(model, directory):
    begin = time.monotonic()
    training, test = Pictures(*read_set(directory, "train")), Pictures(*read_set(directory, "t10k"))
    network = network_of(model)
    batch, optimizer, schedule = recipe_of(model, network, len(training))
    train(network, DataLoader(training, batch), optimizer, schedule)
    finish("published", begin, network, DataLoader(test, 1000), len(test))


layout = torch.contiguous_format
if __name__ == "__main__":
    work, model, directory, threads = sys.argv[1:5]
    if len(sys.argv) > 5:
        layout = getattr(torch, sys.argv[5])
    torch.set_num_threads(int(threads))
    torch.manual_seed(1)
    globals()["do_" + work](model, directory)
