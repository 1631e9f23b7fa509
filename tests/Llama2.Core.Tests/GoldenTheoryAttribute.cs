namespace Llama2.Tests;

/// <summary>A theory that needs the golden data beside the repository; reported as skipped without them.</summary>
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
