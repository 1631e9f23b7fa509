namespace Llama2.Cli.Tests;

/// <summary>A test that sends signals; skipped on systems without signals.</summary>
public sealed class UnixFactAttribute : FactAttribute
{
    public UnixFactAttribute()
    {
        if (OperatingSystem.IsWindows())
        {
            Skip = "needs Unix signals";
        }
    }
}
