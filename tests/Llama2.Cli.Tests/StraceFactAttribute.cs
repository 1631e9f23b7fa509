using System.ComponentModel;
using System.Diagnostics;

namespace Llama2.Cli.Tests;

/// <summary>A test that makes system calls fail with <c>strace --inject</c>; skipped where strace is not installed or not allowed to trace.</summary>
public sealed class StraceFactAttribute : FactAttribute
{
    private static readonly Lazy<bool> s_works = new(Works);

    public StraceFactAttribute() => Skip = Reason;

    /// <summary>Why the test is skipped; null if it is not.</summary>
    internal static string? Reason => s_works.Value ? null : "needs strace, and the right to trace a process";

    private static bool Works()
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo("strace", ["-e", "inject=fsync:error=EIO", "true"]) { RedirectStandardError = true })!;
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
