namespace Llama2.Formats;

/// <summary>The name of a model's panel file.</summary>
internal static class PanelFileName
{
    /// <summary>The extension that is appended to the name of the model's file or folder.</summary>
    public const string Extension = ".panels";

    /// <summary>The path of the panel file of a model.</summary>
    /// <param name="modelPath">The model's file or folder.</param>
    /// <param name="folder">The folder of the panel file; null for the folder in which the model is.</param>
    public static string PathFor(string modelPath, string? folder = null)
    {
        string path = Path.TrimEndingDirectorySeparator(modelPath);
        if (Path.GetFileName(path) is "" or "." or "..")
        {
            // Such a path has no name, but the folder has one.
            path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        }

        return (folder is null ? path : Path.Combine(folder, Path.GetFileName(path))) + Extension;
    }
}
