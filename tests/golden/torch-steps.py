"""rote's first steps against PyTorch's: torch-steps.py [--write] DIRECTORY, where 'torch-test DIRECTORY' has put rote's.

The same weights are trained on the same batches, in float64 and in float32. A tensor's error is the norm of the difference
over the norm. It is printed by model and step, the worst tensor of each kind, and held against the bounds in torch/expected,
from which the test torch-test works without PyTorch; --write makes that file anew.
"""
import collections
import math
import pathlib
import sys

import torch
from torch import nn
from torch.optim import lr_scheduler, swa_utils

from torch_network import Network, parse_model, read_safetensors

STEPS, BATCHES, KEPT = 10, 3, (1, 3, 10)
TABLE = pathlib.Path(__file__).parent / "torch" / "expected"
HEADER = f"""\
# What PyTorch {torch.__version__} computes for each NAME.model here, in float64; tests/unit/torch-test.c holds rote to it.
# Made by: build/tests/torch-test DIRECTORY && python tests/golden/torch-steps.py --write DIRECTORY
# Of each tensor x: its norm, its products sum(x[i] cos(i)) and sum(x[i] cos(2 i)), i from 1, and how far rote may be from it as a
# part of the norm: 1e-5 for logits, loss and gradients of step 1, 1e-4 for the state after it, 1e-6 for rates; in later steps four
# times the worst that was seen among the model's tensors of that kind, in float64 and float32.
# step tensor norm first second most
"""

OPTIMIZERS = {
    "sgd": torch.optim.SGD,
    "adam": torch.optim.Adam,
    "adamw": torch.optim.AdamW,
    "adadelta": torch.optim.Adadelta,
    "rmsprop": torch.optim.RMSprop,
}


def make_optimizer(statement, parameters):
    _, variant, _, settings = statement
    if variant.startswith("adam"):
        settings = {"betas": (settings.get("beta1", 0.9), settings.get("beta2", 0.999)), **settings}
    settings = {name: value for name, value in settings.items() if name not in ("beta1", "beta2")}
    return OPTIMIZERS[variant](parameters, **settings)


def make_schedule(optimizer, variant, numbers, settings, units):
    """What the word `schedule` stands for, over so many units. Defaults are PyTorch's."""
    factor = {"gamma": settings["gamma"]} if "gamma" in settings else {}
    if variant == "step":
        return lr_scheduler.StepLR(optimizer, settings.get("every", 1), **factor)
    if variant == "multi-step":
        return lr_scheduler.MultiStepLR(optimizer, numbers, **factor)
    if variant == "exponential":
        return lr_scheduler.ExponentialLR(optimizer, **factor)
    if variant == "cosine" and "period" in settings:
        return lr_scheduler.CosineAnnealingWarmRestarts(
            optimizer, settings["period"], settings.get("multiply", 1), settings.get("minimum", 0))
    if variant == "cosine":
        return lr_scheduler.CosineAnnealingLR(optimizer, units, settings.get("minimum", 0))
    if variant == "one-cycle":
        names = {"rise": "pct_start", "divide": "div_factor", "final": "final_div_factor", "anneal": "anneal_strategy"}
        named = {names[name]: value for name, value in settings.items() if name in names}
        rate = optimizer.param_groups[0]["lr"]
        return lr_scheduler.OneCycleLR(optimizer, rate, units, cycle_momentum=False, **named)
    return lr_scheduler.LambdaLR(optimizer, lambda unit: 1)


def make_rates(recipe):
    """The learning rates of all steps. Schedules are tried on an optimizer of their own, by unit: epoch or step."""
    _, variant, numbers, settings = recipe["schedule"]
    by_step = settings.get("by", "step" if variant == "one-cycle" else "epoch") == "step"
    units = recipe["train"][3].get("epochs", 1) * (BATCHES if by_step else 1)
    warmup = settings.get("warmup", 0)
    optimizer = make_optimizer(recipe["optimizer"], [nn.Parameter(torch.zeros(1))])
    if warmup:
        first = lr_scheduler.LinearLR(optimizer, 1 / (warmup + 1), 1, warmup)
        then = make_schedule(optimizer, variant, numbers, settings, units - warmup)
        schedule = lr_scheduler.SequentialLR(optimizer, [first, then], [warmup])
    else:
        schedule = make_schedule(optimizer, variant, numbers, settings, units)
    rates = []
    for _ in range(units):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    return [rates[step if by_step else step // BATCHES] for step in range(STEPS)]


def named(prefix, tensors):
    return {prefix + name: tensor.detach().double().clone() for name, tensor in tensors
            if not name.endswith("num_batches_tracked")}


class Training:
    """A network of a model text in the hands of PyTorch, given rote's first weights and its batches."""

    def __init__(self, text, tensors, dtype):
        statements = parse_model(text)
        self.recipe = {"schedule": (None, "constant", [], {}), **{statement[0]: statement for statement in statements}}
        self.batches = [(tensors[f"batch{batch}.pictures"].permute(0, 3, 1, 2).to(dtype), tensors[f"batch{batch}.labels"].long())
                        for batch in range(1, BATCHES + 1)]
        self.network = Network(statements).train()
        first = "step0.model."
        self.network.load_state_dict({name[len(first):]: tensor for name, tensor in tensors.items() if name.startswith(first)})
        self.network.to(dtype)
        self.optimizer = make_optimizer(self.recipe["optimizer"], self.network.parameters())
        self.loss = nn.CrossEntropyLoss(label_smoothing=self.recipe["loss"][3].get("smoothing", 0))
        self.rates = make_rates(self.recipe)
        self.average = None
        if "ema" in self.recipe:
            decay = self.recipe["ema"][2][0]
            self.average = swa_utils.AveragedModel(
                self.network, avg_fn=lambda average, parameter, count: decay * average + (1 - decay) * parameter)
            self.average.update_parameters(self.network)

    def state(self):
        """A checkpoint's tensors."""
        tensors = named("model.", self.network.state_dict().items())
        for name, parameter in self.network.named_parameters():
            moments = self.optimizer.state[parameter].items()
            tensors.update({f"optim.{moment}.{name}": value.double().clone() for moment, value in moments
                            if moment != "step" and value is not None})
        if self.average:
            tensors.update(named("ema.", self.average.module.named_parameters()))
        return tensors

    def train_step(self, step):
        """What torch-test keeps of a step, by name."""
        pictures, labels = self.batches[(step - 1) % BATCHES]
        for group in self.optimizer.param_groups:
            group["lr"] = self.rates[step - 1]
        logits = self.network(pictures)
        loss = self.loss(logits, labels)
        self.optimizer.zero_grad()
        loss.backward()
        tensors = named("", [("logits", logits), ("loss", loss.view(1))])
        if step == 1:
            tensors.update(named("gradient.", [(name, parameter.grad) for name, parameter in self.network.named_parameters()]))
        if "clip" in self.recipe:
            nn.utils.clip_grad_norm_(self.network.parameters(), self.recipe["clip"][2][0])
        self.optimizer.step()
        if self.average:
            self.average.update_parameters(self.network)
        tensors.update(self.state())
        if step == STEPS:
            tensors["rates"] = torch.tensor(self.rates, dtype=torch.float64)
        return tensors

    def train(self):
        steps = {step: self.train_step(step) for step in range(1, STEPS + 1)}
        return {(step, name): tensor for step in KEPT for name, tensor in steps[step].items()}


def error_of(ours, theirs):
    norm = theirs.norm().item()
    return (ours.double() - theirs).norm().item() / (norm or 1)


def compare(name, path):
    """PyTorch's tensors in float64, and rote's errors by dtype and tensor."""
    about, tensors = read_safetensors(path)
    ours = {name: tensor for name, tensor in tensors.items() if name.startswith("step") and not name.startswith("step0.")}
    errors = {}
    for dtype in (torch.float32, torch.float64):
        theirs = Training(about["model"], tensors, dtype).train()
        missing = set(ours) ^ {f"step{step}.{tensor}" for step, tensor in theirs}
        if missing:
            sys.exit(f"torch-steps.py: {name}: only one side has {' '.join(sorted(missing))}")
        errors[dtype] = {key: error_of(ours[f"step{key[0]}.{key[1]}"], tensor) for key, tensor in theirs.items()}
    return theirs, errors


def kind(tensor):
    """Tensors that are judged together; the loss goes with the logits that it is made of."""
    first = tensor.split(".")[0]
    return "logits" if first == "loss" else first


def worst_by_kind(errors):
    """The worst error of each step and kind of tensor."""
    worst = collections.defaultdict(float)
    for (step, tensor), error in errors.items():
        worst[step, kind(tensor)] = max(worst[step, kind(tensor)], error)
    return worst


def bound(step, tensor, seen):
    if kind(tensor) == "rates":
        return 1e-6
    if step == 1:
        return 1e-5 if kind(tensor) in ("logits", "gradient") else 1e-4
    return 4 * seen


def make_rows(name, theirs, errors):
    """Of the table, a model's name and its tensors."""
    seen = worst_by_kind({key: max(by_key[key] for by_key in errors.values()) for key in theirs})
    yield f"model {name}\n"
    for (step, tensor), value in theirs.items():
        flat = value.flatten()
        places = torch.arange(1, len(flat) + 1, dtype=torch.float64)
        numbers = [flat.norm(), flat @ places.cos(), flat @ (2 * places).cos()]
        most = bound(step, tensor, seen[step, kind(tensor)])
        yield " ".join([str(step), tensor, *(f"{number.item():.8g}" for number in numbers), f"{most:.2g}"]) + "\n"


def read_bounds():
    """By model, step and tensor."""
    bounds = {}
    for line in TABLE.read_text().splitlines():
        first, *rest = line.split()
        if first == "model":
            name = rest[0]
        elif first != "#":
            bounds[name, int(first), rest[0]] = float(rest[-1])
    return bounds


def show(name, errors):
    for dtype, by_key in errors.items():
        worst = worst_by_kind(by_key)
        figures = [f"{step}.{word} {worst[step, word]:.1e}" for step, word in worst]
        print(f"{name} {str(dtype).split('.')[1]}: {', '.join(figures)}")


def main(writes, directory):
    rows, wrong, bounds = [], 0, {} if writes else read_bounds()
    worst = {torch.float32: collections.defaultdict(float), torch.float64: collections.defaultdict(float)}
    for path in sorted(pathlib.Path(directory).glob("*.safetensors")):
        theirs, errors = compare(path.stem, path)
        show(path.stem, errors)
        rows.extend(make_rows(path.stem, theirs, errors))
        for dtype, by_key in errors.items():
            for (step, tensor), error in by_key.items():
                most = bound(step, tensor, math.inf) if writes else bounds.get((path.stem, step, tensor), 0)
                if not error <= most:
                    print(f"{path.stem}: step {step}: {tensor} is {error:.2g} off, at most {most:.2g}")
                    wrong += 1
                worst[dtype][step, kind(tensor)] = max(worst[dtype][step, kind(tensor)], error)
    print(f"the worst of all, PyTorch {torch.__version__}:")
    show("all", worst)
    if wrong or not rows:
        sys.exit(f"torch-steps.py: {wrong} tensors are not as in PyTorch")
    if writes:
        TABLE.write_text(HEADER + "".join(rows))


main(sys.argv[1:-1] == ["--write"], sys.argv[-1])
