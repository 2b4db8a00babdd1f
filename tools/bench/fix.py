# SPDX-License-Identifier: Apache-2.0
"""The job of `bsonmend fix --fill token=hex:32` as one would write it in Python, to measure against:

    python3 tools/bench/fix.py IN.bson OUT.bson

Fills each token that is null, finds duplicate tokens and _ids with a set, and writes what it did not
change as it came. Needs pymongo's bson with its C extension (Debian: python3-pymongo, python3-bson-ext).
"""
import secrets
import struct
import sys

import bson


def documents(file):
    """The documents of `file`, as bytes."""
    while head := file.read(4):
        (length,) = struct.unpack("<i", head)
        yield head + file.read(length - 4)


def main(source, target):
    ids, tokens = set(), set()
    duplicates = 0
    with open(source, "rb", buffering=1 << 20) as file, open(target, "wb", buffering=1 << 20) as out:
        for data in documents(file):
            document = bson.BSON(data).decode()
            if document.get("token") is None:
                document["token"] = secrets.token_hex(16)
                while document["token"] in tokens:
                    document["token"] = secrets.token_hex(16)
                data = bson.BSON.encode(document)
            duplicates += document["_id"] in ids
            duplicates += document["token"] in tokens
            ids.add(document["_id"])
            tokens.add(document["token"])
            out.write(data)
    if duplicates:
        print(f"fix.py: {duplicates} duplicates", file=sys.stderr)
    return 1 if duplicates else 0


if __name__ == "__main__":
    if not bson.has_c():
        sys.exit("fix.py: bson has no C extension here")
    sys.exit(main(*sys.argv[1:]))
