#!/usr/bin/env python3
"""The signal matrix: every program, and whole runs, given each signal at each of their calls, and then run again.

    tests/fault/signals.py [COUNT] [CASE ...]

A program gets each signal at every call that changes something, and one of them, in turn, at every other system call. Its end must be that
of the signal, or, where it trains, 75; no temporary file is left even then, and what stands under a name is whole. A run of train.sh gets
each as a process group, at every call that changes something: it stops with 75, and of USR2 and PIPE takes no notice. Afterwards the same
line must end with the bytes of one that nobody told. So do sweeps.

COUNT points, spread evenly; without it all. One point again: see `inject` at the head of inject.c.
"""

import resource
import signal

import matrix

ENDS = ('ALRM', 'HUP', 'INT', 'PIPE', 'QUIT', 'TERM', 'USR1', 'USR2', 'XCPU')
HARMLESS_TO_WHAT_TRAINS = ('PIPE', 'USR2')
UNFINISHED = ('.part', '.download')  # gone on with by the same line


def trains(case):
    return case.command[0] in ('nn-train-epoch', 'rote-train', 'rote-sweep', 'rote-search')


def wrong_end(case, name, status):
    """What is wrong with a status, or ''. A signal may come too early to be caught, or with the last call."""
    allowed = {0, 128 + getattr(signal, 'SIG' + name)}
    if trains(case) and name not in HARMLESS_TO_WHAT_TRAINS:
        allowed.add(75)
    return '' if status in allowed else 'it ended with %d' % status


def wrong_files(case, work):
    """Files that are neither as they were nor as they are to be: torn, or left."""
    found = matrix.snapshot(work)
    if case.is_script():  # of its files, which have their own way there, no temporary one
        bad = [path for path in found if path.endswith('.tmp') and path not in case.first]
    else:
        bad = [path for path, data in found.items()
               if not path.endswith(UNFINISHED) and data not in (case.first.get(path), case.wanted.get(path))]
    return 'torn or left: ' + ' '.join(sorted(bad)) if bad else ''


def points_of(case, classes, action):
    case.prepare()
    return [(case, classes, action, name, n) for n, call in enumerate(case.calls(classes), 1)
            for name in (ENDS if 'change' in (classes, call[4]) else [ENDS[n % len(ENDS)]])]


def try_point(point):
    """What is wrong, or ''."""
    case, classes, action, name, number = point
    work = case.fresh()
    told = case.fault(work, classes, number, action + '=' + name)
    wrong = wrong_end(case, name, told.returncode) or wrong_files(case, work) or case.finish(work)
    said = told.stderr.decode(errors='replace').strip()
    return wrong and '%s, -c %s -a %s=%s -n %d: %s; it said: %s' % (case.name, classes, action, name, number, wrong, said)


def main(count, names):
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    chosen = [(case, 'all', 'group-signal' if case.is_script() else 'signal') for case in matrix.cases() + matrix.readers()]
    chosen += [(case, 'change', 'group-signal') for case in matrix.pipelines() + matrix.sweeps()]
    points = [point for case, classes, action in chosen if case.is_chosen(names) for point in points_of(case, classes, action)]
    return matrix.try_points(points, count, try_point, 'told at any call, it ends as it should, and can be finished')


matrix.run_matrix(main)
