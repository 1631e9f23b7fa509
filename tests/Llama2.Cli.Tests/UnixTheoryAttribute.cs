namespace Llama2.Cli.Tests;

/// <summary>A test of standard streams as a Unix shell redirects them; skipped on systems without such a shell or without /dev/full.</summary>
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
