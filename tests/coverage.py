#!/usr/bin/env python3
"""How much of the library was run, by gcov: a table of its layers, and as TAP whether the whole reaches what is asked of it.

    tests/coverage.py [-u] BUILD        # after the programs of BUILD, which is made with --coverage, have run; -u: what was not run

A line counts if gcov gives it a count, a branch if gcov lists it, but for those that only an exception would take. What several objects
have of one header is one function, and so is what the compiler makes of one for several processors. Engines are left out: it is their
bits that are tested, in many ways.
"""

import collections
import glob
import json
import os
import subprocess
import sys

LEAST = {'lines': 95, 'branches': 85}

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
WITHOUT = 'libcommon/engine/'


def reports(build):
    """What gcov says of each object, run or not."""
    notes = glob.glob(os.path.join(build, 'libcommon', '**', '*.gcno'), recursive=True)
    wanted = sorted(os.path.abspath(note) for note in notes if WITHOUT not in note)
    done = subprocess.run(['gcov', '--json-format', '--branch-probabilities', '--stdout', *wanted], cwd=ROOT, stdout=subprocess.PIPE, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def add_up(found):
    """How often each was run: a line as (file, line, function), a branch with its number among those of the line as well."""
    lines, branches = collections.Counter(), collections.Counter()
    for file in (file for report in found for file in report['files']):
        name = file['file']
        if not name.startswith('libcommon/') or name.startswith(WITHOUT):
            continue
        for line in file['lines']:
            place = (name, line['line_number'], line.get('function_name', '').split('.')[0])
            lines[place] += line['count']
            for number, branch in enumerate(line['branches']):
                if not branch['throw']:
                    branches[(*place, number)] += branch['count']
    return {'lines': lines, 'branches': branches}


def share(counts):
    return 100 * sum(count > 0 for count in counts) / len(counts) if counts else 100


def print_table(measured):
    print('# %-10s%23s%23s' % ('layer', 'lines', 'branches'))
    layers = sorted({place[0].split('/')[1] for place in measured['lines']})
    for layer in [*layers, 'all']:
        words = []
        for counter in measured.values():
            counts = [count for place, count in counter.items() if layer in ('all', place[0].split('/')[1])]
            words.append('%6d of %5d %6.2f %%' % (sum(count > 0 for count in counts), len(counts), share(counts)))
        print('# %-10s%s' % (layer, ''.join(words)))


def print_unreached(measured):
    for (name, number, _), count in sorted(measured['lines'].items()):
        if not count:
            print('%s:%d: not run' % (name, number))
    for (name, number, function, branch), count in sorted(measured['branches'].items()):
        if not count and measured['lines'][(name, number, function)]:
            print('%s:%d: branch %d not taken' % (name, number, branch))


def main(words):
    unreached = words[:1] == ['-u']
    measured = add_up(reports(words[-1]))
    if unreached:
        print_unreached(measured)
    print_table(measured)
    failed = False
    for number, (what, least) in enumerate(LEAST.items(), 1):
        enough = share(measured[what].values()) >= least
        failed |= not enough
        print('%s %d - at least %d %% of the %s of the library are run' % ('ok' if enough else 'not ok', number, least, what))
    print('1..%d' % len(LEAST))
    return 1 if failed else 0


sys.exit(main(sys.argv[1:]))
