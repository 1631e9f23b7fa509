using Llama2.Tests;

namespace Llama2.Evaluation.Tests.Sandboxes;

public class BubblewrapSandboxTests
{
    [SandboxFact]
    public async Task RunAsync_ProgramThatPrints_PassesWithItsOutput()
    {
        CodeRunResult result = await TestSandbox.RunAsync("import sys\nprint('é', flush=True)\nprint('error', file=sys.stderr)");

        result.Should().BeEquivalentTo(new { Outcome = CodeRunOutcome.Passed, IsPassed = true, Error = (string?)null, ExitCode = 0, Signal = (int?)null, Output = "é\nerror\n" });
        result.Duration.Should().BePositive();
    }

    [SandboxFact]
    public async Task CreateAsync_ExampleOfTheDocumentation_Runs()
    {
        using BubblewrapSandbox sandbox = await BubblewrapSandbox.CreateAsync();
        CodeRunResult result = await sandbox.RunAsync(new CodeProgram { Code = "print(6 * 7)" });

        result.Output.Should().Be("42\n");
    }

    [SandboxTheory]
    [InlineData("1 / 0", "ZeroDivisionError: division by zero", 1)]
    [InlineData("def", "SyntaxError: invalid syntax (program.py, line 1)", 1)]
    [InlineData("import sys\nsys.exit(7)", "The exit code is 7.", 7)]
    [InlineData("raise KeyboardInterrupt", "KeyboardInterrupt", 1)]
    public async Task RunAsync_ProgramThatFails_SaysWhy(string code, string error, int exitCode)
    {
        CodeRunResult result = await TestSandbox.RunAsync(code);

        result.Should().BeEquivalentTo(new { Outcome = CodeRunOutcome.Failed, IsPassed = false, Error = error, ExitCode = (int?)exitCode });
    }

    [SandboxFact]
    public async Task RunAsync_ProgramThatFails_WritesTheTraceOfItsOwnLinesOnly()
    {
        CodeRunResult result = await TestSandbox.RunAsync("def f():\n    return 1 / 0\nf()");

        result.Output.Should().StartWith("Traceback (most recent call last):\n  File \"program.py\", line 3, in <module>\n  File \"program.py\", line 2, in f\n");
    }

    [SandboxTheory]
    [InlineData("None")]
    [InlineData("True")]
    [InlineData("-12345678901234567890123")]
    [InlineData("0.1")]
    [InlineData("float('-inf')")]
    [InlineData("3 - 4j")]
    [InlineData("'a\\n\\ud800é\\0'")]
    [InlineData("b'\\xff'")]
    [InlineData("bytearray(b'ab')")]
    [InlineData("range(3, 10, 2)")]
    [InlineData("[1, [2, ()], {}]")]
    [InlineData("(1, 'a')")]
    [InlineData("{1, 'a'}")]
    [InlineData("frozenset({(1, 2)})")]
    [InlineData("{(1, 2): [3], None: {4}}")]
    public async Task RunAsync_ValueThatProgramAndChecksExchange_StaysTheSame(string value)
    {
        CodeRunResult result = await TestSandbox.RunAsync(
            $"def same(x): return x\ndef make(): return {value}", $"x = {value}\nassert same(x) == x == make()\nassert type(same(x)) is type(make()) is type(x)", "same", "make");

        result.Error.Should().BeNull();
    }

    [SandboxTheory]
    [InlineData("def f(x): raise ValueError('no')", "try: f(1)\nexcept ValueError as error: assert str(error) == 'no'\nelse: assert False")]
    [InlineData("class E(Exception): pass\ndef f(x): raise E('no')", "try: f(1)\nexcept Exception as error: assert str(error) == 'E: no'\nelse: assert False")]
    [InlineData("def f(x):\n    for i in range(x): yield i * i", "assert list(f(4)) == [0, 1, 4, 9]\nassert sum(f(3)) == 5")]
    [InlineData("class f:\n    def __init__(self, x): self.x = x", "node = f(2)\nassert node.x == 2\nnode.left = f(3)\nassert node.left.x == 3 and node == node and node != f(2)")]
    [InlineData("class f:\n    def __init__(self, x): self.x = x\n    def __len__(self): return self.x\n    def __getitem__(self, i): return i + 1", "v = f(2)\nassert len(v) == 2 and v[5] == 6 and bool(v) and not f(0)")]
    [InlineData("def f(x, *, y=1): return x + y", "assert f(1) == 2 and f(1, y=5) == 6 and f(x=2) == 3")]
    [InlineData("f = 5", "assert f == 5")]
    [InlineData("import collections\ndef f(x): return collections.Counter(x)", "assert f('aab') == {'a': 2, 'b': 1}")]
    [InlineData("import collections\ndef f(x): return collections.namedtuple('P', 'a b')(x, 2)", "assert f(1) == (1, 2)")]
    public async Task RunAsync_ChecksOfObjects_Pass(string code, string checks)
    {
        CodeRunResult result = await TestSandbox.RunAsync(code, checks, "f");

        result.Should().BeEquivalentTo(new { IsPassed = true, Error = (string?)null, ExitCode = (int?)null });
    }

    [SandboxTheory]
    [InlineData("def f(x): return 1", "x = 1\nassert f(2) == 2", "AssertionError: (line 2 of the checks: assert f(2) == 2)")]
    [InlineData("def f(x): return 1", "assert f(2) == 2, 'two'", "AssertionError: two (line 1 of the checks: assert f(2) == 2, 'two')")]
    [InlineData("def g(x): return 1", "f(2)", "NameError: name 'f' is not defined (line 1 of the checks: f(2))")]
    [InlineData("def g(x): return 1", "g(2)", "NameError: name 'g' is not defined (line 1 of the checks: g(2))")]
    [InlineData("def f(x): return y", "f(2)", "NameError: name 'y' is not defined (line 1 of the checks: f(2))")]
    [InlineData("def f(x: return", "f(2)", "SyntaxError: ")]
    [InlineData("def f(x): x()", "f(lambda: 2)", "TypeError: the checks cannot pass a value of the type function to the program (line 1 of the checks: f(lambda: 2))")]
    [InlineData("def f(x): return 1", "import sys\nsys.exit(0)", "SystemExit: 0 (line 2 of the checks: sys.exit(0))")]
    public async Task RunAsync_ChecksThatFail_SayWhy(string code, string checks, string error)
    {
        CodeRunResult result = await TestSandbox.RunAsync(code, checks, "f");

        result.Outcome.Should().Be(CodeRunOutcome.Failed);
        result.Error.Should().StartWith(error);
    }

    [SandboxFact]
    public async Task RunAsync_FunctionThatChangesItsArgument_DoesNotReachTheChecks()
    {
        CodeRunResult result = await TestSandbox.RunAsync("def f(x): x.append(1)", "x = []\nf(x)\nassert x == []", "f");

        result.Error.Should().BeNull();
    }

    [SandboxFact]
    public async Task RunAsync_Preamble_HasFunctionsThatTheProgramCannotReplace()
    {
        var program = new CodeProgram
        {
            Code = "def size(x): return 0\ndef f(x): return 0",
            Preamble = "import math\ndef size(x): return len(x)\ndef f(x): return 'preamble'",
            Checks = "assert size('ab') == 2 and math.sqrt(4) == 2 and f(1) == 0",
            CheckedNames = ["f"],
        };

        (await TestSandbox.RunAsync(program)).Error.Should().BeNull();
    }

    [SandboxFact]
    public async Task RunAsync_CancelledToken_Throws() =>
        await FluentActions.Awaiting(() => TestSandbox.RunAsync(new CodeProgram { Code = "pass" }, new CancellationToken(canceled: true)))
            .Should().ThrowAsync<OperationCanceledException>();

    [SandboxFact]
    public async Task RunAsync_DisposedSandbox_Throws()
    {
        BubblewrapSandbox sandbox = await BubblewrapSandbox.CreateAsync();
        sandbox.Dispose();
        sandbox.Dispose();

        await FluentActions.Awaiting(() => sandbox.RunAsync(new CodeProgram { Code = "pass" })).Should().ThrowAsync<ObjectDisposedException>();
    }

    [SandboxFact]
    public async Task RunAsync_LimitsOfItsOwn_AreKept()
    {
        using BubblewrapSandbox sandbox = await BubblewrapSandbox.CreateAsync(new BubblewrapSandboxOptions
        {
            Limits = new CodeRunLimits { OutputByteSize = 500, ProcessCount = 1, OpenFileCount = 16, FolderByteSize = 64 << 10, MemoryByteSize = 128 << 20 },
        });

        (await sandbox.RunAsync(new CodeProgram { Code = "print('1' * 499)" })).Should().BeEquivalentTo(new { IsPassed = true, Output = $"{new string('1', 499)}\n" });
        (await sandbox.RunAsync(new CodeProgram { Code = "print('1' * 500)" })).Should().BeEquivalentTo(new { Outcome = CodeRunOutcome.TooMuchOutput, Output = new string('1', 500) });
        (await sandbox.RunAsync(new CodeProgram { Code = "import os\nos.fork()" })).Error.Should().StartWith("BlockingIOError");
        (await sandbox.RunAsync(new CodeProgram { Code = "bytearray(130000000)" })).Outcome.Should().Be(CodeRunOutcome.OutOfMemory);
        (await sandbox.RunAsync(new CodeProgram { Code = "with open('file', 'wb') as file: file.write(bytes(66000))" })).Error.Should().StartWith("OSError");
        (await sandbox.RunAsync(new CodeProgram { Code = "[open('/dev/null') for _ in range(16)]" })).Error.Should().StartWith("OSError: [Errno 24]");
    }

    // Each option of bubblewrap is left out in turn; the sandbox is then not secure, and must be refused. Where a trial needs an option that follows
    // the left-out one with a value, the value is left out, too.
    [SandboxTheory]
    [InlineData("--unshare-net", 0, "the network cannot be reached")]
    [InlineData("--unshare-pid", 0, "processes of the host cannot be found")]
    [InlineData("--seccomp", 1, "system calls are filtered")]
    [InlineData("--remount-ro", 1, "nothing outside the working folder can be written")]
    [InlineData("--size", 1, "the size of the working folder is limited")]
    public async Task CreateAsync_BubblewrapThatIgnoresAnOption_IsRefused(string option, int valueCount, string property)
    {
        using var folder = new TemporaryFolder();
        await RefusesAsync(folder, $$"""
            #!/bin/sh
            count=$#
            while [ $count -gt 0 ]; do
                argument=$1; shift; count=$((count - 1))
                if [ "$argument" = "{{option}}" ]; then shift {{valueCount}}; count=$((count - {{valueCount}})); else set -- "$@" "$argument"; fi
            done
            exec /usr/bin/env bwrap "$@"
            """, $"*it is required that {property}*");
    }

    [SandboxFact]
    public async Task CreateAsync_BubblewrapThatShowsFilesOfTheHost_IsRefused()
    {
        using var folder = new TemporaryFolder();
        await RefusesAsync(folder, "#!/bin/sh\nexec /usr/bin/env bwrap --ro-bind /etc /etc \"$@\"\n", "*files of the host cannot be read*");
    }

    [SandboxFact]
    public async Task CreateAsync_BubblewrapThatFails_IsRefusedWithItsMessage()
    {
        using var folder = new TemporaryFolder();
        await RefusesAsync(folder, "#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n", "*no code is run: bwrap: No permissions to create new namespace.*");
    }

    [Fact]
    public async Task CreateAsync_NoBubblewrap_IsRefused()
    {
        Func<Task> create = () => BubblewrapSandbox.CreateAndTryAsync(new BubblewrapSandboxOptions(), bubblewrapPath: null, CancellationToken.None);

        await create.Should().ThrowAsync<SandboxUnavailableException>().WithMessage(OperatingSystem.IsLinux() ? "*'apt-get install bubblewrap'*" : "*needs Linux*");
    }

    [SandboxTheory]
    [InlineData("/no/python3", "*'/no/python3' cannot be run*")]
    [InlineData("/bin/false", "*'/bin/false' cannot be used*")]
    [InlineData("/bin/true", "*'/bin/true' does not say where its library is*")]
    public async Task CreateAsync_NoInterpreter_IsRefused(string path, string message) =>
        await FluentActions.Awaiting(() => BubblewrapSandbox.CreateAsync(new BubblewrapSandboxOptions { PythonPath = path }))
            .Should().ThrowAsync<SandboxUnavailableException>().WithMessage(message);

    private static async Task RefusesAsync(TemporaryFolder folder, string script, string message)
    {
        string path = folder.File("bwrap");
        await File.WriteAllTextAsync(path, script);
        if (OperatingSystem.IsLinux())
        {
            File.SetUnixFileMode(path, (UnixFileMode)0x1ED);
            File.SetUnixFileMode(folder.Path, (UnixFileMode)0x1ED);
        }

        Func<Task> create = () => BubblewrapSandbox.CreateAndTryAsync(new BubblewrapSandboxOptions(), path, CancellationToken.None);

        await create.Should().ThrowAsync<SandboxUnavailableException>().WithMessage(message);
    }
}
