#!/usr/bin/env python3
"""The error matrix: every program, and whole runs, with each of their calls failing in turn, once and from then on.

    tests/fault/errors.py [COUNT] [CASE ...]

A fault is survived as if it had not been, or it ends the program with the status that the error has and a message that names a file
and the reason. Nothing published is torn, nothing is lost, nothing that could not be read is taken for damaged. Then the same line,
without the fault, ends with the usual bytes. A sweep may end with 1, and failures of its trials on record, without which it tries them
again.

COUNT points, spread evenly; without it all.
"""

import collections
import errno
import os
import re

import matrix

FULL = {'ENOSPC': {74}, 'EDQUOT': {74}}
BROKEN = {'EIO': {74}}
FORBIDDEN = {'EACCES': {73, 74}, 'EROFS': {73, 74}}
SCARCE = {'EMFILE': {71}, 'ENOMEM': {71}}
PASSING = {'EINTR': {73, 74}, 'short': set()}

# For each class of calls the errors that it may meet, each with the statuses that it may end with, beside 0.
ERRORS = {
    'open': {**BROKEN, **SCARCE, 'EACCES': {73, 74}, 'EINTR': {73, 74}},
    'read': {**BROKEN, **PASSING},
    'write': {**BROKEN, **FULL, **PASSING},
    'fsync': {**BROKEN, **FULL, 'EINTR': {73, 74}},
    'rename': {**BROKEN, **FULL, **FORBIDDEN},
    'link': {**BROKEN, **FULL, **FORBIDDEN},
    'unlink': {**BROKEN, **FORBIDDEN},
    'mkdir': {**BROKEN, **FULL, **FORBIDDEN},
    'truncate': BROKEN,
    'close': {**BROKEN, **FULL, 'EINTR': {73, 74}},
    'flock': {'EINTR': {74}, 'ENOLCK': {71, 74}},
    'getdents': {**BROKEN, 'ENOMEM': {71}},
    'look': {'EIO': {66, 74}, 'EACCES': {66, 73, 74}},
    'mmap': {'ENOMEM': {71}},
    'clone': {'EAGAIN': {71}},
}
CREATING = {**FULL, 'EROFS': {73, 74}}  # in addition, for an open that makes a file
AGAIN = ('read', 'write')               # of which our own programs repeat what was interrupted; the shell and its tools may not
ANYWHERE = ('mmap', 'clone')            # not only on files of the case

# What a file system may lack, always, and the statuses that this may end with: none where there is another way.
LACKING = {'flock': ('ENOSYS', {69, 74}), 'renameat2': ('EINVAL', set()), 'renameat2,link': ('EPERM', {73, 74}),
           'fsync-directory': ('EINVAL', set())}

FAILURES = 'runs/failures.tsv'  # of the trials of a sweep

Point = collections.namedtuple('Point', 'case kind classes number action repeat path statuses')


def points_of(case):
    inside = ','.join(group for group in ERRORS if group not in ANYWHERE)
    number = collections.Counter()
    made = set()
    for _, program, call, path, change, group in case.calls(inside, True) + case.calls(','.join(ANYWHERE)):
        number[group] += 1
        made.add(call)
        here = {**ERRORS[group], **CREATING} if group == 'open' and change else dict(ERRORS[group])
        if group in AGAIN and os.path.exists(os.path.join(matrix.BUILD, 'bin', program)):
            here['EINTR'] = set()
        for action, statuses in here.items():
            yield Point(case, 'once', group, number[group], action, False, path, statuses)
            if action not in PASSING:
                yield Point(case, 'from then on', group, number[group], action, True, path, statuses)
    for classes, (action, statuses) in LACKING.items():
        if not made & set(classes.replace('fsync-directory', 'fsync').split(',')):
            continue
        yield Point(case, 'lacking', classes, 1, action, True, '', statuses)
    if not case.is_script():
        for number in range(1, allocations(case) + 1):
            yield Point(case, 'allocation', '', number, 'ENOMEM', False, '', {71})
            yield Point(case, 'allocation', '', number, 'ENOMEM', True, '', {71})


def preload(**variables):
    return ['env', 'LD_PRELOAD=' + os.path.join(matrix.BUILD, 'tests/fault/allocate.so'),
            *('%s=%s' % pair for pair in variables.items())]


def allocations(case):
    path = os.path.join(matrix.scratch, 'allocations')
    case.run(case.fresh(), prefix=preload(ALLOCATE_COUNT=path))
    with open(path, encoding='ascii') as file:
        return int(file.read())


def run_point(point, work):
    if point.kind == 'allocation':
        return point.case.run(work, prefix=preload(ALLOCATE_FAIL='%d%s' % (point.number, '+' if point.repeat else '')))
    return point.case.fault(work, point.classes, point.number, point.action, point.repeat,
                            point.classes not in ANYWHERE and point.kind != 'lacking')


def explains(message, point, names):
    """Does the message say why, and of what?"""
    number = getattr(errno, point.action, None)
    reasons = [os.strerror(number).lower()] if number else []
    if point.classes == 'unlink':
        reasons.append('file exists')  # what could not be removed is in the way
    if point.action in ('ENOMEM', 'EAGAIN', 'EMFILE') and 'lack' in message:
        return True
    if point.action in ('ENOMEM', 'EAGAIN'):
        return any(words in message.lower() for words in reasons + ['out of memory', 'cannot fork', 'refuses'])
    named = re.search(r'(?:^|[\s/:\'"(])(?:%s)' % '|'.join(map(re.escape, names)), re.sub('(?m)^[a-z-]+: ', '', message))
    return named and any(reason in message.lower() for reason in reasons)


def name_of(point):
    return point.path and os.path.relpath(point.path, os.path.join(matrix.scratch, 'work'))


def must_be_told(point):
    """Would it be a lie to end with 0? What was written may not be there; but the log may be left out."""
    case = point.case
    is_new = not case.is_script() and isinstance(case.wanted.get(name_of(point)), bytes) and name_of(point) not in case.first
    is_output = point.classes in ('fsync', 'write') or point.classes == 'close' and is_new
    return is_output and point.kind != 'lacking' and point.action in ('EIO', 'ENOSPC', 'EDQUOT') and os.path.basename(point.path) != 'log'


def judge_status(point, done, found, failed):
    """What is wrong with how the program ended. Trials of a sweep may have failed."""
    case = point.case
    message = done.stderr.decode(errors='replace')
    if done.returncode == 0:
        if must_be_told(point):
            return 'it ended with 0'
        if done.stdout != case.said:
            return 'it ended with 0 and another output'
        # What the dead left, or could not be removed, may stay once more: the next one removes it.
        stays = name_of(point) if point.classes == 'unlink' else ''
        return matrix.differences(case.wanted, {path: data for path, data in found.items()
                                                if not (path in case.first and path.endswith('.tmp'))
                                                and not (path == stays and path not in case.wanted)})
    if done.returncode not in point.statuses | ({75} if not point.repeat else set()) | ({1} if failed else set()):
        return 'it ended with %d: %s' % (done.returncode, message.strip())
    names = {os.path.basename(path) for path in [*case.wanted, *case.first, point.path] if path}
    if not explains(message, point, names | {'stdout', 'epoch-', 'hold', '.:', matrix.environment['TMPDIR']}):
        return 'a message that does not say why: ' + message.strip()
    return ''


def judge_files(case, found):
    """Is something torn, lost or set aside?"""
    wrongs = []
    for path in set(found) | set(case.first):
        allowed = [files[path] for files in (case.first, case.wanted) if path in files]
        if path not in found:  # what was set aside is not lost
            if path in case.wanted and case.first[path] not in found.values() and path not in case.may_go:
                wrongs.append(path + ' is lost')
        elif allowed and found[path] not in allowed and not is_between(path, found[path], allowed):
            wrongs.append(path + ' is neither what it was nor what it should become')
        elif not allowed and '.damaged' in path:
            wrongs.append(path + ' was set aside')
    return ', '.join(wrongs)


def is_between(path, data, ends):
    """Is it a whole one of those between the first and the last? What is written anew as a run goes on gets lines; lists lose them."""
    if os.path.basename(path) in ('train.list', 'decisions.tsv'):
        return data.endswith(b'\n')
    lines = {line for line in data.splitlines() if not line.startswith(b'epochs=')}  # a search goes on and on with a trial
    return os.path.basename(path) in ('metrics.tsv', 'pruned.tsv', 'run.conf') and data.endswith(b'\n') and \
        lines <= {line for end in ends for line in end.splitlines()}


def judge(point, work, done):
    """What is wrong, or ''."""
    found = matrix.snapshot(work)
    failed = found.pop(FAILURES, None)
    if failed:
        os.remove(os.path.join(work, FAILURES))
    if failed and point.case.command[0] == 'rote-search' and b': failed: ' in done.stderr:  # it went on without a trial, and told so
        return '' if point.case.run(work).returncode == 0 else 'the rerun fails'
    return judge_status(point, done, found, failed) or judge_files(point.case, found) or point.case.finish(work)


def try_point(point):
    work = point.case.fresh()
    wrong = judge(point, work, run_point(point, work))
    return wrong and '%s, %s, -c %s -n %d -a %s%s on %s: %s' % (point.case.name, point.kind, point.classes, point.number, point.action,
                                                              ' -r' if point.repeat else '', os.path.basename(point.path), wrong)


def main(count, names):
    points = []
    for case in matrix.cases() + matrix.readers() + matrix.pipelines() + matrix.notes() + matrix.sweeps():
        if case.is_chosen(names):
            case.prepare()
            points += points_of(case)
    return matrix.try_points(points, count, try_point, 'calls that fail are survived or told, and nothing is lost')


matrix.run_matrix(main)
