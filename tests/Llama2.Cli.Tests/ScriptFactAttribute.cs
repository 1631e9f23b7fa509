using System.ComponentModel;
using System.Diagnostics;

namespace Llama2.Cli.Tests;

/// <summary>
/// A test that runs a command on a pseudo-terminal, which the program <c>script</c> of util-linux provides; skipped where it is not installed.
/// </summary>
public sealed class ScriptFactAttribute : FactAttribute
{
    private static readonly Lazy<bool> s_works = new(Works);

    public ScriptFactAttribute() => Skip = s_works.Value ? null : "needs the program script of util-linux";

    private static bool Works()
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo("script", ["--version"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            string version = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return version.Contains("util-linux", StringComparison.Ordinal);
        }
        catch (Win32Exception)
        {
            return false;
        }
    }
}
