namespace Llama2.Evaluation.Sandboxes;

/// <summary>Finds programs by their names.</summary>
internal static class ProgramPath
{
    /// <summary>The absolute path of the first file with this name in PATH; null if there is none. Folders with relative paths are skipped.</summary>
    public static string? Find(string name) => (Environment.GetEnvironmentVariable("PATH") ?? "/usr/bin:/bin")
        .Split(':').Where(Path.IsPathFullyQualified).Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
}
