namespace Llama2.Tests;

/// <summary>A test that needs the golden data beside the repository; skipped, saying so, where there is none.</summary>
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
