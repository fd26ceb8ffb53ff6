#!/usr/bin/env python3
"""What hp-promote's decisions cost, and what they find: tests/bench/search.py [COUNT]

Searches of 1000 to COUNT trials (default 100000), with learning curves drawn from curves.tsv, known to hp-promote at all rungs at once.
Prints tables in Markdown: how long a decision takes, and, of COUNT / 100 searches of 100 trials, epochs and regret against random search.
"""

import os
import random
import resource
import subprocess
import sys
import tempfile

import curves

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PROGRAM = os.path.join(os.path.abspath(os.environ.get('BUILD') or os.path.join(ROOT, 'build')), 'bin/hp-promote')
LAST = 16  # epochs, as those that were recorded
TRIALS = 100  # of a search that is repeated
SETTINGS = {
    'aggressive': ['--mode', 'aggressive'],
    'standard': ['--mode', 'standard'],
    'conservative': ['--mode', 'conservative'],
    'aggressive, synchronous': ['--mode', 'aggressive', '--synchronous'],
    'aggressive, divisor 2': ['--mode', 'aggressive', '--divisor', '2'],
}


class Trials:
    """Curves of so many trials at the epochs of all rungs: value[trial][epoch]."""

    def __init__(self, rng, fits, count):
        self.value = [curves.draw(rng, fits, (1, 2, 4, 8, LAST)) for _ in range(count)]
        self.last = [value[LAST] for value in self.value]
        with open('trials.tsv', 'w', encoding='utf8') as file:
            file.write('#trial\n' + ''.join('%d\n' % trial for trial in range(count)))
        with open('records.tsv', 'w', encoding='utf8') as file:
            file.write('#trial\tepoch\tvalid.accuracy\n')
            file.writelines('%d\t%d\t%r\n' % (trial, *point) for trial, points in enumerate(self.value) for point in points.items())

    def search(self, words):
        """The epochs that were trained, how many decisions that took, and the trials that were trained to the end."""
        done = subprocess.run([PROGRAM, '--epochs', str(LAST), *words, 'trials.tsv', 'records.tsv'], check=True, stdout=subprocess.PIPE, text=True)
        rows = [line.split('\t') for line in done.stdout.splitlines()[1:]]
        return sum(int(row[4]) for row in rows), sum(int(row[3]) for row in rows), [int(row[0]) for row in rows if row[1] == 'done']

    def regret(self, trained):
        """How much better the best of all is than the best of those that were trained to the end."""
        return max(self.last) - max(self.last[trial] for trial in trained)


def least(function):
    """The processor time of what `function` runs, and what it returns."""
    seconds = []
    for _ in range(5):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        result = function()
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(seconds), result


def speed(fits, most):
    print('| trials, divisor 2 | decisions | s, the whole call | us a decision, without reading | of the smallest |\n|---|---|---|---|---|')
    count, first = 1000, None
    while count <= most:
        trials = Trials(random.Random(1), fits, count)
        read, _ = least(lambda: trials.search(['--max-trials', '1']))
        whole, (_, decisions, _) = least(lambda: trials.search(SETTINGS['aggressive, divisor 2']))
        each = (whole - read) / decisions * 1e6
        first = first or each
        print(f'| {count} | {decisions} | {whole:.2f} | {each:.2f} | {each / first:.2f} |', flush=True)
        count *= 10


def random_search(rng, trials):
    """Its regret after 1, 2 ... trials in random order."""
    order = rng.sample(range(TRIALS), TRIALS)
    return [trials.regret(order[:count]) for count in range(1, len(order) + 1)]


def regret(rng, fits, searches):
    """Regret beside that of random search with as many epochs, and how many it needs for as little."""
    at_random, sums = [0] * TRIALS, {name: [0, 0] for name in SETTINGS}
    for _ in range(searches):
        trials = Trials(rng, fits, TRIALS)
        for count, lost in enumerate(random_search(rng, trials)):
            at_random[count] += lost / searches
        for name, words in SETTINGS.items():
            epochs, _, done = trials.search(words)
            sums[name][0] += epochs / LAST / searches
            sums[name][1] += trials.regret(done) / searches
    print(f'\n| {searches} searches of {TRIALS} trials | epochs, of all | regret | of random search, as many epochs | ratio |'
          ' epochs that random search needs for it |\n|---|---|---|---|---|---|')
    for name, (trained, lost) in sums.items():
        other = at_random[round(trained) - 1]
        needed = next((count for count, value in enumerate(at_random, 1) if value <= lost), TRIALS)
        print(f'| {name} | {trained / TRIALS:.3f} | {lost:.5f} | {other:.5f} | {lost / other:.2f} | {needed / trained:.1f} times as many |')


def main():
    most = int([*sys.argv[1:], 100000][0])
    fits = curves.table(curves.TABLE)
    with tempfile.TemporaryDirectory(prefix='rote-search-') as directory:
        os.chdir(directory)
        speed(fits, most)
        regret(random.Random(1), fits, max(most // TRIALS, 1))
        os.chdir('/')


if __name__ == '__main__':
    main()
