# Runs a program inside the sandbox, behind channel.py.
# Standard input: first the program as JSON; then, if it is checked, requests of the checks, one a line. Standard output: one reply a line.
# A reply is V and a value, or E and the name and the text of an exception, both as JSON.
import errno
import operator
import traceback

objects = []


def send_error(exception):
    try:
        text = str(exception)[:MAX_TEXT]
    except Exception:
        text = ""
    is_memory = isinstance(exception, MemoryError) or (isinstance(exception, OSError) and exception.errno == errno.ENOMEM)
    send(b"E", ["MemoryError" if is_memory else type(exception).__name__, text])


def encode_object(value):
    """The number by which requests name the object."""
    objects.append(value)
    return len(objects) - 1


decode_object = objects.__getitem__

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
    for line in RECEIVED:
        try:
            operation, target, *arguments = json.loads(line)
            send(b"V", encode(OPERATIONS[operation](objects[target], *[decode(argument) for argument in arguments])))
        except BaseException as exception:
            send_error(exception)


send_ready()
program = json.loads(RECEIVED.readline())
sys.argv[:] = ["program.py"]
if program["names"] is None:
    run(program["code"])
else:
    serve(program["code"], program["names"])
