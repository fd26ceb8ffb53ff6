#!/usr/bin/env python3
"""The model of the disk by which power.py goes: which states it says a power cut may leave."""
import os
import random
import shutil
import sys
import tempfile

from power_disk import DIRECTORY, Disk
from power_recording import LINK, MKDIR, OPEN, RENAME, SYNC, TRUNCATE, UNLINK, WRITE

BLOCKS = b'a' * 4096 + b'b' * 4096 + b'c' * 100
NEW = {'O_CREAT', 'O_EXCL'}
TEMPORARY = [(OPEN, 'tmp', NEW), (WRITE, 'tmp', BLOCKS, None)]


class World:
    """A directory with these files, all on the disk for good."""

    def __init__(self, **files):
        self.files = files

    def after(self, *operations):
        """The trees that a power cut after these may leave, without what is called tmp."""
        directory = tempfile.mkdtemp()
        for name, data in self.files.items():
            with open(os.path.join(directory, name), 'wb') as file:
                file.write(data)
        disk = Disk(directory)
        shutil.rmtree(directory)
        for operation in operations:
            disk.apply(operation)
        trees = [state.tree for state in disk.states(random.Random(1))]
        assert disk.tree() in trees
        return [{path: data for path, data in tree.items() if path != 'tmp'} for tree in trees]


def same(found, *wanted):
    """Are these the states, in any order and number?"""
    return all(tree in wanted for tree in found) and all(tree in found for tree in wanted)


def what_was_there_stays():
    return same(World(x=b'old').after(), {'x': b'old'})


def a_file_that_was_synced_and_renamed_is_whole_or_not_there():
    return same(World().after(*TEMPORARY, (SYNC, 'tmp'), (RENAME, 'tmp', 'x')), {}, {'x': BLOCKS})


def it_is_there_once_its_directory_was_synced():
    return same(World().after(*TEMPORARY, (SYNC, 'tmp'), (RENAME, 'tmp', 'x'), (SYNC, '.')), {'x': BLOCKS})


def without_its_sync_it_may_be_empty_zero_short_or_lack_its_beginning():
    found = World().after(*TEMPORARY, (RENAME, 'tmp', 'x'), (SYNC, '.'))
    return same(found, *({'x': data} for data in (BLOCKS, b'', bytes(len(BLOCKS)), BLOCKS[:4096], BLOCKS[:8192],
                                                  bytes(8192) + BLOCKS[8192:])))


def a_name_may_come_before_the_data_whatever_else_is_lost():
    return {'x': b''} in World().after(*TEMPORARY, (RENAME, 'tmp', 'x'))


def a_sync_of_a_file_does_not_make_its_name_last():
    return same(World().after((OPEN, 'x', NEW), (WRITE, 'x', b'new', None), (SYNC, 'x')), {}, {'x': b'new'})


def a_rename_over_a_file_leaves_one_or_the_other():
    return same(World(x=b'old').after(*TEMPORARY, (SYNC, 'tmp'), (RENAME, 'tmp', 'x')), {'x': b'old'}, {'x': BLOCKS})


def a_rename_moves_a_name_at_once():
    return same(World(x=b'old').after((RENAME, 'x', 'y')), {'x': b'old'}, {'y': b'old'})


def a_link_adds_a_name():
    return same(World(x=b'old').after((LINK, 'x', 'y'), (UNLINK, 'x')),
                {'x': b'old'}, {'x': b'old', 'y': b'old'}, {'y': b'old'}, {})


def a_rename_between_two_names_of_one_file_changes_nothing():
    return same(World(x=b'old').after((LINK, 'x', 'y'), (SYNC, '.'), (RENAME, 'x', 'y')), {'x': b'old', 'y': b'old'})


def changes_of_names_are_lost_each_for_itself_and_out_of_order():
    return same(World(x=b'1', y=b'2').after((UNLINK, 'x'), (UNLINK, 'y')), {}, {'x': b'1'}, {'y': b'2'}, {'x': b'1', 'y': b'2'})


def a_synced_directory_that_nobody_synced_the_name_of_may_be_gone_with_all_in_it():
    found = World().after((MKDIR, 'a'), (OPEN, 'a/x', NEW), (WRITE, 'a/x', b'new', None), (SYNC, 'a/x'), (SYNC, 'a'))
    return same(found, {}, {'a': DIRECTORY, 'a/x': b'new'})


def what_is_written_in_place_may_be_old_empty_or_torn():
    found = World(x=b'older').after((OPEN, 'x', {'O_TRUNC'}), (WRITE, 'x', b'new', None))
    return same(found, {'x': b'older'}, {'x': b''}, {'x': bytes(3)}, {'x': b'new'})


def what_is_appended_keeps_what_was_there():
    return same(World(x=b'old').after((WRITE, 'x', b'er', None)), {'x': b'old'}, {'x': b'old\0\0'}, {'x': b'older'})


def what_is_written_inside_may_be_lost():
    return {'x': b'old'} in World(x=b'old').after((WRITE, 'x', b'i', 0)) and {'x': b'ild'} in World(x=b'old').after((WRITE, 'x', b'i', 0))


def a_sync_of_all_loses_nothing():
    return same(World(x=b'old').after((MKDIR, 'a'), (OPEN, 'a/y', NEW), (WRITE, 'a/y', b'new', None), (TRUNCATE, 'x', 2), (SYNC, None)),
                {'a': DIRECTORY, 'a/y': b'new', 'x': b'ol'})


def of_many_changes_each_pair_is_tried():
    names = ['n%d' % number for number in range(8)]
    found = World().after(*((OPEN, name, NEW) for name in names))
    return all({name: b'' for name in names if name not in (a, b)} in found and dict.fromkeys((a, b), b'') in found
               for a in names for b in names if a < b)


TESTS = [what_was_there_stays, a_file_that_was_synced_and_renamed_is_whole_or_not_there, it_is_there_once_its_directory_was_synced,
         without_its_sync_it_may_be_empty_zero_short_or_lack_its_beginning, a_name_may_come_before_the_data_whatever_else_is_lost,
         a_sync_of_a_file_does_not_make_its_name_last, a_rename_over_a_file_leaves_one_or_the_other, a_rename_moves_a_name_at_once,
         a_link_adds_a_name, a_rename_between_two_names_of_one_file_changes_nothing, changes_of_names_are_lost_each_for_itself_and_out_of_order,
         a_synced_directory_that_nobody_synced_the_name_of_may_be_gone_with_all_in_it,
         what_is_written_in_place_may_be_old_empty_or_torn, what_is_appended_keeps_what_was_there, what_is_written_inside_may_be_lost,
         a_sync_of_all_loses_nothing, of_many_changes_each_pair_is_tried]

failed = False
for number, test in enumerate(TESTS, 1):
    passed = test()
    failed |= not passed
    print('%s %d - %s' % ('ok' if passed else 'not ok', number, test.__name__.replace('_', ' ')))
print('1..%d' % len(TESTS))
sys.exit(failed)
