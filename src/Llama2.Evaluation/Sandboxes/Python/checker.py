# Runs the checks of a program inside a sandbox of its own, behind channel.py. The program runs in another sandbox, and can send nothing but values.
# Standard input: the checks as JSON, then the replies of the program. Standard output: R when ready, Q and a request as JSON, and at last D and the
# result: null if all checks passed, else the name and the text of an exception.
import builtins
import traceback


class ProgramError(Exception):
    """An exception of the program whose type the checks do not know."""


def receive():
    line = RECEIVED.readline()
    if line[:1] == b"V":
        return json.loads(line[1:])
    if line[:1] != b"E":
        raise ProgramError("the program sent something that is not a reply")
    name, text = (str(part) for part in json.loads(line[1:]))
    known = getattr(builtins, name, None)
    if isinstance(known, type) and issubclass(known, Exception):
        try:
            error = known(text)
        except TypeError:  # UnicodeDecodeError and others need more arguments.
            error = ProgramError(f"{name}: {text}")
        raise error
    raise ProgramError(f"{name}: {text}")


class Remote:
    """An object of the program. It is equal to itself only: the program cannot decide what it is equal to."""
    __slots__ = ("_number",)

    def __init__(self, number):
        object.__setattr__(self, "_number", number)

    def _ask(self, operation, *arguments):
        send(b"Q", [operation, self._number, *[encode(argument) for argument in arguments]])
        return decode(receive())

    def __call__(self, *arguments, **named):
        return self._ask("call", arguments, named)

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return self._ask("get", name)

    def __setattr__(self, name, value):
        self._ask("set", name, value)

    def __getitem__(self, key):
        return self._ask("item", key)

    def __setitem__(self, key, value):
        self._ask("store", key, value)

    def __contains__(self, value):
        return bool(self._ask("contains", value))

    def __len__(self):
        return self._ask("length")

    def __bool__(self):
        return bool(self._ask("truth"))

    def __iter__(self):
        return self._ask("iterate")

    def __next__(self):
        return self._ask("next")

    def __str__(self):
        return self._ask("text")

    def __eq__(self, other):
        return isinstance(other, Remote) and self._number == other._number

    def __hash__(self):
        return hash(self._number)


def encode_object(value):
    if isinstance(value, Remote):
        return value._number
    raise TypeError(f"the checks cannot pass a value of the type {type(value).__name__} to the program")


decode_object = Remote


def describe(exception, checks):
    """The exception's text, with the line of the checks in which it arose."""
    lines = [frame.lineno for frame in traceback.extract_tb(exception.__traceback__) if frame.filename == "checks.py"]
    sources = checks.splitlines()
    where = f" (line {lines[-1]} of the checks: {sources[lines[-1] - 1].strip()})" if lines and lines[-1] <= len(sources) else ""
    return (str(exception) + where).strip()[:MAX_TEXT]


def check(preamble, checks, names):
    module = sys.modules["checks"] = types.ModuleType("checks")
    try:
        exec(compile(preamble, "preamble.py", "exec", dont_inherit=True), module.__dict__)
        values = receive()
        for name in names:
            module.__dict__.pop(name, None)
            if name in values:
                module.__dict__[name] = decode(values[name])
        exec(compile(checks, "checks.py", "exec", dont_inherit=True), module.__dict__)
    except BaseException as exception:
        return [type(exception).__name__, describe(exception, checks)]
    return None


send_ready()
received = json.loads(RECEIVED.readline())
send(b"D", check(received["preamble"], received["checks"], received["names"]))
os._exit(0)
