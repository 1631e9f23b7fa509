namespace Llama2.Cli.Tests;

/// <summary>A test of standard streams as a Unix shell redirects them; skipped where there is none, or no disk that is always full.</summary>
public sealed class UnixTheoryAttribute : TheoryAttribute
{
    public UnixTheoryAttribute()
    {
        if (!File.Exists("/dev/full"))
        {
            Skip = "needs a Unix shell and /dev/full";
        }
    }
}
