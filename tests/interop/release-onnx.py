"""onnx.checker takes our files, and onnxruntime computes our logits: to 1e-4, and the class wherever the two best differ by more."""
import csv
import json
import os
import subprocess

import numpy
import onnx
import onnxruntime

MOST = 1e-4

ROOT, TEST = os.environ['ROOT'], os.environ['ROTE_MNIST'] + '/t10k'


def run(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def bash(line):
    return run('bash', '-euc', '. "$ROOT/tests/helpers.bash"; . "$ROOT/tests/releases.bash"; ' + line)


def ours(network):
    """(samples, classes)"""
    rows = csv.DictReader(run('nn-predict', '-q', '--logits', network, TEST).removeprefix('#').splitlines(), delimiter='\t')
    return numpy.array([[float(value) for name, value in row.items() if name.startswith('logit.')] for row in rows])


def theirs(path, pictures):
    session = onnxruntime.InferenceSession(path, providers=['CPUExecutionProvider'])
    parts = [session.run(['logits'], {'picture': part})[0] for part in numpy.array_split(pictures, 20)]
    assert json.loads(session.get_modelmeta().custom_metadata_map['card'])['model'], 'there is no card'
    return numpy.concatenate(parts)


def check(name, path, wanted, pictures, relative=False):
    onnx.checker.check_model(path, full_check=True)
    found = theirs(path, pictures)
    most = MOST * (numpy.abs(wanted).max() if relative else 1)
    apart = numpy.abs(found - wanted).max()
    best = numpy.sort(wanted, axis=1)[:, -2:]
    clear = best[:, 1] - best[:, 0] > most
    others = (found.argmax(1) != wanted.argmax(1))[clear].sum()
    print('# %s: %d samples, %d of them clear, logits up to %.1f and %.1e apart' % (
        name, len(wanted), clear.sum(), numpy.abs(wanted).max(), apart))
    held = len(wanted) == 10000 and apart <= most and others == 0
    print('%s - onnxruntime computes the logits and classes of %s' % ('ok' if held else 'not ok', name))


def pictures_of(data):
    bash('gzip -cdf "$(ls "%s"-images-idx3-ubyte*)" >images' % data)
    return numpy.fromfile('images', dtype=numpy.uint8, offset=16).reshape(-1, 1, 28, 28)


def train(name, *settings):
    run('nn-init', '-q', '-o', name + '-0', '%s/pipelines/models/%s.model' % (ROOT, name), *settings)
    run('nn-train-epoch', '-q', '-o', name + '.safetensors', name + '-0', os.environ['DATA'] + '/train')


def main():
    pictures = pictures_of(TEST)
    bash('make_every')
    train('small-cnn')
    train('mlp')
    for name in 'every', 'small-cnn', 'mlp':
        wanted = ours(name + '.safetensors')
        run('ckpt-release', '-F', 'onnx', '-o', name + '.onnx', name + '.safetensors')
        check(name, name + '.onnx', wanted, pictures)
        run('ckpt-release', '--fold', '-F', 'onnx', '-o', name + '-folded.onnx', name + '.safetensors')
        check(name + ' folded', name + '-folded.onnx', wanted, pictures, relative=True)


main()
