namespace Llama2.Formats;

/// <summary>Finds the folder that contains a model's other files, and states what a folder contains.</summary>
internal static class ModelFolder
{
    private const int MaxNamedCount = 3;

    /// <summary>The folder part of a file's path, relative if the path is relative.</summary>
    public static string Of(string path) => Path.GetDirectoryName(path) is { Length: > 0 } folder ? folder : ".";

    /// <summary>
    /// Returns the end of an error message about a folder that is not a model. This text states what the folder contains instead; it is empty if the folder
    /// contains no known file.
    /// </summary>
    public static string Hint(string folder)
    {
        if (File.Exists(Path.Combine(folder, "adapter_config.json")))
            return "; the folder is a LoRA adapter of PEFT, which must be loaded in addition to its model (LlamaModel.LoadAdapter, --adapter)";

        string[] names = Directory.Exists(folder) ? [.. Directory.EnumerateFiles(folder, "*.gguf").Select(path => $"'{Path.GetFileName(path)}'").Order(StringComparer.Ordinal).Take(MaxNamedCount + 1)] : [];
        return names.Length == 0 ? ""
            : $"; the folder has {string.Join(", ", names.Take(MaxNamedCount))}{(names.Length > MaxNamedCount ? " and more" : "")}, {(names.Length == 1 ? "which is a model in one file: name that file" : "each of which is a model in one file or a part of one: name one of them")}";
    }
}
