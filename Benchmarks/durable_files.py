"""The reference for POST /fax: what the disk allows. Eight threads write a file, fsync it, rename it and fsync the folder, as durable
acceptance must. Usage: durable_files.py FOLDER DOCUMENT SECONDS"""
import os
import sys
import threading
import time

folder, document, seconds = sys.argv[1], open(sys.argv[2], "rb").read(), float(sys.argv[3])
os.makedirs(folder)
counts = [0] * 8
end = time.monotonic() + seconds


def write(worker):
    directory = os.open(folder, os.O_RDONLY)
    while time.monotonic() < end:
        name = f"{folder}/{worker}-{counts[worker]}"
        file = os.open(name + ".new", os.O_WRONLY | os.O_CREAT, 0o600)
        os.write(file, document)
        os.fsync(file)
        os.close(file)
        os.rename(name + ".new", name)
        os.fsync(directory)
        counts[worker] += 1


threads = [threading.Thread(target=write, args=(worker,)) for worker in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(f"{'durable files (disk)':<22} {sum(counts) / seconds:8.0f} files/s      the reference for POST /fax")
