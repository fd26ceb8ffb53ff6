"""What a disk may hold after a power cut: a model of a file system that promises as little as POSIX does.

    disk = Disk(world)                 # what is in a directory now, all of it on the disk for good
    disk.apply(operation)              # of recording.py, one after the other
    disk.tree()                        # what programs see: {path: bytes, or DIRECTORY}
    for state in disk.states(random): state.tree, state.story

The promises, at least as weak as those of ext4 with data=writeback and noauto_da_alloc:

 1. fsync of a file puts its data and size on the disk. Without it a file whose name is there may be as it was when it was last synced
    (empty, if it is new), or as long as a write has made it but zero where that wrote, or end at any block of it, or lack the blocks
    in front of one that is there.
 2. fsync of a directory puts the names in it on the disk: that they are there, are gone, or name another file. Without it each single
    change of a name (create, link, rename, unlink, mkdir) may be lost or kept, whatever becomes of those before and after it, in the
    same directory too. fsync of a file does not make its name last, nor does that of a directory its own name.
 3. rename is one change: the old name goes and the new one comes, or neither does. It is never half of it, and never without a file.
 4. What is synced stays, until it is changed again.
 5. sync and syncfs put everything on the disk.

So the changes that are not yet on the disk are pending, each for itself: a change of names is kept or lost, and of a file with pending
data there are versions. A state chooses for each. All choices are too many; states() gives those of a systematic search: all kept; all
lost; one lost (in each of its versions) of which all others are kept; one kept of which all others are lost; pairs of these; and some
at random.

The idea, to derive crash states from a trace and a model of what the file system promises, is that of ALICE (Pillai et al., OSDI 2014).
"""
import collections
import hashlib
import itertools
import os

BLOCK = 4096
DIRECTORY = 'directory'
MOST_PAIRS = 60
RANDOM_STATES = 6

State = collections.namedtuple('State', 'tree story key')


class File:
    def __init__(self, data=b''):
        self.data = data      # what programs read
        self.synced = data    # what is on the disk for good
        self.past = []        # what it held before it was truncated, since then
        self.found = None

    def is_pending(self):
        return self.data != self.synced or bool(self.past)

    def write(self, data, at):
        at = len(self.data) if at is None else at
        self.data = self.data[:at].ljust(at, b'\0') + data + self.data[at + len(data):]
        self.found = None

    def truncate(self, size):
        self.past.append(self.data)
        self.data = self.data[:size].ljust(size, b'\0')
        self.found = None

    def sync(self):
        self.synced, self.past, self.found = self.data, [], None

    def versions(self):
        """What the disk may hold of it, that all was kept and that all was lost first: (words, data)."""
        if self.found is None:
            self.found = list(self.make_versions())
        return self.found

    def make_versions(self):
        data = self.data
        base = self.synced if data.startswith(self.synced) else b''
        blocks = range(len(base) // BLOCK + 1, (len(data) + BLOCK - 1) // BLOCK)
        ends = sorted({blocks[0], blocks[len(blocks) // 2], blocks[-1]}) if blocks else []
        all_of_them = [('whole', data), ('as last synced', self.synced), ('empty', base),
                       ('zeros', base + bytes(len(data) - len(base)))]
        all_of_them += [('the first %d blocks' % end, data[:end * BLOCK]) for end in ends]
        all_of_them += [('without what is before block %d' % end, base + bytes(end * BLOCK - len(base)) + data[end * BLOCK:])
                        for end in ends[-1:]]
        all_of_them += [('as before it was truncated', past) for past in self.past]
        if self.past:
            all_of_them += [('truncated', b'')]
        seen = set()
        for words, version in all_of_them:
            if version not in seen:
                seen.add(version)
                yield words, version


class Directory:
    def __init__(self):
        self.synced = {}   # name: File or Directory
        self.pending = []  # Change

    def names(self, kept=lambda change: True):
        names = dict(self.synced)
        for change in self.pending:
            if kept(change):
                for name, node in change.names.items():
                    if node is None:
                        names.pop(name, None)
                    else:
                        names[name] = node
        return names

    def sync(self):
        self.synced, self.pending = self.names(), []


class Change:
    """Of names in one directory: what each names afterwards, None for nothing."""

    def __init__(self, names, words):
        self.names = names
        self.words = words

    def versions(self):
        return [('kept', True), ('lost', False)]


def digest_of(data, known={}):
    """Equal for equal data; what was looked at once is remembered, as the same versions come again and again."""
    if data not in known:
        known[data] = hashlib.blake2b(data, digest_size=12).digest()
    return known[data]


class Disk:
    """is_volatile(path): nobody reads the data of this file; it is as programs left it. is_scratch(path): of this one nobody asks more
    than whether it is empty. Both only leave out states that are no news."""

    def __init__(self, world, is_volatile=lambda path: False, is_scratch=lambda path: False):
        self.is_volatile, self.is_scratch = is_volatile, is_scratch
        self.root = self.load(world)

    def load(self, path):
        directory = Directory()
        for entry in os.scandir(path):
            if entry.is_dir(follow_symlinks=False):
                directory.synced[entry.name] = self.load(entry.path)
            else:
                with open(entry.path, 'rb') as file:
                    directory.synced[entry.name] = File(file.read())
        return directory

    def find(self, path):
        node = self.root
        for part in [] if path == '.' else path.split('/'):
            node = node.names()[part]
        return node

    def place(self, path):
        """The directory that a name stands in, and the name."""
        above, name = os.path.split(path)
        return self.find(above or '.'), name

    def change(self, path, node, words):
        directory, name = self.place(path)
        directory.pending.append(Change({name: node}, words))

    def apply(self, operation):
        """False if it changed nothing that could be lost."""
        kind, *rest = operation
        return getattr(self, 'apply_' + kind)(*rest) is not False

    def apply_open(self, path, flags):
        directory, name = self.place(path)
        node = directory.names().get(name)
        if isinstance(node, Directory):
            return False
        if node is None:
            self.change(path, File(), 'create ' + path)
            return True
        if 'O_TRUNC' not in flags or not node.data:
            return False
        node.truncate(0)
        return True

    def apply_write(self, path, data, at):
        self.find(path).write(data, at)
        return not self.is_volatile(path)

    def apply_copy(self, path, old, at, size):
        return self.apply_write(path, self.find(old).data[at:at + size], None)

    def apply_truncate(self, path, size):
        self.find(path).truncate(size)

    def apply_rename(self, old, new):
        directory, old_name = self.place(old)
        other, new_name = self.place(new)
        if directory is not other:
            raise NotImplementedError('rename from one directory to another')
        if self.find(old) is other.names().get(new_name):
            return False  # of two names of one file, both stay
        directory.pending.append(Change({old_name: None, new_name: self.find(old)}, 'rename %s to %s' % (old, new)))
        return True

    def apply_link(self, old, new):
        self.change(new, self.find(old), 'link %s to %s' % (old, new))

    def apply_unlink(self, path):
        self.change(path, None, 'unlink ' + path)

    def apply_mkdir(self, path):
        self.change(path, Directory(), 'mkdir ' + path)

    def apply_rmdir(self, path):
        self.change(path, None, 'rmdir ' + path)

    def apply_sync(self, path):
        if path is not None:
            self.find(path).sync()
            return
        for node, _ in self.nodes():
            node.sync()

    def apply_exit(self, program, names):
        return False

    def nodes(self):
        """Every file and directory that some state may show, with a path that it has or had."""
        seen, left = set(), [(self.root, '')]
        while left:
            node, path = left.pop()
            if id(node) in seen:
                continue
            seen.add(id(node))
            yield node, path
            if isinstance(node, Directory):
                names = [node.synced] + [change.names for change in node.pending]
                left += [(child, path + name) if isinstance(child, File) else (child, path + name + '/')
                         for named in names for name, child in named.items() if child is not None]

    def pending(self):
        """What is not on the disk for good: changes of names, and files."""
        units = []
        for node, path in self.nodes():
            if isinstance(node, Directory):
                units += [(change, change.words) for change in node.pending]
            elif node.is_pending() and not self.is_volatile(path):
                units.append((node, 'data of ' + path))
        return [unit for unit in units if len(unit[0].versions()) > 1]

    def tree(self, chosen=None):
        """chosen: {id of a unit: number of its version}; of what is not in it, all is kept."""
        chosen = chosen or {}
        tree = {}

        def walk(directory, path):
            for name, node in directory.names(lambda change: not chosen.get(id(change))).items():
                if isinstance(node, Directory):
                    tree[path + name] = DIRECTORY
                    walk(node, path + name + '/')
                else:
                    version = chosen.get(id(node))
                    tree[path + name] = node.versions()[version][1] if version else node.data

        walk(self.root, '')
        return tree

    def key(self, tree):
        """Equal for states that are no news to each other."""
        parts = []
        for path, data in sorted(tree.items()):
            if data == DIRECTORY or self.is_volatile(path):
                data = b''
            elif self.is_scratch(path):
                data = data[:1] and b'.'
            parts.append((path, digest_of(data)))
        return hash(tuple(parts))

    def choices(self, counts, random):
        """Lists of versions, one for each unit that has so many: 0 is kept, 1 is lost."""
        n = len(counts)
        kept, lost = [0] * n, [1] * n

        def but(choice, changes):
            choice = list(choice)
            for unit, version in changes:
                choice[unit] = version
            return choice

        yield kept
        yield lost
        for unit in range(n):
            for version in range(1, counts[unit]):
                yield but(kept, [(unit, version)])
                yield but(lost, [(unit, version)])
            yield but(lost, [(unit, 0)])
        pairs = list(itertools.combinations(range(n), 2))
        for a, b in random.sample(pairs, min(len(pairs), MOST_PAIRS)):
            yield but(kept, [(a, random.randrange(1, counts[a])), (b, random.randrange(1, counts[b]))])
            yield but(lost, [(a, 0), (b, 0)])
        for _ in range(RANDOM_STATES if n > 2 else 0):
            yield [random.randrange(count) for count in counts]

    def states(self, random):
        units = self.pending()
        versions = [unit.versions() for unit, _ in units]
        for choice in self.choices([len(version) for version in versions], random):
            tree = self.tree({id(unit): version for (unit, _), version in zip(units, choice)})
            story = ['%s: %s' % (words, known[version][0])
                     for (_, words), known, version in zip(units, versions, choice) if version]
            yield State(tree, story, self.key(tree))
