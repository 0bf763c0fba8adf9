#!/usr/bin/env python3
"""Compares what the bench of the conformance program measures in several modes: bare, hosted, with layers, …

usage: bench_modes.py [--rounds N] MODE=COMMAND... -- PROGRAM [ARGUMENT...]

MODE is a name, COMMAND the words that PROGRAM is put behind in it; the first mode is what the others are compared with.
Every round runs each mode once, and begins with another mode than the round before: what else the machine does meanwhile
falls on all of them. PROGRAM prints a line for each figure:

    bench NAME ... per_second=P

A run that fails, or that prints other figures than the first one, ends the comparison with status 1.
"""
import re
import shlex
import statistics
import subprocess
import sys

LINE = re.compile(r"^bench (\S+) .*\bper_second=([0-9.]+)\s*$", re.MULTILINE)


class Failure(Exception):
    pass


def parse(arguments):
    """The number of rounds, the modes by name, and the program."""
    rounds = 5
    if arguments[:1] == ["--rounds"]:
        rounds = int(arguments[1])
        arguments = arguments[2:]
    if "--" not in arguments or rounds < 1:
        raise ValueError
    end = arguments.index("--")
    modes = {}
    for mode in arguments[:end]:
        name, command = mode.split("=", 1)
        modes[name] = shlex.split(command)
    if len(modes) < 2 or len(modes) != end or not arguments[end + 1:]:
        raise ValueError
    return rounds, modes, arguments[end + 1:]


def measure(mode, command):
    """The figures of one run."""
    result = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, timeout=600)
    figures = {name: float(value) for name, value in LINE.findall(result.stdout)}
    if result.returncode != 0 or not figures:
        raise Failure(f"{mode}: status {result.returncode}\n{result.stdout}")
    return figures


def run_all(rounds, modes, program):
    """A list of runs for each mode."""
    runs = {mode: [] for mode in modes}
    names = list(modes)
    known = None
    for turn in range(rounds):
        for offset in range(len(names)):
            mode = names[(turn + offset) % len(names)]
            figures = measure(mode, modes[mode] + program)
            known = known or figures.keys()
            if figures.keys() != known:
                raise Failure(f"{mode}: other figures than before")
            runs[mode].append(figures)
    return runs


def report(rounds, runs):
    base, *others = runs
    print(f"per second: the median of {rounds} runs of each mode, taking turns (least to most)")
    print(f"ratio: the mode's median through that of {base}")
    for figure in runs[base][0]:
        medians = {}
        print(figure)
        for mode in (base, *others):
            values = [run[figure] for run in runs[mode]]
            medians[mode] = statistics.median(values)
            ratio = f"  ratio {medians[mode] / medians[base]:.3f}" if mode != base else ""
            print(f"  {mode:<20} {medians[mode]:>12.1f}  ({min(values):.1f} to {max(values):.1f}){ratio}")


def main():
    try:
        rounds, modes, program = parse(sys.argv[1:])
    except (ValueError, IndexError):
        print(__doc__, file=sys.stderr)
        return 2
    try:
        report(rounds, run_all(rounds, modes, program))
    except (Failure, OSError, subprocess.TimeoutExpired) as failure:
        print(f"bench_modes.py: {failure}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
