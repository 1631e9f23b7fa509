using System.Text.Json;

namespace Llama2.Evaluation.Tests.Harness;

/// <summary>A temporary folder with task files, and two documents for every split.</summary>
internal sealed class TaskFolder : IDisposable
{
    public const string Minimal = "task: t\ndataset_path: d\ntest_split: test\ndoc_to_text: '{{q}}'\ndoc_to_target: a\n";

    private static readonly JsonElement[] s_documents = [JsonElement.Parse("{\"q\":\"one\",\"a\":\"1\",\"i\":1}"), JsonElement.Parse("{\"q\":\"two\",\"a\":\"2\",\"i\":0}")];

    public string Path { get; } = Directory.CreateTempSubdirectory("llama2-tasks-").FullName;

    public string Write(string name, string content)
    {
        string path = System.IO.Path.Combine(Path, name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
        return path;
    }

    public static HarnessTasks Load(string path, HarnessTaskOptions? options = null) => HarnessTasks.Load(path, (_, _, _) => s_documents, options);

    public HarnessTasks Load(HarnessTaskOptions? options = null) => Load(Path, options);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
