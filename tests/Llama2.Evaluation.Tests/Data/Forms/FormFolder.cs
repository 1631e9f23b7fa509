using System.Text.Json;
using Llama2.Tests;

namespace Llama2.Evaluation.Tests.Data.Forms;

/// <summary>A temporary folder with small data sets.</summary>
internal sealed class FormFolder : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public string Path => _folder.Path;

    public void Dispose() => _folder.Dispose();

    public void Write(string name, string content)
    {
        string path = _folder.File(name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
    }

    public IReadOnlyList<JsonElement> Rows(string path, string? configuration, string split) => DataFolder.Open(_folder.Path).Read(path, configuration, split);

    /// <summary>The rows as JSON, one after the other.</summary>
    public string Read(string path, string? configuration, string split) => string.Join(' ', Rows(path, configuration, split).Select(row => row.GetRawText()));

    /// <summary>One field of each row.</summary>
    public IEnumerable<string> Fields(string path, string? configuration, string split, string field) =>
        Rows(path, configuration, split).Select(row => row.GetProperty(field).ToString());
}
