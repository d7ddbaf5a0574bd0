"""What a power cut may leave of files that were written through disk_shim.c."""

import os
import random
import struct
from dataclasses import dataclass, field


@dataclass
class Write:
    offset: int
    before: bytes
    after: bytes
    old_size: int
    durable: bool = False


@dataclass
class Truncate:
    old_size: int
    new_size: int
    before: bytes
    durable: bool = False


@dataclass
class File:
    changes: list = field(default_factory=list)


def read_journal(path):
    """The journal's files with their changes in order; those that a sync covers are marked durable."""
    files = {}
    with open(path, "rb") as journal:
        data = journal.read()
    at = 0

    def number():
        nonlocal at
        (value,) = struct.unpack_from("<Q", data, at)
        at += 8
        return value

    def text(size):
        nonlocal at
        value = data[at : at + size]
        if len(value) != size:
            raise IndexError
        at += size
        return value

    while at < len(data):
        start = at
        try:
            kind = text(1)
            name = text(number()).decode()
            changed = files.setdefault(name, File()) if kind != b"R" else None
            if kind == b"W":
                offset, old_size, length, before = number(), number(), number(), number()
                changed.changes.append(Write(offset, text(before), text(length), old_size))
            elif kind == b"T":
                old_size, new_size, before = number(), number(), number()
                changed.changes.append(Truncate(old_size, new_size, text(before)))
            elif kind == b"S":
                for change in changed.changes:
                    change.durable = True
            elif kind == b"D":
                offset, length = number(), number()
                last = changed.changes[-1]
                assert last.offset == offset and len(last.after) == length
                last.durable = True
            elif kind == b"R":
                _rename(files, name, text(number()).decode())
            else:
                raise ValueError(f"the journal breaks at byte {start}")
        except (IndexError, struct.error):
            break  # the process was killed while it wrote this record; the change itself may or may not be there
    return files


def _rename(files, old, new):
    """Of a file or a folder. What was there before under the new name is gone."""
    for name in [n for n in files if n == old or n.startswith(old + "/")]:
        files[new + name[len(old):]] = files.pop(name)


def cut_power(journal, seed):
    """Leaves each watched file as one of the states that a power cut allows: what was synced is there; of the rest
    each sector of 512 bytes is there or not, as the seed says. Returns how many changes were lost or torn."""
    chance = random.Random(seed)
    lost = 0
    for name, changed in read_journal(journal).items():
        if not os.path.exists(name):
            continue
        with open(name, "r+b") as file:
            # Back to what is certain, newest first, then forward again with what luck kept.
            first = next((i for i, c in enumerate(changed.changes) if not c.durable), None)
            if first is None:
                continue
            keep_all = chance.random() < 0.2
            recent = changed.changes[first:]
            for change in reversed(recent):
                _undo(file, change)
            for change in recent:
                if change.durable or keep_all:
                    _redo(file, change)
                else:
                    lost += _redo_partly(file, change, chance)
    os.unlink(journal)
    return lost


def _undo(file, change):
    if isinstance(change, Write):
        file.seek(change.offset)
        file.write(change.before)
        file.truncate(change.old_size)
    else:
        file.truncate(change.old_size)
        file.seek(change.new_size)
        file.write(change.before)


def _redo(file, change):
    if isinstance(change, Write):
        file.seek(change.offset)
        file.write(change.after)
    else:
        file.truncate(change.new_size)


def _redo_partly(file, change, chance):
    """All, nothing, or some sectors. Returns 1 if anything is missing."""
    fate = chance.choice(["kept", "dropped", "torn"])
    if fate == "kept":
        _redo(file, change)
        return 0
    if fate == "torn" and isinstance(change, Write):
        end = change.offset + len(change.after)
        at = change.offset
        while at < end:
            stop = min(end, (at // 512 + 1) * 512)
            if chance.random() < 0.5:
                file.seek(at)
                file.write(change.after[at - change.offset : stop - change.offset])
            at = stop
    return 1
