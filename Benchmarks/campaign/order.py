"""The order of what reaches the disk and what leaves the machine, by a trace of system calls.

A 202 leaves only when the blob's bytes, its name, and the row that names it are synced; an INVITE only when the intent's row is. SQLite's
write-ahead log holds ids as plain text, so a page that is written there tells which fax's commit it belongs to.
"""
import asyncio
import os
import pathlib
import shutil
import signal
import sqlite3

import audit
import traces
from gateway import Gateway
from server import KEY, Server

CALLS = "fsync,fdatasync,rename,renameat,renameat2,write,writev,pwrite64,sendto,sendmsg,sendmmsg"
SYNCS = ("fsync", "fdatasync")
FAXES = 8


class NotPermitted(Exception):
    """No trace can be made here; says why."""


class Broken(Exception):
    """What had to come before did not."""


async def run(options, folder):
    """Traces a server while clients submit faxes at once and it calls the exchange inside; gives rows and violations."""
    trace = pathlib.Path(folder, "trace")
    server = Server(_wrapper(folder, trace, options.faxlock), folder, {"FAXLOCK_LINES": "4", "FAXLOCK_RENDERERS": "2"})
    gateway = Gateway(KEY)
    try:
        await _probe()
        gateway.url = await server.start()
        answers = await asyncio.gather(
            *(gateway.submit(f"+155512301{index:02}", f"Fax {index} of a trace\n") for index in range(FAXES)))
        ids = [answer.json()["id"] for answer in answers if answer.status == 202]
        end = asyncio.get_running_loop().time() + 60
        while set(audit.states(server)) - audit.RESTING and asyncio.get_running_loop().time() < end:
            await asyncio.sleep(0.1)
        # strace passes no signal on: the server is its child.
        for process, name in server.left_over():
            if name == "faxlock":
                os.kill(process, signal.SIGTERM)
        await asyncio.wait_for(server.process.wait(), 60)
    finally:
        await server.clean_up()
    return _judge(server, traces.read(trace), ids)


def _wrapper(folder, trace, faxlock):
    """A program that runs the server under strace."""
    path = pathlib.Path(folder, "traced-faxlock")
    path.write_text(f"#!/bin/sh\nexec strace -f -y -ttt -s 5000 -o '{trace}' -e trace={CALLS} '{faxlock}' \"$@\"\n")
    path.chmod(0o700)
    return str(path)


async def _probe():
    """Whether strace is here and may trace."""
    if shutil.which("strace") is None:
        raise NotPermitted("strace is not installed")
    process = await asyncio.create_subprocess_exec(
        "strace", "-f", "-o", "/dev/null", "true", stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE)
    _, complaints = await process.communicate()
    if process.returncode != 0:
        raise NotPermitted(f"strace may not trace here: {complaints.decode().strip()[-200:]}")


def _judge(server, calls, ids):
    violations = []
    if len(ids) != FAXES:
        violations.append(f"{len(ids)} of {FAXES} faxes were accepted")
    with sqlite3.connect(f"file:{server.data}/faxlock.db?mode=ro", uri=True) as database:
        documents = dict(database.execute("SELECT id, document FROM faxes"))
        attempts = {row[0]: row[1:] for row in database.execute("SELECT fax, reference, image FROM attempts WHERE number = 1")}
    faxes = [(fax, index, documents[fax], *attempts.get(fax, (None, None))) for index, fax in enumerate(ids)]
    answered, dialled, margins, broken = _check(calls, faxes)
    rows = {
        "system calls": len(calls), "202 only after its blob, its name and its row were synced": f"{answered} of {FAXES}",
        "INVITE only after its image and its intent were synced": f"{dialled} of {FAXES}",
        "from the sync to the 202": f"{min(margins, default=0) * 1000:.1f} ms at least",
    }
    # What this proves with must be able to fail: the same trace without one kind of sync proves nothing.
    for kind, is_one in CONTROLS.items():
        answered, dialled, _, _ = _check([call for call in calls if call.name not in SYNCS or not is_one(call.path)], faxes)
        rows[f"the same trace without syncs of {kind}"] = f"{answered} and {dialled}"
        if answered or dialled:
            violations.append(f"without syncs of {kind} the proof must fail, and does not")
    return rows, violations + broken


CONTROLS = {
    "the blobs": lambda path: "/incoming/" in path, "their folders": lambda path: "/blobs/" in path and "/incoming/" not in path,
    "the write-ahead log": lambda path: path.endswith("-wal"),
}


def _check(calls, faxes):
    """How many 202s and INVITEs are proved, the times between the last sync and the 202, and what was broken."""
    answered, dialled, margins, broken = 0, 0, [], []
    for fax, index, document, reference, image in faxes:
        try:
            answer = _first(calls, lambda call: call.name in ("writev", "write", "sendto", "sendmsg") and call.path.startswith("socket:")
                            and call.holds("HTTP/1.1 202") and call.holds(fax), f"the 202 of {fax}")
            margins.append(answer.time - _proved(calls, fax, document, "upload", answer, "202").time)
            answered += 1
        except Broken as error:
            broken.append(str(error))
        try:
            if reference is None:
                raise Broken(f"{fax} was not dialled")
            _proved(calls, reference, image, "transmitted", _invite(calls, index), "INVITE")
            dialled += 1
        except Broken as error:
            broken.append(str(error))
    return answered, dialled, margins, broken


def _invite(calls, index):
    return _first(
        calls, lambda call: call.name in ("sendto", "sendmsg", "sendmmsg") and call.holds(f"INVITE sip:+155512301{index:02}"),
        f"the INVITE of fax {index}")


def _first(calls, matches, what):
    for call in calls:
        if matches(call):
            return call
    raise Broken(f"the trace has no {what}")


def _proved(calls, word, document, kind, leaving, name):
    """All that must be done before `leaving` begins: the blob of `document` and the commit whose pages hold `word`. Gives the last sync."""
    before = [call for call in calls if call.ended is not None and call.ended < leaving.began]
    rename = _first(
        before, lambda call: call.name.startswith("rename") and call.holds(f"/{document}.{kind}.") and call.result == 0,
        f"rename of {document}.{kind} before the {name}")
    temporary = rename.strings[0].decode()
    written = [call for call in calls if call.name in ("write", "pwrite64", "writev") and call.path.endswith(temporary)]
    if not written:
        raise Broken(f"nothing was written to {temporary}")
    last = max(call.ended for call in written)
    _first(
        before, lambda call: call.name in SYNCS and call.path.endswith(temporary) and call.result == 0 and last < call.began
        and call.ended < rename.began, f"sync of {temporary} between its last write and its rename")
    folder = "/blobs/" + rename.strings[1].decode().split("/")[0]
    _first(
        before, lambda call: call.name in SYNCS and call.path.endswith(folder) and call.result == 0 and rename.ended < call.began,
        f"sync of {folder} between the rename and the {name}")
    page = _first(
        before, lambda call: call.name == "pwrite64" and call.path.endswith("-wal") and call.holds(word),
        f"write of {word} to the write-ahead log before the {name}")
    # The commit is whole with the first frame that says the database's size after it, from that page's own on.
    log = [call for call in calls if call.name == "pwrite64" and call.path.endswith("-wal")]
    own = log.index(page) - 1
    frame = next((index for index in range(own, len(log), 2) if any(log[index].strings[0][4:8])), None)
    if frame is None or len(log[frame].strings[0]) != 24:
        raise Broken(f"the commit of {word} has no last frame")
    return _first(
        before, lambda call: call.name in SYNCS and call.path.endswith("-wal") and call.result == 0
        and log[frame + 1].ended < call.began, f"sync of the write-ahead log between the commit of {word} and the {name}")
