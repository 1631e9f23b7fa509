using System.ComponentModel;
using System.Diagnostics;

namespace Llama2.Evaluation.Sandboxes;

/// <summary>A Python interpreter: its file, and the folders that it needs besides the system's libraries.</summary>
/// <param name="ExecutablePath">The interpreter's file, without symbolic links.</param>
/// <param name="Folders">The folders of its standard library and, if it has one, of its shared library.</param>
internal sealed record PythonInterpreter(string ExecutablePath, IReadOnlyList<string> Folders)
{
    private const string SystemPath = "/usr/bin/python3";

    // Of a virtual environment, the interpreter from which it was made is used.
    private const string Question = """
        import os, sys, sysconfig
        if sys.version_info < (3, 8): sys.exit("its version is " + sys.version.split()[0] + ", older than 3.8")
        print(os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable))
        library = sysconfig.get_config_var("LIBDIR") if sysconfig.get_config_var("Py_ENABLE_SHARED") else None
        for path in {sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib"), library}:
            if path and os.path.isdir(path): print(os.path.realpath(path))
        """;

    private static readonly TimeSpan s_answerTime = TimeSpan.FromSeconds(60);

    /// <summary>Finds the interpreter, and asks it for its folders.</summary>
    /// <param name="path">Its path; null for the system's interpreter or the first in PATH.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <exception cref="SandboxUnavailableException">There is no interpreter, or it does not answer.</exception>
    public static async Task<PythonInterpreter> FindAsync(string? path, CancellationToken cancellationToken)
    {
        path ??= File.Exists(SystemPath) ? SystemPath : ProgramPath.Find("python3") ??
            throw new SandboxUnavailableException("There is no 'python3' in PATH. Install Python 3.8 or later, for example with 'apt-get install python3'.");
        string[] lines = (await AskAsync(path, cancellationToken).ConfigureAwait(false)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (lines.Length == 0 || !lines.All(Path.IsPathFullyQualified))
            throw new SandboxUnavailableException($"The Python interpreter '{path}' does not say where its library is. Name another one ({nameof(BubblewrapSandboxOptions)}.{nameof(BubblewrapSandboxOptions.PythonPath)}).");
        return new PythonInterpreter(lines[0], lines[1..]);
    }

    private static async Task<string> AskAsync(string path, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(s_answerTime);
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(path, ["-I", "-c", Question])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            process.StandardInput.Close();
            Task<string> answer = process.StandardOutput.ReadToEndAsync(limit.Token), errors = process.StandardError.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token).ConfigureAwait(false);
            return process.ExitCode == 0
                ? await answer.ConfigureAwait(false)
                : throw new SandboxUnavailableException(
                    $"The Python interpreter '{path}' cannot be used: {(await errors.ConfigureAwait(false)).Trim()}. Install Python 3.8 or later, or name another interpreter ({nameof(BubblewrapSandboxOptions)}.{nameof(BubblewrapSandboxOptions.PythonPath)}).");
        }
        catch (Exception exception) when (exception is Win32Exception || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new SandboxUnavailableException(
                $"The Python interpreter '{path}' cannot be run: {exception.Message}. Install Python 3.8 or later, or name another interpreter ({nameof(BubblewrapSandboxOptions)}.{nameof(BubblewrapSandboxOptions.PythonPath)}).", exception);
        }
    }
}
