#!/usr/bin/env python3
"""Power cuts: what the disk may hold after one, at any moment of a command, and whether the same command mends that.

    tests/fault/power.py [COUNT] [twice] [CASE[:STATE] ...]

The file-system calls of each case's command lines are recorded (power_recording.py). After each of them the power may go;
power_disk.py gives the states in which the disk may then be, some of which only come from what a program forgot to sync. In each state

 - no name holds anything but what was published under it, whole;
 - what was reported is there: what a program had published when it ended, and everything when the command line had. It may have been
   replaced, moved or deleted since, but a checkpoint is only gone where its tombstone is, and a part where the whole is;
 - metrics.tsv says nothing that the evaluations do not, and no pictures stand by labels that are not theirs;
 - and the same command line, run again, ends with the bytes of the run that nobody touched (but for log and lock), leaves no temporary
   file, and trains no epoch whose checkpoint is whole or has a tombstone.

The first three (power_promises.py) are looked at in every state, and the last in COUNT of them, spread evenly; without it in all.
Data sets are outside: they were on the disk before. That recording and model miss nothing is proven by the end: if all is kept, it is
what is there. A state that differs from another one only in what nobody reads is not another one.

With `twice`, what is run again from a state is recorded as well, and the power goes again in it: these states are looked at, and the
command is run for the third time in some.
"""
import collections
import concurrent.futures
import os
import random
import re
import shutil
import subprocess
import time

import matrix
import power_cases
from power_disk import DIRECTORY, Disk
from power_promises import Ledger, matches, mixed, records, torn, unfounded
from power_recording import EXIT, LINK, RENAME, can_record, record

MOST_SECONDS = 300  # that a command may take
THIRD_TIMES = 4     # so many from each state, with `twice`

Point = collections.namedtuple('Point', 'number step tree story')


def own_programs(directory, scripts):
    """A directory of the programs in which scripts stand in place of some."""
    real = os.path.join(matrix.BUILD, 'bin')
    if os.path.isdir(directory):
        return directory
    os.mkdir(directory)
    for name in os.listdir(real):
        path = os.path.join(directory, name)
        if name not in scripts:
            os.symlink(os.path.join(real, name), path)
            continue
        with open(path, 'w', encoding='utf-8') as file:
            file.write("#!/bin/sh\nreal='%s'\n%s\n" % (os.path.join(real, name), scripts[name]))
        os.chmod(path, 0o755)
    return directory


def without_log(tree):
    return {path: data for path, data in tree.items() if not matches(path, *matrix.OF_A_RUN)}


def write_tree(tree, top, draw):
    """The log is torn anywhere: nobody reads it."""
    os.mkdir(top)
    for path, data in tree.items():  # a directory comes before what is in it
        if data == DIRECTORY:
            os.mkdir(os.path.join(top, path))
            continue
        if matches(path, 'log'):
            kept = draw.randrange(len(data) + 1)
            data = data[:kept] + bytes(draw.choice((0, len(data) - kept)))
        with open(os.path.join(top, path), 'wb') as file:
            file.write(data)


class Trial:
    """A case: recorded, looked at, and then run again from its points. It begins in an empty directory, or in what another one left."""

    def __init__(self, case, begin=None, whole=None, ends=()):
        self.case, self.begin = case, begin or {}
        self.whole = collections.defaultdict(set, {path: set(data) for path, data in (whole or {}).items()})
        self.ends_before = list(ends)
        self.scratch = os.path.join(matrix.scratch, 'power-' + case.name)
        self.world = os.path.join(self.scratch, 'world')
        self.points, self.wrongs, self.twice = [], [], 0
        self.found, self.judged = {}, set()  # states: the number of each, and those that were judged by the same promises
        self.draw = random.Random(case.name)  # the same states each time
        os.makedirs(os.path.join(self.scratch, 'tmp'))
        write_tree(self.begin, self.world, self.draw)

    def environment(self, step=None):
        environment = dict(matrix.environment, TMPDIR=os.path.join(self.scratch, 'tmp'))
        if step and step.programs:
            environment['ROTE_BIN'] = own_programs(os.path.join(self.scratch, 'programs'), step.programs)
            environment['PATH'] = environment['ROTE_BIN'] + ':' + environment['PATH']
        return environment

    def run(self, line, world):
        return subprocess.run(['bash', '-euc', line], cwd=world, env=self.environment(), stdin=subprocess.DEVNULL, check=False,
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, errors='replace', timeout=MOST_SECONDS)

    def note(self, what, number=None):
        self.wrongs.append('%s%s: %s' % (self.case.name, '' if number is None else ':%d' % number, what))

    def make_disk(self):
        return Disk(self.world, lambda path: matches(path, 'log'), lambda path: matches(path, '.*.tmp'))

    def record(self):
        """Sets what was done in each step, the tree at its end, and what each name may hold: what was renamed or linked to it, or stood
        there at the end of a step."""
        prepared = self.run(self.case.start, self.world)
        if prepared.returncode != 0:
            self.note('prepare: ' + prepared.stderr)
        self.disk, replay = self.make_disk(), self.make_disk()
        self.steps, self.ends = [], []

        def may_hold(tree, paths):
            for path in paths:
                self.whole[path].add(tree[path])

        may_hold(replay.tree(), replay.tree())
        for step in self.case.steps:
            recording = record(step.command, self.world, self.environment(step), os.path.join(self.scratch, 'trace'), step.strace)
            if recording.status != step.status:
                self.note('%s: it ended with status %d, not %d: %s' %
                          (step.command, recording.status, step.status, recording.messages))
            for operation in recording.operations:
                replay.apply(operation)
                if operation[0] in (RENAME, LINK):
                    may_hold(replay.tree(), operation[2:])
            end = matrix.snapshot(self.world)
            may_hold(end, end)
            difference = matrix.differences(end, without_log(replay.tree()))
            if difference:
                self.note('what the model says was done is not what was done: ' + difference)
            self.steps.append(recording.operations)
            self.ends.append(end)

    def look(self):
        """Find the states, and what is wrong in them as they stand."""
        tree = self.disk.tree()
        ledger = Ledger(tree)
        for number, operations in enumerate(self.steps):
            for operation in operations:
                changed = self.disk.apply(operation)
                before, tree = tree, self.disk.tree()
                ledger.apply(operation, before, tree)
                if changed or operation[0] == EXIT:
                    self.cut(number, ' '.join(part for part in operation[:3] if isinstance(part, str)), ledger)
            ledger.end(tree)
            self.cut(number, 'the end', ledger)

    def cut(self, step, operation, ledger):
        """The power goes, after an operation."""
        promises = ledger.fingerprint()
        for state in self.disk.states(self.draw):
            if (step, state.key, promises) in self.judged:
                continue
            self.judged.add((step, state.key, promises))
            story = '; '.join(['after ' + operation] + state.story)
            number = self.found.setdefault((step, state.key), len(self.points))
            if number == len(self.points):
                self.points.append(Point(number, step, state.tree, story))
            for find in (torn(state.tree, self.whole), ledger.broken(state.tree), unfounded(state.tree), mixed(state.tree, self.ends + self.ends_before)):
                for problem in find:
                    self.note('%s; %s' % (problem, story), number)

    def trained_again(self, point, messages):
        """Epochs that were trained though they were whole, or pruned from a run without damage."""
        for epoch in map(int, re.findall(r': epoch (\d+): training(?:,.*)?$', messages, re.MULTILINE)):
            for path, data in point.tree.items():
                if matches(path, 'epoch-%04d.safetensors' % epoch) and any(data == end.get(path) for end in self.ends + self.ends_before):
                    yield 'epoch %d was whole, and was trained again' % epoch
                if matches(path, 'pruned.tsv') and 'damaged' not in self.case.name and \
                        any(row.get('epoch') == str(epoch) for row in records(data)):
                    yield 'epoch %d was pruned, and was trained again' % epoch

    def wanted(self, point):
        end = self.case.steps[point.step].end
        return self.ends[point.step if end is None else end]

    def run_again(self, point):
        step = self.case.steps[point.step]
        world = os.path.join(self.scratch, 'again-%d' % point.number)
        write_tree(point.tree, world, random.Random(point.number))
        try:
            ended = self.run(step.again, world)
            wrong = list(self.trained_again(point, ended.stderr))
            wrong.append(matrix.differences(self.wanted(point), matrix.snapshot(world)))
            if ended.returncode != step.finish:
                wrong.append('it ended with status %d, not %d' % (ended.returncode, step.finish))
        finally:
            shutil.rmtree(world)
        wrong = [words for words in wrong if words]
        if wrong:
            self.note('run again: %s; %s; it said:\n%s' % ('; '.join(wrong), point.story, ended.stderr.strip()), point.number)


    def cut_again(self, point):
        """Record what is run again, and let the power go in it; the number of states that are looked at."""
        again = self.case.steps[point.step]
        name = '%s:%d' % (self.case.name, point.number)
        case = power_cases.Case(name, '', [power_cases.step(again.again, status=again.finish)])
        trial = make_trial(case, point.tree, self.whole, self.ends + self.ends_before)
        difference = matrix.differences(self.wanted(point), trial.ends[0])
        if difference:
            trial.note('run again: ' + difference)
        for third in matrix.spread(trial.points, THIRD_TIMES):
            trial.run_again(third)
        shutil.rmtree(trial.scratch)
        self.wrongs += ['%s; then %s' % (point.story, wrong) for wrong in trial.wrongs]
        self.twice += len(trial.points)


def make_trial(case, *before):
    trial = Trial(case, *before)
    trial.record()
    trial.look()
    return trial


def main(count, names):
    if not can_record():
        print('ok 1 - power cuts # skip strace is not here, or not allowed\n1..1')
        return False
    begun = time.time()
    twice = 'twice' in names
    names = [name for name in names if name != 'twice']
    chosen = [case for case in power_cases.cases() if not names or any(name.split(':')[0] == case.name for name in names)]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        trials = list(pool.map(make_trial, chosen))
        points = [(trial, point) for trial in trials for point in trial.points
                  if not names or trial.case.name in names or '%s:%d' % (trial.case.name, point.number) in names]
        recorded = time.time()
        points = matrix.spread(points, count)
        list(pool.map(lambda pair: pair[0].cut_again(pair[1]) if twice else pair[0].run_again(pair[1]), points))
    report = matrix.Report()
    for trial in trials:
        again = sum(trial is there for there, _ in points)
        report.case('%s: after a power cut nothing is torn or lost, and the same line goes on, %d times' % (trial.case.name, again),
                    len(trial.points) + trial.twice, trial.wrongs)
    print('# %.1f s for the states, %.1f s to run %d of them again' % (recorded - begun, time.time() - recorded, len(points)))
    return report.end()


matrix.run_matrix(main)
