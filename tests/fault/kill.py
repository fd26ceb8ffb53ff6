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


def try_point(case, classes, action, number):
    """What is wrong, or ''."""
    work = case.fresh()
    killed = case.fault(work, classes, number, action)
    wrong = case.finish(work)
    return wrong and "%s, -c %s -a %s -n %d (it ended with %d): %s" % (case.name, classes, action, number, killed.returncode, wrong)


def main(count, names):
    chosen = [(case, 'all', [GROUP]) for case in matrix.cases()] + [(case, 'change', [GROUP, CALLER]) for case in matrix.pipelines()]
    points = [point for case, classes, actions in chosen if not names or case.name in names
              for point in points_of(case, classes, actions)]
    report = matrix.Report()
    wrongs, tried = {}, {}
    for case, classes, action, number in matrix.spread(points, count):
        wrong = try_point(case, classes, action, number)
        tried[case.name] = tried.get(case.name, 0) + 1
        wrongs.setdefault(case.name, []).extend([wrong] if wrong else [])
    for case, _, _ in chosen:
        if case.name in wrongs:
            wrongs[case.name] += case.few_reached()
    for name, of_case in wrongs.items():
        report.case('%s: killed at any call, it can be finished' % name, tried[name], of_case)
    return report.end()


matrix.run_matrix(main)
