#!/usr/bin/env python3
"""Feeds a program damaged copies of a file and fails at the first that it does not read or refuse in good order.

usage: damage.py PROGRAM FILE CUTS MUTATIONS [OPTION…]      runs `PROGRAM list --json --from - OPTION…`

CUTS are prefixes of the file at even distances, MUTATIONS copies with 20 random bytes each (the same on every run). In
good order: status 0, 3 or 6 within 10 seconds, one JSON object on standard output, an error object if and only if not 0.
"""
import json
import random
import subprocess
import sys


def problem(program, options, data):
    done = subprocess.run([program, "list", "--json", "--from", "-", *options], input=data, capture_output=True,
                          timeout=10, check=False)
    if done.returncode not in (0, 3, 6):
        return f"status {done.returncode}: {done.stderr[:500]}"
    try:
        schema = json.loads(done.stdout)["schema"]
    except (ValueError, KeyError, TypeError) as error:
        return f"not a JSON object of ours ({error}): {done.stdout[:500]}"
    expected = "wsplsp/list/1" if done.returncode == 0 else "wsplsp/error/1"
    return None if schema == expected else f"{schema} with status {done.returncode}"


def mutated(data, seed):
    source = random.Random(seed)
    copy = bytearray(data)
    for _ in range(20):
        copy[source.randrange(len(copy))] = source.randrange(256)
    return bytes(copy)


def main():
    program, path, cuts, mutations = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    with open(path, "rb") as file:
        data = file.read()
    cases = [(f"cut to {len(data) * cut // cuts} bytes", data[: len(data) * cut // cuts]) for cut in range(cuts)]
    cases += [(f"mutation {seed}", mutated(data, seed)) for seed in range(mutations)]
    for name, damaged in cases:
        found = problem(program, sys.argv[5:], damaged)
        if found:
            sys.exit(f"{path}, {name}: {found}")
    print(f"{len(cases)} in good order")


if __name__ == "__main__":
    main()
