#!/usr/bin/env python3
"""The kill matrix: every program that writes, and whole runs, killed before each of their calls, and then run again.

    tests/fault/kill.py [COUNT] [CASE ...]

Of a program every system call is its last one once; of a run of train.sh every call that changes something, of all its processes in
the order in which they come, with SIGKILL to the whole process group and, again, to the one process that calls. Afterwards the same line
must end with the bytes of one that nobody killed, and leave no temporary file.

COUNT points, spread evenly; without it all. One point again, in a directory that stays: see `inject` at the head of inject.c.
"""

import matrix

GROUP, CALLER = 'kill', 'kill-caller'


def points_of(case, classes, actions):
    case.prepare()
    number = len(case.calls(classes))
    return [(case, classes, action, n) for action in actions for n in range(1, number + 1)]


def try_point(point):
    """What is wrong, or ''."""
    case, classes, action, number = point
    work = case.fresh()
    killed = case.fault(work, classes, number, action)
    wrong = case.finish(work)
    return wrong and "%s, -c %s -a %s -n %d (it ended with %d): %s" % (case.name, classes, action, number, killed.returncode, wrong)


def main(count, names):
    scripts = matrix.pipelines() + matrix.pages() + matrix.notes()
    chosen = [(case, 'all', [GROUP]) for case in matrix.cases()] + [(case, 'change', [GROUP, CALLER]) for case in scripts]
    chosen += [(case, 'change', [GROUP]) for case in matrix.sweeps()]  # one process alone: errors.py has what fails
    points = [point for case, classes, actions in chosen if case.is_chosen(names) for point in points_of(case, classes, actions)]
    return matrix.try_points(points, count, try_point, 'killed at any call, it can be finished')


matrix.run_matrix(main)
