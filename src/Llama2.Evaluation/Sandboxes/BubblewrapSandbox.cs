using System.Net;
using System.Net.Sockets;
using Llama2.Evaluation.Sandboxes;

namespace Llama2.Evaluation;

/// <summary>
/// Runs programs in Python with bubblewrap (<c>bwrap</c>), the sandbox of Flatpak, on Linux. Thread-safe. There is no way to run a program without the
/// sandbox: where it is not available, or proves not to be secure, <see cref="CreateAsync"/> throws an exception.
/// </summary>
/// <remarks>
/// A program sees the system's libraries and Python's library, read-only, four devices (null, zero, random, urandom), and an empty working folder in
/// memory. It has no network, no <c>/proc</c>, no environment variables of the host, no capabilities and no terminal; its processes, its users, its host name
/// and its inter-process communication are in namespaces of their own, and a seccomp filter denies system calls that it does not need. All its
/// processes end with it. The kernel is shared with the host, so a fault of the kernel can be a way out: for programs of attackers, run the whole
/// evaluation in a virtual machine.
/// </remarks>
public sealed class BubblewrapSandbox : ICodeSandbox, IDisposable
{
    private readonly BubblewrapCommand _command;
    private readonly CodeRunLimits _limits;
    private readonly SemaphoreSlim _free;
    private readonly string _filterPath;
    private bool _isDisposed;

    private BubblewrapSandbox(BubblewrapSandboxOptions options, string bubblewrapPath, string? setprivPath, PythonInterpreter interpreter, byte[] filter)
    {
        _limits = options.Limits;
        _free = new SemaphoreSlim(options.ConcurrentRunCount);
        _filterPath = Path.GetTempFileName();
        File.WriteAllBytes(_filterPath, filter);
        _command = new BubblewrapCommand(bubblewrapPath, setprivPath, _filterPath, interpreter);
    }

    /// <summary>
    /// Sets the sandbox up, and tests whether it is secure, with programs that must fail to leave it and to exceed its limits. Takes one to two seconds.
    /// </summary>
    /// <param name="options">The limits and the interpreter; null for the defaults.</param>
    /// <param name="cancellationToken">Ends the trials.</param>
    /// <exception cref="SandboxUnavailableException">
    /// Something is missing (Linux on x64 or arm64, bubblewrap 0.8 or later, Python), or a trial has shown that the sandbox is not secure here.
    /// </exception>
    public static Task<BubblewrapSandbox> CreateAsync(BubblewrapSandboxOptions? options = null, CancellationToken cancellationToken = default) =>
        CreateAndTryAsync(options ?? new BubblewrapSandboxOptions(), ProgramPath.Find("bwrap"), cancellationToken);

    /// <inheritdoc cref="CreateAsync"/>
    internal static async Task<BubblewrapSandbox> CreateAndTryAsync(BubblewrapSandboxOptions options, string? bubblewrapPath, CancellationToken cancellationToken)
    {
        if (!OperatingSystem.IsLinux())
            throw new SandboxUnavailableException("The sandbox needs Linux, so no code is run. On Windows, use the Windows Subsystem for Linux.");
        byte[] filter = SystemCallFilter.Create(SystemCallNumbers.OfThisMachine ??
            throw new SandboxUnavailableException("The sandbox needs a processor of the architecture x64 or arm64, so no code is run."));
        if (bubblewrapPath is null)
            throw new SandboxUnavailableException("There is no 'bwrap' in PATH, so no code is run. Install bubblewrap, for example with 'apt-get install bubblewrap'.");
        string? setprivPath = !Environment.IsPrivilegedProcess ? null : ProgramPath.Find("setpriv") ??
            throw new SandboxUnavailableException("There is no 'setpriv' in PATH, which root needs, so no code is run. Install util-linux, or run as another user.");
        PythonInterpreter interpreter = await PythonInterpreter.FindAsync(options.PythonPath, cancellationToken).ConfigureAwait(false);

        var sandbox = new BubblewrapSandbox(options, bubblewrapPath, setprivPath, interpreter, filter);
        try
        {
            await sandbox.TryAsync(cancellationToken).ConfigureAwait(false);
            return sandbox;
        }
        catch
        {
            sandbox.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ObjectDisposedException">The sandbox is disposed.</exception>
    public Task<CodeRunResult> RunAsync(CodeProgram program, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(program);
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed), this);
        return RunAsync(program, _limits, cancellationToken);
    }

    /// <summary>Deletes the sandbox's temporary file. Programs that are running are not ended; those that wait may fail.</summary>
    public void Dispose()
    {
        // The semaphore is not disposed, because programs that are running release it. It holds nothing that needs to be disposed.
        Volatile.Write(ref _isDisposed, true);
        File.Delete(_filterPath);
    }

    private async Task<CodeRunResult> RunAsync(CodeProgram program, CodeRunLimits limits, CancellationToken cancellationToken)
    {
        await _free.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            // A thread of its own, because it waits for the processes and must live as long as they do.
            return await Task.Factory.StartNew(
                () => ProgramRun.Run(_command, limits, program, cancellationToken), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)
                .ConfigureAwait(false);
        }
        finally
        {
            _free.Release();
        }
    }

    private async Task TryAsync(CancellationToken cancellationToken)
    {
        string secretPath = Path.GetTempFileName();
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        try
        {
            if (OperatingSystem.IsLinux())
                File.SetUnixFileMode(secretPath, UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
            listener.Start();
            IReadOnlyList<SandboxTrial> trials = SandboxTrial.All(secretPath, ((IPEndPoint)listener.LocalEndpoint).Port);
            string?[] faults = await Task.WhenAll(trials.Select(async trial =>
                trial.FindFault(await RunAsync(new CodeProgram { Code = trial.Code }, trial.Limits, cancellationToken).ConfigureAwait(false)))).ConfigureAwait(false);
            if (faults.FirstOrDefault(fault => fault is not null) is { } first)
            {
                throw new SandboxUnavailableException(
                    $"The sandbox is not secure on this machine, so no code is run: {first}. Run the evaluation on a machine or in a container where it is secure.");
            }
        }
        finally
        {
            File.Delete(secretPath);
        }
    }
}
