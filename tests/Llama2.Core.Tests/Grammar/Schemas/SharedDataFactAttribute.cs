namespace Llama2.Tests.Grammar.Schemas;

/// <summary>A test that needs a file or folder of public data beside the repository (../shared/data); reported as skipped without it.</summary>
public sealed class SharedDataFactAttribute : FactAttribute
{
    /// <param name="name">The file's or folder's path below the folder of data.</param>
    public SharedDataFactAttribute(string name)
    {
        if (!Path.Exists(PathOf(name)))
            Skip = $"needs ../shared/data/{name}, which is not beside this clone";
    }

    internal static string PathOf(string name) => Path.Combine(RepositoryFiles.Shared, "data", name);
}
