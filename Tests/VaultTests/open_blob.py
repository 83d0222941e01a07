"""Opens a Faxlock blob with PyPI `cryptography` (50 or later), without Faxlock.

Usage: open_blob.py BLOB TENANT < data-key-in-hex > plaintext

The file is a clear header (documented at BlobHeader in Sources/Vault) and a C2SP chunked-encryption stream,
instance Cobblestone-256, whose context names what the blob is.
"""

import struct
import sys

from cryptography.cobblestone import Cobblestone256Decryptor

KINDS = {1: "upload", 2: "pages", 3: "transmitted", 4: "received"}
PIECE = 1 << 20


def read_exactly(file, count):
    data = file.read(count)
    if len(data) != count:
        raise SystemExit("not a blob: it ends in the header")
    return data


def read_header(file):
    magic, version, length = struct.unpack(">4sBH", read_exactly(file, 7))
    if magic != b"FXLK" or version != 1:
        raise SystemExit("not a blob of version 1")
    fields = read_exactly(file, length)
    kind, generation, document_length = struct.unpack(">BIB", fields[:6])
    document = fields[6 : 6 + document_length].decode("ascii")
    return document, KINDS[kind], generation


def main():
    path, tenant = sys.argv[1:]
    key = bytes.fromhex(sys.stdin.read().strip())
    with open(path, "rb") as file:
        document, kind, generation = read_header(file)
        context = f"faxlock/1/{tenant}/{document}/{kind}/{generation}"
        decryptor = Cobblestone256Decryptor(key, context.encode("ascii"))
        while piece := file.read(PIECE):
            sys.stdout.buffer.write(decryptor.update(piece))
        # Raises when the stream was cut: only now is the plaintext whole.
        sys.stdout.buffer.write(decryptor.finalize())


if __name__ == "__main__":
    main()
