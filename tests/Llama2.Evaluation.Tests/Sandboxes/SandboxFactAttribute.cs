using System.ComponentModel;
using System.Diagnostics;
using Llama2.Tests;

namespace Llama2.Evaluation.Tests.Sandboxes;

/// <summary>A test that runs programs in a sandbox; skipped where bubblewrap is not installed or may not create user namespaces.</summary>
public sealed class SandboxFactAttribute : FactAttribute
{
    private static readonly Lazy<bool> s_works = new(Works);

    /// <param name="data">A file or folder of public data that the test also needs, below ../shared/data; null for none.</param>
    public SandboxFactAttribute(string? data = null) =>
        Skip = Reason ?? (data is null || Path.Exists(PathOf(data)) ? null : $"needs ../shared/data/{data}, which is not beside this clone");

    /// <summary>Why the test is skipped; null if it is not.</summary>
    internal static string? Reason => s_works.Value ? null : "needs bubblewrap (bwrap), and the right to create user namespaces as an ordinary user";

    internal static string PathOf(string data) => Path.Combine(RepositoryFiles.Shared, "data", data);

    // Not tried with the library's own code, so that a fault of it makes tests fail and does not skip them.
    private static bool Works()
    {
        string[] identity = Environment.IsPrivilegedProcess ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : [];
        string[] command = [.. identity, "bwrap", "--unshare-user", "--unshare-pid", "--unshare-net", "--ro-bind", "/usr", "/usr", "--symlink", "usr/lib", "/lib",
            "--ro-bind-try", "/lib64", "/lib64", "--size", "65536", "--tmpfs", "/tmp", "--", "/usr/bin/python3", "-c", "pass"];
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardError = true })!;
            process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }
}
