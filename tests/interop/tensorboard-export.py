"""contrib/tensorboard, read back by TensorBoard's own event accumulator and hyperparameter plugin."""
import datetime
import gzip
import os
import re
import shutil
import subprocess
import sys

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.hparams import metadata

program = os.environ["ROOT"] + "/contrib/tensorboard/rote-tensorboard"
metrics = ("loss/train", "accuracy/train", "loss/valid", "accuracy/valid", "loss/test", "accuracy/test")


def report(sentence, holds, detail=""):
    print("ok" if holds else "not ok", "-", sentence)
    if not holds:
        print("#", detail)
    report.failed |= not holds


def run_program(*arguments):
    return subprocess.run([sys.executable, program, *arguments], capture_output=True, text=True)


def export(*arguments):
    run_program(*arguments).check_returncode()


def bytes_of(path):
    with open(path, "rb") as file:
        return file.read()


def read_back(folder):
    accumulator = EventAccumulator(folder)
    accumulator.Reload()
    return accumulator


def read_table(path):
    header, *rows = (line.removeprefix("#").rstrip("\n").split("\t") for line in open(path))
    return [dict(zip(header, row)) for row in rows]


def train(epochs):
    subprocess.run(["rote-train", "-q", "-r", "a", "data=" + os.environ["DATA"], "model=" + os.environ["MODEL"], "samples=200",
                    f"epochs={epochs}"], check=True)


def same_scalars(accumulator, rows, unit):
    for tag in metrics:
        metric, split = tag.split("/")
        there = [(event.step, event.value) for event in accumulator.Scalars(tag)]
        here = [(int(row[unit]), float(row[f"{split}.{metric}"])) for row in rows]
        if [step for step, _ in there] != [step for step, _ in here]:
            return False
        if any(abs(a - b) > 1e-6 for (_, a), (_, b) in zip(there, here)):
            return False
    return sorted(accumulator.Tags()["scalars"]) == sorted(metrics)


def set_clock(log):
    """Lines of a second each, in a zone of its own."""
    lines = open(log).read().splitlines(keepends=True)
    with open(log, "w") as file:
        for second, line in enumerate(lines):
            file.write(f"2026-03-01T07:{second // 60:02d}:{second % 60:02d}+0200 " + line.partition(" ")[2])


def ends_of(log):
    """When the log has the epochs done."""
    found = re.findall(r"^(\S+) epoch \d+: training loss", log, re.M)
    return [datetime.datetime.fromisoformat(stamp).timestamp() for stamp in found]


def check_first():
    train(2)
    set_clock("a/log")
    export("-o", "board", "a")
    back, rows = read_back("board/a"), read_table("a/metrics.tsv")
    report("every row of metrics.tsv is there, at its epoch", same_scalars(back, rows, "epoch"), back.Tags())
    times = [event.wall_time for event in back.Scalars("loss/valid")]
    report("the points have the times of the log", times == ends_of(open("a/log").read()) and times[0] < times[1], times)
    report("the recipe is there as text", b"    optimizer adam lr=0.01\n" in back.Tensors("recipe")[0].tensor_proto.string_val[0],
           back.Tags())
    plugin = back.SummaryMetadata(metadata.SESSION_START_INFO_TAG).plugin_data.content
    values = {key: value.number_value or value.string_value
              for key, value in metadata.parse_session_start_info_plugin_data(plugin).hparams.items()}
    wanted = {"seed": 1, "train.samples": 200, "loss": "cross-entropy", "train.batch": 32, "train.epochs": 2, "optimizer": "adam",
              "optimizer.lr": 0.01}
    report("the hyperparameters are those of the recipe", values == wanted, values)


def check_again():
    first = bytes_of("board/a/events.out.tfevents.rote")
    export("-o", "board", "a")
    report("a second export makes the same bytes", bytes_of("board/a/events.out.tfevents.rote") == first)
    back = read_back("board/a")
    train(4)
    export("-o", "board", "a")
    grown = bytes_of("board/a/events.out.tfevents.rote")
    report("of a run that went on the file has only grown", grown.startswith(first) and len(grown) > len(first))
    back.Reload()
    report("and who reads it finds each point once", same_scalars(back, read_table("a/metrics.tsv"), "epoch"), back.Scalars("loss/valid"))
    report("nothing else is left in the folder", os.listdir("board/a") == ["events.out.tfevents.rote"], os.listdir("board/a"))
    export("--steps", "-o", "steps", "a")
    report("with --steps the points are at the optimizer's steps",
           same_scalars(read_back("steps/a"), read_table("a/metrics.tsv"), "step"))


def check_without_everything():
    """What logrotate and ckpt-prune leave, and less."""
    whole = bytes_of("board/a/events.out.tfevents.rote")
    lines = open("a/log").read().splitlines(keepends=True)
    with gzip.open("a/log.2.gz", "wt") as file:
        file.writelines(lines[:4])
    with open("a/log", "w") as file:
        file.writelines(lines[4:])
    export("-o", "board", "a")
    report("a log that was rotated says the same", bytes_of("board/a/events.out.tfevents.rote") == whole)
    os.remove("a/log.2.gz")
    os.remove("a/log")
    for epoch in range(4):
        os.remove(f"a/epoch-{epoch:04d}.safetensors")
    shutil.copytree("a", "b")
    export("-o", "board", "a", "b")
    report("two runs without logs, with one checkpoint, are exported side by side",
           all(same_scalars(read_back("board/" + run), read_table("a/metrics.tsv"), "epoch") for run in "ab"))


def check_refused():
    for sentence, arguments, status, message in (
            ("a run that is not there is refused with 66", ("-o", "board", "nowhere"), 66,
             "nowhere/metrics.tsv: read: no such file or directory"),
            ("two runs of one name are refused with 64", ("-o", "board", "a", "b/../a"), 64,
             "two runs of one name would have one folder; 'rote-tensorboard -h' prints how it is used"),
            ("a command line without -o is refused with 64", ("a",), 64,
             "-o and a run are needed; 'rote-tensorboard -h' prints how it is used"),
            ("a folder that cannot be made is refused with 73", ("-o", "a/metrics.tsv", "b"), 73,
             "a/metrics.tsv/b: create: not a directory")):
        ended = run_program(*arguments)
        report(sentence, ended.returncode == status and ended.stderr == f"rote-tensorboard: {message}\n", ended)
    with open("b/metrics.tsv", "a") as file:
        file.write("1\ttoo few\n")
    ended = run_program("-o", "board", "b")
    report("a row with too few values is refused with 65", ended.returncode == 65 and "b: read: not a run of rote-train" in ended.stderr,
           ended)


report.failed = False
check_first()
check_again()
check_without_everything()
check_refused()
sys.exit(report.failed)
