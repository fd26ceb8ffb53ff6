"""What ckpt-prune decides about a run, written from ckpt-prune(1), ckpt-best(1), rote-checkpoint(5) and rote-records(5) alone,
without a look at the program: where the two differ, the program is wrong, or its page.

    rows, statuses = plan(directory, policy)

The policy is a dict: 'last', 'best' and 'every' are counts, 'key' is the metric, 'direction' is 'min' or 'max', 'records' is a file.
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


def claims(data):
    """What a checkpoint says of itself, and where its tensors begin, if it is laid out and spelt as it must be."""
    try:
        end = 8 + struct.unpack('<Q', data[:8])[0]
        header = json.loads(data[8:end])
        said = {**header['__metadata__']}
        spelt = data[8:end].rstrip(b' ').decode() == json.dumps(header, separators=(',', ':'), ensure_ascii=False) and end % 8 == 0
        numbers = all(re.fullmatch(r'0|[1-9]\d*', said[name]) for name in ('seed', 'epoch', 'step', 'batch'))
        digests = all(said[name] == 'none' or DIGEST.fullmatch(said[name]) for name in ('parent', 'data')) and DIGEST.fullmatch(said['digest'])
        bounds = [member['data_offsets'] for name, member in header.items() if name != '__metadata__']
        need(spelt and numbers and digests and said['format'] == 'rote-checkpoint-1' and said['arithmetic'] == '1')
        need([0] + [after for _, after in bounds] == [before for before, _ in bounds] + [len(data) - end])
        return {**said, 'epoch': int(said['epoch']), 'batch': int(said['batch'])}, end
    except (ValueError, LookupError, TypeError, AttributeError, struct.error):
        raise Doubt(65) from None


def checkpoint(path):
    """The metadata of a proven checkpoint."""
    data = read(path)
    said, end = claims(data)
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
        one.update(epoch=min(one['epoch']), path=min(one['path']), paths=one['path'], value=min(one['value'], default=math.nan))
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
    return {'last', 'best', 'every'} & policy.keys() and has_direction(policy)


def ranked(ckpts, policy):
    """Those that may be best, the best first, of equals those of earlier epochs, then by path."""
    smallest = policy.get('direction') == 'min' or 'direction' not in policy and policy['key'].endswith('loss')
    finite = sorted((one for one in ckpts if math.isfinite(one['value'])), key=lambda one: (one['epoch'], one['path'], one['digest']))
    return sorted(finite, key=lambda one: one['value'] if smallest else -one['value'])


def decide(ckpts, policy, pinned=(), parents=()):
    """Of checkpoints (path, epoch, digest, value): a row each, (path, epoch, state, reason)."""
    ckpts = sorted(ckpts, key=lambda ckpt: (ckpt['epoch'], ckpt['path'], ckpt['digest']))
    newest = sorted(ckpts, key=lambda ckpt: -ckpt['epoch'])
    finite = ranked(ckpts, policy)
    stay = {
        'last': newest[: policy.get('last', 0)],
        'best': finite[: policy.get('best', 1)],
        'every': [ckpt for ckpt in ckpts if 'every' in policy and ckpt['epoch'] % policy['every'] == 0],
        'pinned': [ckpt for ckpt in ckpts if os.path.basename(ckpt['path']) in pinned],
        'parent': [ckpt for ckpt in ckpts if ckpt['digest'] in parents],
        'newest': newest[:1],
    }
    reasons = [','.join(reason for reason, who in stay.items() if ckpt in who) for ckpt in ckpts]
    need(finite or all(reasons))
    return [(ckpt['path'], ckpt['epoch'], 'keep' if reason else 'prune', reason) for ckpt, reason in zip(ckpts, reasons)]


def comes_from_earlier(one, proven, stones):
    parents = [other for other in proven if other['digest'] == one['parent']]
    if parents:
        return parents[0]['epoch'] < one['epoch'] and parents[0]['data'] in ('none', one['data'])
    return one['parent'] in stones or one['epoch'] == min(other['epoch'] for other in proven)


def plan(directory, policy):
    """(rows, exit statuses): the rows, and {0}; or with doubts no rows, and the status of each doubt."""
    if not usable(policy):
        return [], {64}
    names = [name for name in os.listdir(directory) if not name.startswith('.')]
    doubts = set()

    def attempt(function, *operands, otherwise=None):
        try:
            return function(*operands)
        except Doubt as doubt:
            doubts.update(doubt.args)
            return otherwise

    def read_all(function, wanted):
        found = {name: attempt(function, os.path.join(directory, name)) for name in names if wanted(name)}
        return {name: result for name, result in found.items() if result is not None}

    said = read_all(checkpoint, NAME.fullmatch)
    partial = read_all(checkpoint, lambda name: name.endswith('.safetensors.part'))
    stones = read_all(tombstones, 'pruned.tsv'.__eq__).get('pruned.tsv', ())
    pinned = read_all(pins, 'pinned'.__eq__).get('pinned', ())
    own = [os.path.join(directory, name) for name in names if name == 'metrics.tsv' or name.endswith('.eval')]
    tables = [attempt(records, path, otherwise=[]) for path in ([policy['records']] if 'records' in policy else own)]
    metrics = attempt(known, sum(tables, []), policy['key'], otherwise={})
    for name, one in said.items():
        attempt(need, one['epoch'] == int(NAME.fullmatch(name)[1]) and one['batch'] == 0)
        attempt(need, comes_from_earlier(one, said.values(), stones))
        one.update(path=os.path.join(directory, name), value=metrics.get(one['digest'], {'value': math.nan})['value'])
    if not any(map(NAME.fullmatch, names)):
        doubts.add(66)
    rows = [] if doubts else attempt(decide, said.values(), policy, pinned, {one['parent'] for one in partial.values()}, otherwise=[])
    return rows, doubts or {0}


def plan_records(policy):
    """The same of records alone."""
    if not usable(policy):
        return [], {64}
    try:
        return decide(known(records(policy['records']), policy['key']).values(), policy), {0}
    except Doubt as doubt:
        return [], set(doubt.args)
