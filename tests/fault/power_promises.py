"""What must hold in every state that a power cut may leave, as it stands.

    ledger = Ledger(tree)                      # what is there before a command is on the disk for good
    ledger.apply(operation, before, after)     # the trees before it and after it
    ledger.end(tree)                           # the command line has ended
    for problem in ledger.broken(state): ...   # and torn(), unfounded(), mixed()

A tree is that of power_disk.py: {path: data, or DIRECTORY}.
"""
import fnmatch
import json
import os
import struct

from power_disk import DIRECTORY
from power_recording import EXIT, LINK, RENAME, UNLINK

ABSENT = 'absent'

ROTE = {'idx-fetch', 'idx-split', 'nn-init', 'nn-train-epoch', 'ckpt-prune', 'ckpt-release', 'hp-sample'}


def matches(path, *patterns):
    return any(fnmatch.fnmatchcase(os.path.basename(path), pattern) for pattern in patterns)


def is_temporary(path):
    return matches(path, '.*.tmp')


def is_unproven(path):
    """Nobody promises anything of these."""
    return matches(path, 'log', 'lock', '.*.tmp', '.*.download')


def metadata(data):
    """Of a checkpoint."""
    size, = struct.unpack('<Q', data[:8])
    return json.loads(data[8:8 + size])['__metadata__']


def records(data):
    """As dictionaries; a line that begins with # names the columns."""
    columns = []
    for line in data.decode(errors='replace').splitlines():
        if line.startswith('#'):
            columns = line[1:].split('\t')
        else:
            yield dict(zip(columns, line.split('\t')))


def beside(path, name):
    return os.path.join(os.path.dirname(path), name)


def has_tombstone(tree, path, data):
    return any(row.get('digest') == metadata(data)['digest'] for row in records(tree.get(beside(path, 'pruned.tsv')) or b''))


class Ledger:
    """What has been promised so far: that what a program has published, when it ends, stays, and all of it when the command line has.
    It may be replaced, moved or deleted later, but then one or the other is there."""

    def __init__(self, tree):
        self.promised = {}                 # path: a set of what may stand there
        self.moved, self.deleted = {}, {}  # path: the data that stood there; deleted: of checkpoints and parts
        self.settle(tree, tree)

    def settle(self, tree, paths):
        for path in paths:
            if not is_unproven(path):
                self.promised[path] = {tree.get(path, ABSENT)}

    def end(self, tree):
        """Of a command line."""
        self.moved.clear()
        self.settle(tree, tree.keys() | self.promised.keys())

    def fingerprint(self):
        return hash((frozenset((path, frozenset(allowed)) for path, allowed in self.promised.items()),
                     frozenset(self.moved.items()), frozenset(self.deleted.items())))

    def also(self, path, data):
        if path in self.promised:
            self.promised[path].add(data)

    def apply(self, operation, before, after):
        kind, *rest = operation
        if kind == RENAME and rest[0] in self.promised:
            self.moved[rest[0]] = before[rest[0]]
        if kind == UNLINK and rest[0] in self.promised and matches(rest[0], 'epoch-*.safetensors', '*.part'):
            self.deleted[rest[0]] = before[rest[0]]
        if kind in (RENAME, UNLINK):
            self.also(rest[0], ABSENT)
        if kind in (RENAME, LINK):
            self.also(rest[1], after[rest[1]])
        if kind == EXIT and rest[0] in ROTE:
            self.settle(after, rest[1])

    def broken(self, tree):
        for path, allowed in self.promised.items():
            if tree.get(path, ABSENT) in allowed:
                continue
            if allowed == {ABSENT}:
                yield '%s: it was removed for good, and is there' % path
            else:
                yield '%s: it was there for good, and is %s' % (path, 'not as it was' if path in tree else 'gone')
        for path, data in self.moved.items():
            if data not in tree.values():
                yield '%s: it was moved, and is nowhere' % path
        for path, data in self.deleted.items():
            if path in tree:
                continue
            if path.endswith('.part'):
                if path[:-len('.part')] not in tree:
                    yield '%s: it was deleted, and what it was a part of is not there' % path
            elif not has_tombstone(tree, path, data):
                yield '%s: it was deleted, and has no tombstone' % path


def torn(tree, whole):
    """whole[path]: all that a name may hold."""
    for path, data in tree.items():
        if data != DIRECTORY and not is_unproven(path) and data not in whole.get(path, ()):
            yield '%s: torn: %d bytes that it never had' % (path, len(data))


def unfounded(tree):
    """Rows of metrics.tsv that no evaluation stands for."""
    for path, data in tree.items():
        if not matches(path, 'metrics.tsv'):
            continue
        for row in records(data):
            name = 'epoch-%s.eval' % row.get('epoch', '').zfill(4)
            if not any(row.get('digest') == there.get('digest') for there in records(tree.get(beside(path, name)) or b'')):
                yield '%s: it has epoch %s, of which there is no evaluation' % (path, row.get('epoch'))


def sets_of(tree):
    """Where pictures stand and labels beside them: (path of the pictures, pictures, labels)."""
    for path, pictures in tree.items():
        labels = tree.get(path.replace('images-idx3', 'labels-idx1'))
        if matches(path, '*images-idx3-ubyte') and labels is not None:
            yield path, pictures, labels


def mixed(tree, ends):
    """ends: the trees in which all that stands beside another thing belongs to it."""
    known = {each for end in ends for each in sets_of(end)}
    for each in sets_of(tree):
        if each not in known:
            yield '%s: it stands by labels that are not its own' % each[0]
