namespace Llama2.Tests.Memory;

/// <summary>A test that runs only where Linux can give a process large pages.</summary>
public sealed class LargePagesFactAttribute : FactAttribute
{
    public LargePagesFactAttribute()
    {
        if (!OperatingSystem.IsLinux() || !File.Exists("/sys/kernel/mm/transparent_hugepage/enabled"))
            Skip = "Needs Linux with transparent huge pages.";
    }
}
