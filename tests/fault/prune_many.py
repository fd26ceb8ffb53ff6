#!/usr/bin/env python3
"""ckpt-prune of several runs at once against the model of its page, on the random run directories of prune_runs.py.

    tests/fault/prune_many.py [COUNT [SEED]]

COUNT directories of two to four runs (default 20000), of the seeds SEED, SEED + 1, ... (default 1); `prune_many.py 1 SEED` is one of
them again. TAP.
"""

import itertools
import os
import random
import shutil
import sys

import prune
import prune_model as model
from prune import check, printed, snapshot
from prune_runs import FAMILIES, RandomRun

RUNS = ['0001', '0002', '10', 'a', 'a-b', 'a.b', 'A b', 'r\u00e9']
GUARANTEES = {
    'plan': "the plan and the exit status are the model's",
    'doubt': 'a doubt about one run changes nothing in any',
    'act': 'what goes is what the plan says, and nothing else is touched',
    'apart': 'without --best-of-all each run is pruned as if it were alone',
    'stopped': 'what was killed or failed goes on to the same files, and all tombstones come first',
}


class Case:
    """A directory of runs, most of them of different data, a policy, and what the model says of them."""

    def __init__(self, seed, pool):
        self.rng = rng = random.Random(seed)
        names = rng.sample(RUNS, rng.randrange(2, 5))
        os.mkdir('all')
        self.runs = [os.path.join('all', name) for name in sorted(names, key=os.fsencode)]
        measured = {}
        for path, family in zip(self.runs, rng.sample(sorted({*FAMILIES}), len(names))):
            RandomRun(rng, pool, family, 0.1, measured).make(path, rng)
            with open(os.path.join(path, 'run.conf'), 'wb'):  # whatever else is in it
                pass
        self.operands = ['all'] if rng.random() < 0.7 else self.runs
        self.policy = prune.random_policy(rng)
        self.words = prune.command_line(rng, self.policy)
        self.rows, self.statuses = self.expect(model.checkpoint)
        self.planned = self.expect(model.header)
        self.before = self.look()

    def expect(self, read_one):
        """One that is named has a checkpoint; one that is found may have only begun."""
        rows, statuses = model.plan(self.runs, self.policy, read_one)
        if self.operands == ['all'] or all(any(map(model.NAME.fullmatch, os.listdir(run))) for run in self.runs):
            return rows, statuses
        return [], {66} | statuses - {0}

    def look(self):
        return {path: snapshot(path) for path in self.runs}

    def prune(self, *more, wrapper=()):
        return prune.run(*wrapper, prune.program('ckpt-prune'), *more, *self.words, *self.operands)

    def judge(self, guarantee, result, planned):
        rows, statuses = planned
        check(guarantee, result.returncode in statuses, f'status {result.returncode}, model {statuses}:', result.stderr)
        check(guarantee, result.stdout == printed(rows, self.policy), 'printed', result.stdout, 'model', printed(rows, self.policy))

    def plan(self):
        self.judge('plan', self.prune('-n'), self.planned)
        check('plan', self.look() == self.before, 'files were changed')

    def doubt(self):
        self.judge('doubt', self.prune(), (self.rows, self.statuses))
        check('doubt', self.look() == self.before, 'files were changed')

    def acted(self, guarantee):
        gone = {path for path, _, state, _ in self.rows if state == 'prune'}
        now = self.look()
        for run, before in self.before.items():
            going = {os.path.basename(path) for path in gone if os.path.dirname(path) == run}
            changed = prune.differences(before, now[run])
            check(guarantee, not going & {*now[run]}, 'still there:', run, going & {*now[run]})
            check(guarantee, changed - going <= ({'pruned.tsv'} if going else set()), 'changed:', run, changed, 'to go:', going)

    def act(self):
        self.judge('act', self.prune(), (self.rows, self.statuses))
        self.acted('act')
        again = self.prune()
        rows = [row for row in self.rows if row[2] == 'keep']
        check('act', again.returncode == 0 and again.stdout == printed(rows, self.policy), 'the second time', again)

    def share(self):
        """Is a checkpoint in two of the runs, or do the records of one speak of another's? They then count for both."""
        spoken, here = [], []
        for run, files in self.before.items():
            here.append({model.header(os.path.join(run, name))['digest'] for name in files if model.NAME.fullmatch(name)})
            tables = model.Doubts().read_all(run, model.records, lambda name: name == 'metrics.tsv' or name.endswith('.eval'))
            spoken.append(here[-1] | {row['digest'] for row in sum(tables.values(), []) if 'digest' in row})
        return any(ours & theirs for (ours, _), (_, theirs) in itertools.permutations(zip(here, spoken), 2))

    def apart(self):
        """All runs at once, and copies of them one by one."""
        shutil.copytree('all', 'copies', symlinks=True)
        result = self.prune()
        check('apart', result.returncode == 0, result)
        for path in self.runs:
            result = prune.run(prune.program('ckpt-prune'), *self.words, path.replace('all', 'copies', 1))
            check('apart', result.returncode in (0, 66), path, result)
        result = prune.run('diff', '-r', '--no-dereference', 'all', 'copies')
        check('apart', result.returncode == 0, result.stdout, result.stderr)

    def stopped(self):
        """At one of the deletions: no file is gone that has no tombstone, and the next run ends as any."""
        gone = [path for path, _, state, _ in self.rows if state == 'prune']
        if not gone:
            return
        fault = f'{self.rng.choice(("signal=KILL", "error=EIO"))}:when={self.rng.randrange(1, len(gone) + 1)}'
        result = self.prune(wrapper=(*prune.STRACE, '-e', 'trace=unlink,unlinkat', '-e', f'inject=unlink,unlinkat:{fault}'))
        check('stopped', result.returncode in (-9, 137, 74), fault, result)
        for path in gone:
            stones = model.records(os.path.join(os.path.dirname(path), 'pruned.tsv'))
            check('stopped', os.path.basename(path) in {stone['path'] for stone in stones}, 'no tombstone of', path)
        result = self.prune()
        check('stopped', result.returncode == 0, result)
        self.acted('stopped')


def try_one(suite, seed):
    os.mkdir('here')
    os.chdir('here')
    case = Case(seed, suite.pool)
    suite.attempt(seed, 'plan', function=case.plan)
    choice = case.rng.randrange(20)
    if case.statuses != {0}:
        suite.attempt(seed, 'doubt', function=case.doubt)
    elif choice == 0 and suite.strace:
        suite.attempt(seed, 'stopped', function=case.stopped)
    elif choice < 8 and 'best-of-all' not in case.policy and not case.share():
        suite.attempt(seed, 'apart', function=case.apart)
    else:
        suite.attempt(seed, 'act', function=case.act)
    os.chdir(suite.top)
    shutil.rmtree('here')


if __name__ == '__main__':
    sys.exit(prune.main('prune_many.py', GUARANTEES, try_one))
