namespace Llama2.Tests;

/// <summary>As <see cref="LinuxFactAttribute"/>, with rows.</summary>
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
