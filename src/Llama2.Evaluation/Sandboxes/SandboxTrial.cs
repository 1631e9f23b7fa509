namespace Llama2.Evaluation.Sandboxes;

/// <summary>A program that tests whether the sandbox is secure.</summary>
/// <param name="Property">The property that the sandbox must have, as part of the sentence "it is required that …".</param>
/// <param name="Code">The program.</param>
/// <param name="Expected">The outcome that the program must have.</param>
/// <param name="Limits">The limits of the trial.</param>
internal sealed record SandboxTrial(string Property, string Code, CodeRunOutcome Expected, CodeRunLimits Limits)
{
    // Short, but long enough for a machine that is busy with something else.
    private static readonly CodeRunLimits s_limits = new() { Time = TimeSpan.FromSeconds(60), MemoryByteSize = 256L << 20 };

    /// <summary>All trials.</summary>
    /// <param name="secretPath">A file on the host that every user can read.</param>
    /// <param name="port">A port of TCP on which this process listens on 127.0.0.1.</param>
    public static IReadOnlyList<SandboxTrial> All(string secretPath, int port) =>
    [
        Passes("Python runs, and can write into its working folder", """
            import collections, ctypes, math, re, threading
            with open("/tmp/file", "w") as file: file.write("text")
            assert open("file").read() == "text" and math.sqrt(4) == 2
            """),
        Passes("the network cannot be reached", $$"""
            import socket
            for family, address in ((socket.AF_INET, ("127.0.0.1", {{port}})), (socket.AF_INET, ("192.0.2.1", 80)), (socket.AF_INET6, ("2001:db8::1", 80))):
                try:
                    with socket.socket(family) as connection:
                        connection.settimeout(5)
                        connection.connect(address)
                except OSError as error:
                    assert not isinstance(error, TimeoutError), address
                else:
                    raise AssertionError(address)
            """),
        Passes("processes of the host cannot be found", $$"""
            import os
            try: os.kill({{Environment.ProcessId}}, 0)
            except ProcessLookupError: pass
            else: raise AssertionError("found")
            """),
        Passes("files of the host cannot be read", $$"""
            for path in {{Literal(secretPath)}}, "/etc/passwd", "/etc/shadow", "/proc/1/environ", "/proc/self/environ", "/sys/kernel", "/dev/mem", "/run", "/var":
                try: open(path)
                except (FileNotFoundError, NotADirectoryError): continue
                except OSError as error: raise AssertionError(f"{path} exists: {error}")
                raise AssertionError(path)
            """),
        Passes("nothing outside the working folder can be written", """
            import os, sysconfig
            for folder in "/", "/usr", "/usr/lib", "/etc", "/dev", sysconfig.get_path("stdlib"):
                try: open(os.path.join(folder, "llama2-trial"), "w")
                except OSError: continue
                raise AssertionError(folder)
            """),
        Passes("system calls are filtered", """
            import ctypes, errno, socket
            library = ctypes.CDLL(None, use_errno=True)
            for name, arguments in (("ptrace", (0, 0, 0, 0)), ("unshare", (0x10000000,)), ("mount", (None, b"/tmp", b"tmpfs", 0, None)), ("shmget", (0, 4096, 0o1600))):
                assert getattr(library, name)(*arguments) == -1 and ctypes.get_errno() == errno.EPERM, name
            try: socket.socket(40, socket.SOCK_STREAM)
            except OSError as error: assert error.errno == errno.EAFNOSUPPORT, error
            else: raise AssertionError("AF_VSOCK")
            """),
        Passes("the number of processes is limited", $$"""
            import os, time
            count = 1
            try:
                while count <= 3 * {{s_limits.ProcessCount}}:
                    if os.fork() == 0:
                        time.sleep(10)
                        os._exit(0)
                    count += 1
            except BlockingIOError: pass
            assert count <= {{s_limits.ProcessCount}}, count
            """),
        Passes("the size of the working folder is limited", $$"""
            import errno
            try:
                for number in range(3):
                    with open(str(number), "wb") as file: file.write(b"0" * ({{s_limits.FolderByteSize}} // 2 + 4096))
            except OSError as error: assert error.errno == errno.ENOSPC, error
            else: raise AssertionError("not limited")
            """),
        new("the memory of a process is limited", $"bytearray({2 * s_limits.MemoryByteSize})", CodeRunOutcome.OutOfMemory, s_limits),
        new("the memory of all processes together is limited", $"""
            import os, time
            for number in range(3): os.fork()
            data = bytearray({s_limits.MemoryByteSize / 2})
            for position in range(0, len(data), 4096): data[position] = 1
            time.sleep(10)
            """, CodeRunOutcome.OutOfMemory, s_limits),
        new("the time is limited", "while True: pass", CodeRunOutcome.TimedOut, s_limits with { Time = TimeSpan.FromMilliseconds(200) }),
        new("the output is limited", "while True: print('0' * 1000)", CodeRunOutcome.TooMuchOutput, s_limits),
    ];

    /// <summary>Why the trial has failed; null if it has not.</summary>
    public string? FindFault(CodeRunResult result)
    {
        string error = result.Error is null ? "" : $" ({result.Error.TrimEnd('.')})";
        return result.Outcome == Expected ? null : $"it is required that {Property}, but the trial ended as {result.Outcome}{error}";
    }

    private static SandboxTrial Passes(string property, string code) => new(property, code, CodeRunOutcome.Passed, s_limits);

    private static string Literal(string text) => $"bytes.fromhex('{Convert.ToHexString(System.Text.Encoding.UTF8.GetBytes(text))}')";
}
