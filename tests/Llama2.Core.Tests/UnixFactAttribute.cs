namespace Llama2.Tests;

/// <summary>A test of links, pipes or devices as Unix has them; skipped elsewhere.</summary>
public sealed class UnixFactAttribute : FactAttribute
{
    public UnixFactAttribute()
    {
        if (OperatingSystem.IsWindows())
        {
            Skip = "needs the links, pipes and devices of Unix";
        }
    }
}
