#!/usr/bin/env python3
"""Checks JSON documents against a JSON Schema, and the schema against its own metaschema.

usage: validate.py SCHEMA DOCUMENT …
"""
import json
import sys

import jsonschema


def load(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def main():
    schema = load(sys.argv[1])
    kind = jsonschema.validators.validator_for(schema)
    kind.check_schema(schema)
    failed = False
    for path in sys.argv[2:]:
        for error in kind(schema).iter_errors(load(path)):
            failed = True
            print(f"{path}: {'/'.join(str(part) for part in error.absolute_path)}: {error.message[:300]}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
