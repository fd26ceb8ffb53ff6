#!/usr/bin/env python3
"""seeds.py DIRECTORY - what fuzzers begin with, made by the programs in $BUILD/bin, and changed a little

DIRECTORY/NAME has the inputs of the fuzzer NAME; DIRECTORY/NAME.dict, where there is one, words that its inputs are made of.
"""
import base64
import glob
import gzip
import hashlib
import itertools
import os
import re
import struct
import subprocess
import sys
import tempfile
import zlib

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BIN = os.path.join(os.environ.get('BUILD', os.path.join(ROOT, 'build')), 'bin')
BETWEEN = b'<||>'
EXTREMES = (b'0', b'-1', b'4294967296', b'18446744073709551615', b'1e999', b'nan', b'', b'1,1,1,1,1', b'[[1]]')
DIGEST = b'0' * 64

LAYERS = {
    'dense': 'dense 2',
    'conv': 'conv 2 3 pad=1\nrelu\nmaxpool 2\ndense 3',
    'deep': 'repeat 2\nconv 1 1 bias=no\nbatchnorm\nresidual\nconv 2 1\ntanh\nend\nend\ndropout2d 0.5\nglobal-avgpool\ndense 2',
}
OPTIMIZERS = ('sgd lr=0.1', 'sgd lr=0.1 momentum=0.9 nesterov=yes', 'adam lr=0.01', 'adamw', 'adadelta', 'rmsprop')
EXTRAS = ('', 'schedule one-cycle', 'ema 0.9\nclip 1', 'schedule multi-step 1 2 gamma=0.5\naugment shift=0.1 crop=1')


def read(path):
    with open(path, 'rb') as file:
        return file.read()


def write(path, data):
    with open(path, 'wb') as file:
        file.write(data)


def run(program, *arguments):
    """What a program prints; a failure is one of the seeds' making, and shown."""
    return subprocess.run([os.path.join(BIN, program), *arguments], check=True, stdout=subprocess.PIPE).stdout


def run_script(path, *arguments):
    subprocess.run([os.path.join(ROOT, path), *arguments], check=True)


def models():
    for number, (layers, optimizer, extra) in enumerate(itertools.product(LAYERS.values(), OPTIMIZERS, EXTRAS)):
        text = f'input 1 4 4\n{layers}\nloss cross-entropy\ntrain batch=2 epochs=2\noptimizer {optimizer}\n{extra}\n'
        name = f'{number}.model'
        write(name, text.encode())
        yield name


def idx(magic, shape, values):
    return struct.pack(f'>I{len(shape)}I', magic, *shape) + bytes(values)


def data_sets():
    """Pictures and labels, in every variant that IDX has; the first is a file's too."""
    pictures = idx(0x803, (4, 4, 4), range(64))
    labels = idx(0x801, (4,), (0, 1, 0, 1))
    write('t-images-idx3-ubyte', pictures)
    write('t-labels-idx1-ubyte', labels)
    yield pictures, labels
    yield pictures, idx(0x801, (3,), (0, 1, 0))
    yield idx(0x803, (64, 1, 1), range(64)), labels
    yield idx(0x804, (2, 3, 2, 1), range(12)), idx(0xb01, (2,), (1, 2, 0, 9))
    yield idx(0x803, (0xffffffff, 4096, 4096), ()), labels
    yield idx(0x804, (4, 0x10000, 0x10000, 0x100), ()), labels
    yield idx(0x803, (2, 0, 4), ()), idx(0xb01, (1,), (0xff, 0xff))


def checkpoints():
    """Paths: epoch 0 of every model, and of some what follows, and its weights."""
    for number, model in enumerate(models()):
        path = f'{number}.safetensors'
        run('nn-init', '-q', '-o', path, model)
        yield path
        if number % 5 == 0:
            after = f'{number}-after.safetensors'
            run('nn-train-epoch', '-q', '-d', 'ref', '-o', after, path, 't')
            yield after
            weights = f'{number}-weights.safetensors'
            write('records', run('nn-eval', '-q', '-d', 'ref', 't', after))
            run('ckpt-release', '-q', '--records', 'records', '-o', weights, after)
            yield weights


def parts_of(checkpoint):
    """Its header, and its data."""
    size = 8 + struct.unpack('<Q', checkpoint[:8])[0]
    return checkpoint[8:size], checkpoint[size:]


def texts_with_extremes(text):
    """The text, and for some of its numbers what it would be with an impossible one."""
    yield text
    numbers = list(re.finditer(rb'[0-9]+(\.[0-9]+)?', text))
    for number in numbers[:: len(numbers) // 8 + 1]:
        for extreme in EXTREMES:
            yield text[: number.start()] + extreme + text[number.end() :]


def gzip_seeds():
    texts = [b'', b'a', bytes(60000), bytes(range(256)) * 16, idx(0x803, (4, 4, 4), range(64))]
    for level, text in itertools.product((0, 1, 9), texts):
        packed = gzip.compress(text, level, mtime=0)
        for room in (0, 20, len(text), len(text) + 1, 65535):
            yield struct.pack('>H', min(room, 65535)) + packed
        yield b'\xff\xff' + packed + packed
    yield b'\x01\x00' + b'\x1f\x8b\x08\x1f' + bytes(6) + b'\x02\x00ab' + b'name\0' + b'comment\0' + bytes(2)


def idx_seeds():
    for (pictures, labels), flags in itertools.product(data_sets(), range(4)):
        for names in (b'', b'0\n1\n1\n', b'3', b'7\n'):
            yield bytes([flags]) + pictures + BETWEEN + labels + BETWEEN + names
    yield b'\0' + gzip.compress(pictures) + BETWEEN + gzip.compress(labels)


def safetensors_seeds(paths):
    for number, path in enumerate(paths):
        whole = read(path)
        header, _ = parts_of(whole)
        yield whole
        yield from texts_with_extremes(header.rstrip()) if number % 8 == 0 else ()
    for first, second in ((4, 8), (8, 12), (0, 4), (3, 7)): # behind one another, a hole, an overlap, no multiple of 4
        yield b'{"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1,1,1,1],"data_offsets":[%d,%d]}}' % (first, second)
    yield b'{"__metadata__":{"\\u0001":"\\u009b\\ud83d\\ude00"}}'


def checkpoint_seeds(paths):
    for number, path in enumerate(paths):
        whole = read(path)
        yield b'\1' + whole
        header, data = parts_of(whole)
        _, digest, rest = header.rstrip().partition(b'"digest":"')
        if not digest or len(data) > 2048:
            continue
        rest = rest[64:]
        for changed in texts_with_extremes(rest) if number % 8 == 0 else [rest]:
            yield b'\0' + changed + BETWEEN + data
        yield b'\0' + rest.rpartition(b',"')[0].rpartition(b'},"')[0] + b'}}' + BETWEEN + data
        yield b'\0' + rest[:-1] + b',"z":{"dtype":"F32","shape":[1],"data_offsets":[%d,%d]}}' % (len(data), len(data) + 4) + BETWEEN + data
        partial = rest.replace(b'"batch":"0"', b'"batch":"1"').replace(b'}', b',"partial.loss":"1.5","partial.correct":"1","partial.samples":"2"}', 1)
        yield b'\0' + partial + BETWEEN + data


def predictor_seeds(paths):
    """Releases, changed everywhere, and what is none."""
    for number, path in enumerate(path for path in paths if 'weights' in path):
        whole = read(path)
        yield b'\1' + whole
        header, data = parts_of(whole)
        for changed in texts_with_extremes(header.rstrip()) if number % 4 == 0 else [header.rstrip()]:
            yield b'\0' + changed + BETWEEN + data
        for text in (b'"weight"', b'"model":', b'conv', b'dense', b'"weights":"model"'):
            yield b'\0' + header.replace(text, text[::-1]) + BETWEEN + data
        yield b'\0' + header + BETWEEN + b'\0\0\xc0\x7f' + data[4:]
    yield b'\1' + read(paths[0])


def model_seeds():
    named = glob.glob(os.path.join(ROOT, 'pipelines/models/*.model')) + glob.glob(os.path.join(ROOT, 'tests/golden/*/*.model'))
    for path in sorted(named):
        yield read(path)
    for path in models():
        yield read(path) + BETWEEN + b'optimizer.lr=0.5\ntrain.batch=4\n'
    sample = read('0.model')
    yield from texts_with_extremes(sample)
    yield b'let a=1\nlet b=$a$a$a\n' + sample + BETWEEN + b'a=99999999999999999999\nb=\n'
    for block, depth in itertools.product((b'repeat 2\n', b'residual\n'), (3, 16, 17)):
        yield block * depth + b'relu\n' + b'end\n' * depth + sample


def records_seeds(paths):
    whole = [path for path in paths if 'weights' not in path]
    yield run('ckpt-info', *whole[:20])
    yield run('ckpt-info', '-m', *whole[:4])
    yield run('idx-info', 't')
    yield run('nn-eval', '-q', '-c', '-d', 'ref', 't', next(path for path in whole if 'after' in path))
    yield b'#path\tloss\n\\x1b[2J\\x9b\\xc2\\x9b\t\\t\\n\\\\\n#\n\n#a\ta\n\\x00\t1\n'
    yield '#path\n\x9b\u202e\u061c\u2028\U0001f600\n'.encode() + b'\xff\xc2\x1b\n'


def run_seeds(path):
    pruned = b'#path\tdigest\tparent\tdata\tepoch\tstep\treason\nepoch-0001.safetensors\t' + b'\t'.join([DIGEST] * 3) + b'\t1\t2\tlast\n'
    for pins in (b'', b'epoch-0001.safetensors\n', b'epoch-18446744073709551616.safetensors', b'../x\n\n', b'a\0b\n'):
        for text in texts_with_extremes(pruned):
            yield pins + BETWEEN + text + BETWEEN + b'#path\tepoch\nepoch-0001.safetensors\t1\n'
    evaluation = run('ckpt-info', path) + run('nn-eval', '-q', '-d', 'ref', 't', path)
    settings = b'data=/data\nval=0.1\nmodel=x\nepochs=2\nseed=1\nkeep=-l 3 -b 1\nuntil=06:30\nlock=wait:1\noptimizer.lr=0.1\n'
    for text in [*texts_with_extremes(evaluation.replace(b'\t' + path.encode(), b'\tepoch-0001.safetensors')), b'#a\n']:
        yield BETWEEN * 3 + settings + BETWEEN + text
    for text in texts_with_extremes(settings):
        yield BETWEEN * 3 + text + BETWEEN + evaluation


def promote_seeds():
    """A table of six trials, and what is known of them: nothing, a value of each at the first rung, then further and worse ones."""
    table = b'#trial\n' + b''.join(b'%d\n' % trial for trial in range(6))
    header = b'#trial\tepoch\tloss\tfailed\n'
    values = [b'%d\t%d\t%g\tnone\n' % (trial, epoch, (trial * 5 % 6 + 1) / epoch) for epoch in (1, 2, 4) for trial in range(6)]
    yield table
    for count in (3, 6, 9, 18):
        yield table + BETWEEN + header + b''.join(values[:count])
        yield table + BETWEEN + header + b''.join(values[:count - 2]) + b'4\t2\tnan\tnone\n5\t1\tnone\tkilled\n'


def search_seeds():
    space = b'# a space\nlet most=8\noptimizer.lr log 1e-4 1e-1 4\nrate uniform -0.5 0.5 3\nwidth choice 32 none $most\ndepth int 1 $most\n'
    table = b'#trial\tlr\twidth\n0001\t0.1\tnone\n0002\t1e-3\t32\n#optimizer.lr\ttrial\n0.5\tpublished\n'
    for text in texts_with_extremes(space):
        yield text + BETWEEN + table
    for text in texts_with_extremes(table):
        yield space + BETWEEN + text
    yield b''.join(b'a%d int 1 2\n' % i for i in range(54))


def registry_seeds():
    settings = b'epochs=2\nseed=1\npatience=1\nsave-every=1\nfork=/r@1\noptimizer.lr=0.1\nsize=3\n'
    metrics = b'#epoch\tpath\tdigest\tvalid.accuracy\n1\tx\t' + DIGEST + b'\t0.5\n2\ty\t' + b'1' * 64 + b'\tnone\n'
    log = b'2026 a\n2026 nn-eval: it ended with status 65\n2026 rote-train: it ends with status 65\n'
    for text in texts_with_extremes(settings):
        yield BETWEEN.join((text, metrics, log, b'tag: a, b\nwords\ntag:b'))
    for text in texts_with_extremes(metrics):
        yield BETWEEN.join((settings.replace(b'2', b'3'), text, log, b'a>=0.5'))
    for text in texts_with_extremes(log):
        yield BETWEEN.join((b'epochs=9\n', metrics, text, b'a~b'))


def picture_seeds():
    """Pictures of every kind, as they are and repaired; and unpacked, for the fuzzer to pack what it makes of them."""
    run_script('tests/pictures.py', 'pictures')
    for path in sorted(glob.glob('pictures/*/**/*', recursive=True)):
        if os.path.isfile(path) and os.path.getsize(path) < 1000:
            picture = read(path)
            yield b'\0\7\4' + picture
            yield b'\5\1\1' + picture
            if b'IDAT' in picture and 'damaged' not in path:
                yield b'\x0b\x0f\x0f' + unpacked(picture)


def unpacked(png):
    """The PNG with what its IDAT holds, unpacked; the check sum is not that."""
    at = png.index(b'IDAT')
    size = struct.unpack('>I', png[at - 4:at])[0]
    data = zlib.decompress(png[at + 4:at + 4 + size])
    return png[:at - 4] + struct.pack('>I', len(data)) + b'IDAT' + data + png[at + 4 + size:]


def key_line(data):
    return b'untrusted comment: a key\n' + base64.b64encode(data) + b'\n'


def minisign_seeds(checkpoint):
    """A pair of keys (RFC 8032, TEST 3), what ckpt-release signs with it, and what stands in place of each part of these."""
    seed = bytes.fromhex('c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7')
    verifier = bytes.fromhex('fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025')
    sealed = b'01234567' + seed + verifier
    sealed += hashlib.blake2b(b'Ed' + sealed, digest_size=32).digest()
    public, secret = key_line(b'Ed01234567' + verifier), key_line(b'Ed\0\0B2' + bytes(48) + sealed)
    write('key', secret)
    run('ckpt-release', '-q', '-f', '--sign', 'key', '-o', 'net', checkpoint)
    signature, net = read('net.minisig'), read('net')
    for file in (net, net[:-1], b''):
        yield BETWEEN.join((public, signature, secret, file))
    for key in (base64.b64encode(b'Ed01234567' + verifier), key_line(b'Ed' + bytes(40)), public[:-3], b''):
        yield BETWEEN.join((key, signature, b'', net))
    lines = signature.split(b'\n')
    for first in (b'Ed', b'ED', b'XX'):
        lines[1] = base64.b64encode(first + base64.b64decode(lines[1])[2:])
        yield BETWEEN.join((public, b'\r\n'.join(lines), b'', net))
    for kind in (b'EdScB2', b'Ed\0\0XX', b'XXScB2'):
        yield BETWEEN.join((b'', b'', key_line(kind + bytes(48) + sealed), b''))


def words_seeds():
    yield from (DIGEST, b'epoch-0001.safetensors', b'epoch-99999999999999999999.safetensors', b'0.5z', b'data/train@a@list', b'@', b'/', b'a//b/')
    yield from (b'fashion-mnist', b'fasion', b'0.1', b'1e-320', b'4.9e-324', b'0x1p3', b'nan(1)', b'-inf', b'18446744073709551615')
    yield from (b'0\n1\n999\n', b'1000\n', b'\x1b]0;title\x07', b'\xc2\x9b2J', '\u202e\u2066\u061c'.encode(), b'\xf0\x9f\x98')


def dictionary():
    """Every short string that the parsers are written with."""
    words = set()
    for path in glob.glob(os.path.join(ROOT, 'libcommon/format/*.[ch]')) + glob.glob(os.path.join(ROOT, 'libcommon/net/*.c')):
        words.update(re.findall(r'"([A-Za-z0-9._=-]{1,24})"', read(path).decode()))
    return ''.join(f'"{word}"\n' for word in sorted(words)).encode()


def save(directory, name, seeds):
    os.makedirs(os.path.join(directory, name), exist_ok=True)
    for number, seed in enumerate(seeds):
        write(os.path.join(directory, name, str(number)), seed)


def main():
    directory = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory() as work:
        os.chdir(work)
        save(directory, 'gzip', gzip_seeds())
        save(directory, 'idx', idx_seeds())
        paths = list(checkpoints())
        save(directory, 'safetensors', safetensors_seeds(paths))
        save(directory, 'checkpoint', checkpoint_seeds(paths))
        save(directory, 'predictor', predictor_seeds(paths))
        save(directory, 'model', model_seeds())
        save(directory, 'records', records_seeds(paths))
        save(directory, 'run', run_seeds(next(path for path in paths if 'after' in path)))
        save(directory, 'search', search_seeds())
        save(directory, 'registry', registry_seeds())
        save(directory, 'promote', promote_seeds())
        save(directory, 'picture', picture_seeds())
        save(directory, 'minisign', minisign_seeds(paths[0]))
        save(directory, 'words', words_seeds())
        os.chdir(directory)
    for name in ('safetensors', 'checkpoint', 'predictor', 'model', 'promote', 'records', 'registry', 'run', 'search'):
        write(f'{name}.dict', dictionary())


if __name__ == '__main__':
    main()
