using static Llama2.Evaluation.CodeRunOutcome;

namespace Llama2.Evaluation.Tests.Sandboxes;

/// <summary>Programs that try to do harm.</summary>
internal static class HostilePrograms
{
    private const string Sum = "assert add(1, 2) == 3\nassert add(2, 2) == 4";

    // Calls a function of the C library, and prints the name of the error.
    private const string CallC = """
        import ctypes, errno
        library = ctypes.CDLL(None, use_errno=True)
        def call(name, *arguments):
            result = getattr(library, name)(*arguments)
            print(name, result, errno.errorcode.get(ctypes.get_errno()))
        """;

    public static IReadOnlyList<HostileProgram> All { get; } =
    [
        // Processes.
        new("fork bomb", Failed, "BlockingIOError", "import os\nwhile True: os.fork()"),
        new("fork bomb that ignores errors", TimedOut, "longer", "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass"),
        new("thread bomb", Failed, "can't start new thread", "import threading, time\nwhile True: threading.Thread(target=time.sleep, args=(60,), daemon=True).start()"),
        new("daemon that outlives its parent", Passed, "done", """
            import os, time
            if os.fork() == 0:
                os.setsid()
                if os.fork() == 0:
                    os.closerange(0, 64)
                    time.sleep(60)
                os._exit(0)
            os.wait()
            print("done")
            """),
        new("daemon that holds the output open", Passed, "done", "import os, time\nif os.fork() == 0:\n    os.setsid()\n    time.sleep(60)\nprint('done')"),
        new("SIGKILL to the parent", Passed, "alive", "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)\nprint('alive')"),
        new("SIGTERM to the first process", Passed, "alive", "import os, signal\nos.kill(1, signal.SIGTERM)\nprint('alive')"),
        new("SIGKILL to everybody", Passed, "alive", "import os, signal\ntry: os.kill(-1, signal.SIGKILL)\nexcept ProcessLookupError: pass\nprint('alive')"),
        new("SIGKILL to itself", Killed, "signal 9", "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"),
        new("SIGSTOP to itself", TimedOut, "longer", "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)"),
        new("ignored SIGTERM", TimedOut, "longer", "import signal\nfor number in range(1, 65):\n    try: signal.signal(number, signal.SIG_IGN)\n    except (OSError, ValueError): pass\nwhile True: pass"),
        new("alarm", Killed, "signal 14", "import signal, time\nsignal.alarm(1)\ntime.sleep(60)"),
        new("processes of the host", Passed, "found 0", """
            import os
            found = 0
            for number in range(1, 100000):
                try:
                    os.kill(number, 0)
                    found += number not in (1, os.getpid())
                except ProcessLookupError: pass
            print("found", found)
            """),

        // Time.
        new("endless loop", TimedOut, "longer than 1 s", "while True: pass"),
        new("sleep", TimedOut, "longer", "import time\ntime.sleep(3600)"),
        new("huge power", TimedOut, "longer", "9 ** 9 ** 9"),
        new("regular expression that backtracks", TimedOut, "longer", "import re\nre.match('(a+)+b', 'a' * 60)"),
        new("endless thread at the end", TimedOut, "longer", "import threading, time\nthreading.Thread(target=time.sleep, args=(60,)).start()"),

        // Memory.
        new("10 GB", OutOfMemory, "MemoryError", "bytearray(10 ** 10)"),
        new("10 GB mapped", OutOfMemory, "MemoryError", "import mmap\nmmap.mmap(-1, 10 ** 10)"),
        new("growing list", OutOfMemory, "MemoryError", "texts = []\nwhile True: texts.append('a' * 1000000)"),
        new("memory of many processes", OutOfMemory, "together", "import os, time\nos.fork(), os.fork()\ndata = b'1' * 200000000\ntime.sleep(60)"),
        new("shared memory of many processes", OutOfMemory, "together", """
            import mmap, os, time
            os.fork(), os.fork()
            data = mmap.mmap(-1, 200000000)
            for position in range(0, len(data), 4096): data[position] = 1
            time.sleep(60)
            """),
        new("files in memory", Failed, "PermissionError", "import os\nos.memfd_create('file')"),
        new("shared memory that nobody maps", Passed, "shmget -1 EPERM", $"{CallC}\ncall('shmget', 0, 1 << 28, 0o1600)"),
        new("archive bomb", OutOfMemory, "MemoryError", "import zlib\ndata = zlib.compress(bytes(10 ** 8))\nb''.join(zlib.decompress(data) for _ in range(100))"),
        new("deep recursion", Failed, "RecursionError", "def f(): return f()\nf()"),
        new("raised limits", Failed, "ValueError", "import resource\nresource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))"),

        // Output and files.
        new("endless output", TooMuchOutput, "more than", "while True: print('a' * 1000)"),
        new("endless errors", TooMuchOutput, "more than", "import sys\nwhile True: sys.stderr.write('a' * 1000)"),
        new("endless file", Failed, "OSError", "with open('file', 'wb') as file:\n    while True: file.write(bytes(1 << 20))"),
        new("many files", Failed, "No space left", "for number in range(10):\n    with open(str(number), 'wb') as file: file.write(bytes(10000000))"),
        new("file with a hole", Failed, "OSError", "with open('file', 'wb') as file: file.truncate(10 ** 12)"),
        new("many open files", Failed, "Too many open files", "files = []\nwhile True: files.append(open('/dev/null'))"),
        new("read /etc/passwd", Failed, "FileNotFoundError", "open('/etc/passwd')"),
        new("read /etc/shadow", Failed, "FileNotFoundError", "open('/etc/shadow')"),
        new("read /proc/1/environ", Failed, "FileNotFoundError", "open('/proc/1/environ')"),
        new("read the home folder", Failed, "FileNotFoundError", "import os\nos.listdir('HOME FOLDER')"),
        new("read a file of the host", Failed, "FileNotFoundError", "open('CANARY/file')"),
        new("read the memory of the machine", Failed, "FileNotFoundError", "open('/dev/mem', 'rb')"),
        new("read through a symbolic link", Failed, "FileNotFoundError", "import os\nos.symlink('/etc/passwd', 'link')\nopen('link')"),
        new("read the environment", Passed, "['HOME', 'LANG', 'MALLOC_ARENA_MAX', 'PWD']", "import os\nprint(sorted(set(os.environ) - {'LC_CTYPE'}))"),
        new("write a file of the host", Failed, "FileNotFoundError", "open('CANARY/file', 'w')"),
        new("write into the root folder", Failed, "Read-only", "open('/file', 'w')"),
        new("write into the library", Failed, "Error", "import os\nopen(os.__file__, 'a')"),
        new("write into /dev", Failed, "Read-only", "open('/dev/file', 'w')"),
        new("write through a symbolic link", Failed, "Read-only", "import os\nos.symlink(os.path.dirname(os.__file__), 'link')\nopen('link/file', 'w')"),
        new("create a device", Failed, "PermissionError", "import os, stat\nos.mknod('device', 0o600 | stat.S_IFBLK, os.makedev(8, 0))"),
        new("read standard input", Passed, "''", "import sys\nprint(repr(sys.stdin.read()))"),
        new("type into the terminal", Failed, "PermissionError", "import fcntl, termios\nfcntl.ioctl(0, termios.TIOCSTI, b'x')"),
        new("open the terminal", Failed, "FileNotFoundError", "open('/dev/tty')"),
        new("run a shell", Passed, "127", "import os\nprint(os.waitstatus_to_exitcode(os.system('id')))"),

        // Network.
        new("TCP to the world", Failed, "Network is unreachable", "import socket\nsocket.create_connection(('192.0.2.1', 80), timeout=5)"),
        new("TCP to the host", Failed, "ConnectionRefusedError", "import socket\nsocket.create_connection(('127.0.0.1', PORT), timeout=5)"),
        new("UDP", Failed, "Network is unreachable", "import socket\nsocket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'text', ('192.0.2.1', 53))"),
        new("IPv6", Failed, "OSError", "import socket\nsocket.create_connection(('2001:db8::1', 80), timeout=5)"),
        new("name of a host", Failed, "gaierror", "import socket\nsocket.getaddrinfo('example.org', 80)"),
        new("web address", Failed, "URLError", "import urllib.request\nurllib.request.urlopen('http://192.0.2.1/', timeout=5)"),
        new("socket in a folder", Failed, "FileNotFoundError", "import socket\nsocket.socket(socket.AF_UNIX).connect('CANARY/socket')"),
        new("socket with an abstract name", Failed, "ConnectionRefusedError", "import socket\nsocket.socket(socket.AF_UNIX).connect('\\0llama2-hostile-PORT')"),
        new("socket to the hypervisor", Failed, "Address family not supported", "import socket\nsocket.socket(socket.AF_VSOCK, socket.SOCK_STREAM)"),
        new("socket to the kernel", Failed, "Address family not supported", "import socket\nsocket.socket(socket.AF_NETLINK, socket.SOCK_RAW)"),
        new("raw packets", Failed, "PermissionError", "import socket\nsocket.socket(socket.AF_INET, socket.SOCK_RAW, 1)"),

        // System calls.
        new("null pointer", Killed, "signal 11", "import ctypes\nctypes.string_at(0)"),
        new("abort", Killed, "signal 6", "import os\nos.abort()"),
        new("ptrace", Passed, "ptrace -1 EPERM", $"{CallC}\ncall('ptrace', 16, 1, 0, 0)"),
        new("mount", Passed, "mount -1 EPERM", $"{CallC}\ncall('mount', b'none', b'/tmp', b'tmpfs', 0, None)"),
        new("chroot", Failed, "PermissionError", "import os\nos.chroot('/tmp')"),
        new("unshare", Passed, "unshare -1 EPERM", $"{CallC}\ncall('unshare', 0x10000000)"),
        new("setns", Passed, "setns -1 EPERM", $"{CallC}\ncall('setns', 0, 0)"),
        new("keys", Passed, "syscall -1 EPERM", $"{CallC}\nimport platform\ncall('syscall', 250 if platform.machine() == 'x86_64' else 219, 0, -3, 1)"),
        new("setuid", Failed, "Error", "import os\nos.setuid(0)"),
        new("greater priority", Failed, "PermissionError", "import os\nos.nice(-5)"),
        new("name of the host", Failed, "PermissionError", "import socket\nsocket.sethostname('host')"),
        new("time of the host", Failed, "PermissionError", "import time\ntime.clock_settime(time.CLOCK_REALTIME, 0)"),

        // Pretended success. What the program gets to see does not depend on what it must return.
        new("exit code 0 before the checks", Failed, "ended with exit code 0 before the checks", "import os\nos._exit(0)", Sum),
        new("sys.exit before the checks", Failed, "SystemExit", "import sys\nsys.exit(0)", Sum),
        new("exit during the checks", Failed, "ended with exit code 0 before the checks", "import os\ndef add(a, b): os._exit(0)", Sum),
        new("sys.exit during the checks", Failed, "SystemExit", "import sys\ndef add(a, b): sys.exit(0)", Sum),
        new("exit code after the first check", Failed, "AssertionError", "import os\ndef add(a, b): return 3", Sum),
        new("forged messages", Failed, "Error", """
            import os
            for file in range(3, 64):
                for message in b"Dnull\n", b"D null\n", b"Vnull\n":
                    try: os.write(file, message)
                    except OSError: pass
            print("D null")
            """, Sum),
        new("forged answers", Failed, "AssertionError", """
            import os
            def add(a, b):
                for file in range(3, 64):
                    try: os.write(file, b"Vtrue\n" * 100 + b"Dnull\n" * 100)
                    except OSError: pass
            """, Sum),
        new("object that equals everything", Failed, "AssertionError", "class Any:\n    def __eq__(self, other): return True\ndef add(a, b): return Any()", Sum),
        new("number that equals everything", Failed, "AssertionError", "class Any(int):\n    def __eq__(self, other): return True\n    __hash__ = int.__hash__\ndef add(a, b): return Any(7)", Sum),
        new("replaced built-in functions", Failed, "AssertionError", "import builtins\nbuiltins.AssertionError = type('Quiet', (BaseException,), {})\nbuiltins.compile = builtins.exec = lambda *a, **k: None\ndef add(a, b): return 0", Sum),
        new("look at the callers", Failed, "AssertionError", """
            import gc, os, sys
            def add(a, b):
                frame = sys._getframe()
                while frame:
                    for name, value in list(frame.f_locals.items()) + list(frame.f_globals.items()):
                        assert "assert add" not in repr(value)[:100000] or name == "code", name
                    frame = frame.f_back
                return 0
            """, Sum),
        new("closed files", Failed, "before the checks were done", "import os\ndef add(a, b): os.closerange(0, 64)", Sum),
        new("closed files, then an endless loop", TimedOut, "longer", "import os\ndef add(a, b):\n    os.closerange(0, 64)\n    while True: pass", Sum),
        new("too large an answer", TooMuchOutput, "too large", "def add(a, b): return 'a' * 20000000", Sum),
        new("too deep an answer", Failed, "RecursionError", "def add(a, b):\n    value = []\n    for _ in range(100000): value = [value]\n    return value", Sum),
        new("memory used up in a check", OutOfMemory, "MemoryError", "def add(a, b): return bytearray(10 ** 10)", Sum),
    ];
}
