#!/usr/bin/env python3
"""Keeps the README's session true: runs the commands behind "$ " in its fenced blocks and compares, or puts in, what they
print.

usage: readme.py check | update
"""
import os
import re
import subprocess
import sys

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
README = os.path.join(ROOT, "README.md")


def printed(command):
    done = subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True, text=True, check=False)
    return f"$ {command}\n{done.stdout}"


def renewed(block):
    commands = re.findall(r"^\$ (.*)$", block, re.M)
    return "".join(printed(command) for command in commands) if commands else block


def main():
    with open(README, encoding="utf-8") as file:
        old = file.read()
    new = re.sub(r"(?<=^```\n)(.*?)(?=^```$)", lambda match: renewed(match.group(1)), old, flags=re.M | re.S)
    if sys.argv[1] == "update":
        with open(README, "w", encoding="utf-8") as file:
            file.write(new)
    elif new != old or "\n$ " not in old:
        sys.exit("README.md does not show what the program prints: run tests/tools/readme.py update and read the result")


if __name__ == "__main__":
    main()
