# Runs a program on a pseudo-terminal: pseudo-terminal.py COLUMNS ROWS PROGRAM [ARGUMENT…]
# Standard input: one JSON object a line, {"type": "text"} or {"size": [columns, rows]}. Standard output: what the
# terminal gets. It ends with the program's exit code; the end of standard input closes the terminal.
import fcntl
import json
import os
import pty
import select
import struct
import sys
import termios


def set_size(fd, columns, rows):
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def obey(master, line):
    act = json.loads(line)
    if "type" in act:
        os.write(master, act["type"].encode())
    if "size" in act:
        set_size(master, *act["size"])


pid, master = pty.fork()
if pid == 0:
    set_size(0, int(sys.argv[1]), int(sys.argv[2]))
    os.execvp(sys.argv[3], sys.argv[3:])
waiting = b""
while True:
    ready, _, _ = select.select([master, 0], [], [])
    if master in ready:
        try:
            data = os.read(master, 65536)
        except OSError:
            data = b""
        if not data:
            break
        os.write(1, data)
    if 0 in ready:
        data = os.read(0, 65536)
        if not data:
            os.close(master)
            break
        *lines, waiting = (waiting + data).split(b"\n")
        for line in lines:
            obey(master, line)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) & 255)
