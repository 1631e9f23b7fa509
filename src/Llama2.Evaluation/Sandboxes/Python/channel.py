# What worker.py and checker.py have in common; it stands before each of them. The arguments are the limits, in the order in which they are read below.
# Values of Python's basic types travel as JSON. Each script says what it does with other objects: encode_object and decode_object.
import json
import os
import resource
import sys
import types

MEMORY, TASKS, FILES, FILE_SIZE, SECONDS = (int(text) for text in sys.argv[1:6])
MAX_TEXT = 2000


def limit_resources():
    for kind, value in (
        (resource.RLIMIT_CORE, 0), (resource.RLIMIT_MEMLOCK, 0), (resource.RLIMIT_MSGQUEUE, 0), (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_FSIZE, FILE_SIZE), (resource.RLIMIT_NOFILE, FILES), (resource.RLIMIT_NPROC, TASKS), (resource.RLIMIT_AS, MEMORY),
    ):
        resource.setrlimit(kind, (value, value))


def open_channel():
    """Moves the channel away from standard input and output, so that the program's own input is empty and its output is what it prints."""
    received, sent = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    null = os.open("/dev/null", os.O_RDONLY)
    os.dup2(null, 0)
    os.dup2(2, 1)
    os.close(null)
    return received, sent


limit_resources()
RECEIVED, SENT = open_channel()


def send_ready():
    SENT.write(b"R\n")
    SENT.flush()


def send(kind, value):
    SENT.write(kind + json.dumps(value, allow_nan=False).encode() + b"\n")
    SENT.flush()


def encode(value):
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        return {"i": int.__format__(value, "x")}
    if isinstance(value, float):
        return {"f": float.hex(value)}
    if isinstance(value, complex):
        return {"c": [value.real.hex(), value.imag.hex()]}
    if isinstance(value, (bytes, bytearray)):
        return {"y" if isinstance(value, bytes) else "Y": value.hex()}
    for tag, kind in (("l", list), ("t", tuple), ("s", set), ("z", frozenset)):
        if isinstance(value, kind):
            return {tag: [encode(item) for item in value]}
    if isinstance(value, dict):
        return {"d": [[encode(key), encode(item)] for key, item in value.items()]}
    if isinstance(value, range):
        return {"r": [value.start, value.stop, value.step]}
    return {"o": encode_object(value)}


def decode(value):
    if value is None or isinstance(value, (bool, str)):
        return value
    (tag, content), = value.items()
    if tag == "d":
        return {decode(key): decode(item) for key, item in content}
    return DECODERS[tag](content)


DECODERS = {
    "i": lambda text: int(text, 16), "f": float.fromhex, "c": lambda parts: complex(*map(float.fromhex, parts)),
    "y": bytes.fromhex, "Y": bytearray.fromhex, "r": lambda parts: range(*map(int, parts)), "o": lambda number: decode_object(int(number)),
    "l": lambda items: [decode(item) for item in items], "t": lambda items: tuple(decode(item) for item in items),
    "s": lambda items: {decode(item) for item in items}, "z": lambda items: frozenset(decode(item) for item in items),
}
