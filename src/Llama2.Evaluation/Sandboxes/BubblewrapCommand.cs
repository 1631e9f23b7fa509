using System.Diagnostics;
using System.Globalization;

namespace Llama2.Evaluation.Sandboxes;

/// <summary>The command that runs a Python script in a sandbox of its own, by means of bubblewrap.</summary>
/// <param name="bubblewrapPath">The program <c>bwrap</c>.</param>
/// <param name="setprivPath">The program <c>setpriv</c>, with which root gives up its identity; null if the process does not run as root.</param>
/// <param name="filterPath">The file with the filter of system calls.</param>
/// <param name="interpreter">The Python interpreter.</param>
internal sealed class BubblewrapCommand(string bubblewrapPath, string? setprivPath, string filterPath, PythonInterpreter interpreter)
{
    // The user "nobody", which exists in every container's range of users. The kernel does not limit the number of root's processes.
    private const string Nobody = "65534";

    // The filter is passed as an open file, which a .NET process cannot do without the shell.
    private const string Shell = "/bin/sh", ShellScript = "filter=$1; shift; exec \"$@\" 9<\"$filter\"";

    private static readonly string[] s_devices = ["/dev/null", "/dev/zero", "/dev/random", "/dev/urandom"];
    private static readonly string[] s_libraries = ["/usr/lib", "/usr/lib64", "/usr/lib32", "/lib", "/lib64", "/lib32"];

    public ProcessStartInfo CreateStartInfo(string script, CodeRunLimits limits)
    {
        var start = new ProcessStartInfo(Shell, ["-c", ShellScript, "sandbox", filterPath, .. ArgumentsOf(script, limits)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        start.Environment.Clear();
        return start;
    }

    private IEnumerable<string> ArgumentsOf(string script, CodeRunLimits limits)
    {
        string[] identity = setprivPath is null ? [] : [setprivPath, $"--reuid={Nobody}", $"--regid={Nobody}", "--clear-groups", "--inh-caps=-all"];
        string folderSize = limits.FolderByteSize.ToString(CultureInfo.InvariantCulture);
        return
        [
            .. identity,
            bubblewrapPath,
            "--unshare-user", "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try",
            "--uid", Nobody, "--gid", Nobody, "--hostname", "sandbox", "--cap-drop", "ALL", "--die-with-parent", "--new-session", "--seccomp", "9",
            // Before the interpreter, which may be in a folder below /tmp.
            "--size", folderSize, "--tmpfs", "/tmp", "--chdir", "/tmp",
            .. s_libraries.SelectMany(BindLibrary),
            "--ro-bind", interpreter.ExecutablePath, interpreter.ExecutablePath,
            .. interpreter.Folders.SelectMany(folder => (string[])["--ro-bind", folder, folder]),
            "--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache",
            .. s_devices.SelectMany(device => (string[])["--dev-bind", device, device]),
            "--remount-ro", "/",
            // Without MALLOC_ARENA_MAX, each thread would take up 64 MiB of the address space.
            "--clearenv", "--setenv", "HOME", "/tmp", "--setenv", "LANG", "C.UTF-8", "--setenv", "MALLOC_ARENA_MAX", "2",
            "--", interpreter.ExecutablePath, "-I", "-B", "-c", script,
            .. LimitArguments(limits),
        ];
    }

    // In many distributions, /lib is a link to /usr/lib.
    private static string[] BindLibrary(string path) => new DirectoryInfo(path) switch
    {
        { LinkTarget: string target } => ["--symlink", target, path],
        { Exists: true } => ["--ro-bind", path, path],
        _ => [],
    };

    // The kernel also counts the sandbox's first process, which waits for the others. The limit of the processor time is for the case that this process
    // is stopped and cannot measure the time; two seconds are for the start of Python.
    private static IEnumerable<string> LimitArguments(CodeRunLimits limits) => new[]
    {
        limits.MemoryByteSize, limits.ProcessCount + 1, limits.OpenFileCount, limits.FolderByteSize, (long)Math.Ceiling(limits.Time.TotalSeconds) + 2,
    }.Select(value => value.ToString(CultureInfo.InvariantCulture));
}
