#!/usr/bin/env python3
"""The other side of what closing.exe does, and who starts it: peer.py OUT COMMAND...

COMMAND gets the port as its last argument. What it says is written to OUT, a line each with the way's name before it:
"< WAY" begins a way, "> STATUS" ends it, "? QUESTION" is answered on its standard input (closing.h), "! ..." is a
failure, as is what takes longer than its limit. Nothing is asked of Winsock here, so nothing is believed of it either.
It ends with 0 where nothing failed, whatever was said; the last line is the command's own status."""
import os
import signal
import socket
import subprocess
import sys
import threading
import time

LIMIT = 30  # seconds for what has to come: it guards progress
SILENCE = 90  # of the command
LOOK = 0.05  # in which what must not come would


class Connection:
    def __init__(self, connected):
        self.socket = connected
        self.data = b""
        self.ended = None
        self.named = False
        self.told = None
        self.changed = threading.Condition()

    def read(self, named):
        try:
            while True:
                got = self.socket.recv(4096)
                if not got:
                    break
                if not self.named:
                    named(chr(got[0]), self)
                with self.changed:
                    self.data += got
                    self.named = True
                    self.changed.notify_all()
            ended = "end"
        except ConnectionResetError:
            ended = "reset"
        with self.changed:
            self.ended = ended
            self.changed.notify_all()

    def wait(self, condition, limit):
        with self.changed:
            return self.changed.wait_for(condition, limit)

    def seen(self):
        text = self.data.decode("ascii", "replace").replace("\n", "\\n")
        self.told = "'%s', %s" % (text, self.ended or "open")
        return self.told


class Peer:
    def __init__(self, out):
        self.out = out
        self.failed = False
        self.way = ""
        self.connections = {}
        self.accepted = []
        self.known = threading.Condition()
        self.listener = socket.socket()
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen(50)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            connection = Connection(self.listener.accept()[0])
            self.accepted.append(connection)
            self.start(connection)

    def start(self, connection):
        threading.Thread(target=connection.read, args=(self.add,), daemon=True).start()

    def add(self, name, connection):
        with self.known:
            self.connections[name] = connection
            self.known.notify_all()

    def find(self, name):
        with self.known:
            if not self.known.wait_for(lambda: name in self.connections, LIMIT):
                raise TimeoutError("there is no connection " + name)
            return self.connections[name]

    def record(self, line):
        self.out.write("%s %s\n" % (self.way, line))
        self.out.flush()
        if line.startswith("!"):
            self.failed = True

    def connect(self, name, port):
        try:
            connection = Connection(socket.create_connection(("127.0.0.1", int(port)), LIMIT))
        except ConnectionRefusedError:
            return "refused"
        connection.socket.settimeout(None)
        connection.named = True
        self.add(name, connection)
        self.start(connection)
        return "done"

    def answer(self, word, name="", rest=""):
        if word == "end":
            self.end_way()
            return "done"
        if word == "connect":
            return self.connect(name, rest)
        connection = self.find(name)
        if word == "seen":
            if not connection.wait(lambda: connection.ended, LIMIT):
                self.record("! the peer sees no end of " + name)
        elif word == "has":
            if not connection.wait(lambda: len(connection.data) >= int(rest) or connection.ended, LIMIT):
                self.record("! not so many bytes come on " + name)
        elif word == "open":
            connection.wait(lambda: connection.ended, LOOK)
            return connection.ended or "open"
        elif word == "say":
            connection.socket.sendall(rest.encode())
            return "done"
        elif word == "finish":
            connection.socket.shutdown(socket.SHUT_WR)
            return "done"
        return connection.seen()

    def name_all(self):
        """What the way has made has been accepted when a later connection has, and is then known by its name."""
        with socket.create_connection(("127.0.0.1", self.port), LIMIT) as last:
            last.sendall(b"!")
            self.find("!")
        for connection in self.accepted:
            connection.wait(lambda: connection.named or connection.ended, LIMIT)
        self.accepted.clear()

    def end_way(self):
        self.name_all()
        with self.known:
            del self.connections["!"]
            left = sorted(self.connections.items())
        for name, connection in left:
            if not connection.wait(lambda: connection.ended, LIMIT):
                self.record("! the peer sees no end of " + name)
            if connection.told != connection.seen():
                self.record("peer, at the end %s: %s" % (name, connection.told))
            connection.socket.close()
        with self.known:
            self.connections.clear()

    def line(self, line, reply):
        if line.startswith("< "):
            self.way = line[2:]
        elif line.startswith("> "):
            self.record("status: " + line[2:])
            self.end_way()
        elif line.startswith("? "):
            reply.write((self.answer(*line[2:].split(" ", 2)) + "\n").encode())
            reply.flush()
        else:
            self.record(line)


class Watch:
    """Ends the command where it says nothing for too long."""

    def __init__(self, peer, process):
        self.peer, self.process, self.last, self.over = peer, process, time.monotonic(), False
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while not self.over:
            time.sleep(0.5)
            if not self.over and time.monotonic() - self.last > SILENCE:
                self.peer.record("! the command says nothing")
                os.killpg(self.process.pid, signal.SIGKILL)
                return


def main():
    with open(sys.argv[1], "w", encoding="ascii") as out:
        peer = Peer(out)
        process = subprocess.Popen(
            sys.argv[2:] + [str(peer.port)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
        )
        watch = Watch(peer, process)
        for line in process.stdout:
            watch.last = time.monotonic()
            peer.line(line.decode("ascii", "replace").rstrip("\r\n"), process.stdin)
        status = process.wait()
        watch.over = True
        peer.end_way()
        peer.way = "all:"
        peer.record("status %d" % status)
    return 1 if peer.failed else 0


if __name__ == "__main__":
    sys.exit(main())
