#!/usr/bin/env python3
"""settings.py [COUNT | -n NUMBER] - hostile run.conf files, command lines and run directories, through rote-train -n; prints TAP

Each of COUNT cases (1000) is drawn from its number, so that `settings.py -n NUMBER` repeats one and shows it. Whatever is asked for,
a dry run ends with a status that says what is wrong, writes nothing, executes nothing, and passes nothing on that a terminal obeys.
"""
import os
import random
import re
import shutil
import struct
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TRAIN = os.path.join(ROOT, 'pipelines/train.sh')
BIN = os.path.join(os.path.abspath(os.environ.get('BUILD', os.path.join(ROOT, 'build'))), 'bin')
STATUSES = (0, 64, 65, 66, 69, 73, 74)
SECONDS = 60

KEYS = ('data samples val model init fork epochs seed save-every eval-every device threads keep patience until partial-every lock width '
        'optimizer.lr train.batch dense.outputs optimizer let x -r --hold').split()
VALUES = '1 0 2 0.1 1e9 -1 wait:1 06:30 -l_3_-b_1 fashion-mnist small-cnn data ref cpu net.model ./net.model run/epoch-0001.safetensors run@1 run@9'.split()
COMMAND = 'touch pwned'
HOSTILE = [
    f'$({COMMAND})', f'`{COMMAND}`', f';{COMMAND};', f'|{COMMAND}', f'&{COMMAND}&', f'\'\n{COMMAND}\n\'', f'";{COMMAND};"', f'}}\n{COMMAND}',
    f'\nEND\n{COMMAND}\n', f'"); system("{COMMAND}"); ("', f'\\$({COMMAND})', f'${{IFS+$({COMMAND})}}', f'a[$({COMMAND})]', f'=$({COMMAND})',
    '-o pwned', '-opwned', '--output=pwned', '-n', '--', '-', '--hold', '-rpwned', '>pwned', '>>pwned', '|tee pwned', '2>pwned', '<pwned',
    '../../../../pwned', '/dev/stdin', '/dev/zero/x', '~', '~root', '*', '?', '[a-z]*', '{a,b}', '!!', '%s%n%s%n', '%999999999d', '\\', '\\n',
    '\\x41', '$HOME', '$$', '${', '$((', "'", '"', '#', '@', '@list', 'train@', 'a=b=c', ' ', '\t', ' leading', 'trailing ', '\r', '\x1b[31m',
    '\x9b31m', '\u202e', '\a', '\xff\xfe', '9' * 30, '0' * 5000, 'x' * 60000, 'nan', 'inf', '1e999', '0x10', '08', '-0', '+1',
]


def write(path, data):
    with open(path, 'wb') as file:
        file.write(data)


def idx(magic, shape, values):
    return struct.pack(f'>I{len(shape)}I', magic, *shape) + bytes(values)


def bytes_of(text):
    """As a shell would have it; a lone \x9b or \xff is that byte."""
    return text.encode('latin-1') if max(map(ord, text), default=0) < 256 else text.encode()


def train(arguments, environment, directory):
    return subprocess.run([TRAIN, *arguments], cwd=directory, env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS)


def prepare(directory, environment):
    """data, net.model, and a run of one epoch."""
    os.mkdir(os.path.join(directory, 'data'))
    for prefix, count in (('train', 20), ('test', 4)):
        write(os.path.join(directory, f'data/{prefix}-images-idx3-ubyte'), idx(0x803, (count, 4, 4), [i * 7 % 256 for i in range(count * 16)]))
        write(os.path.join(directory, f'data/{prefix}-labels-idx1-ubyte'), idx(0x801, (count,), [i % 2 for i in range(count)]))
    write(os.path.join(directory, 'net.model'),
          b'let width=3\ninput 1 4 4\ndense $width\nrelu\ndense 2\nloss cross-entropy\ntrain batch=4 epochs=1\noptimizer sgd lr=0.1\n')
    done = train(['-r', 'run', 'data=data', 'model=./net.model', 'val=4'], environment, directory)
    if done.returncode:
        sys.exit(done.stderr.decode())


class Case:
    """What is drawn from a number: a command line, and changes to files."""

    def __init__(self, number):
        self.draw = random.Random(number)
        self.files = {}
        self.arguments = []
        kind = self.draw.choice((self.command_line, self.config_file, self.run_conf, self.run_file, self.run_name))
        kind()

    def value(self):
        draw = self.draw
        if draw.random() < 0.4:
            return draw.choice(VALUES).replace('_', ' ')
        text = draw.choice(HOSTILE)
        return draw.choice((text, text, draw.choice(VALUES) + text, text + draw.choice(HOSTILE)))

    def key(self):
        return self.draw.choice(KEYS) if self.draw.random() < 0.9 else self.value()

    def setting(self):
        return f'{self.key()}={self.value()}'

    def settings(self):
        return [self.setting() for _ in range(self.draw.randint(1, 4))]

    def usual(self):
        return ['data=data', 'model=./net.model'] if self.draw.random() < 0.7 else []

    def command_line(self):
        self.arguments = ['-r', self.draw.choice(('run', 'new')), *self.usual(), *self.settings()]

    def lines(self):
        text = '\n'.join(self.usual() + self.settings() + [self.value()] * (self.draw.random() < 0.2))
        if self.draw.random() < 0.1:
            text += '\0' + self.setting()
        return bytes_of(text) + self.draw.choice((b'\n', b'', b'\r\n'))

    def config_file(self):
        self.files['hostile.conf'] = self.lines()
        self.arguments = ['-r', 'new', '-c', 'hostile.conf']

    def run_conf(self):
        self.files['run/run.conf'] = self.lines()
        self.arguments = ['-r', 'run', *(self.settings() if self.draw.random() < 0.3 else [])]

    def run_file(self):
        name = self.draw.choice('run.conf net.model data.tsv metrics.tsv epoch-0001.eval pruned.tsv pinned train.list'.split())
        self.files['run/' + name] = self.change
        self.arguments = ['-r', 'run', 'epochs=2']

    def change(self, data):
        """The file with a word of it, or a line, made hostile."""
        fields = re.split(rb'([\t\n=])', data)
        place = self.draw.randrange(len(fields))
        fields[place] = bytes_of(self.value())
        return b''.join(fields)

    def run_name(self):
        self.arguments = ['-r', self.value(), *self.usual()]

    def apply(self, directory):
        for name, contents in self.files.items():
            path = os.path.join(directory, name)
            if callable(contents):
                before = b''
                if os.path.exists(path):
                    with open(path, 'rb') as file:
                        before = file.read()
                contents = contents(before)
            write(path, contents)


def state_of(directory, temporary):
    """All that is there, and when it was changed; in the temporary directory things may have come and gone."""
    state = {}
    for folder, folders, files in os.walk(directory):
        for name in folders + files:
            path = os.path.join(folder, name)
            status = os.lstat(path)
            state[path] = path == temporary or (status.st_ino, status.st_size, status.st_mtime_ns)
    return state


OBEYED = re.compile(rb'[\x01-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80\xae|(?<![\xc2-\xf4\x80-\xbf])[\x80-\xbf]')


def complaint(case, base, work, environment):
    """What a case does that it must not, or None."""
    directory = os.path.join(work, 'case')
    shutil.copytree(base, directory, symlinks=True)
    case.apply(directory)
    before = state_of(work, environment['TMPDIR'])
    arguments = [bytes_of(argument).replace(b'\0', b'') for argument in ['-n', *case.arguments]]
    try:
        done = train(arguments, environment, directory)
    except subprocess.TimeoutExpired:
        return f'it has not ended after {SECONDS} seconds'
    after = state_of(work, environment['TMPDIR'])
    shutil.rmtree(directory)
    if done.returncode not in STATUSES:
        return f'status {done.returncode}: {done.stderr[-300:]!r}'
    if before != after:
        return f'it left {sorted(set(before.items()) ^ set(after.items()))}'
    if done.returncode and not done.stderr:
        return f'status {done.returncode}, and it does not say why'
    obeyed = OBEYED.search(done.stdout + done.stderr)
    return obeyed and f'a terminal would obey {obeyed.group()!r}: {(done.stdout + done.stderr)[-300:]!r}'


def main():
    repeated = sys.argv[1:2] == ['-n']
    numbers = [int(sys.argv[2])] if repeated else range(int(sys.argv[1]) if sys.argv[1:] else 1000)
    failed = 0
    with tempfile.TemporaryDirectory() as work:
        base, temporary = os.path.join(work, 'base'), os.path.join(work, 'tmp')
        os.mkdir(base)
        os.mkdir(temporary)
        environment = {'PATH': os.environ['PATH'], 'ROTE_BIN': BIN, 'TMPDIR': temporary, 'ROTE_DATA': os.path.join(work, 'none')}
        prepare(base, environment)
        for number in numbers:
            case = Case(number)
            if repeated:
                print('#', case.arguments, case.files)
            wrong = complaint(case, base, work, environment)
            if wrong:
                failed += 1
                print(f'# {sys.argv[0]} -n {number}: {wrong}')
    print(f'{"not ok" if failed else "ok"} 1 - settings that mean harm do none\n# {len(numbers)} cases, {failed} failed\n1..1')
    sys.exit(failed > 0)


if __name__ == '__main__':
    main()
