"""What power.py tries: command lines in a directory that is prepared, one after the other."""
import collections

import matrix

# status: what the command ends with. After a power cut `again` is run instead (unless told the same), which ends with `finish` (unless
# told the same); then all is as at the end of the step of the number `end` (unless told of this one).
# programs: scripts in place of programs while it is recorded, which have the real one in $real; strace: options, such as a signal.
Step = collections.namedtuple('Step', 'command status again finish end programs strace')
Case = collections.namedtuple('Case', 'name start steps')


def step(command, status=0, again=None, finish=None, end=None, programs=None, strace=()):
    return Step(command, status, again or command, status if finish is None else finish, end, programs, strace)


def unless_whole(command):
    """One that does not replace what is there: -f does."""
    return step(command, again='%s || %s -f' % (command, command))


TRAIN = 'rote-train -v -r a data="$DATA" model="$MODEL" samples=96 val=50 threads=1 '
SPLIT = 'idx-split -o parts "$DATA/test" one=20 two=10'
EPOCH = 'nn-train-epoch --batches batches -t 1 -o to from "$DATA/test"'

# A partial after each batch; and TERM to nn-train-epoch when it publishes the first one.
PARTIALS = {'nn-train-epoch': 'exec "$real" --partial-every 0.000001 "$@"'}
TERM = ('-e', 'inject=rename:signal=TERM:when=1')


def runs():
    return [
        Case('run', '', [  # two directories deep
            step(TRAIN.replace('-r a', '-r runs/a') + "epochs=2 keep='-l 1'", programs=PARTIALS)]),
        Case('run-stopped', TRAIN + 'epochs=1', [
            step(TRAIN + 'epochs=2', status=75, finish=0, end=1, programs=PARTIALS, strace=TERM),
            step(TRAIN + 'epochs=2')]),
        Case('run-changed', TRAIN + 'epochs=2', [
            step(TRAIN + "epochs=3 keep='-l 1 -b 1'")]),
        Case('run-damaged', TRAIN + '''epochs=2
            printf '\\001' | dd of=a/epoch-0001.safetensors bs=1 seek=70000 conv=notrunc status=none
            rm a/metrics.tsv''', [
            step(TRAIN + 'epochs=2')]),
        Case('run-with-old-partial', TRAIN + '''epochs=2
            echo nothing >a/epoch-0002.safetensors.part''', [
            step(TRAIN + 'epochs=2')]),
        Case('run-every-second', '', [
            step(TRAIN.replace('val=50', 'val=0') + "save-every=2 eval-every=2 epochs=4 keep='-l 1'")]),
        Case('run-held', TRAIN + 'epochs=1', [
            step('rote-train -r a --hold'),
            step(TRAIN + 'epochs=2', status=1),
            step('rote-train -r a --unhold')]),
    ]


def programs():
    return [
        Case('nn-train-epoch-stopped', 'nn-init -o from "$MODEL"', [
            step(EPOCH, status=75, finish=0, end=1, programs=PARTIALS, strace=TERM),
            step(EPOCH),
            step(EPOCH + ' -f -e 2')]),
        Case('idx-split-replaces', '', [unless_whole(SPLIT), step(SPLIT + ' -f -s 2')]),
        Case('idx-split-lists-replaces', '', [unless_whole(SPLIT + ' -l'), step(SPLIT + ' -l -f -s 2')]),
        Case('idx-pack-replaces', matrix.PETS, [unless_whole('idx-pack -o set pets'), step('idx-pack -o set pets -f --invert')]),
        Case('idx-fetch-url', '', [
            step('idx-fetch -c "$(sha256sum "$MODEL" | cut -d " " -f 1)" -o file "file://$MODEL"')]),
        Case('idx-fetch-directory', '', [  # which it makes, and stays where no place has the set
            step('idx-fetch -m . -o data/here kmnist', status=66)]),
    ]


def of_matrix(case):
    """One of those that are killed and fail."""
    command = ' '.join(case.command)
    return Case(case.name, case.start, [step(command, again='%s || %s' % (command, ' '.join(case.force)) if case.force else None)])


def cases():
    """Of the matrix's all but those that look for their directory where it is not, and what the cases here do as well."""
    left_out = ('idx-fetch', 'idx-split-again', 'idx-pack-again', 'hold')
    others = matrix.cases() + [case for case in matrix.pipelines() if case.name == 'damaged-run']
    return runs() + programs() + [of_matrix(case) for case in others if case.name not in left_out]
