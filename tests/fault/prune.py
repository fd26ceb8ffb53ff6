#!/usr/bin/env python3
"""ckpt-prune against the model of its page (prune_model.py), on random run directories (prune_runs.py) and random policies.

    tests/fault/prune.py [COUNT [SEED]]

COUNT directories (default 100000), of the seeds SEED, SEED + 1, ... (default 1); `prune.py 1 SEED` is one of them again.
The plan (ckpt-prune -n) must be the model's; one in five is carried out, and the guarantees of the page are looked at.
TAP, a line for each guarantee.
"""

import collections
import contextlib
import json
import os
import random
import re
import shutil
import signal
import stat
import subprocess
import sys
import tempfile

import prune_model as model
from prune_runs import Pool, RandomRun, checkpoint, load

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.abspath(os.environ.get('BUILD') or os.path.join(ROOT, 'build'))
NOBODY = 65534
SHOWN = 3  # failures of a guarantee that are told
NAMES = ['run'] * 6 + ['-run', '-n', 'a run', '#run', 'two\nlines', 'a\ttab', 'back\\slash', 'r\udcff', 'r\u00e9', 'r\u202e', 'run/', './run',
                       '../here/run', 'r*[n]']

GUARANTEES = {
    'plan': "the plan and the exit status are the model's",
    'order': 'in whatever order a directory was made, the plan is the same',
    'dry': '-n changes nothing',
    'doubt': 'in doubt nothing is changed',
    'act': 'what goes is what the plan says, and nothing else is touched',
    'kept': 'the newest, the best and the pinned are still there',
    'tombstones': 'of each that goes there is a tombstone, and those before stay',
    'proof': 'ckpt-verify says of the rest what it said before',
    'again': 'a second run changes nothing',
    'error': 'a file that cannot be read is a doubt, and no corrupt one',
    'stopped': 'what was killed or failed goes on to the same files, and tombstones come first',
    'records': "of records alone, the plan is the model's",
    'links': 'files elsewhere that are linked into a directory are not touched',
}


class Failed(Exception):
    """args: the guarantee, and what differs."""


def check(guarantee, condition, *details):
    if not condition:
        raise Failed(guarantee, ' '.join(map(str, details)))


def run(*command, **settings):
    settings = {'stdin': subprocess.DEVNULL, 'capture_output': True, 'check': False, 'timeout': 60, **settings}
    return subprocess.run([os.fsencode(word) for word in command], **settings)


def program(name):
    return os.path.join(BUILD, 'bin', name)


# Policies, command lines and output

OPTIONS = {'last': '-l', 'best': '-b', 'best-of-all': '--best-of-all', 'every': '-e'}
COUNTS = {'last': (1, 1, 1, 2, 2, 3, 4, 8), 'best': (1, 1, 2, 2, 3, 5), 'best-of-all': (1, 1, 2, 3, 7), 'every': (1, 2, 3, 4, 4, 5, 5, 12, 100)}
DIRECTED = ['valid.accuracy'] * 10 + ['valid.loss', 'valid.loss', 'test.accuracy', 'train.loss', 'nothing.accuracy', 'loss']
UNDIRECTED = ['epoch', 'epoch', 'step', 'valid.correct', 'valid.n', 'path']


def random_policy(rng):
    policy = {name: rng.choice(counts) for name, counts in COUNTS.items() if rng.random() < 0.4}
    if not policy and rng.random() < 0.95:
        policy['last'] = rng.randrange(1, 4)
    policy['key'] = rng.choice(UNDIRECTED if rng.random() < 0.15 else DIRECTED)
    if rng.random() < (0.9 if policy['key'] in UNDIRECTED else 0.1):
        policy['direction'] = rng.choice(('min', 'max'))
    return policy


def command_line(rng, policy):
    """The policy as options, in any order and spelling."""
    words = [[rng.choice((short, '--' + name)), str(policy[name])] for name, short in OPTIONS.items() if name in policy]
    if policy['key'] != 'valid.accuracy' or rng.random() < 0.2:
        words.append([rng.choice(('-k', '--key')), policy['key']])
    if 'direction' in policy:
        words.append(['--' + policy['direction']])
    if 'records' in policy:
        words.append(['--records', policy['records']])
    rng.shuffle(words)
    return sum(words, [])


def reason_to_go(policy):
    words = [f'{short} {policy[name]}' for name, short in OPTIONS.items() if name in policy]
    told = 'min' if policy['key'].endswith('loss') else 'max' if policy['key'].endswith('accuracy') else None
    direction = ['--' + policy['direction']] if policy.get('direction', told) != told else []
    return ' '.join(['not kept by', *words, '-k', policy['key'], *direction])


HIDDEN = re.compile('[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\udc80-\udcff]|^#|\\\\')


def escaped(text):
    """A value as rote-records(5) writes it."""
    short = {'\t': '\\t', '\n': '\\n', '\\': '\\\\'}
    return HIDDEN.sub(lambda found: short.get(found[0]) or ''.join('\\x%02x' % byte for byte in os.fsencode(found[0])), text)


def printed(rows, policy):
    """What ckpt-prune prints of the model's rows."""
    lines = ['#path\tepoch\tstate\treason'] if rows else []
    lines += [f'{escaped(path)}\t{epoch}\t{state}\t{reason or reason_to_go(policy)}' for path, epoch, state, reason in rows]
    return os.fsencode(''.join(line + '\n' for line in lines))


# One directory


def look(path):
    """What there is to see of a file: inode, mode, time and bytes."""
    about = os.lstat(path)
    data = None
    if stat.S_ISREG(about.st_mode) and os.access(path, os.R_OK):
        with open(path, 'rb') as file:
            data = file.read()
    elif stat.S_ISLNK(about.st_mode):
        data = os.readlink(path)
    return about.st_ino, about.st_mode, about.st_mtime_ns, data


def snapshot(directory):
    return {name: look(os.path.join(directory, name)) for name in os.listdir(directory)}


def differences(before, after):
    return {name for name in {*before, *after} if before.get(name) != after.get(name)}


@contextlib.contextmanager
def acting_as(user):
    """Where root may read everything: as somebody who may not."""
    if user is not None:
        os.seteuid(user)
    try:
        yield
    finally:
        if user is not None:
            os.seteuid(0)


def sorted_items(record):
    return sorted(record.items())


def value(field):
    """What a field stands for: a byte that is not part of UTF-8 may be written as it is, and is then the same as its escape."""
    plain = {b't': b'\t', b'n': b'\n', b'\\': b'\\'}
    return re.sub(rb'\\(x..|.)', lambda escape: plain.get(escape[1]) or bytes.fromhex(escape[1][1:].decode()),
                  field.encode('utf8', 'surrogateescape')).decode('utf8', 'surrogateescape')


class Case:
    """One run directory, its policy, and what the model says of them."""

    def __init__(self, seed, pool):
        self.rng = rng = random.Random(seed)
        self.run = RandomRun(rng, pool)
        self.policy = random_policy(rng)
        self.name = rng.choice(NAMES)
        self.run.make(self.name, rng)
        self.user = NOBODY if self.run.locked and os.geteuid() == 0 else None
        if self.user is not None:
            os.chmod(self.name, 0o777)
        if rng.random() < 0.1:
            self.policy['records'] = self.records_file('records')
        self.words = command_line(rng, self.policy)
        with acting_as(self.user):
            self.rows, self.statuses = model.plan([self.name], self.policy)
            self.planned = model.plan([self.name], self.policy, model.header)
        self.before = snapshot(self.name)

    def records_file(self, path):
        """Most of the run's own records in one file, or one that is not there."""
        if self.rng.random() < 0.9:
            with open(path, 'wb') as file:
                for name in sorted(self.run.files):
                    what = self.run.files[name]
                    if (name.endswith('.eval') or name == 'metrics.tsv') and isinstance(what, bytes) and self.rng.random() < 0.8:
                        file.write(what)
        return path

    def prune(self, *more, wrapper=()):
        words = [*more, *self.words]
        words = [*words, '--', self.name] if self.name.startswith('-') or self.rng.random() < 0.5 else [self.name, *words]
        user = {'user': self.user, 'group': self.user, 'extra_groups': []} if self.user is not None else {}
        return run(*wrapper, program('ckpt-prune'), *words, **user)

    def judge(self, guarantee, result, planned=None):
        rows, statuses = planned or (self.rows, self.statuses)
        check(guarantee, result.returncode in statuses, f'status {result.returncode}, model {statuses}:', result.stderr)
        check(guarantee, (result.returncode == 0) == (result.stderr == b''), 'stderr:', result.stderr)
        expected = printed(rows, self.policy)
        check(guarantee, result.stdout == expected, 'printed', result.stdout.decode(errors='replace'), 'model', expected.decode(errors='replace'))

    def unchanged(self, guarantee, since=None):
        changed = differences(since or self.before, snapshot(self.name))
        check(guarantee, not changed, 'changed:', changed)

    def names(self, state):
        return {os.path.basename(path) for path, _, said, _ in self.rows if said == state}

    def dry(self):
        self.judge('plan', self.prune('-n'), self.planned)
        self.unchanged('dry')

    def dry_json(self):
        result = self.prune('-n', '-j')
        rows = [json.loads(line) for line in result.stdout.splitlines()]
        expected = [dict(zip(('path', 'epoch', 'state', 'reason'), (*row[:3], row[3] or reason_to_go(self.policy)))) for row in self.planned[0]]
        check('plan', rows == expected, 'printed', rows, 'model', expected)

    def other_order(self):
        """The same directory made in another order."""
        shutil.rmtree(self.name)
        self.run.make(self.name, self.rng)
        if self.user is not None:
            os.chmod(self.name, 0o777)
        self.judge('order', self.prune('-n'), self.planned)
        self.before = snapshot(self.name)

    def verified(self):
        """What ckpt-verify says of each checkpoint that is not to go."""
        lines = run(program('ckpt-verify'), '--', self.name).stdout.decode('utf8', 'surrogateescape').split('\n')
        rows = [line.split('\t') for line in lines if line and not line.startswith('#')]
        return {row[0]: row[1:5] for row in rows if '.safetensors' in row[0] and os.path.basename(row[0]) not in self.names('prune')}

    def stones(self):
        path = os.path.join(self.name, 'pruned.tsv')
        stones = model.records(path) if os.path.exists(path) else []
        return [{column: value(field) for column, field in stone.items()} for stone in stones]

    def act(self):
        """Prune, and look at what the page promises."""
        if self.statuses != {0}:
            self.judge('doubt', self.prune())
            return self.unchanged('doubt')
        proof, stones = self.verified(), self.stones()
        self.judge('act', self.prune())
        self.acted(stones)
        check('proof', self.verified() == proof, self.verified(), 'before', proof)
        after = snapshot(self.name)
        again = self.prune()
        rows = [row for row in self.rows if row[2] == 'keep']
        check('again', again.returncode == 0 and again.stdout == printed(rows, self.policy), again)
        return self.unchanged('again', after)

    def acted(self, stones):
        """The plan was carried out, and nothing else was done."""
        now, gone = snapshot(self.name), self.names('prune')
        changed = differences(self.before, now)
        check('act', not gone & {*now}, 'still there:', gone & {*now})
        check('act', changed - gone <= ({'pruned.tsv'} if gone else set()), 'changed:', changed, 'to go:', gone)
        self.kept(now)
        self.buried(stones)

    def kept(self, now):
        before = [name for name in self.before if model.NAME.fullmatch(name)]
        newest = max(before, key=lambda name: int(name[6:-12]))
        pinned = self.before['pinned'][3].decode().split('\n') if 'pinned' in self.before else []
        best = {os.path.basename(path) for path, _, _, reason in self.rows if {'best', 'best-of-all'} & {*reason.split(',')}}
        check('kept', {newest, *best, *pinned} & {*before} <= {*now}, 'missing:', {newest, *best, *pinned} - {*now})

    def buried(self, old):
        """The tombstones that were there, and one for each that went and had none, by epoch."""
        expected = [*old]
        for name in self.names('prune'):
            _, mode, _, data = self.before[name]
            one = checkpoint(load(data) if stat.S_ISLNK(mode) else data)
            stone = {'path': name, 'digest': one.digest, 'parent': one.parent, 'data': one.data, 'epoch': str(one.epoch), 'step': str(one.step),
                     'reason': reason_to_go(self.policy)}
            if one.digest not in {other['digest'] for other in expected}:
                expected.append(stone)
        stones = self.stones()
        check('tombstones', sorted(map(sorted_items, stones)) == sorted(map(sorted_items, expected)), stones, 'expected', expected)
        epochs = [int(stone['epoch']) for stone in stones]
        check('tombstones', len(stones) == len(old) or epochs == sorted(epochs), 'not by epoch:', epochs)

    def stopped(self):
        """Killed, or told of an error, at one of the deletions: there are tombstones of all by then, and the next run ends as any."""
        gone = self.names('prune')
        if not gone:
            return
        stones = self.stones()
        fault = f'{self.rng.choice(("signal=KILL", "error=EIO"))}:when={self.rng.randrange(1, len(gone) + 1)}'
        result = self.prune(wrapper=(*STRACE, '-e', 'trace=unlink,unlinkat', '-e', f'inject=unlink,unlinkat:{fault}'))
        check('stopped', result.returncode in (-9, 137, 74), fault, result)
        self.buried(stones)
        result = self.prune()
        check('stopped', result.returncode == 0, result)
        self.acted(stones)

    def unread(self):
        """An error at the opening or reading of a file that is looked at."""
        regular = sorted(name for name, (_, mode, _, _) in self.before.items() if stat.S_ISREG(mode) and name[0] != '.')
        names = [name for name in regular if name.endswith(READ) or model.NAME.fullmatch(name)]
        if self.statuses != {0} or not names or 'records' in self.policy:
            return
        name = self.rng.choice(names)
        paths = [os.path.join(self.name, name), os.path.join(os.path.realpath(self.name), name)]
        calls, error, status = self.rng.choice((('openat,open', 'EIO', 74), ('openat,open', 'EACCES', 74), ('openat,open', 'EMFILE', 71),
                                                ('read,pread64,mmap', 'EIO', 74), ('read,pread64,mmap', 'ESTALE', 74)))
        result = self.prune(wrapper=(*STRACE, '-P', paths[0], '-P', paths[1], '-e', f'inject={calls}:error={error}'))
        check('error', result.returncode == status and result.stdout == b'', name, calls, error, result)
        self.unchanged('error')

    def records_alone(self):
        policy = {**self.policy, 'records': self.records_file('alone')}
        rows, statuses = model.plan_records(policy)
        result = run(program('ckpt-prune'), *command_line(self.rng, policy))
        check('records', result.returncode in statuses, f'status {result.returncode}, model {statuses}:', result.stderr)
        check('records', result.stdout == printed(rows, policy), 'printed', result.stdout, 'model', printed(rows, policy))
        self.unchanged('records')


STRACE = ('strace', '-f', '-qq', '-o', '/dev/null')
READ = ('.safetensors.part', '.eval', 'metrics.tsv', 'pruned.tsv', 'pinned')


class Suite:
    """Counts, and what failed."""

    def __init__(self, script, guarantees, top):
        self.script, self.guarantees, self.top = script, guarantees, top
        self.failures, self.tried = collections.Counter(), collections.Counter()
        os.mkdir('pool')
        self.pool = Pool(os.path.join(top, 'pool'), self.make)
        self.pool_before = snapshot('pool')
        self.strace = shutil.which('strace') is not None and run(*STRACE, 'true').returncode == 0

    def make(self, name, *operands):
        result = run(program(name), *operands)
        if result.returncode:
            sys.exit(f'{self.script}: {name} {operands}: {result.stderr.decode()}')

    def attempt(self, seed, *guarantees, function):
        self.tried.update(guarantees)
        try:
            function()
        except Failed as failed:
            guarantee, details = failed.args
            self.failures[guarantee] += 1
            if self.failures[guarantee] <= SHOWN:
                print(f'# {guarantee}: seed {seed} (tests/fault/{self.script} 1 {seed}): {details}'.replace('\n', ' / '), flush=True)

    def report(self):
        for number, (name, sentence) in enumerate(self.guarantees.items(), 1):
            skip = '' if self.tried[name] else ' # SKIP none of these was tried, or there is no strace'
            print(f'{"not " if self.failures[name] else ""}ok {number} - {sentence}{skip}')
            print(f'# {self.tried[name]} tried, {self.failures[name]} failed')
        return 1 if self.failures else 0


def try_one(suite, seed):
    """One directory: its plan always, the rest in a share of them."""
    os.mkdir('here')
    os.chdir('here')
    case = Case(seed, suite.pool)
    suite.attempt(seed, 'plan', 'dry', function=case.dry)
    shares = [(20, 'plan', case.dry_json), (10, 'order', case.other_order), (10, 'records', case.records_alone)]
    for share, guarantee, function in shares + [(50, 'error', case.unread)] * suite.strace:
        if case.rng.randrange(share) == 0:
            suite.attempt(seed, guarantee, function=function)
    if suite.strace and case.rng.randrange(50) == 0:
        suite.attempt(seed, 'stopped', function=case.stopped)
    elif case.rng.randrange(5) == 0:
        suite.attempt(seed, *(('doubt',) if case.statuses != {0} else ('act', 'kept', 'tombstones', 'proof', 'again')), function=case.act)
    os.chdir(suite.top)
    shutil.rmtree('here')


def links(suite):
    check('links', snapshot('pool') == suite.pool_before, differences(suite.pool_before, snapshot('pool')))


def main(script, guarantees, one, at_end=None):
    count, seed = int([*sys.argv[1:2], 100000][0]), int([*sys.argv[2:3], 1][0])
    if not os.access(program('ckpt-prune'), os.X_OK):
        sys.exit(f'{script}: {program("ckpt-prune")}: not there: build it, or set BUILD')
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    print(f'1..{len(guarantees)}', flush=True)
    memory = '/dev/shm' if 'TMPDIR' not in os.environ and os.access('/dev/shm', os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix='rote-fault-', dir=memory) as top:
        os.chmod(top, 0o711)
        os.chdir(top)
        try:
            suite = Suite(script, guarantees, top)
            for at in range(count):
                one(suite, seed + at)
            if at_end:
                suite.attempt(seed, at_end.__name__, function=lambda: at_end(suite))
            return suite.report()
        finally:
            os.chdir('/')


if __name__ == '__main__':
    sys.exit(main('prune.py', GUARANTEES, try_one, links))
