namespace Llama2.Tests;

/// <summary>A theory that needs the golden data beside the repository; skipped, saying so, where there is none.</summary>
public sealed class GoldenTheoryAttribute : TheoryAttribute
{
    public GoldenTheoryAttribute()
    {
        if (!RepositoryFiles.HasShared)
        {
            Skip = GoldenFactAttribute.Reason;
        }
    }
}
