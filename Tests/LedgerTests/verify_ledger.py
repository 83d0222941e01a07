"""Verifies an export of a Faxlock ledger, or one fax's evidence, without Faxlock: PyPI `cryptography`, RFC 6962, and C2SP's
tlog-tiles, tlog-checkpoint and signed-note.

Usage: verify_ledger.py DIR --key VKEY [--anchor FILE ...]
       verify_ledger.py --evidence FILE --key VKEY

VKEY is the verifier key that the ledger began with, kept apart from the export. Prints JSON; exits 0 when all is well, else 1.
"""

import argparse
import base64
import hashlib
import json
import os
import re
import sys
from collections import namedtuple
from datetime import datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

Key = namedtuple("Key", "name id public text")
Checkpoint = namedtuple("Checkpoint", "place text signatures origin size root")
MEMBERS = "v seq ts actor action object reason outcome request_id details".split()


class Bad(Exception):
    pass


def need(condition, sentence):
    if not condition:
        raise Bad(sentence)


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def unbase64(text):
    data = base64.b64decode(text, validate=True)
    need(base64.b64encode(data).decode() == text, "base 64 that is not canonical")
    return data


def read_key(text):
    name, key_id, encoded = text.strip().split("+", 2)
    data = unbase64(encoded)
    need(len(data) == 33 and data[0] == 1, "the key is not of Ed25519")
    need(bytes.fromhex(key_id) == sha256(name.encode(), b"\n", data)[:4], "the key's id is not its own")
    return Key(name, bytes.fromhex(key_id), data[1:], text.strip())


def signed(key, signature, message):
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(signature, message)
        return True
    except InvalidSignature:
        return False


def read_checkpoint(note, place):
    try:
        text, _, lines = note.rpartition("\n\n")
        origin, size, root, *rest = text.split("\n")
        need(all([origin, *rest]) and re.fullmatch(r"0|[1-9][0-9]{0,18}", size, re.ASCII) and int(size) < 2**63, "")
        signatures = []
        for line in lines.removesuffix("\n").split("\n"):
            dash, name, encoded = line.split(" ")
            need(dash == "\u2014", "")
            signatures.append((name, unbase64(encoded)))
        root = unbase64(root)
        need(len(root) == 32 and note.endswith("\n"), "")
        return Checkpoint(place, text.encode() + b"\n", signatures, origin, int(size), root)
    except (ValueError, Bad):
        raise Bad(f"{place} is not a signed checkpoint") from None


def check_signature(point, key):
    need(point.origin == key.name, f"{point.place} is of another ledger")
    own = [data[4:] for name, data in point.signatures if (name, data[:4]) == (key.name, key.id)]
    good = own and all(signed(key, signature, point.text) for signature in own)
    need(good, f"{point.place} is not signed by the key that owns size {point.size}")


def read_list(path):
    """One object a line with the member `note`; or a bare note."""
    with open(path, encoding="utf-8", newline="") as file:
        text = file.read()
    if not text.startswith("{"):
        return [read_checkpoint(text, path)]
    return [read_checkpoint(json.loads(line)["note"], f"{path}:{n}") for n, line in enumerate(text.removesuffix("\n").split("\n"), 1)]


def once(pairs):
    need(len(dict(pairs)) == len(pairs), "a member stands twice")
    return dict(pairs)


def read_leaf(data, index):
    try:
        leaf = json.loads(data.decode(), object_pairs_hook=once)
        need(list(leaf) == MEMBERS and leaf["v"] == 1, "")
        datetime.strptime(leaf["ts"], "%Y-%m-%dT%H:%M:%S.%fZ")
    except (ValueError, TypeError, RecursionError, Bad):
        raise Bad(f"event {index} is malformed") from None
    need(leaf["seq"] == index, f"event {index} says that it is event {leaf['seq']}")
    return leaf


def changed_key(leaf, index, owner):
    details = leaf["details"]
    new = read_key(details["new_key"])
    statement = f"faxlock ledger key change\n{owner.name}\n{index}\n{new.text}\n".encode()
    good = details["old_key"] == owner.text and new.name == owner.name
    need(good and signed(owner, unbase64(details["signature"]), statement), f"event {index} forges a change of the key")
    return new


def tile_path(folder, kind, index, width):
    groups = [f"{index % 1000:03}"]
    while index >= 1000:
        index //= 1000
        groups.insert(0, f"x{index % 1000:03}")
    return os.path.join(folder, "tile", str(kind), *groups) + (f".p/{width}" if width < 256 else "")


def read_leaves(folder, size):
    """The leaves of the tree that the checkpoint has, and what lies beyond it."""
    index, total = 0, 0
    while True:
        widths = [256, *range(255, 0, -1)]
        found = next((w for w in widths if os.path.isfile(tile_path(folder, "entries", index, w))), None)
        if found is None:
            break
        with open(tile_path(folder, "entries", index, found), "rb") as file:
            data = file.read()
        at = 0
        for _ in range(found):
            length = int.from_bytes(data[at : at + 2], "big")
            need(at + 2 + length <= len(data), f"bundle {index} is cut short")
            yield data[at + 2 : at + 2 + length]
            at, total = at + 2 + length, total + 1
        need(at == len(data), f"bundle {index} is too long")
        if found < 256:
            break
        index += 1
    need(total == size, f"{total} events, but the checkpoint has {size}")


def root_of(stack):
    root = stack[-1] if stack else sha256(b"")
    for left in reversed(stack[:-1]):
        root = sha256(b"\x01", left, root)
    return root


def settle(points, stack, size, owner):
    """Checks the checkpoints of the size that the tree has now."""
    while points and points[-1].size == size:
        need(points[-1].root == root_of(stack), f"{points[-1].place}: other events than the first {size} of this export")
        check_signature(points.pop(), owner)


def verify_export(folder, trusted, anchors):
    with open(os.path.join(folder, "checkpoint"), encoding="utf-8", newline="") as file:
        latest = read_checkpoint(file.read(), "checkpoint")
    listed = read_list(os.path.join(folder, "checkpoints"))
    need(all(a.size <= b.size for a, b in zip(listed, listed[1:])), "the checkpoints go back")
    need(listed and (listed[-1].size, listed[-1].root) == (latest.size, latest.root), "the latest checkpoint is not the last")
    points = sorted([latest, *listed, *[p for a in anchors for p in read_list(a)]], key=lambda point: -point.size)
    need(points[0].size <= latest.size, f"{points[0].place} saw {points[0].size} events: the ledger was cut or rolled back")
    owner, stack, levels, rollbacks, events = trusted, [], {}, [], 0
    for index, data in enumerate(read_leaves(folder, latest.size)):
        leaf = read_leaf(data, index)
        if index == 0:
            need(leaf["action"] == "ledger.begun", "the first event is not ledger.begun")
            need(leaf["details"].get("key") == trusted.text, "the ledger began with another key")
            need(leaf["details"].get("origin") == trusted.name, "the ledger began with another name")
            settle(points, stack, 0, owner)
        elif leaf["action"] == "ledger.begun":
            raise Bad(f"event {index} begins the ledger again")
        elif leaf["action"] == "ledger.key_changed":
            owner = changed_key(leaf, index, owner)
        elif leaf["action"] == "ledger.rollback_accepted":
            rollbacks.append(index)
        node, height, events = sha256(b"\x00", data), 0, index + 1
        while True:
            if height % 8 == 0:
                levels.setdefault(height // 8, []).append(node)
            if not index >> height & 1:
                break
            node, height = sha256(b"\x01", stack.pop(), node), height + 1
        stack.append(node)
        settle(points, stack, events, owner)
    for level, hashes in levels.items():
        for index in range(0, len(hashes), 256):
            part = hashes[index : index + 256]
            with open(tile_path(folder, level, index // 256, len(part)), "rb") as file:
                need(file.read() == b"".join(part), f"tile {level}/{index // 256} differs")
    return {"events": events, "root": base64.b64encode(root_of(stack)).decode(), "checkpoints": len(listed), "rollbacks": rollbacks}


def included(entry, point):
    leaf = unbase64(entry["leaf"])
    need(leaf.decode() == entry["text"], "the text is not the leaf's")
    index, start, size, node = entry["index"], entry["index"], point.size, sha256(b"\x00", leaf)
    need(type(index) is int and 0 <= index < size, "an event beyond the checkpoint")
    last = size - 1
    for sibling in map(unbase64, entry["proof"]):
        need(last > 0 and len(sibling) == 32, "a proof is too long")
        while index == last and not index & 1:  # the right edge: no sibling at this height
            index, last = index >> 1, last >> 1
        node = sha256(b"\x01", sibling, node) if index & 1 else sha256(b"\x01", node, sibling)
        index, last = index >> 1, last >> 1
    need(last == 0 and node == point.root, f"event {start} is not in the checkpoint")
    return read_leaf(leaf, start)


def verify_evidence(path, trusted):
    with open(path, encoding="utf-8") as file:
        evidence = json.load(file, object_pairs_hook=once)
    need(evidence["format"] == "faxlock-fax-evidence/1" and evidence["key"] == trusted.text, "another format or key")
    point, owner, subject, images = read_checkpoint(evidence["checkpoint"], "the checkpoint"), trusted, evidence["subject"], set()
    for lists in (evidence["key_changes"], evidence["leaves"]):
        order = [entry["index"] for entry in lists]
        need(order == sorted(set(order)), "the events are not in order")
    for entry in evidence["key_changes"]:
        leaf = included(entry, point)
        need(leaf["action"] == "ledger.key_changed", "not a change of the key")
        owner = changed_key(leaf, entry["index"], owner)
    check_signature(point, owner)
    need(evidence["leaves"], "no events")
    for entry in evidence["leaves"]:
        leaf = included(entry, point)
        named = [leaf["object"] == subject, leaf["object"].startswith(subject + "/")]
        named += [value in (subject, subject.partition("/")[2]) for value in leaf["details"].values()]
        need(any(named), f"event {entry['index']} is not about the fax")
        images |= {v for k, v in leaf["details"].items() if k == "sha256" or k.endswith("_sha256")}
    need(sorted(images) == evidence["images"], "the images are not those that the events name")
    return {"events": len(evidence["leaves"]), "images": sorted(images), "size": point.size}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", nargs="?")
    parser.add_argument("--key", required=True)
    parser.add_argument("--anchor", action="append", default=[])
    parser.add_argument("--evidence")
    options = parser.parse_args()
    try:
        key = read_key(options.key)
        found = verify_evidence(options.evidence, key) if options.evidence else verify_export(options.folder, key, options.anchor)
        print(json.dumps({"valid": True, **found}))
    except (Bad, OSError, ValueError, KeyError, TypeError, AttributeError) as problem:
        print(json.dumps({"valid": False, "problems": [str(problem) or type(problem).__name__]}))
        sys.exit(1)


main()
