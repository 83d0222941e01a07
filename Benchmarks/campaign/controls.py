"""Whether the audit can fail: each of these puts one wrong thing into a copy of the database, which the audit must find."""
import pathlib
import shutil
import sqlite3

import audit


class _Copy:
    """A data folder with the blobs of another and a database of its own."""

    def __init__(self, server):
        self.data = server.folder / "control"
        shutil.rmtree(self.data, ignore_errors=True)
        self.data.mkdir()
        shutil.copy(pathlib.Path(server.data, "faxlock.db"), self.data)
        (self.data / "blobs").symlink_to(server.data / "blobs")


def _insert(database, table, row, **changes):
    values = {**dict(row), **changes}
    database.execute(f"INSERT INTO {table} ({', '.join(values)}) VALUES ({', '.join('?' * len(values))})", list(values.values()))


def _lost(database, promised):
    database.execute("DELETE FROM faxes WHERE id = ?", (next(iter(promised)),))


def _stuck(database, promised):
    database.execute("UPDATE faxes SET state = 'queued' WHERE id = ?", (next(iter(promised)),))


def _twice(database, promised):
    row = database.execute("SELECT * FROM attempts WHERE outcome = 'delivered' AND number = 1 LIMIT 1").fetchone()
    _insert(database, "attempts", row, number=row["number"] + 1, reference="0" * 32)


def _redialled(database, promised):
    row = database.execute("""
        SELECT attempts.* FROM attempts JOIN faxes ON faxes.id = fax WHERE outcome = 'unknown' AND state = 'unknown' AND number = 1
            AND NOT EXISTS (SELECT 1 FROM attempts AS later WHERE later.fax = faxes.id AND later.number > 1) LIMIT 1""").fetchone()
    if row is None:
        return False
    _insert(database, "attempts", row, number=row["number"] + 1, reference="0" * 32, outcome="failed")


def _unintended(database, promised):
    row = database.execute("SELECT * FROM inbound LIMIT 1").fetchone()
    if row is None:
        return False
    _insert(database, "inbound", row, id="0" * 32, reference="0" * 32)


def _second(database, promised):
    row = database.execute("SELECT * FROM faxes LIMIT 1").fetchone()
    _insert(database, "faxes", row, id="0" * 32)


CONTROLS = {
    _lost: "was accepted and is not there", _stuck: "came to no rest", _twice: "was transmitted 2 times",
    _redialled: "was dialled again after an unknown outcome", _unintended: "which no attempt intended",
    _second: "a repeated request made a second fax",
}


def run(server, promised, keys):
    """Tries them on the folder of a stopped server; gives how many were found of how many could be tried, and violations."""
    found, tried, violations = 0, 0, []
    for change, sentence in CONTROLS.items():
        if change is _second and keys is None:
            continue
        copy = _Copy(server)
        database = sqlite3.connect(copy.data / "faxlock.db")
        database.row_factory = sqlite3.Row
        database.execute("PRAGMA foreign_keys = OFF")
        was_changed = change(database, promised) is not False
        database.commit()
        database.close()
        if not was_changed:
            continue
        tried += 1
        if any(sentence in violation for violation in audit.Findings(copy, promised, keys).violations):
            found += 1
        else:
            violations.append(f"the audit does not see that a fax {sentence}")
    return f"{found} of {tried}", violations
