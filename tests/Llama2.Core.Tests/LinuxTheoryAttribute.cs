namespace Llama2.Tests;

/// <summary>The same as <see cref="LinuxFactAttribute"/>, for theories.</summary>
public sealed class LinuxTheoryAttribute : TheoryAttribute
{
    public LinuxTheoryAttribute()
    {
        if (!OperatingSystem.IsLinux())
        {
            Skip = "needs Linux";
        }
    }
}
