#!/usr/bin/env python3
"""What closing.exe has to say in a mode: expect.py BARE DIFFERENCES MODE... writes BARE's lines, with the blocks of
DIFFERENCES for the modes put in. Status 1 where a block replaces what is not there."""
import re
import sys


def blocks(text):
    """(mode, removed lines, added lines) for each."""
    for line in text.splitlines():
        begin = re.match(r"\[(\S+)\] \S", line)
        if begin:
            block = (begin.group(1), [], [])
            yield block
        elif line[:1] in "-+" and line:
            block[1 if line[0] == "-" else 2].append(line[1:])
        elif line and line[0] != "#":
            sys.exit("expect.py: what is this? " + line)


def replace(lines, removed, added):
    at = 0
    found = False
    while at < len(lines):
        if lines[at : at + len(removed)] == removed:
            lines[at : at + len(removed)] = added
            at += len(added)
            found = True
        else:
            at += 1
    return found


def main():
    bare, differences, modes = sys.argv[1], sys.argv[2], sys.argv[3:]
    with open(bare, encoding="ascii") as file:
        lines = file.read().splitlines()
    with open(differences, encoding="ascii") as file:
        all_blocks = list(blocks(file.read()))
    for mode, removed, added in all_blocks:
        if not removed or not added:
            sys.exit("expect.py: half a block: %s" % (removed + added))
        if mode in modes and not replace(lines, removed, added):
            sys.exit("expect.py: out of date, for %s: %s" % (mode, removed))
    print("\n".join(lines))


if __name__ == "__main__":
    main()
