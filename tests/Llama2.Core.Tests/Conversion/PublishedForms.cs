using System.Text.Json;

namespace Llama2.Tests.Conversion;

/// <summary>A small model in every published form, written by tests/Reference/model_forms.py, with its logits in exact arithmetic.</summary>
internal static class PublishedForms
{
    public const string Gguf = "gguf/model.gguf";

    public static string Folder { get; } = RepositoryFiles.Committed("tests", "data", "forms");

    /// <summary>The tokens for which the logits are given.</summary>
    public static int[] Tokens { get; } = JsonSerializer.Deserialize<int[]>(File.ReadAllText(PathOf("tokens.json")))!;

    public static string PathOf(string name) => Path.Combine([Folder, .. name.Split('/')]);

    /// <summary>Exact logits, [tokens, vocabulary].</summary>
    public static float[] Logits(string name = "logits.f32") => GoldenModel.ReadFloats(PathOf(name));

    public static float[] Compute(string path, LlamaModelOptions? options = null)
    {
        using var model = LlamaModel.Load(path, options);
        return model.ComputeLogitsAsync(Tokens).GetAwaiter().GetResult();
    }

    /// <summary>A copy of one of the folders, which a test can damage.</summary>
    public static string Copy(string name, TemporaryFolder target)
    {
        foreach (string file in Directory.GetFiles(PathOf(name)))
            File.Copy(file, target.File(Path.GetFileName(file)));
        return target.Path;
    }
}
