"""What the matrices share: the cases, a run of one with a fault, and what must be there afterwards.

A case is a program in a small directory that is prepared once. For each point the directory is copied, the program is run in it with
a fault (tests/fault/inject.c says which there are), and then run again without: in the end every file must be as if nothing had happened.
"""

import hashlib
import os
import shlex
import shutil
import stat
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.abspath(os.environ.get('BUILD', os.path.join(ROOT, 'build')))
INJECT = os.path.join(BUILD, 'tests/fault/inject')

TIMED_OUT, NOT_REACHED = 124, 126  # of inject
TRIES = 5

# Not compared: the log tells of the fault, and the lock is empty.
OF_A_RUN = ('log', 'lock', 'decisions.lock')

scratch = ''
environment = {}


class Case:
    """A command, as a line of shell words; `start` is a script that makes the directory that it begins in. One that is slow, by seconds a
    point, is tried by its name alone."""

    def __init__(self, name, start, command, force=None, may_go=(), slow=False):
        self.name, self.start, self.command, self.slow = name, start, shlex.split(command), slow
        self.force = shlex.split(force) if force else None  # the command where what it made is in its own way
        self.may_go = may_go  # files that make way before others come in their place
        self.tried = self.missed = self.disturbed = 0  # faults, those that never came, and runs to be begun anew
        self.first = self.wanted = self.said = None  # the files before and after, and what is printed

    def is_chosen(self, names):
        return self.name in names if names else not self.slow

    def is_script(self):
        return self.command[0].startswith('rote-')

    def prepare(self):
        directory = os.path.join(scratch, 'start-' + self.name)
        os.mkdir(directory)
        subprocess.run(['bash', '-euc', self.start], cwd=directory, env=environment, check=True)
        work = self.fresh()
        self.first = snapshot(work)
        done = self.run(work)
        if done.returncode != 0:
            sys.exit('%s: %s' % (self.name, done.stderr.decode()))
        self.wanted, self.said = snapshot(work), done.stdout

    def fresh(self):
        """A new copy of the directory, and no temporary files of the one before."""
        work = os.path.join(scratch, 'work')
        shutil.rmtree(work, ignore_errors=True)
        shutil.copytree(os.path.join(scratch, 'start-' + self.name), work, symlinks=True)
        shutil.rmtree(environment['TMPDIR'], ignore_errors=True)
        os.mkdir(environment['TMPDIR'])
        return work

    def run(self, work, command=None, prefix=()):
        return subprocess.run([*prefix, *(command or self.command)], cwd=work, env=environment, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False, timeout=300)

    def calls(self, classes, inside=False):
        """The calls that count: (number, program, call, path, "change" or "", group) of each."""
        path = os.path.join(scratch, 'calls')
        work = self.fresh()
        self.run(work, prefix=[INJECT, '-c', classes, '-o', path, *(['-p', work] if inside else [])])
        with open(path, encoding='utf-8', errors='replace') as lines:
            return [tuple(line.rstrip('\n').split('\t')[:6]) for line in lines]

    def fault(self, work, classes, number, action, repeat=False, inside=False):
        """A program that the fault did not reach shall end as usual. One that inject disturbed is begun anew, in a new copy of `work`."""
        options = [*(['-r'] if repeat else []), *(['-p', work] if inside else [])]
        prefix = [INJECT, '-t', '60', '-c', classes, '-n', str(number), '-a', action, *options]
        done = self.run(work, prefix=prefix)
        for _ in range(1, TRIES):
            if not self.is_disturbed(done, classes):
                break
            self.disturbed += 1
            done = self.run(self.fresh(), prefix=prefix)
        self.tried += 1
        if done.returncode == NOT_REACHED:
            self.missed += 1
            done.returncode = 0
        return done

    def is_disturbed(self, done, classes):
        """A signal, be it SIGCHLD, that comes after a call and before inject has seen it lets that call fail with EINTR, as it does not
        without inject: of a shell that has a handler for it a fork fails, or a pipe stays open, for whose end somebody then waits for ever.
        Before its fault has come, a script has nothing to say."""
        early = self.is_script() and done.returncode == NOT_REACHED and done.stderr
        return done.returncode == TIMED_OUT or early or classes != 'clone' and b'cannot fork' in done.stderr.lower()

    def came_as_asked(self):
        """What is wrong with how the faults came: threads and shells make nearly the same calls each time, and inject seldom disturbs. Were
        it often, it would be ours."""
        wrongs = ['%d of %d faults never came' % (self.missed, self.tried)] if self.missed > 2 + self.tried // 20 else []
        often = 2 + self.tried // (10 if self.is_script() else 100)  # shells have handlers for SIGCHLD
        return wrongs + (['%d runs of %d were begun anew' % (self.disturbed, self.tried)] if self.disturbed > often else [])

    def finish(self, work):
        """Run it again, without a fault, to its end. What is wrong then, as text; '' if nothing is."""
        done = self.run(work)
        if done.returncode == 73 and self.force and b'-f replaces it' in done.stderr:
            done = self.run(work, self.force)
        if done.returncode != 0:
            return 'the rerun ended with %d: %s' % (done.returncode, done.stderr.decode(errors='replace').strip())
        left = os.listdir(environment['TMPDIR'])
        return differences(self.wanted, snapshot(work)) or ('left in TMPDIR: ' + ' '.join(left) if left else '')


def snapshot(directory):
    """What is in a directory: the bytes of each file, by its path."""
    found = {}
    for at, directories, names in os.walk(directory):
        for name in directories + names:
            path = os.path.join(at, name)
            mode = os.lstat(path).st_mode
            if stat.S_ISREG(mode):
                with open(path, 'rb') as file:
                    found[os.path.relpath(path, directory)] = file.read()
            else:
                found[os.path.relpath(path, directory)] = os.readlink(path) if stat.S_ISLNK(mode) else 'directory'
    return {path: data for path, data in found.items() if os.path.basename(path) not in OF_A_RUN}


def differences(wanted, found):
    words = ['%s is missing' % path for path in wanted if path not in found]
    words += ['%s is left' % path for path in found if path not in wanted]
    words += ['%s differs' % path for path in wanted if path in found and found[path] != wanted[path]]
    return ', '.join(sorted(words))


# Makes data/train and data/test of 90 and 30 samples, net.model, and zero, one and two: checkpoints of its first epochs.
SMALL = '''
. "$ROOT/tests/helpers.bash"
mkdir data
cut_set "$DATA/train" data/train 90
cut_set "$DATA/test" data/test 30
cp "$MODEL" net.model
'''
CHECKPOINTS = SMALL + '''
nn-init -o zero net.model
nn-train-epoch -q -t 1 -o one zero data/train
nn-train-epoch -q -t 1 -o two one data/train
'''
# Makes a release, names of its classes, and pictures of which one is scaled.
PICTURES = '''
ckpt-release -q -o release two
seq 10 >names
mkdir pictures
{ printf 'P5 28 28 255\\n' && tail -c 784 data/test-images-idx3-ubyte; } >pictures/small
{ printf 'P5 56 56 255\\n' && tail -c 3136 data/test-images-idx3-ubyte; } >pictures/large
'''
SIGNER = CHECKPOINTS + '''
minisign -G -W -p key.pub -s key >/dev/null
'''
RUN = SMALL + '''
rote-train -q -r run data="$PWD/data" model=net.model val=30 epochs=4 threads=1
rm net.model
'''
# Makes two runs, one the copy of the other as far as it got.
RUNS = RUN + '''
mkdir runs
cp -r run runs/b
mv run runs/a
rm runs/b/epoch-0004.*
sed -i '$d' runs/b/metrics.tsv
'''
# Makes pictures: pets/NAME/*.pgm of three classes.
PETS = '''
mkdir -p pets/cat pets/dog pets/eel
for i in 1 2 3 4 5 6 7 8 9; do
    for pet in cat dog eel; do echo "P2 2 2 255 $i 20 30 4$i" >pets/$pet/$i.pgm; done
done
'''
SPACE = "printf 'optimizer.lr log 1e-4 1e-1\\nwidth choice 32 64\\n' >net.space"
SEARCH = '''
printf '#trial\\n%04d\\n%04d\\n%04d\\n%04d\\n' 1 2 3 4 >trials.tsv
printf '#trial\\tepoch\\tvalid.accuracy\\n0001\\t1\\t0.5\\n0002\\t1\\tnan\\n0003\\t1\\t0.75\\n' >records.tsv
'''
TRAIN = 'rote-train -q -r run data=data model=net.model threads=1 '


def cases():
    """Programs that write files, each at what it is for."""
    return [
        Case('idx-split', SMALL, 'idx-split -q -S -o parts data/train train=rest valid=30',
             'idx-split -q -f -S -o parts data/train train=rest valid=30'),
        Case('idx-split-again', SMALL + 'idx-split -q -s 2 -o parts data/train train=rest valid=30 >/dev/null',
             'idx-split -q -f -o parts data/train train=rest valid=30',
             may_go=('parts/train-labels-idx1-ubyte', 'parts/valid-labels-idx1-ubyte')),
        Case('idx-split-lists', SMALL, 'idx-split -q -l -k 2 -o parts data/train', 'idx-split -q -f -l -k 2 -o parts data/train'),
        Case('idx-fetch', 'seq 2000 >../numbers', 'idx-fetch -q -c %s -o copy file://%s/numbers' %
             (hashlib.sha256(b''.join(b'%d\n' % i for i in range(1, 2001))).hexdigest(), scratch)),
        Case('idx-pack', PETS, 'idx-pack -q -o set pets', 'idx-pack -q -f -o set pets'),
        Case('idx-pack-again', PETS + 'idx-pack -q --invert -o set pets >/dev/null', 'idx-pack -q -f -o set pets',
             may_go=('set-labels-idx1-ubyte',)),
        Case('idx-pack-extract', PETS + 'idx-pack -q -o set pets >/dev/null; rm -r pets', 'idx-pack -q -x -o out set'),
        Case('idx-show', SMALL, 'idx-show -q --count 20 -o sheet.png data/test', 'idx-show -q -f --count 20 -o sheet.png data/test'),
        Case('nn-init', SMALL, 'nn-init -q -o zero net.model', 'nn-init -q -f -o zero net.model'),
        Case('nn-init-replaces', CHECKPOINTS, 'nn-init -q -f -s 2 -o zero net.model'),
        Case('nn-init-warm', CHECKPOINTS, 'nn-init -q -i two -o warm net.model', 'nn-init -q -f -i two -o warm net.model'),
        Case('nn-train-epoch', CHECKPOINTS, 'nn-train-epoch -q -t 1 -o next two data/train'),
        Case('nn-train-epoch-partials', CHECKPOINTS, 'nn-train-epoch -q -t 2 --partial-every 0.000001 -e 2 -o next two data/train'),
        Case('nn-train-epoch-batches', CHECKPOINTS, 'nn-train-epoch -q -t 1 --batches steps -o next two data/train',
             'nn-train-epoch -q -f -t 1 --batches steps -o next two data/train'),
        Case('nn-train-epoch-replaces', CHECKPOINTS + 'cp one next', 'nn-train-epoch -q -f -t 1 -o next two data/train'),
        Case('hp-sample', SPACE, 'hp-sample -q -o trials.tsv net.space', 'hp-sample -q -f -o trials.tsv net.space'),
        Case('ckpt-prune', RUN, 'ckpt-prune -q -l 1 run'),
        Case('ckpt-prune-runs', RUNS, 'ckpt-prune -q --best-of-all 1 runs'),
        Case('ckpt-release', CHECKPOINTS, 'ckpt-release -q -o net two', 'ckpt-release -q -f -o net two'),
        Case('ckpt-release-onnx', CHECKPOINTS, 'ckpt-release -q -F onnx -o net two', 'ckpt-release -q -f -F onnx -o net two'),
        Case('ckpt-release-c', CHECKPOINTS, 'ckpt-release -q -F c -o net.c two', 'ckpt-release -q -f -F c -o net.c two'),
        Case('ckpt-release-card', RUN, 'ckpt-release -q --records run --card card -o net run/epoch-0004.safetensors',
             'ckpt-release -q -f --records run --card card -o net run/epoch-0004.safetensors'),
        Case('ckpt-release-sign', SIGNER, 'ckpt-release -q --sign key -o net two', 'ckpt-release -q -f --sign key -o net two'),
        Case('hold', RUN, 'rote-train -q -r run --hold'),
    ]


def readers():
    """Programs that only read."""
    return [
        Case('idx-info', SMALL, 'idx-info data/train data/test'),
        Case('nn-eval', CHECKPOINTS, 'nn-eval -q -t 1 -c data/test one two'),
        Case('nn-predict', CHECKPOINTS + PICTURES, 'nn-predict -q -t 1 --scale --classes names release data/test pictures'),
        Case('ckpt-info', RUN, 'ckpt-info run'),
        Case('ckpt-info-layers', CHECKPOINTS, 'ckpt-info -m two'),
        Case('ckpt-verify', RUN, 'ckpt-verify -q run'),
        Case('ckpt-verify-chain', RUN, 'ckpt-verify --chain run'),
        Case('ckpt-verify-signature', SIGNER + 'ckpt-release -q --sign key -o net two', 'ckpt-verify -p key.pub net'),
        Case('ckpt-verify-sums', RUN, 'ckpt-verify -q --sums run'),
        Case('ckpt-best', RUN, 'ckpt-best run'),
        Case('ckpt-best-runs', RUNS, 'ckpt-best -N 3 runs'),
        Case('hp-sample-prints', SPACE, 'hp-sample -m sobol net.space'),
        Case('ckpt-prune-plan', RUN, 'ckpt-prune -n -l 1 run'),
        Case('hp-promote', SEARCH, 'hp-promote --epochs 4 trials.tsv records.tsv'),
        Case('train-plan', RUN, 'rote-train -n -r run'),
    ]


def pipelines():
    """Whole runs: a new one that prunes, and an old one with damage of several kinds that goes further."""
    return [
        Case('new-run', SMALL, TRAIN + 'val=30 epochs=2 keep="-l 1"'),
        Case('damaged-run', RUN + '''
            printf '\\001' | dd of=run/epoch-0003.safetensors bs=1 seek=20000 conv=notrunc status=none
            cp run/epoch-0002.safetensors run/epoch-0004.safetensors.part
            rm run/epoch-0001.safetensors run/metrics.tsv
            : >run/epoch-0002.eval
            : >run/.epoch-0005.safetensors.abcdef.tmp
            : >run/.epoch-0000.eval.abcdef.tmp
            ''', 'rote-train -q -r run epochs=5 threads=1'),
        Case('fork', RUN, 'rote-train -q -r fork --fork run@3 epochs=4 optimizer.lr=0.002 threads=1'),
    ]


def sweeps():
    """Two trials and the worker that trains them."""
    trials = SMALL + "printf '#trial\\toptimizer.lr\\na\\t0.01\\nb\\t0.02\\n' >trials.tsv"
    settings = ' -q -r runs trials=trials.tsv data=data model=net.model val=30 workers=1 threads=1 restarts=1 lock=wait:60 '
    return [Case('sweep', trials, 'rote-sweep' + settings + 'epochs=1', slow=True),
            Case('search', trials, 'rote-search' + settings + "epochs=2 promote='--divisor 2 --mode aggressive'", slow=True)]


def pages():
    """A page of a run. What cannot be read of that the page tells, so that it is another one then, which is no error."""
    return [Case('report', RUN, 'rote-report -o page.html run', 'rote-report -f -o page.html run')]


def notes():
    """What people say of a run, by a script that is ended by signals as others are."""
    return [Case('note', RUN + 'echo before >run/notes', 'rote-runs note run a word')]


def begin():
    """Make a place for all this, with the fixtures of tests/helpers.bash. end() removes it."""
    global scratch
    scratch = os.path.realpath(tempfile.mkdtemp(prefix='rote-matrix.'))
    environment.update(os.environ, BUILD=BUILD, ROOT=ROOT, TMPDIR=os.path.join(scratch, 'tmp'), BATS_TEST_TMPDIR=scratch)
    environment.setdefault('ROTE_FIXTURES', os.path.join(scratch, 'fixtures'))
    os.mkdir(environment['TMPDIR'])
    words = subprocess.run(['bash', '-euc', '. "$ROOT/tests/helpers.bash"; env -0'], env=environment, check=True, stdout=subprocess.PIPE)
    environment.update(word.split('=', 1) for word in words.stdout.decode().split('\0') if '=' in word)


def end():
    shutil.rmtree(scratch)


def spread(points, count):
    """So many of the points, evenly; all without a count."""
    if count is None or count >= len(points):
        return points
    return [points[i * len(points) // count] for i in range(count)]


def try_points(points, count, try_point, sentence):
    """Try COUNT of the points, each of which begins with its case; try_point(point) says what is wrong, or ''. True if anything is."""
    report = Report()
    wrongs, tried = {}, {}
    for point in spread(points, count):
        wrong = try_point(point)
        tried[point[0]] = tried.get(point[0], 0) + 1
        wrongs.setdefault(point[0], []).extend([wrong] if wrong else [])
    for case, of_case in wrongs.items():
        report.case('%s: %s' % (case.name, sentence), tried[case], of_case + case.came_as_asked())
    return report.end()


def run_matrix(main):
    """The matrix of a script: main(COUNT, names) with what stands on its command line, [COUNT] [CASE...]; 1 if it says so."""
    words = sys.argv[1:]
    count = int(words.pop(0)) if words and words[0].isdigit() else None
    begin()
    try:
        failed = main(count, words)
    finally:
        end()
    sys.exit(1 if failed else 0)


class Report:
    """TAP: a line for each case, with how many points of it were tried, and what was wrong."""

    def __init__(self):
        self.number, self.failed, self.points = 0, False, 0

    def case(self, sentence, points, wrongs):
        self.number += 1
        self.points += points
        self.failed |= bool(wrongs)
        for wrong in wrongs[:20]:
            print('# ' + wrong.replace('\n', '\n#   '))
        print('%s %d - %s: %d points' % ('not ok' if wrongs else 'ok', self.number, sentence, points), flush=True)

    def end(self):
        print('1..%d\n# %d points' % (self.number, self.points))
        return self.failed
