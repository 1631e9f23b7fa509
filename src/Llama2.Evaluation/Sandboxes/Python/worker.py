# Runs a program inside the sandbox. The arguments are the limits, in the order in which they are read below.
# Standard input: first the program as JSON; then, if it is checked, requests of the checks, one a line. Standard output: one reply a line.
# A reply is V and a value, or E and the name and the text of an exception, both as JSON.
import errno
import json
import operator
import os
import resource
import sys
import traceback
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
    requests, replies = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    null = os.open("/dev/null", os.O_RDONLY)
    os.dup2(null, 0)
    os.dup2(2, 1)
    os.close(null)
    return requests, replies


limit_resources()
REQUESTS, REPLIES = open_channel()
objects = []


def send(kind, value):
    REPLIES.write(kind + json.dumps(value, allow_nan=False).encode() + b"\n")
    REPLIES.flush()


def send_error(exception):
    try:
        text = str(exception)[:MAX_TEXT]
    except Exception:
        text = ""
    is_memory = isinstance(exception, MemoryError) or (isinstance(exception, OSError) and exception.errno == errno.ENOMEM)
    send(b"E", ["MemoryError" if is_memory else type(exception).__name__, text])


def encode(value):
    """A value of one of Python's basic types as JSON; any other object as its number, by which requests name it."""
    if value is None or value is True or value is False or isinstance(value, str):
        return value if value is None or isinstance(value, bool) else str.__str__(value)
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
    objects.append(value)
    return {"o": len(objects) - 1}


def decode(value):
    if not isinstance(value, dict):
        return value
    (tag, content), = value.items()
    if tag == "d":
        return {decode(key): decode(item) for key, item in content}
    return DECODERS[tag](content)


DECODERS = {
    "i": lambda text: int(text, 16), "f": float.fromhex, "c": lambda parts: complex(*map(float.fromhex, parts)),
    "y": bytes.fromhex, "Y": bytearray.fromhex, "r": lambda parts: range(*parts), "o": lambda number: objects[number],
    "l": lambda items: [decode(item) for item in items], "t": lambda items: tuple(decode(item) for item in items),
    "s": lambda items: {decode(item) for item in items}, "z": lambda items: frozenset(decode(item) for item in items),
}

OPERATIONS = {
    "call": lambda target, arguments, named: target(*arguments, **named), "get": getattr, "set": setattr, "item": operator.getitem,
    "store": operator.setitem, "contains": operator.contains, "length": len, "truth": bool, "iterate": iter, "next": next,
    "text": str,
}


def run(code):
    """Runs the whole program as the main module. Its exit code says whether it succeeded."""
    main = sys.modules["__main__"] = types.ModuleType("__main__")
    try:
        exec(compile(code, "program.py", "exec", dont_inherit=True), main.__dict__)
    except SystemExit:
        raise
    except BaseException as exception:
        send_error(exception)
        traceback.print_exception(type(exception), exception, exception.__traceback__.tb_next)
        sys.exit(1)


def serve(code, names):
    """Runs the program as a module, tells the values of the names, and answers requests."""
    module = sys.modules["program"] = types.ModuleType("program")
    try:
        exec(compile(code, "program.py", "exec", dont_inherit=True), module.__dict__)
        send(b"V", {name: encode(module.__dict__[name]) for name in names if name in module.__dict__})
    except BaseException as exception:
        send_error(exception)
        return
    for line in REQUESTS:
        try:
            operation, target, *arguments = json.loads(line)
            send(b"V", encode(OPERATIONS[operation](objects[target], *[decode(argument) for argument in arguments])))
        except BaseException as exception:
            send_error(exception)


REPLIES.write(b"R\n")
REPLIES.flush()
program = json.loads(REQUESTS.readline())
sys.argv[:] = ["program.py"]
if program["names"] is None:
    run(program["code"])
else:
    serve(program["code"], program["names"])
