#!/usr/bin/env python3
"""hp-promote against the model of its page (promote_model.py), on random searches.

    tests/fault/promote.py [COUNT [SEED]]

COUNT searches (default 100000), of the seeds SEED, SEED + 1, ... (default 1); `promote.py 1 SEED` is one of them again. TAP, a line
for each guarantee.
"""

import collections
import math
import os
import random
import subprocess
import sys
import tempfile

import promote_model as model

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PROGRAM = os.path.join(os.path.abspath(os.environ.get('BUILD') or os.path.join(ROOT, 'build')), 'bin/hp-promote')
GUARANTEES = {
    'model': "the decisions are the model's",
    'order': 'the order of records and files does not matter',
    'prefix': 'to know more adds decisions, and changes none',
    'search': 'in whatever order trials are trained, a search ends with the same decisions, and trains no more at a time than it may',
    'preview': "the preview has the model's brackets, and as many trials at each rung as the divisor leaves",
}
KEYS = {'valid.loss': ([], 1), 'valid.accuracy': ([], -1), 'score': (['--max'], -1), 'cost': (['--min'], 1)}
# What may be said of a trial at the rung of which this was said before.
LATER = {'run': {'run', 'wait', 'stop', 'done', 'failed'}, 'wait': {'wait', 'stop'}, 'stop': {'stop'}, 'done': {'done'}, 'failed': {'failed'}}


class Failed(Exception):
    """args: the guarantee, and what differs."""


def check(guarantee, condition, *details):
    if not condition:
        raise Failed(guarantee, ' '.join(map(str, details)))


def run(*words):
    done = subprocess.run([PROGRAM, *map(str, words)], stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=60, text=True)
    check('model', done.returncode == 0 and not done.stderr, words, done.returncode, done.stderr)
    names, rows = [], []
    for line in done.stdout.splitlines():
        if line.startswith('#'):
            names = line[1:].split('\t')
        else:
            rows.append(dict(zip(names, line.split('\t'))))
    return rows


def write(path, text):
    with open(path, 'w', encoding='utf8') as file:
        file.write(text)


class Search:
    """A random table, options, and all that its trials would ever say."""

    def __init__(self, seed):
        self.rng = rng = random.Random(seed)
        self.names = rng.sample(['%04d' % i for i in range(1, 100)] + ['published', 'a-b', 'x.y_z'], rng.choice((1, 2, 3, 5, 8, 16, 16, 24, 40)))
        self.trials, self.divisor = len(self.names), rng.choice((1.2, 1.5, 2, 2, 2.5, 3, 4, 4, 4, 10))
        self.synchronous, self.workers = rng.random() < 0.3, rng.choice((1, 2, 3, 4, 7, 16, 16, 50))
        self.mode, self.counts, self.words = 'standard', [], ['--divisor', self.divisor]
        self.choose_rungs()
        self.choose_options()
        self.key = rng.choice([*KEYS])
        self.words += ['-k', self.key, *KEYS[self.key][0]]
        self.invent()
        write('trials.tsv', '#trial\n' + ''.join(name + '\n' for name in self.names))

    def choose_rungs(self):
        rng = self.rng
        given = [rng.choice((1, 2, 3, 9, 12, 14, 16, 27, 64, 100))] if rng.random() < 0.6 else sorted(rng.sample(range(1, 30), rng.randrange(2, 7)))
        most = rng.choice((0, 0, 1, 2, 3, 8))
        self.words += ['--max-rungs', most] if most else []
        self.epochs = model.rungs(given, self.divisor, most)
        if rng.random() < 0.3:
            samples = rng.choice((1, 3, 60))
            self.epochs = sorted({-(-length // samples) for length in self.epochs})
            self.words += ['--epoch-samples', samples, '--samples', ','.join(map(str, given))]
        else:
            self.words += ['--epochs', ','.join(map(str, given))]

    def choose_options(self):
        rng = self.rng
        if rng.random() < 0.3:
            self.counts = [rng.randrange(1, len(self.epochs) + 1) for _ in range(rng.randrange(1, 4))]
            self.words += ['--brackets', ','.join(map(str, self.counts))]
        elif rng.random() < 0.7:
            self.mode = rng.choice(('aggressive', 'standard', 'conservative'))
            self.words += ['--mode', self.mode]
        if self.workers != 16:
            self.words += ['--max-concurrent', self.workers]
        if rng.random() < 0.2:
            most = rng.randrange(1, 50)
            self.trials = min(self.trials, most)
            self.words += ['--max-trials', most]
        self.words += ['--synchronous'] * self.synchronous

    def invent(self):
        """Values in steps, so that at some rungs there are ties; some are not finite, and some trials fail."""
        rng, self.values, self.failed = self.rng, {}, {}
        share = rng.choice((0, 0, 0.05, 0.3, 0.9))
        steps = {epoch: rng.choice((1, 2, 10, 1000)) for epoch in [*self.epochs, *rng.sample(range(1, 100), 3)]}
        for name in self.names:
            if rng.random() < share / 2:
                self.failed[name] = rng.randrange(self.epochs[-1] + 2)
            for epoch in steps:
                wrong = rng.random() < share / 4
                self.values[name, epoch] = rng.choice((math.nan, math.inf, -math.inf)) if wrong else rng.randrange(steps[epoch]) / steps[epoch]
        for name, epoch in self.failed.items():  # it may have failed in this epoch, or after it
            if rng.random() < 0.5:
                self.values.pop((name, epoch), None)
        self.revived = bool(self.failed) and rng.random() < 0.2  # what comes after a failure contradicts it
        if not self.revived:
            self.values = {at: value for at, value in self.values.items() if at[1] <= self.failed.get(at[0], math.inf)}

    def records(self):
        rows = [(name, epoch, repr(value), 'none') for (name, epoch), value in self.values.items()]
        return rows + [(name, epoch, 'none', f'epoch {epoch}: killed') for name, epoch in self.failed.items()]

    def some_of(self, records):
        """Of a failure it is not known before the value of its epoch is."""
        some = self.rng.sample(records, int(len(records) * self.rng.choice((0.5, 0.9, 0.98))))
        known = {row[:2] for row in some if row[3] == 'none'}
        return [row for row in some if row[3] == 'none' or row[:2] in known or row[:2] not in self.values]

    def decide(self, records, files=1):
        paths = ['records%d' % i for i in range(files)]
        for i, path in enumerate(paths):
            write(path, f'#trial\tepoch\t{self.key}\tfailed\n' + ''.join('%s\t%s\t%s\t%s\n' % row for row in records[i::files]))
        return run(*self.words, 'trials.tsv', *paths)

    def cost(self, known, name, epoch):
        failed = self.failed.get(name, math.inf) if any(row[0] == name and row[3] != 'none' for row in known) else math.inf
        value = next((float(row[2]) for row in known if row[:2] == (name, epoch) and row[3] == 'none'), None)
        if failed < epoch or failed == epoch and value is None:
            return math.inf
        return value if value is None else KEYS[self.key][1] * value if math.isfinite(value) else math.inf

    def expected(self, known):
        rows, first = [], 0
        by_name = collections.defaultdict(list)
        for row in known:
            by_name[row[0]].append(row)
        for number, (epochs, trials, workers) in enumerate(self.brackets(), 1):
            names = self.names[first:first + trials]
            said = model.decide(epochs, trials, workers, self.divisor, self.synchronous,
                                lambda trial, rung: self.cost(by_name[names[trial]], names[trial], epochs[rung]))
            rows += [(names[trial], state, str(number), str(rung), str(length)) for trial, (state, rung, length) in sorted(said.items())]
            first += trials
        return rows

    def brackets(self):
        return model.brackets(self.trials, self.epochs, self.divisor, self.workers, self.mode, self.counts)


def columns(rows):
    return [tuple(row[name] for name in ('trial', 'state', 'bracket', 'rung', 'epochs')) for row in rows]


def grows(before, after):
    """Are all of the decisions still there?"""
    now = {row['trial']: row for row in after}
    for row in before:
        later = now.get(row['trial'])
        check('prefix', later is not None and int(later['rung']) >= int(row['rung']), row, 'then', later)
        if later['rung'] == row['rung']:
            check('prefix', later['state'] in LATER[row['state']], row, 'then', later)
            check('prefix', row['state'] in ('run', 'wait') or later == row, row, 'then', later)
        else:
            check('prefix', row['state'] in ('run', 'wait'), row, 'then', later)


def subsets(search):
    """Decisions on all records, on some, and on some of those."""
    some = search.records()
    after = None
    for _ in range(3):
        search.rng.shuffle(some)
        rows = search.decide(some, search.rng.choice((1, 1, 3)))
        check('model', columns(rows) == search.expected(some), search.words, 'said', columns(rows), 'model', search.expected(some))
        if after is not None and not search.revived:
            grows(rows, after)
        search.rng.shuffle(some)
        check('order', search.decide(some, 2) == rows, search.words)
        after, some = rows, search.some_of(some)


def search_to_the_end(search):
    """Train what is to run, in random order, as workers of random speed would."""
    all_records, known, rows = search.records(), [], search.decide([])
    while any(row['state'] == 'run' for row in rows):
        running = [row for row in rows if row['state'] == 'run']
        check('search', len(running) <= max(search.workers, len(search.brackets())), search.words, running)
        for row in search.rng.sample(running, search.rng.randrange(1, len(running) + 1)):
            reached = min(int(row['epochs']), search.failed.get(row['trial'], math.inf))
            known += [one for one in all_records if one[0] == row['trial'] and one[1] <= reached and one not in known]
        before, rows = rows, search.decide(known)
        grows(before, rows)
    check('search', rows == search.decide(all_records), search.words, rows)


def preview(search):
    rows = run('--preview', *search.words, 'trials.tsv')
    expected = []
    for number, (epochs, trials, _) in enumerate(search.brackets(), 1):
        for rung, length in enumerate(epochs, 1):
            expected.append((str(number), str(rung), str(length), str(trials)))
            trials = max(int(trials / search.divisor), 1)
    said = [tuple(row[name] for name in ('bracket', 'rung', 'epochs', 'trials')) for row in rows[:-1]]
    check('preview', said == expected, search.words, said, 'model', expected)
    check('preview', rows[-1]['trials'] == str(search.trials), search.words, rows[-1])
    if search.synchronous:
        check('preview', all(float(row['expected']) == int(row['trials']) for row in rows[:-1]), search.words, rows)


def main():
    count, first = int([*sys.argv[1:2], 100000][0]), int([*sys.argv[2:3], 1][0])
    failures = collections.Counter()
    with tempfile.TemporaryDirectory(prefix='rote-promote-') as top:
        os.chdir(top)
        for seed in range(first, first + count):
            search = Search(seed)
            for part in (subsets, search_to_the_end, preview):
                try:
                    part(search)
                except Failed as failed:
                    failures[failed.args[0]] += 1
                    print(f'# {failed.args[0]}: tests/fault/promote.py 1 {seed}: {failed.args[1]}')
        os.chdir('/')
    for number, (name, sentence) in enumerate(GUARANTEES.items(), 1):
        print(f'{"not " if failures[name] else ""}ok {number} - {sentence}: {count} searches, {failures[name]} failed')
    print(f'1..{len(GUARANTEES)}')
    return 1 if failures else 0


if __name__ == '__main__':
    sys.exit(main())
