"""Rendering by the page worker: pages per second and CPU second, memory of the whole tree of processes; Ghostscript beside it where it is
installed. Usage: render.py WORKER DOCUMENT PAGES"""
import os
import shutil
import subprocess
import sys
import threading
import time

worker, document, pages = sys.argv[1], sys.argv[2], int(sys.argv[3])
job = '{"format":"pdf","resolution":"fine","paper":"letter","maximumPages":2000,"secondsPerPage":10,"maximumMemory":1073741824}'


def tree_memory(root):
    """Kilobytes resident in a process and all that descend from it."""
    parents, sizes = {}, {}
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            status = dict(line.split(":", 1) for line in open(f"/proc/{entry}/status") if ":" in line)
        except OSError:
            continue
        parents[int(entry)] = int(status["PPid"])
        sizes[int(entry)] = int(status.get("VmRSS", "0 kB").split()[0])
    total = 0
    for pid in sizes:
        ancestor = pid
        while ancestor and ancestor != root:
            ancestor = parents.get(ancestor, 0)
        total += sizes[pid] if ancestor == root else 0
    return total


def measure(name, command, stdin):
    before, began, peak = os.times(), time.monotonic(), 0
    process = subprocess.Popen(command, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    reader = threading.Thread(target=lambda: [None for _ in iter(lambda: process.stdout.read(1 << 16), b"")])
    reader.start()
    while reader.is_alive():
        peak = max(peak, tree_memory(process.pid))
        reader.join(0.2)
    status = process.wait()
    wall, after = time.monotonic() - began, os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    if status != 0:
        sys.exit(f"{name} ended with status {status}")
    print(f"{name:<22} {pages / wall:8.0f} pages/s      {pages / cpu:6.0f} pages a CPU second   {peak / 1024:.0f} MB in the whole tree")


measure("render 800 text pages", [worker, job], open(document, "rb"))
if shutil.which("gs"):
    measure("Ghostscript tiffg4", ["gs", "-q", "-dBATCH", "-dNOPAUSE", "-dSAFER", "-sDEVICE=tiffg4", "-r204x196", "-sOutputFile=-", document],
            subprocess.DEVNULL)
else:
    print("Ghostscript is not installed: no reference for rendering")
