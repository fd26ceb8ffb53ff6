"""Random run directories for prune.py, made from a pool of checkpoints that the real programs trained.

    pool = Pool(folder, program)        # program(name, operand...) runs a program of rote
    random_run = RandomRun(rng, pool)   # what will be in the directory
    random_run.make(directory, rng)     # make it, in a random order

The same rng makes the same run.
"""

import collections
import hashlib
import json
import os
import struct

NETWORK = 'input 1 2 2\ndense 2\nloss cross-entropy\ntrain batch=2 epochs=12\noptimizer sgd lr=0.1\n'
FAMILIES = ['usual'] * 6 + ['other data', 'other seed', 'fork', 'sparse', 'late']
MEASURES = ['valid.accuracy', 'valid.loss', 'test.accuracy', 'train.loss']
FINITE = ['0', '0.25', '0.5', '0.5', '0.50', '5e-1', '0.75', '0.75', '1', '2.302585092994046', '-0.5']
VALUES = FINITE + ['nan', 'nan', 'inf', '-inf', 'none']

Checkpoint = collections.namedtuple('Checkpoint', 'bytes path epoch step digest parent data')


# The pool


def file_name(epoch):
    return 'epoch-%04d.safetensors' % epoch


def load(path):
    with open(path, 'rb') as file:
        return file.read()


def save(path, data):
    with open(path, 'wb') as file:
        file.write(data)


def parts(data):
    """Header and tensors."""
    end = 8 + struct.unpack('<Q', data[:8])[0]
    return json.loads(data[8:end]), data[end:]


def checkpoint(data, path=None):
    said = parts(data)[0]['__metadata__']
    return Checkpoint(data, path, int(said['epoch']), int(said['step']), said['digest'], said['parent'], said['data'])


def seal(header, tensors, separators=(',', ':')):
    """A checkpoint of this header and these tensors, with the digest that fits them."""
    header['__metadata__']['digest'] = '0' * 64
    text = json.dumps(header, separators=separators, ensure_ascii=False).encode()
    text += b' ' * (-len(text) % 8)
    data = struct.pack('<Q', len(text)) + text + tensors
    digest = hashlib.blake2b(data, digest_size=32).hexdigest().encode()
    return data.replace(b'"digest":"' + b'0' * 64, b'"digest":"' + digest)


def forge(data, tensors=None, /, **changes):
    """The same checkpoint with other metadata or tensors."""
    header, own = parts(data)
    header['__metadata__'].update({name.replace('_', '.'): str(value) for name, value in changes.items()})
    return seal(header, own if tensors is None else tensors)


def partial(of):
    """As if training from a checkpoint had stopped after a batch."""
    return forge(of.bytes, parent=of.digest, data='f' * 64 if of.data == 'none' else of.data, step=of.step + 1, batch=1, train_loss='none',
                 train_accuracy='none', train_samples='none', partial_loss=2.5, partial_correct=1, partial_samples=2, **{'class': 'fp32'})


def make_set(prefix, salt):
    save(prefix + '-images-idx3-ubyte', struct.pack('>4I', 0x803, 6, 2, 2) + bytes((at * 37 + salt) % 256 for at in range(24)))
    save(prefix + '-labels-idx1-ubyte', struct.pack('>2I', 0x801, 6) + bytes(at % 2 for at in range(6)))


class Pool:
    """chains: by name, the checkpoints of a run; headers: by digest, the bytes of a checkpoint's header and its size; release: a file
    that is no checkpoint."""

    def __init__(self, folder, program):
        self.folder, self.program = folder, program
        save(self.at('model'), NETWORK.encode())
        make_set(self.at('one'), 0)
        make_set(self.at('two'), 1)
        self.chains = {'usual': self.train('usual', 'one', range(1, 13))}
        self.chains['other data'] = self.train('other data', 'two', range(1, 13))
        self.chains['other seed'] = self.train('other seed', 'one', range(1, 13), '-s', '7')
        self.chains['fork'] = self.train('fork', 'two', range(1, 9), '-i', self.chains['usual'][5].path)
        self.chains['sparse'] = self.train('sparse', 'one', range(3, 40, 3))
        self.chains['late'] = self.train('late', 'one', range(9995, 10006))
        program('ckpt-release', '-o', self.at('release'), self.chains['usual'][3].path)
        self.release = load(self.at('release'))
        every = [one for chain in self.chains.values() for one in chain]
        self.headers = collections.defaultdict(lambda: (b'none', 0))
        self.headers.update({one.digest: (one.bytes[:-len(parts(one.bytes)[1])], len(one.bytes)) for one in every})
        self.partials = {name: [partial(of) for of in chain] for name, chain in self.chains.items()}
        save(self.at('partial'), self.partials['usual'][4])
        program('ckpt-verify', self.at('partial'))  # it is as good as a real one

    def at(self, name):
        return os.path.join(self.folder, name)

    def train(self, name, data, epochs, *options):
        """The checkpoints of epoch 0 and of `epochs`, each trained from the one before."""
        paths = [self.at(f'{name}-{epoch}') for epoch in (0, *epochs)]
        self.program('nn-init', '-q', *options, '-o', paths[0], self.at('model'))
        for path, before, epoch, last in zip(paths[1:], paths, epochs, (0, *epochs)):
            self.program('nn-train-epoch', '-q', '-e', str(epoch - last), '-o', path, before, self.at(data))
        return [checkpoint(load(path), path) for path in paths]


# A run


def render(records):
    """Records as rote-records(5) writes them."""
    text, columns = '', None
    for record in records:
        if [*record] != columns:
            columns = [*record]
            text += '#' + '\t'.join(columns) + '\n'
        text += '\t'.join(map(str, record.values())) + '\n'
    return text.encode()


class RandomRun:
    """files: by name, bytes, a Checkpoint, or ('symlink', target), or 'directory'; tables: by name, records. `locked` are those
    that nobody may read."""

    def __init__(self, rng, pool, family=None, doubtful=0.4, measured=None):
        self.rng, self.pool = rng, pool
        self.measured = {} if measured is None else measured  # what was measured of a digest, perhaps in other runs
        self.family = family or rng.choice(FAMILIES)
        self.chain = pool.chains[self.family]
        self.files, self.tables, self.locked = {}, {}, set()
        self.choose()
        self.measure()
        for change in rng.sample(HARMLESS, rng.choice((0, 1, 1, 2, 3))):
            change(self, rng)
        for change in rng.sample(DOUBTFUL, rng.choice((1, 1, 1, 2)) if rng.random() < doubtful else 0):
            change(self, rng)
        self.files.update({name: render(records) for name, records in self.tables.items()})

    def choose(self):
        """Which of a chain are there; for those that are missing, and for some others, there are tombstones."""
        rng = self.rng
        start = rng.choice((0, 0, 0, rng.randrange(len(self.chain))))
        end = max(rng.randrange(start, len(self.chain)) for _ in range(2)) + 1
        density = rng.choice((1, 1, 1, 0.8, 0.5))
        here = [one for one in self.chain[start:end] if rng.random() < density]
        self.files.update({file_name(one.epoch): one for one in here})
        first = min((one.epoch for one in here), default=0)
        stones = [self.tombstone(one) for one in self.chain if one not in here and (one.epoch > first or rng.random() < 0.7) or rng.random() < 0.05]
        if len(here) < end or rng.random() < 0.1:
            rng.random() < 0.1 and rng.shuffle(stones)
            self.tables['pruned.tsv'] = stones

    def tombstone(self, one):
        return {'path': file_name(one.epoch), 'digest': one.digest, 'parent': one.parent, 'data': one.data, 'epoch': one.epoch, 'step': one.step,
                'reason': 'not kept by -l 1 -k valid.accuracy'}

    def here(self):
        return sorted(name for name, what in self.files.items() if isinstance(what, Checkpoint))

    def measure(self):
        """Records of most checkpoints, in metrics.tsv, in *.eval, or in both."""
        rng = self.rng
        values = rng.choice((FINITE, FINITE, FINITE, FINITE[2:5], VALUES, VALUES, VALUES[-5:]))
        measured = {one: self.measured.setdefault(one.digest, {key: rng.choice(values) for key in MEASURES})
                    for one in self.chain if rng.random() < rng.choice((1, 0.8))}
        if rng.random() < 0.6:
            self.tables['metrics.tsv'] = [self.row(one, said) for one, said in measured.items() if rng.random() < 0.95]
        together = rng.random() < 0.1
        if rng.random() < 0.7:
            for one, said in measured.items():
                if rng.random() < 0.95:
                    name = 'all.eval' if together else file_name(one.epoch)[:-11] + 'eval'
                    self.tables.setdefault(name, []).extend(self.evaluation(one, said))

    def mixed(self, record):
        """Its columns in another order now and then."""
        columns = [*record]
        self.rng.random() < 0.1 and self.rng.shuffle(columns)
        return {column: record[column] for column in columns}

    def row(self, one, said):
        return self.mixed({'epoch': one.epoch, 'path': file_name(one.epoch), 'digest': one.digest, 'step': one.step, **said})

    def evaluation(self, one, said):
        known = {'path': file_name(one.epoch), 'digest': one.digest, 'epoch': one.epoch}
        records = [{**known, 'step': one.step, 'train.loss': said['train.loss']},
                   {**known, 'split': 'valid', 'n': 6, 'loss': said['valid.loss'], 'accuracy': said['valid.accuracy'], 'correct': 3},
                   {**known, 'split': 'test', 'n': 6, 'accuracy': said['test.accuracy']},
                   {**known, 'split': 'valid', 'label': 0, 'n': 3, 'precision': 0.5}]
        return [self.mixed(record) for record in records if self.rng.random() < 0.9]

    def make(self, directory, rng):
        """Make the directory, and what is in it in the order that rng likes."""
        names = sorted(self.files)
        rng.shuffle(names)
        os.mkdir(directory)
        for name in names:
            what, path = self.files[name], os.path.join(directory, name)
            if what == 'directory':
                os.mkdir(path)
            elif isinstance(what, bytes):
                save(path, what)
            elif not isinstance(what, Checkpoint):
                os.symlink(what[1], path)
            elif what.path and what.epoch % 2:
                os.link(what.path, path)
            else:
                save(path, what.bytes)
            if name in self.locked:
                os.chmod(path, 0)


# What is no doubt


def add_partial(run, rng):
    name = rng.choice(sorted(run.pool.partials)) if rng.random() < 0.3 else run.family
    data = rng.choice(run.pool.partials[name])
    run.files[rng.choice((file_name(rng.randrange(14)), 'other.safetensors')) + '.part'] = data


def pin(run, rng):
    names = rng.choices([file_name(epoch) for epoch in (*range(14), 9999, 10000)], k=rng.randrange(6)) + [''] * rng.choice((0, 0, 1))
    rng.shuffle(names)
    run.files['pinned'] = '\n'.join(names).encode() + rng.choice((b'', b'\n'))


def add_others(run, rng):
    """Files that are no matter."""
    good = rng.choice(run.chain).bytes
    others = {
        'epoch-0001.safetensors.damaged': b'x', 'release.safetensors': run.pool.release, 'copy.safetensors': good, 'epoch-01.safetensors': good,
        'epoch-00003.safetensors': good, 'Epoch-0003.safetensors': good, 'epoch-0003.safetensors~': b'', '.epoch-0003.safetensors': b'x',
        'epoch-+003.safetensors': b'x', 'epoch- 003.safetensors': b'x', 'epoch-0003.safetensors\n': b'x', 'xepoch-0003.safetensors': b'x',
        'epoch-010000.safetensors': b'x', 'sub': 'directory', 'sub.safetensors': 'directory',
        '.epoch-0004.safetensors.Ab12cd.tmp': good[:100], '.hidden.eval': b'garbage', '.hidden.safetensors.part': b'garbage', 'pinned~': b'garbage',
        'epoch-0003.eval.old': b'garbage', 'run.conf': b'seed=1\n', 'lock': b'', 'log': b'', 'other.safetensors': ('symlink', 'nowhere'),
    }
    for name in rng.sample(sorted(others), rng.randrange(1, 6)):
        run.files[name] = others[name]


def link_elsewhere(run, rng):
    """A checkpoint that is a symbolic link to a good one."""
    names = [name for name in run.here() if run.files[name].path]
    if names:
        name = rng.choice(names)
        run.files[name] = ('symlink', run.files[name].path)


def add_records(run, rng):
    """Records of checkpoints of other runs, the best there could be, and such as speak of no checkpoint."""
    one = rng.choice(run.pool.chains[rng.choice(sorted(run.pool.chains))])
    best = {key: '1e9' if key.endswith('accuracy') else '-1e9' for key in MEASURES}
    records = [{'step': 1, 'valid.accuracy': 'nonsense'}, {'path': file_name(3), 'epoch': 3, 'valid.accuracy': '7'},
               {'path': 'none', 'digest': one.digest, 'epoch': 77, 'valid.accuracy': 'x'},
               {'path': 'x', 'digest': 'none', 'epoch': 3, 'valid.accuracy': '8'}]
    if one not in run.chain:
        records.append(run.row(one, best))
    run.tables['more.eval'] = rng.sample(records, rng.randrange(1, len(records)))


def measure_nothing(run, rng):
    for name in [*run.tables]:
        if name != 'pruned.tsv' and rng.random() < 0.9:
            del run.tables[name]


HARMLESS = [add_partial, add_partial, add_partial, pin, pin, pin, add_others, link_elsewhere, add_records, measure_nothing]


# What may be a doubt


def damaged(data, rng):
    at = rng.randrange(len(data)) if data else 0
    return rng.choice((
        lambda: data[:at] + bytes([data[at] ^ 1 << rng.randrange(8)]) + data[at + 1:] if data else b'x',
        lambda: data[:at],
        lambda: data + b'\0',
        lambda: b'',
        lambda: b'garbage\n',
        lambda: bytes(len(data)),
        lambda: data[:at] + bytes(len(data) - at),
        lambda: rng.randbytes(len(data)),
    ))()


def some(run, rng, suffix=''):
    names = [name for name in run.here() if name.endswith(suffix)]
    return rng.choice(names) if names else file_name(rng.randrange(13))


def damage(run, rng):
    name = some(run, rng)
    what = run.files.get(name, b'')
    run.files[name] = damaged(what.bytes if isinstance(what, Checkpoint) else what if isinstance(what, bytes) else b'', rng)


def unreadable(run, rng, name=None):
    name = name or some(run, rng)
    kind = rng.choice(('directory', 'nowhere', name, '/proc/self/mem', 'locked', 'locked'))
    if kind == 'locked':
        run.files.setdefault(name, b'x')
        run.locked.update({name} if not isinstance(run.files[name], tuple) else ())
        if isinstance(run.files[name], Checkpoint):
            run.files[name] = run.files[name].bytes
    else:
        run.files[name] = 'directory' if kind == 'directory' else ('symlink', kind)


def wrong_epoch(run, rng):
    run.files[file_name(rng.randrange(14))] = rng.choice(run.chain)


def other_run(run, rng):
    one = rng.choice(run.pool.chains[rng.choice(sorted(run.pool.chains))])
    run.files[file_name(one.epoch)] = one


def no_checkpoint(run, rng):
    run.files[some(run, rng)] = rng.choice((run.pool.release, struct.pack('<Q', 8) + b'{}      ', struct.pack('<Q', 2 ** 63) + b'{}'))


def with_data(header):
    header['__metadata__']['data'] = '1' * 64
    return header


def forged(run, rng):
    """The digest is right, but something else is not, or may not be."""
    one = rng.choice(run.chain)
    header, tensors = parts(one.bytes)
    later = rng.choice(run.chain)
    name = file_name(one.epoch)
    run.files[name] = rng.choice((
        lambda: forge(one.bytes, struct.pack('<f', rng.choice((float('nan'), float('inf')))) + tensors[4:]),
        lambda: forge(one.bytes, format='rote-checkpoint-2'),
        lambda: forge(one.bytes, arithmetic='9'),
        lambda: forge(one.bytes, parent=later.digest),
        lambda: forge(one.bytes, parent='0' * 64),
        lambda: forge(one.bytes, seed=9),
        lambda: forge(one.bytes, **{'class': 'other'}),
        lambda: seal(with_data(header), tensors),
        lambda: forge(one.bytes, epoch='0' + str(one.epoch)),
        lambda: seal(header, tensors, (', ', ':')),
        lambda: rng.choice(run.pool.partials[run.family]),
    ))()


def lose(run, rng):
    for name in rng.sample(run.here(), min(len(run.here()), rng.choice((1, 1, 1, 2, 2, 99)))):
        del run.files[name]


def spoil_tombstones(run, rng):
    stones = [dict(stone) for stone in run.tables.pop('pruned.tsv', [])] or [run.tombstone(rng.choice(run.chain))]
    stone = rng.choice(stones)
    column, value = rng.choice((('digest', '0' * 64), ('digest', 'none'), ('digest', 'X' * 64), ('digest', '0' * 63), ('epoch', 12), ('epoch', 0),
                                ('epoch', 'x'), ('epoch', 'none'), ('epoch', -1), ('parent', '0' * 64), ('path', 'none'), ('step', 'none')))
    rng.choice((lambda: stone.update({column: value}), lambda: stone.pop(column), lambda: stones.append({**stones[0], column: value}),
                lambda: stones.remove(stone), stones.clear))()
    run.files['pruned.tsv'] = render(stones) if rng.random() < 0.7 else damaged(render(stones), rng)
    if rng.random() < 0.3:
        unreadable(run, rng, 'pruned.tsv')


def contradict(run, rng):
    names = [name for name, records in run.tables.items() if records and name != 'pruned.tsv']
    if names:
        record = dict(rng.choice(run.tables[rng.choice(names)]))
        column = rng.choice((*record, 'valid.accuracy'))
        record[column] = rng.choice((*VALUES, 5, 'other'))
        run.tables.setdefault(rng.choice((*names, 'again.eval')), []).append(record)


BAD_VALUES = ['', 'abc', '0.5x', '0,5', ' 0.5', '0.5 ', '0x1p-1', '--1', '+', '.', 'e5', '1e', 'nanx', 'infinit',
              '\\q', '\\', '\\x0', '\\x00', 'a\0b', '1\t2']


def spoil_value(run, rng):
    """A value that its column cannot have."""
    names = [name for name, records in run.tables.items() if records and name != 'pruned.tsv']
    if names:
        records = run.tables[rng.choice(names)]
        at = rng.randrange(len(records))
        column = rng.choice([*records[at]])
        records[at] = records[at] | {column: rng.choice(BAD_VALUES)}


def spoil_records(run, rng):
    names = [name for name in run.tables if name != 'pruned.tsv'] or ['metrics.tsv']
    name = rng.choice((rng.choice(names), 'bad.eval'))
    if rng.random() < 0.4:
        unreadable(run, rng, name)
    else:
        text = render(run.tables.pop(name, []))
        run.files[name] = rng.choice((damaged(text, rng), text + b'torn\n', text.partition(b'\n')[2], text[:-1], b'\n\n' + text,
                                      text.replace(b'\n', b'\r\n'), text.replace(b'loss', b'accuracy')))
    run.tables.pop(name, None)


def tear(run, rng):
    """Records or tombstones that were cut short, most often inside the last line."""
    names = [name for name, records in run.tables.items() if records]
    if names:
        name = rng.choice(names)
        text = render(run.tables.pop(name))
        run.files[name] = text[:-rng.choice((1, 1, 2, rng.randrange(1, len(text))))]


def spoil_pins(run, rng):
    lines = rng.choices((file_name(1), file_name(3) + '.part', './' + file_name(1), 'epoch-1', '# none', ' ', file_name(2) + ' ', file_name(2) + '\r',
                         'a\0b', 'epoch-00001.safetensors', 'EPOCH-0001.safetensors', file_name(20000), 'epoch-0001.eval', '1', '\t'),
                        k=rng.randrange(1, 4))
    run.files['pinned'] = '\n'.join(lines).encode() + rng.choice((b'', b'\n'))
    if rng.random() < 0.3:
        unreadable(run, rng, 'pinned')


def spoil_partial(run, rng):
    name = rng.choice((file_name(rng.randrange(14)), 'other.safetensors')) + '.part'
    one = rng.choice(run.chain)
    run.files[name] = rng.choice((damaged(rng.choice(run.pool.partials[run.family]), rng), one.bytes, run.pool.release))
    if rng.random() < 0.3:
        unreadable(run, rng, name)


DOUBTFUL = [damage, unreadable, other_run, forged, lose, spoil_tombstones, contradict, tear] * 2
DOUBTFUL += [forged, forged, wrong_epoch, no_checkpoint, spoil_value, spoil_records, spoil_pins, spoil_partial]
