using Llama2.Tests;

namespace Llama2.Training.Tests.Datasets;

/// <summary>A test that needs the cases beside the repository (../shared/cases); reported as skipped without them.</summary>
public sealed class CasesTheoryAttribute : TheoryAttribute
{
    public CasesTheoryAttribute()
    {
        if (!Directory.Exists(Folder))
            Skip = "needs ../shared/cases, which is not beside this clone";
    }

    internal static string Folder => Path.Combine(RepositoryFiles.Shared, "cases");
}
