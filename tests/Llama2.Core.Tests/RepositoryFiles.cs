namespace Llama2.Tests;

/// <summary>Finds the files that tests read: those that are committed, and the golden data, which may exist beside the repository.</summary>
internal static class RepositoryFiles
{
    /// <summary>The folder that contains Llama2.sln.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The golden data beside the repository; they need not exist.</summary>
    public static string Shared { get; } = Path.Combine(Path.GetDirectoryName(Root)!, "shared");

    public static bool HasShared => File.Exists(Path.Combine(Shared, "golden", "index.json"));

    public static string Golden(params string[] parts) => Path.Combine([Shared, "golden", .. parts]);

    public static string Committed(params string[] parts) => Path.Combine([Root, .. parts]);

    private static string FindRoot()
    {
        for (string? folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "Llama2.sln")))
            {
                return folder;
            }
        }

        throw new InvalidOperationException($"No Llama2.sln above '{AppContext.BaseDirectory}': run the tests from a clone of the repository.");
    }
}
