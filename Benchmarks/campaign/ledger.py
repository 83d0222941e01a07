"""The audit ledger of a data folder, exported by its server and verified without it."""
import asyncio
import json

from server import KEY


async def _run(program, *arguments, environment):
    process = await asyncio.create_subprocess_exec(
        program, *arguments, env={"PATH": "/usr/local/bin:/usr/bin:/bin", **environment}, stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE)
    output, complaints = await process.communicate()
    return process.returncode, output.decode(), complaints.decode()


async def export(server, url):
    """Exports the ledger while the server is up; gives the folder and the verifier key."""
    folder = str(server.folder / "ledger")
    status, output, complaints = await _run(
        server.faxlock, "audit", "export", folder, environment={"FAXLOCK_URL": url, "FAXLOCK_API_KEY": KEY})
    keys = [line[4:] for line in output.splitlines() if line.startswith("key ")]
    if status != 0 or not keys:
        raise RuntimeError(f"the ledger could not be exported: {complaints[-500:]}")
    return folder, keys[0]


async def verify(server, folder, key):
    """Verifies an export; gives the number of its events, and violations."""
    status, output, complaints = await _run(server.faxlock, "audit", "verify", folder, "--key", key, environment={})
    if status != 0:
        return 0, [f"the ledger does not verify: {output[-500:]}{complaints[-500:]}"]
    return json.loads(output)["events"], []


async def blobs(gateway):
    """Every sealed document against the ledger, by the server (`faxlock fsck`); gives their number, and violations."""
    answer = await gateway.post_json("/admin/fsck")
    if answer.status != 200:
        return 0, [f"/admin/fsck was answered {answer.status}"]
    report = answer.json()
    return report["documents"], [f"fsck: {problem['sentence']}" for problem in report["problems"]]
