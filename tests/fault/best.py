#!/usr/bin/env python3
"""ckpt-best against a model of its page, on the random run directories of prune_runs.py.

    tests/fault/best.py [COUNT [SEED]]

COUNT times records and directories (default 100000), of the seeds SEED, SEED + 1, ... (default 1); `best.py 1 SEED` is one of them
again. TAP.
"""

import json
import os
import random
import shutil
import sys

import prune
import prune_model as model
from prune_runs import RandomRun

OPERANDS = [['run'], ['run/'], ['run', 'more'], ['more', 'run'], ['run', 'run'], ['run/metrics.tsv'], ['run/all.eval', 'run'], ['run', 'nowhere'],
            ['run/epoch-0003.eval', 'run/epoch-0004.eval'], ['run/pinned'], ['-'], [], ['-', 'run'], ['run/metrics.tsv', 'run']]
GUARANTEES = {'best': "the choice and the exit status are the model's", 'order': 'the order of operands does not matter'}


# The model, from ckpt-best(1) alone: about what records say it shares that of ckpt-prune(1), which refers to this page


class Untold(Exception):
    """The page does not say whether a file with this damage is the checkpoint."""


def sources(operand):
    """The files that an operand stands for, and what their paths are relative to."""
    if operand == '-':
        return [('input', '')]
    if not os.path.isdir(operand):
        return [(operand, '')]
    names = [name for name in os.listdir(operand) if name == 'metrics.tsv' or name.endswith('.eval') and name[0] != '.']
    return [(os.path.join(operand, name), operand) for name in names]


def is_there(path, digest, headers):
    """Is there a checkpoint of this path that says that it has this digest? Its header is that of the pool's, and its size fits."""
    try:
        data = model.read(path)
    except model.Doubt as doubt:
        if doubt.args[0] == 74:
            raise
        return False
    if data[81:145] == digest.encode() and not data.startswith(headers[digest][0]):
        raise Untold
    return data.startswith(headers[digest][0]) and len(data) == headers[digest][1]


def choose(operands, policy, count, headers):
    """What is chosen, the best first, and the exit statuses that there may be."""
    doubts, records, chosen = set(), [], {}
    for path, directory in (source for operand in operands or ['-'] for source in sources(operand)):
        try:
            found = [{**record, 'path': os.path.join(directory, record['path'])} if record.get('path', 'none') != 'none' else record
                     for record in model.records(path)]
            model.known(found, policy['key'])
            records += found
        except model.Doubt as doubt:
            doubts.update(doubt.args)
    try:
        known = model.known(records, policy['key']).values()
        for one in model.ranked([{**one, 'path': path} for one in known for path in one['paths']], policy):
            if not doubts and len(chosen) < count and one['digest'] not in chosen and is_there(one['path'], one['digest'], headers):
                chosen[one['digest']] = one
    except model.Doubt as doubt:
        doubts.update(doubt.args)
    return ([], doubts) if doubts else (list(chosen.values()), {0 if chosen else 1})


class Case:
    """Two directories of one run, records on stdin, operands, and what the model chooses."""

    def __init__(self, seed, pool):
        self.rng = rng = random.Random(seed)
        for name in ('run', 'more'):
            a_run = RandomRun(rng, pool)
            a_run.make(name, rng)
            with open('input', 'wb') as file:
                file.writelines(what for _, what in sorted(a_run.files.items()) if isinstance(what, bytes) and what.startswith(b'#'))
        self.policy = {'key': rng.choice(prune.UNDIRECTED if rng.random() < 0.15 else prune.DIRECTED), 'last': 1}
        if rng.random() < (0.9 if self.policy['key'] in prune.UNDIRECTED else 0.1):
            self.policy['direction'] = rng.choice(('min', 'max'))
        self.operands, self.count, self.form = rng.choice(OPERANDS), rng.choice((1, 1, 2, 4)), rng.choice(('', '', '-0', '-j'))
        self.chosen, self.statuses = choose(self.operands, self.policy, self.count, pool.headers) if model.has_direction(self.policy) else ([], {64})

    def best(self, operands):
        words = ['-k', self.policy['key'], '-N', str(self.count), self.form or '-q']
        words += ['--' + self.policy['direction']] if 'direction' in self.policy else []
        with open('input', 'rb') as stdin:
            return prune.run(prune.program('ckpt-best'), *words, *operands, stdin=stdin)

    def judge(self, guarantee, operands):
        result = self.best(operands)
        prune.check(guarantee, result.returncode in self.statuses, operands, f'status {result.returncode}, model {self.statuses}:', result.stderr)
        if self.form == '-j':
            said = [json.loads(line) for line in result.stdout.splitlines()]
            wanted = [{'path': one['path'], 'digest': one['digest'], 'epoch': one['epoch'], self.policy['key']: one['value']} for one in self.chosen]
        else:
            end = '\0' if self.form else '\n'
            said, wanted = result.stdout, os.fsencode(''.join(one['path'] + end for one in self.chosen))
        prune.check(guarantee, said == wanted, operands, 'printed', said, 'model', wanted)

    def other_order(self):
        self.judge('order', self.rng.sample(self.operands, len(self.operands)))


def try_one(suite, seed):
    os.mkdir('here')
    os.chdir('here')
    try:
        case = Case(seed, suite.pool)
        suite.attempt(seed, 'best', function=lambda: case.judge('best', case.operands))
        if len(case.operands) > 1:
            suite.attempt(seed, 'order', function=case.other_order)
    except Untold:
        pass
    os.chdir(suite.top)
    shutil.rmtree('here')


if __name__ == '__main__':
    sys.exit(prune.main('best.py', GUARANTEES, try_one))
