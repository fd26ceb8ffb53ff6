#!/usr/bin/env python3
"""Learning curves: fitted to those of real trials, and drawn from the fits.

    curves.py trials.tsv records.tsv        prints a table: what each trial is trained with, and its curve (curves.sh calls this)

A curve is accuracy = limit - gap * epoch^-speed, with normal noise. A trial that diverged has that of chance.
"""

import math
import os
import sys

TABLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'curves.tsv')
CHANCE = 0.1  # of ten classes
SPEEDS = [speed / 20 for speed in range(2, 61)]


def table(path):
    names, rows = [], []
    with open(path, encoding='utf8') as lines:
        for line in lines:
            fields = line.rstrip('\n').removeprefix('#').split('\t')
            if line.startswith('#'):
                names = fields
            else:
                rows.append(dict(zip(names, fields)))
    return rows


def product(a, b):
    return sum(x * y for x, y in zip(a, b)) / len(a)


def fit(values):
    """limit, gap, speed and noise of the accuracies of epochs 1, 2 ...: least squares, a line for each speed that is tried."""
    def line(speed):
        xs = [epoch ** -speed for epoch in range(1, len(values) + 1)]
        x, y = sum(xs) / len(xs), sum(values) / len(values)
        slope = product([a - x for a in xs], [b - y for b in values]) / product([a - x for a in xs], [a - x for a in xs])
        rest = [b - y - slope * (a - x) for a, b in zip(xs, values)]
        return product(rest, rest), y - slope * x, -slope, speed
    error, *curve = min(map(line, SPEEDS))
    return *curve, math.sqrt(error)


def draw(rng, fits, epochs):
    """The accuracies at these epochs of a trial like one of the fits, a little better or worse."""
    row = rng.choice(fits)
    limit, gap, speed, noise = (float(row[name]) for name in ('limit', 'gap', 'speed', 'noise'))
    limit += rng.gauss(0, 0.01)
    return {epoch: min(max(limit - gap * epoch ** -speed + rng.gauss(0, noise), 0), 1) for epoch in epochs}


def main(trials, records):
    rows, said = table(trials), table(records)
    values = [[float(one['accuracy']) for one in said if one['trial'] == row['trial'] and one['epoch'] != '0'] for row in rows]
    most = max(map(len, values))
    print('#' + '\t'.join([*rows[0], 'limit', 'gap', 'speed', 'noise']))
    for row, one in zip(rows, values):
        print('\t'.join([*row.values(), *('%.4g' % value for value in fit(one if len(one) == most else [CHANCE] * most))]))


if __name__ == '__main__':
    main(*sys.argv[1:])
