using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Llama2.Evaluation.Sandboxes;

/// <summary>
/// One run of a program, and the relay between the program and its checks. Everything happens on the calling thread, which waits for the processes.
/// Each message is a line that begins with a letter: R (ready), V (value), E (exception), Q (request of the checks), D (the checks are done).
/// </summary>
internal sealed class ProgramRun : IDisposable
{
    private const int FirstSignalCode = 128, LastSignal = 64;

    private readonly BubblewrapCommand _command;
    private readonly CodeRunLimits _limits;
    private readonly CodeProgram _program;
    private readonly CancellationToken _cancellationToken;
    private readonly RunWatch _watch;
    private readonly List<SandboxedProcess> _processes = [];

    private ProgramRun(BubblewrapCommand command, CodeRunLimits limits, CodeProgram program, CancellationToken cancellationToken)
    {
        (_command, _limits, _program, _cancellationToken) = (command, limits, program, cancellationToken);
        _watch = new RunWatch(limits, cancellationToken);
    }

    private SandboxedProcess Worker => _processes[0];

    private SandboxedProcess Checker => _processes[1];

    /// <inheritdoc cref="ICodeSandbox.RunAsync"/>
    public static CodeRunResult Run(BubblewrapCommand command, CodeRunLimits limits, CodeProgram program, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var run = new ProgramRun(command, limits, program, cancellationToken);
        try
        {
            return run.Run();
        }
        finally
        {
            run.End();
        }
    }

    public void Dispose()
    {
        _watch.Dispose();
        _processes.ForEach(process => process.Dispose());
    }

    private CodeRunResult Run()
    {
        Start(PythonScripts.Worker);
        if (_program.Checks is not null)
            Start(PythonScripts.Checker);
        foreach (SandboxedProcess process in _processes)
            ExpectReady(process);

        _watch.StartProgram();
        CodeRunResult result;
        try
        {
            Worker.Send(WriteProgram());
            result = _program.Checks is null ? RunAlone() : RunWithChecks();
        }
        catch (InvalidDataException)
        {
            _watch.Stop(StopReason.TooMuchOutput);
            result = Failed("", null);
        }

        End();
        return (ExplainStop() ?? result) with { Output = Encoding.UTF8.GetString(Worker.GetOutput()), Duration = _watch.Duration };
    }

    private void Start(string script)
    {
        var process = SandboxedProcess.Start(_command.CreateStartInfo(script, _limits), _limits.OutputByteSize, () => _watch.Stop(StopReason.TooMuchOutput));
        _processes.Add(process);
        _watch.Add(process);
    }

    private void ExpectReady(SandboxedProcess process)
    {
        if (process.Receive() is { } line && line.Span.SequenceEqual("R"u8))
            return;
        bool isSlow = _watch.Reason == StopReason.NotStarted;
        End();
        _cancellationToken.ThrowIfCancellationRequested();
        string message = Encoding.UTF8.GetString(process.GetOutput()).Trim();
        string cause = isSlow ? "it was not ready within a minute" : message.Length > 0 ? message : $"it ended with exit code {process.ExitCode}";
        throw new SandboxUnavailableException(
            $"The sandbox cannot be set up, so no code is run: {cause}. Bubblewrap needs the right to create user " +
            "namespaces, a kernel with seccomp, and a Python interpreter that every user can read. In a container, allow user namespaces " +
            "(for example with a seccomp profile that permits 'unshare' and 'mount').");
    }

    // A program without checks: its exit code is the result.
    private CodeRunResult RunAlone()
    {
        (string Type, string Text)? error = null;
        while (Worker.Receive() is { } line)
            error ??= ReadError(line.Span);
        Worker.WaitForExit();
        _watch.Stop(StopReason.Finished);
        int code = Worker.ExitCode;
        if (ExplainSignal(code, "The program") is { } killed)
            return killed;
        if (code == 0)
            return new CodeRunResult(CodeRunOutcome.Passed, null, code, null, "", TimeSpan.Zero);
        return error is { } known ? Explain(known, code) : Failed($"The exit code is {code}.", code);
    }

    // The checks ask, the program answers, and this loop carries the messages, one at a time. Only the checks can say that they have passed.
    private CodeRunResult RunWithChecks()
    {
        Checker.Send(WriteChecks());
        if (Worker.Receive() is not { } definitions)
            return ExplainEarlyEnd(Worker, "The program");
        Checker.Send(definitions.Span);
        while (true)
        {
            if (Checker.Receive() is not { Length: > 0 } request)
                return ExplainEarlyEnd(Checker, "The process of the checks");
            if (request.Span[0] == (byte)'D')
            {
                _watch.Stop(StopReason.Finished);
                return ReadError(request.Span) is { } error ? Explain(error, null) : new CodeRunResult(CodeRunOutcome.Passed, null, null, null, "", TimeSpan.Zero);
            }

            Worker.Send(request.Span[1..]);
            if (Worker.Receive() is not { } reply)
                return ExplainEarlyEnd(Worker, "The program");
            Checker.Send(reply.Span);
        }
    }

    private CodeRunResult ExplainEarlyEnd(SandboxedProcess process, string what)
    {
        process.WaitForExit();
        _watch.Stop(StopReason.Finished);
        return ExplainSignal(process.ExitCode, what) ?? Failed($"{what} ended with exit code {process.ExitCode} before the checks were done.", process.ExitCode);
    }

    private CodeRunResult? ExplainStop() => _watch.Reason switch
    {
        StopReason.Cancelled => throw new OperationCanceledException(_cancellationToken),
        StopReason.TimedOut => Stopped(
            CodeRunOutcome.TimedOut, string.Create(CultureInfo.InvariantCulture, $"The program ran longer than {_limits.Time.TotalSeconds:0.###} s.")),
        StopReason.OutOfMemory => Stopped(CodeRunOutcome.OutOfMemory, $"The processes together had more than {_limits.MemoryByteSize:N0} bytes of memory."),
        StopReason.TooMuchOutput => Stopped(
            CodeRunOutcome.TooMuchOutput, $"The program wrote more than {_limits.OutputByteSize:N0} bytes, or returned a value that is too large."),
        _ => null,
    };

    private void End()
    {
        _watch.Stop(StopReason.Finished);
        _processes.ForEach(process => process.WaitForExit());
    }

    private byte[] WriteProgram() => WriteJson(writer =>
    {
        writer.WriteString("code", _program.Code);
        if (_program.Checks is null)
            writer.WriteNull("names");
        else
            WriteNames(writer);
    });

    private byte[] WriteChecks() => WriteJson(writer =>
    {
        writer.WriteString("preamble", _program.Preamble);
        writer.WriteString("checks", _program.Checks);
        WriteNames(writer);
    });

    private void WriteNames(Utf8JsonWriter writer)
    {
        writer.WriteStartArray("names");
        foreach (string name in _program.CheckedNames)
            writer.WriteStringValue(name);
        writer.WriteEndArray();
    }

    private static byte[] WriteJson(Action<Utf8JsonWriter> write)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }

        return stream.ToArray();
    }

    // The line comes from a process that may have been taken over, so it need not have the form ["type", "text"].
    private static (string Type, string Text)? ReadError(ReadOnlySpan<byte> line)
    {
        if (line is not [(byte)'E' or (byte)'D', ..] || line[1..].SequenceEqual("null"u8))
            return null;
        try
        {
            using var document = JsonDocument.Parse(line[1..].ToArray());
            JsonElement.ArrayEnumerator parts = document.RootElement.EnumerateArray();
            string[] texts = [.. parts.Take(2).Select(part => part.GetString() ?? "")];
            return (texts.ElementAtOrDefault(0) ?? "", texts.ElementAtOrDefault(1) ?? "");
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return ("Error", "unknown");
        }
    }

    private static CodeRunResult Explain((string Type, string Text) error, int? exitCode) =>
        Failed(error.Text.Length == 0 ? error.Type : $"{error.Type}: {error.Text}", exitCode) with
        {
            Outcome = error.Type == "MemoryError" ? CodeRunOutcome.OutOfMemory : CodeRunOutcome.Failed,
        };

    private static CodeRunResult? ExplainSignal(int code, string what) => code - FirstSignalCode is int signal and > 0 and <= LastSignal
        ? new CodeRunResult(CodeRunOutcome.Killed, $"{what} was ended by signal {signal}.", null, signal, "", TimeSpan.Zero)
        : null;

    private static CodeRunResult Failed(string error, int? exitCode) => new(CodeRunOutcome.Failed, error, exitCode, null, "", TimeSpan.Zero);

    private static CodeRunResult Stopped(CodeRunOutcome outcome, string error) => new(outcome, error, null, null, "", TimeSpan.Zero);
}
