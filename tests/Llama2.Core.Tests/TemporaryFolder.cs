namespace Llama2.Tests;

/// <summary>A folder for one test's files.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("llama2-").FullName;

    public IEnumerable<string> Names => Directory.GetFiles(Path).Select(file => System.IO.Path.GetFileName(file));

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
