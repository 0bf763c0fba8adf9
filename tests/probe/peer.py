#!/usr/bin/env python3
"""The other side of the connections that probe.bats and wsk_cli.bats make, on a loopback address.

usage: peer.py MANNER [ADDRESS]
Prints its port once it listens, and ends when it is killed, or after five minutes. MANNER: echo; closing (answers, then ends the
connection); silent (says nothing); full (has no room for a connection: connecting hangs); differing (never the same
answer)."""
import itertools
import select
import signal
import socket
import sys
import threading

manner = sys.argv[1]
address = sys.argv[2] if len(sys.argv) > 2 else "127.0.0.1"
numbers = itertools.count()


def serve(connection):
    try:
        while data := connection.recv(65536):
            if manner == "echo":
                connection.sendall(data)
            elif manner == "differing":
                connection.sendall(b"%d %s" % (next(numbers), data))
            elif manner == "closing":
                connection.sendall(b"answer")
                break
    except OSError:
        pass
    connection.close()


listener = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
listener.bind((address, 0))
listener.listen(0 if manner == "full" else 128)
fillers = []
if manner == "full":
    # Linux takes one more than the backlog; further ones wait for their turn.
    for _ in range(4):
        filler = socket.socket(listener.family)
        filler.setblocking(False)
        filler.connect_ex(listener.getsockname())
        fillers.append(filler)
    select.select([], fillers, [], 1)
print(listener.getsockname()[1], flush=True)
signal.alarm(300)
while True:
    if manner == "full":
        signal.pause()
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
