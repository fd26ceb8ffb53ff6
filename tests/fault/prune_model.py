"""What ckpt-prune decides about a run, written from ckpt-prune(1), ckpt-best(1), rote-checkpoint(5) and rote-records(5) alone,
without a look at the program: where the two differ, the program is wrong, or its page.

    rows, statuses = plan(directories, policy)

The policy is a dict: 'last', 'best', 'best-of-all' and 'every' are counts, 'key' is the metric, 'direction' is 'min' or 'max', 'records'
is a file.
"""

import errno
import hashlib
import json
import math
import os
import re
import struct

NAME = re.compile(r'epoch-(\d{4}|[1-9]\d{4,})\.safetensors')
NUMBER = re.compile(r'-?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?|nan|-?inf')
WHOLE = re.compile(r'\d+')
DIGEST = re.compile(r'[0-9a-f]{64}')
ESCAPES = re.compile(r'([^\\]|\\[tn\\]|\\x(?!00)[0-9a-fA-F]{2})*')
TOMBSTONE = {'path', 'digest', 'parent', 'data', 'epoch', 'step', 'reason'}
NOT_THERE = (errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ELOOP)  # what is no file counts as not there


class Doubt(Exception):
    """args[0] is the exit status."""


def need(condition):
    if not condition:
        raise Doubt(65)


def read(path):
    try:
        with open(path, 'rb') as file:
            return file.read()
    except OSError as error:
        raise Doubt(66 if error.errno in NOT_THERE else 74) from None


def is_progress(said):
    loss, accuracy, samples = said
    return samples == 'none' or all(map(NUMBER.fullmatch, (loss, accuracy))) and 0 <= float(accuracy) <= 1 and WHOLE.fullmatch(samples)


def claims(data):
    """What a checkpoint says of itself, and where its tensors begin, if it is laid out and spelt as it must be."""
    try:
        end = 8 + struct.unpack('<Q', data[:8])[0]
        header = json.loads(data[8:end])
        said = {**header['__metadata__']}
        spelt = data[8:end].rstrip(b' ').decode() == json.dumps(header, separators=(',', ':'), ensure_ascii=False) and end % 8 == 0
        numbers = all(re.fullmatch(r'0|[1-9]\d*', said[name]) for name in ('seed', 'epoch', 'step', 'batch'))
        digests = all(said[name] == 'none' or DIGEST.fullmatch(said[name]) for name in ('parent', 'data')) and DIGEST.fullmatch(said['digest'])
        members = [member for name, member in header.items() if name != '__metadata__']
        bounds = [member['data_offsets'] for member in members]
        need(all(member.keys() == {'dtype', 'shape', 'data_offsets'} and member['dtype'] == 'F32' for member in members))
        need(all(4 * math.prod(member['shape']) == after - before for member, (before, after) in zip(members, bounds)))
        need(spelt and numbers and digests and said['format'] == 'rote-checkpoint-1')
        need(is_progress([said[f'train.{name}'] for name in ('loss', 'accuracy', 'samples')]))
        need([0] + [after for _, after in bounds] == [before for before, _ in bounds] + [len(data) - end])
        return {**said, 'epoch': int(said['epoch']), 'batch': int(said['batch'])}, end
    except (ValueError, LookupError, TypeError, AttributeError, struct.error):
        raise Doubt(65) from None


def header(path):
    """The metadata of a checkpoint, proven or not."""
    return claims(read(path))[0]


def checkpoint(path):
    """The metadata of a proven checkpoint."""
    data = read(path)
    said, end = claims(data)
    need(said.get('arithmetic') == '1')
    need(hashlib.blake2b(data[:81] + b'0' * 64 + data[145:], digest_size=32).hexdigest() == said['digest'])
    need(all(map(math.isfinite, struct.unpack('<%df' % ((len(data) - end) // 4), data[end:]))))
    return said


def records(path):
    names, found, text = None, [], read(path).decode('utf8', 'surrogateescape')
    need('\0' not in text and text[-1:] in ('', '\n'))
    for line in text.split('\n'):
        fields = line.removeprefix('#').split('\t')
        if line.startswith('#'):
            names = fields
            need(len({*names}) == len(names))
        elif line:
            need(names and len(names) == len(fields) and all(map(ESCAPES.fullmatch, fields)))
            found.append(dict(zip(names, fields)))
    return found


def metric(record, key):
    """The value of the key, None where there is none."""
    split = record.get('split', '') + '.'
    value = record.get(key, record.get(key[len(split):], 'none') if key.startswith(split) else 'none')
    need(value == 'none' or NUMBER.fullmatch(value))
    return None if value == 'none' else math.nan if value == 'nan' else float(value)


def known(records_read, key):
    """Of each digest that records speak of: its epoch, its path, and the value of the key."""
    found = {}
    for record in records_read:
        if {'path', 'digest', 'epoch'} <= record.keys() and record['digest'] != 'none':
            need(DIGEST.fullmatch(record['digest']) and WHOLE.fullmatch(record['epoch']))
            one = found.setdefault(record['digest'], {'digest': record['digest'], 'epoch': set(), 'path': set(), 'value': set()})
            for column, value in (('epoch', int(record['epoch'])), ('path', record['path']), ('value', metric(record, key))):
                one[column].add(value)
    for one in found.values():
        one['value'].discard(None)
        need(len(one['epoch']) == 1 and len(one['value']) <= 1)
        one.update(recorded=bool(one['value']), epoch=min(one['epoch']), path=min(one['path']), paths=one['path'], value=min(one['value'], default=math.nan))
    return found


def tombstones(path):
    """The digests of what was pruned."""
    stones = records(path)
    need(all(TOMBSTONE <= stone.keys() and DIGEST.fullmatch(stone['digest']) for stone in stones))
    need(all(WHOLE.fullmatch(stone['epoch']) and WHOLE.fullmatch(stone['step']) for stone in stones))
    return {stone['digest'] for stone in stones}


def pins(path):
    lines = [line for line in read(path).decode('utf8', 'surrogateescape').split('\n') if line]
    need(all(map(NAME.fullmatch, lines)))
    return lines


def has_direction(policy):
    return 'direction' in policy or policy['key'].endswith(('loss', 'accuracy'))


def usable(policy):
    return {'last', 'best', 'best-of-all', 'every'} & policy.keys() and has_direction(policy)


def ranked(ckpts, policy):
    """Those that may be best, the best first, of equals those of earlier epochs, then by path."""
    smallest = policy.get('direction') == 'min' or 'direction' not in policy and policy['key'].endswith('loss')
    finite = sorted((one for one in ckpts if math.isfinite(one['value'])), key=lambda one: (one['epoch'], one['path'], one['digest']))
    return sorted(finite, key=lambda one: one['value'] if smallest else -one['value'])


def decide_run(ckpts, policy, of_all, pinned, parents):
    """Of the checkpoints of one run, by epoch: why each stays."""
    newest = sorted(ckpts, key=lambda ckpt: -ckpt['epoch'])
    stay = {
        'last': newest[: policy.get('last', 0)],
        'best': ranked(ckpts, policy)[: policy.get('best', 0 if 'best-of-all' in policy else 1)],
        'best-of-all': of_all,
        'every': [ckpt for ckpt in ckpts if 'every' in policy and ckpt['epoch'] % policy['every'] == 0],
        'pinned': [ckpt for ckpt in ckpts if ckpt['path'] in pinned],
        'parent': [ckpt for ckpt in ckpts if (os.path.dirname(ckpt['path']), ckpt['digest']) in parents],
        'newest': newest[:1],
    }
    return [','.join(reason for reason, who in stay.items() if any(ckpt is one for one in who)) for ckpt in ckpts]


def decide(ckpts, policy, pinned=(), parents=()):
    """Of checkpoints (path, epoch, digest, value, recorded): a row each, (path, epoch, state, reason), run by run. Those of one directory
    are of one run."""
    rows, finite = [], ranked(ckpts, policy)
    runs = {}
    for ckpt in ckpts:
        runs.setdefault(os.path.dirname(ckpt['path']), []).append(ckpt)
    for run in runs.values():
        run.sort(key=lambda ckpt: (ckpt['epoch'], ckpt['path'], ckpt['digest']))
        reasons = decide_run(run, policy, finite[: policy.get('best-of-all', 0)], pinned, parents)
        measured = any(ckpt['recorded'] for ckpt in run) if 'best-of-all' in policy and finite else ranked(run, policy)
        need(measured or all(reasons))
        rows += [(ckpt['path'], ckpt['epoch'], 'keep' if reason else 'prune', reason) for ckpt, reason in zip(run, reasons)]
    return rows


def comes_from_earlier(one, proven, stones):
    parents = [other for other in proven if other['digest'] == one['parent']]
    if parents:
        return parents[0]['epoch'] < one['epoch'] and parents[0]['data'] in ('none', one['data'])
    return one['parent'] in stones or one['epoch'] == min(other['epoch'] for other in proven)


class Doubts:
    """The statuses of what went wrong."""

    def __init__(self):
        self.statuses = set()

    def attempt(self, function, *operands, otherwise=None):
        try:
            return function(*operands)
        except Doubt as doubt:
            self.statuses.update(doubt.args)
            return otherwise

    def read_all(self, directory, function, wanted):
        """By path, what the function makes of those files of a directory that are wanted."""
        paths = [os.path.join(directory, name) for name in os.listdir(directory) if not name.startswith('.') and wanted(name)]
        found = {path: self.attempt(function, path) for path in paths}
        return {path: result for path, result in found.items() if result is not None}


def look(directory, read_one, doubts):
    """Of a run: its checkpoints, the paths that are pinned, and the digests from which partial ones go on."""
    said = doubts.read_all(directory, read_one, NAME.fullmatch)
    partial = doubts.read_all(directory, read_one, lambda name: name.endswith('.safetensors.part'))
    stones = set().union(*doubts.read_all(directory, tombstones, 'pruned.tsv'.__eq__).values())
    pinned = sum(doubts.read_all(directory, pins, 'pinned'.__eq__).values(), [])
    for path, one in said.items():
        doubts.attempt(need, one['epoch'] == int(NAME.fullmatch(os.path.basename(path))[1]) and one['batch'] == 0)
        doubts.attempt(need, comes_from_earlier(one, said.values(), stones))
        one['path'] = path
    return list(said.values()), [os.path.join(directory, name) for name in pinned], [one['parent'] for one in partial.values()]


def leads_to_itself(entry):
    """What is in a directory of runs and cannot be looked at may be one."""
    try:
        os.stat(entry.path)
    except OSError as error:
        return error.errno == errno.ELOOP and not entry.name.startswith('.')
    return False


def plan(directories, policy, read_one=checkpoint):
    """(rows, exit statuses): the rows, and {0}; or with doubts no rows, and the status of each doubt. With `header` for read_one, as -n
    sees it."""
    if not usable(policy):
        return [], {64}
    doubts = Doubts()
    ckpts, pinned, parents, tables = [], [], set(), []
    for directory in directories:
        here, named, going_on = look(directory, read_one, doubts)
        ckpts += here
        pinned += named
        parents.update((os.path.dirname(os.path.join(directory, 'x')), digest) for digest in going_on)
        tables += doubts.read_all(directory, records, lambda name: name == 'metrics.tsv' or name.endswith('.eval')).values() \
            if 'records' not in policy else []
    if 'records' in policy:
        tables = [doubts.attempt(records, policy['records'], otherwise=[])]
    metrics = doubts.attempt(known, sum(tables, []), policy['key'], otherwise={})
    for one in ckpts:
        one.update({'value': math.nan, 'recorded': False} | {what: metrics[one['digest']][what] for what in ('value', 'recorded')
                                                            if one['digest'] in metrics})
    if not any(NAME.fullmatch(name) for directory in directories for name in os.listdir(directory)):
        doubts.statuses.add(65 if any(leads_to_itself(entry) for directory in directories for entry in os.scandir(directory)) else 66)
    rows = [] if doubts.statuses else doubts.attempt(decide, ckpts, policy, pinned, parents, otherwise=[])
    return rows, doubts.statuses or {0}


def plan_records(policy):
    """The same of records alone."""
    if not usable(policy):
        return [], {64}
    try:
        rows = decide(known(records(policy['records']), policy['key']).values(), policy)
        return sorted(rows, key=lambda row: (row[1], row[0])), {0}
    except Doubt as doubt:
        return [], set(doubt.args)
