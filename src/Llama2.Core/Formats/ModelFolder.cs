namespace Llama2.Formats;

/// <summary>The folder in which a model's other files lie.</summary>
internal static class ModelFolder
{
    /// <summary>The folder of a file, as the file was named.</summary>
    public static string Of(string path) => Path.GetDirectoryName(path) is { Length: > 0 } folder ? folder : ".";
}
