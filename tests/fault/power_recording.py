"""What a command does to the files below a directory, by strace, in order.

    recording = record(command, world, environment, trace)     # runs `sh -c command` in the directory `world`
    recording.status, recording.messages                       # its exit status, and what it said on stderr
    for operation in recording.operations: ...

An operation is a tuple that begins with its kind; paths are relative to the world, '.' is the world itself:

    (OPEN, path, flags)         the file was opened with O_CREAT or O_TRUNC (flags: set of the words that strace prints)
    (WRITE, path, data, at)     at: offset, or None: at the end of the file, where all programs here write
    (COPY, path, old, at, size) so much of the file `old`, from `at`, was written to the end of another one
    (TRUNCATE, path, size)
    (RENAME, old, new), (LINK, old, new), (UNLINK, path), (MKDIR, path), (RMDIR, path)
    (SYNC, path)                fsync or fdatasync of a file or a directory; path None: of everything
    (EXIT, program, names)      a process that executed `program` has ended by itself; names: all that it renamed, linked, unlinked or
                                made, since it began

What failed changed nothing and is left out. What is not understood ends the recording with an error: nothing is overlooked.
"""
import collections
import os
import re
import subprocess

OPEN, WRITE, COPY, TRUNCATE, RENAME, LINK, UNLINK, MKDIR, RMDIR, SYNC, EXIT = (
    'open', 'write', 'copy', 'truncate', 'rename', 'link', 'unlink', 'mkdir', 'rmdir', 'sync', 'exit')

# A name that a processor's system calls do not have is passed over for its question mark.
CALLS = ('execve chdir fchdir ?open ?creat openat ?openat2 write pwrite64 writev pwritev pwritev2 ftruncate truncate fallocate copy_file_range sendfile '
         'splice ?rename ?renameat renameat2 ?link linkat ?symlink symlinkat ?unlink unlinkat ?mkdir mkdirat ?rmdir fsync fdatasync '
         'sync syncfs')
LONGEST_DATA = 1 << 26

LINE = re.compile(r'(\d+) +(.*)')
CALL = re.compile(r'(\w+)\((.*)\) += (-?\d+|\?)')
EXITED = re.compile(r'\+\+\+ exited with (\d+) \+\+\+')
PLACE = re.compile(r'(AT_FDCWD|\d+)<((?:\\x[0-9a-f]{2})*)>(\(deleted\))?')
TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')


Recording = collections.namedtuple('Recording', 'operations status messages')


def plain(hexadecimal):
    return bytes.fromhex(hexadecimal.replace('\\x', ''))


def name(hexadecimal):
    return os.fsdecode(plain(hexadecimal))


def whole_lines(lines):
    """The lines of a trace, those that another process interrupted put together where they ended."""
    begun = {}
    for line in lines:
        process, text = LINE.match(line).groups()
        if text.endswith('<unfinished ...>'):
            begun[process] = text[:-len('<unfinished ...>')].rstrip()
        elif text.startswith('<...'):
            rest = text[text.index('resumed>') + len('resumed>'):]
            # strace puts spaces before the parenthesis that ends a call
            yield process, begun.pop(process) + (rest.lstrip() if rest.lstrip().startswith(')') else rest)
        else:
            yield process, text


class Reader:
    """From lines of strace to operations."""

    def __init__(self, world):
        self.world = world
        self.directory = {}  # process: where it is; each opens something when it begins, which tells
        self.program = {}
        self.names = {}
        self.copied_of = {}  # (process, file): how much of it
        self.operations = []

    def inside(self, path):
        """The path as it stands below the world, or None."""
        path = os.path.relpath(os.path.normpath(path), self.world)
        return None if path == '..' or path.startswith('../') else path

    def path(self, process, text, at=None):
        """Of a string argument, from the directory argument before it."""
        path = name(TEXT.search(text).group(1))
        if path.startswith('/'):
            return self.inside(path)
        if at is None or at.startswith('AT_FDCWD'):
            return self.inside(os.path.join(self.directory[process], path))
        return self.inside(os.path.join(name(PLACE.match(at).group(2)), path))

    def of_descriptor(self, text):
        place = PLACE.match(text)
        if not place or place.group(3):
            return None  # no file, or one that has no name any more
        path = name(place.group(2))
        return self.inside(path) if path.startswith('/') else None

    def add(self, process, kind, *rest):
        self.operations.append((kind,) + rest)
        if kind in (RENAME, LINK, UNLINK, MKDIR, RMDIR):
            self.names.setdefault(process, set()).update(rest)

    def moves(self, process, path):
        if path.startswith('/') or process in self.directory:
            self.directory[process] = os.path.join(self.directory.get(process, '/'), path)

    def opened(self, process, path, flags):
        if path and {'O_CREAT', 'O_TRUNC'} & flags:
            if 'O_TMPFILE' in flags:
                raise NotImplementedError('O_TMPFILE')
            self.add(process, OPEN, path, flags)

    def wrote(self, process, call, text, arguments, count):
        path = self.of_descriptor(arguments[0])
        if path is None or count == 0:
            return
        data = b''.join(plain(part) for part in TEXT.findall(text))[:count]
        if len(data) != count:
            raise NotImplementedError('%s: the data is not in the recording' % call)
        at = int(arguments[-1]) if call == 'pwrite64' else None
        if call.startswith('pwritev'):
            raise NotImplementedError(call)
        self.add(process, WRITE, path, data, at)

    def copied(self, process, call, arguments, count):
        """The kernel did the copying, from a file that is read from its beginning; one that is not of the world is as it was."""
        source, target = arguments[0], arguments[2]
        if call != 'copy_file_range':
            source, target = arguments[1], arguments[0]
        path = self.of_descriptor(target)
        if path is None or count == 0:
            return
        source = name(PLACE.match(source).group(2))
        if call == 'splice':
            raise NotImplementedError('%s: its data is not in the recording' % call)
        begin = self.copied_of.get((process, source), 0)
        self.copied_of[process, source] = begin + count
        if self.inside(source) is not None:
            self.add(process, COPY, path, self.inside(source), begin, count)
            return
        with open(source, 'rb') as file:
            file.seek(begin)
            self.add(process, WRITE, path, file.read(count), None)

    def moved(self, process, call, arguments):
        if call == 'rename' or call == 'link':
            old, new = self.path(process, arguments[0]), self.path(process, arguments[1])
        else:
            old, new = self.path(process, arguments[1], arguments[0]), self.path(process, arguments[3], arguments[2])
        if (old is None) != (new is None):
            raise NotImplementedError('%s between the world and elsewhere' % call)
        if old is not None:
            self.add(process, LINK if call.startswith('link') else RENAME, old, new)

    def named(self, process, call, text, arguments):
        at = arguments[0] if call.endswith('at') else None
        path = self.path(process, arguments[1 if at else 0], at)
        if path is not None:
            removed = RMDIR if 'AT_REMOVEDIR' in text or call == 'rmdir' else UNLINK
            self.add(process, MKDIR if call.startswith('mkdir') else removed, path)

    def read_call(self, process, call, text, result):
        arguments = text.split(', ')
        if call == 'execve':
            self.program[process] = os.path.basename(name(TEXT.match(arguments[0]).group(1)))
            self.names[process] = set()
        elif call == 'chdir':
            self.moves(process, name(TEXT.match(arguments[0]).group(1)))
        elif call == 'fchdir':
            self.moves(process, name(PLACE.match(arguments[0]).group(2)))
        elif call in ('open', 'creat', 'openat', 'openat2'):
            at = arguments[0] if call.startswith('openat') else None
            if at and at.startswith('AT_FDCWD'):
                self.directory[process] = name(PLACE.match(at).group(2))
            if call == 'openat2' or call == 'creat':
                raise NotImplementedError(call)
            words = arguments[2 if at else 1].split('|')
            self.opened(process, self.path(process, arguments[1 if at else 0], at), set(words))
        elif call in ('write', 'pwrite64', 'writev', 'pwritev', 'pwritev2'):
            self.wrote(process, call, text, arguments, result)
        elif call in ('copy_file_range', 'sendfile', 'splice'):
            self.copied(process, call, arguments, result)
        elif call in ('rename', 'renameat', 'renameat2', 'link', 'linkat'):
            self.moved(process, call, arguments)
        elif call in ('unlink', 'unlinkat', 'mkdir', 'mkdirat', 'rmdir'):
            self.named(process, call, text, arguments)
        elif call in ('fsync', 'fdatasync'):
            path = self.of_descriptor(arguments[0])
            if path is not None:
                self.add(process, SYNC, path)
        elif call in ('sync', 'syncfs'):
            self.add(process, SYNC, None)
        elif call == 'ftruncate' and self.of_descriptor(arguments[0]) is not None:
            self.add(process, TRUNCATE, self.of_descriptor(arguments[0]), int(arguments[1]))
        elif call not in ('ftruncate', 'truncate') or (call == 'truncate' and self.path(process, arguments[0]) is not None):
            raise NotImplementedError(call)

    def read(self, lines):
        for process, text in whole_lines(lines):
            if EXITED.match(text):
                self.add(process, EXIT, self.program.get(process), frozenset(self.names.get(process, ())))
            call = CALL.match(text)
            if call and call.group(3) != '?' and int(call.group(3)) >= 0:
                self.read_call(process, call.group(1), call.group(2), int(call.group(3)))


def tracing(trace, extra=()):
    """The command line before a command that is to be recorded. With --seccomp-bpf, which is faster, strace injects nothing."""
    return ['strace', '-f', *(() if extra else ('--seccomp-bpf',)), '-yy', '-xx', '-s', str(LONGEST_DATA), '-e', 'signal=none',
            '-e', 'trace=' + ','.join(CALLS.split()), *extra, '-o', trace]


def can_record():
    try:
        return subprocess.run(tracing(os.devnull) + ['true'], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0
    except FileNotFoundError:
        return False


def record(command, world, environment, trace, extra=()):
    """Run a line of shell in `world`. `trace` names a scratch file outside; extra: options of strace, such as an injection."""
    world = os.path.realpath(world)
    reader = Reader(world)
    ended = subprocess.run(tracing(trace, extra) + ['sh', '-c', command], cwd=world, env=environment, stdin=subprocess.DEVNULL,
                           stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, errors='replace')
    with open(trace, encoding='ascii') as lines:
        reader.read(line.rstrip('\n') for line in lines)
    os.unlink(trace)
    return Recording(reader.operations, ended.returncode, ended.stderr)
