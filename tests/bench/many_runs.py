#!/usr/bin/env python3
"""Makes directories of runs, quickly: checkpoints that nobody trained, but proven ones, and their evaluations.

    tests/bench/many_runs.py DIRECTORY RUNS EPOCHS CHECKPOINT

DIRECTORY/0001 and so on, each with the epochs 0 to EPOCHS - 1 as a chain that begins with CHECKPOINT, one of epoch 0, under
seeds 1, 2 ...; an epoch's .eval, metrics.tsv, and an empty run.conf. The weights of all are those of CHECKPOINT.
"""

import hashlib
import json
import os
import struct
import sys


def seal(header, tensors):
    """A checkpoint with the digest that fits it (rote-checkpoint(5)), and that digest."""
    header['__metadata__']['digest'] = '0' * 64
    text = json.dumps(header, separators=(',', ':'), ensure_ascii=False).encode()
    text += b' ' * (-len(text) % 8)
    data = struct.pack('<Q', len(text)) + text + tensors
    digest = hashlib.blake2b(data, digest_size=32).hexdigest()
    return data.replace(b'"digest":"' + b'0' * 64, b'"digest":"' + digest.encode(), 1), digest


def accuracy(run, epoch):
    """Some figure, another for nearly each."""
    return (run * 7919 + epoch * 104729) % 10000 / 10000


def save(path, data):
    with open(path, 'wb') as file:
        file.write(data)


def table(rows):
    lines = ['#' + '\t'.join(rows[0])] + ['\t'.join(map(str, row.values())) for row in rows]
    return ''.join(line + '\n' for line in lines).encode()


def make_run(directory, number, epochs, header, tensors):
    os.makedirs(directory)
    said = header['__metadata__']
    said.update(seed=str(number), parent='none', data='none', epoch='0')
    said.update({'train.loss': 'none', 'train.accuracy': 'none', 'train.samples': 'none', 'class': 'none', 'step': '0'})
    rows = []
    for epoch in range(epochs):
        name = 'epoch-%04d' % epoch
        data, digest = seal(header, tensors)
        save(os.path.join(directory, name + '.safetensors'), data)
        if epoch:
            known = {'path': name + '.safetensors', 'digest': digest, 'epoch': epoch}
            save(os.path.join(directory, name + '.eval'), table([{**known, 'step': epoch * 100, 'train.loss': 0.5}]) +
                 table([{**known, 'split': 'valid', 'n': 1000, 'loss': 0.5, 'accuracy': accuracy(number, epoch)},
                        {**known, 'split': 'test', 'n': 1000, 'loss': 0.5, 'accuracy': accuracy(number, epoch + 1)}]))
            rows.append({'epoch': epoch, **known, 'valid.accuracy': accuracy(number, epoch), 'test.accuracy': accuracy(number, epoch + 1)})
        said.update(parent=digest, data='1' * 64, epoch=str(epoch + 1), step=str(100 * (epoch + 1)))
        said.update({'train.loss': '0.5', 'train.accuracy': '0.75', 'train.samples': '6400', 'class': 'fp32'})
    save(os.path.join(directory, 'metrics.tsv'), table(rows))
    save(os.path.join(directory, 'run.conf'), b'')


def main():
    directory, runs, epochs, checkpoint = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
    with open(checkpoint, 'rb') as file:
        data = file.read()
    end = 8 + struct.unpack('<Q', data[:8])[0]
    for number in range(1, runs + 1):
        make_run(os.path.join(directory, '%04d' % number), number, epochs, json.loads(data[8:end]), data[end:])


main()
