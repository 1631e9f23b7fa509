namespace Llama2.Tests;

/// <summary>A test that needs the golden data beside the repository; reported as skipped without them.</summary>
public sealed class GoldenFactAttribute : FactAttribute
{
    internal const string Reason = "needs the golden data (../shared/golden), which is not beside this clone";

    public GoldenFactAttribute()
    {
        if (!RepositoryFiles.HasShared)
        {
            Skip = Reason;
        }
    }
}
