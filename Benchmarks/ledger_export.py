"""Writes an export of an invented audit ledger (C2SP tlog-tiles) of N events, signed with a key made for it, and prints the verifier key.

Usage: ledger_export.py DIR N      A checkpoint is signed after each 256 events, as the server does.
"""
import base64
import datetime
import hashlib
import json
import os
import sys

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

folder, count = sys.argv[1], int(sys.argv[2])
origin = "faxlock/benchmark"
private = Ed25519PrivateKey.generate()
public = b"\x01" + private.public_key().public_bytes_raw()
key_id = hashlib.sha256(origin.encode() + b"\n" + public).digest()[:4]
key = f"{origin}+{key_id.hex()}+{base64.b64encode(public).decode()}"
start = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)


def tile_path(index):
    parts = [f"{index % 1000:03d}"]
    while index >= 1000:
        index //= 1000
        parts.insert(0, f"x{index % 1000:03d}")
    return "/".join(parts)


def write(path, data):
    path = os.path.join(folder, path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(data)


def time(sequence):
    moment = start + datetime.timedelta(milliseconds=500 * sequence)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def leaf(sequence):
    if sequence == 0:
        action, thing, details = "ledger.begun", "ledger", {"key": key, "origin": origin}
    else:
        fax = f"{sequence // 8:024x}"
        action, thing = "content.released", f"fax/{fax}"
        details = {"document": fax, "form": "pdf", "sha256": hashlib.sha256(fax.encode()).hexdigest()}
    actor = {"type": "key", "id": "5f2c01aa77310c02", "client": "api", "address": "192.0.2.7"}
    return json.dumps(
        {"v": 1, "seq": sequence, "ts": time(sequence), "actor": actor, "action": action, "object": thing,
         "reason": "treatment", "outcome": "success", "request_id": f"{sequence:08x}", "details": details},
        separators=(",", ":")).encode()


def node(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


def note(size, root):
    text = f"{origin}\n{size}\n{base64.b64encode(root).decode()}\ntime {time(size - 1)}\n"
    signature = base64.b64encode(key_id + private.sign(text.encode())).decode()
    return f"{text}\n— {origin} {signature}\n"


levels = [[]]   # hashes of the tile that is being filled, level by level
done = [0]      # tiles written, level by level
frontier = []   # (height, hash) of perfect subtrees
entries = []
notes = []


def push(level, value):
    if level == len(levels):
        levels.append([])
        done.append(0)
    levels[level].append(value)
    if len(levels[level]) == 256:
        write(f"tile/{level}/{tile_path(done[level])}", b"".join(levels[level]))
        done[level] += 1
        row = levels[level]
        levels[level] = []
        while len(row) > 1:
            row = [node(row[i], row[i + 1]) for i in range(0, len(row), 2)]
        push(level + 1, row[0])


def root():
    value = frontier[-1][1]
    for _, left in reversed(frontier[:-1]):
        value = node(left, value)
    return value


for sequence in range(count):
    data = leaf(sequence)
    entries.append(len(data).to_bytes(2, "big") + data)
    value = hashlib.sha256(b"\x00" + data).digest()
    if len(entries) == 256:
        write(f"tile/entries/{tile_path(sequence // 256)}", b"".join(entries))
        entries = []
    push(0, value)
    height = 0
    while frontier and frontier[-1][0] == height:
        value = node(frontier.pop()[1], value)
        height += 1
    frontier.append((height, value))
    if (sequence + 1) % 256 == 0 or sequence + 1 == count:
        notes.append(note(sequence + 1, root()))

for level, hashes in enumerate(levels):
    if hashes:
        write(f"tile/{level}/{tile_path(done[level])}.p/{len(hashes)}", b"".join(hashes))
if entries:
    write(f"tile/entries/{tile_path(done[0])}.p/{len(entries)}", b"".join(entries))
write("key", f"{key}\n".encode())
write("checkpoints", b"".join(json.dumps({"note": text}, ensure_ascii=False).encode() + b"\n" for text in notes))
write("checkpoint", notes[-1].encode())
print(key)
