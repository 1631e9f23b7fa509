using System.Net;
using System.Net.Sockets;

namespace Llama2.Evaluation.Tests.Sandboxes;

/// <summary>Two sandboxes for hostile programs, and what the programs must not reach on this machine.</summary>
public sealed class HostileProgramFixture : IAsyncLifetime, IDisposable
{
    // An unusual size of the working folder, which is an argument of each of the sandboxes' processes, so that they can be found.
    private readonly long _mark = (24L << 20) + (Environment.ProcessId % 100_000);
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Socket _named = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly Socket _abstract = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private DirectoryInfo? _canary;
    private BubblewrapSandbox? _sandbox, _briefSandbox;

    public bool HasConnections => _listener.Pending() || _named.Poll(0, SelectMode.SelectRead) || _abstract.Poll(0, SelectMode.SelectRead);

    private int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public async Task InitializeAsync()
    {
        if (SandboxFactAttribute.Reason is not null || !OperatingSystem.IsLinux())
            return;
        _canary = Directory.CreateTempSubdirectory("llama2-canary-");
        await File.WriteAllTextAsync(Path.Combine(_canary.FullName, "file"), "unchanged");
        File.SetUnixFileMode(_canary.FullName, (UnixFileMode)0x1FF);
        _listener.Start();
        Listen(_named, new UnixDomainSocketEndPoint(Path.Combine(_canary.FullName, "socket")));
        Listen(_abstract, new UnixDomainSocketEndPoint($"\0llama2-hostile-{Port}"));
        // On a busy machine, even a short program may need seconds.
        var limits = new CodeRunLimits { Time = TimeSpan.FromSeconds(60), FolderByteSize = _mark };
        _sandbox = await BubblewrapSandbox.CreateAsync(new BubblewrapSandboxOptions { Limits = limits });
        _briefSandbox = await BubblewrapSandbox.CreateAsync(new BubblewrapSandboxOptions { Limits = limits with { Time = TimeSpan.FromSeconds(1) } });
    }

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose()
    {
        _sandbox?.Dispose();
        _briefSandbox?.Dispose();
        _listener.Dispose();
        _named.Dispose();
        _abstract.Dispose();
        _canary?.Delete(recursive: true);
    }

    public Task<CodeRunResult> RunAsync(HostileProgram program, CancellationToken cancellationToken = default)
    {
        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        string code = program.Code.Replace("CANARY", _canary!.FullName, StringComparison.Ordinal).Replace("HOME FOLDER", home, StringComparison.Ordinal)
            .Replace("PORT", $"{Port}", StringComparison.Ordinal);
        BubblewrapSandbox sandbox = program.Outcome == CodeRunOutcome.TimedOut ? _briefSandbox! : _sandbox!;
        return sandbox.RunAsync(new CodeProgram { Code = code, Checks = program.Checks, CheckedNames = ["add"] }, cancellationToken);
    }

    /// <summary>The command lines of the sandboxes' processes.</summary>
    public string[] FindProcesses() => [.. Directory.EnumerateDirectories("/proc").Where(path => char.IsAsciiDigit(Path.GetFileName(path)[0]))
        .Select(ReadCommand).Where(command => command.Contains($"\0{_mark}\0", StringComparison.Ordinal))];

    /// <summary>The files of the folders that a program could find, as far as other processes of the machine do not change them during the test.</summary>
    public string[] TakeSnapshot()
    {
        string[] folders = ["/", "/etc", "/usr", "/usr/lib", "/usr/bin", .. Directory.GetDirectories("/usr/lib", "python3.*"), _canary!.FullName];
        return [.. folders.Where(Directory.Exists).SelectMany(Directory.EnumerateFileSystemEntries).Order(StringComparer.Ordinal).Select(Describe)];
    }

    // Folders such as /tmp change all the time.
    private static string Describe(string path) => File.Exists(path) ? $"{path} {new FileInfo(path).Length} {File.GetLastWriteTimeUtc(path).Ticks}" : path;

    private static string ReadCommand(string process)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "cmdline"));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private static void Listen(Socket socket, EndPoint address)
    {
        socket.Bind(address);
        socket.Listen();
    }
}
