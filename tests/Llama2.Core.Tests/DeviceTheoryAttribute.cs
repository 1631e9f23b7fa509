using System.Diagnostics;

namespace Llama2.Tests;

/// <summary>A theory that creates devices with mknod; skipped where that is not allowed.</summary>
public sealed class DeviceTheoryAttribute : TheoryAttribute
{
    private static readonly Lazy<bool> s_canMake = new(CanMake);

    public DeviceTheoryAttribute()
    {
        if (!s_canMake.Value)
        {
            Skip = "may not make devices with mknod";
        }
    }

    private static bool CanMake()
    {
        if (!OperatingSystem.IsLinux())
            return false;
        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        var start = new ProcessStartInfo("mknod", [path, "c", "1", "3"]) { RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        process.WaitForExit();
        File.Delete(path);
        return process.ExitCode == 0;
    }
}
