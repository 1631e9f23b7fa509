using System.Globalization;
using Llama2.Evaluation.Harness.Yaml;

namespace Llama2.Evaluation.Harness.Files;

/// <summary>
/// Reads task files with the files that they include. A file's own keys take precedence over those that it includes, and later included files over earlier
/// ones. Included files must be in a root folder, because task files are untrusted. Not thread-safe.
/// </summary>
/// <param name="rootFolder">The folder.</param>
internal sealed class TaskFileReader(string rootFolder)
{
    private const int MaxDepth = 16, MaxFileCount = 50_000;
    private readonly string _root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(rootFolder)) + Path.DirectorySeparatorChar;
    private readonly Dictionary<string, YamlValue> _files = [];
    private int _readCount;

    /// <summary>Reads a file.</summary>
    /// <exception cref="HarnessTaskException">
    /// A file is missing, malformed or outside the root folder, exceeds a limit, or includes itself.
    /// </exception>
    public YamlValue Read(string path) => Read(Path.GetFullPath(path), []);

    private YamlValue Read(string path, List<string> including)
    {
        // Every use of a file counts, even if the file was read before: files that include each other twice would otherwise be merged without end.
        if (++_readCount > MaxFileCount)
            throw new HarnessTaskException(path, "include", string.Create(CultureInfo.InvariantCulture, $"Task file '{path}': more than {MaxFileCount:N0} files are included."));
        if (!_files.TryGetValue(path, out YamlValue? file))
            _files[path] = file = YamlReader.ReadFile(path);
        if (file.Find("include") is not { } include)
            return file;
        including = [.. including, path];
        IReadOnlyList<YamlValue> included = include.Kind == YamlKind.List ? include.Items : [include];
        var merged = new YamlValue(YamlKind.Map, "", path, 1);
        foreach (YamlValue name in included)
            merged = merged.With(Read(Resolve(name, path, including), including).Without("task_list").Entries);
        return merged.With(file.Without("include").Entries);
    }

    private string Resolve(YamlValue name, string path, List<string> including)
    {
        if (name.Kind != YamlKind.Text || name.Text.Contains('\0'))
            throw name.Fault("include", "it is not the path of a file");
        string target = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(path)!, name.Text));
        if (!target.StartsWith(_root, StringComparison.Ordinal))
            throw name.Fault("include", $"the file '{name.Text}' is outside the folder '{_root}'; load a folder that contains both files, or allow it ({nameof(HarnessTaskOptions)}.{nameof(HarnessTaskOptions.RootFolder)})");
        if (including.Contains(target))
            throw name.Fault("include", $"the file '{name.Text}' includes itself, by way of {including.Count} file(s)");
        return including.Count < MaxDepth ? target : throw name.Fault("include", $"files include each other more than {MaxDepth} deep");
    }
}
