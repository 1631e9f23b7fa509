using System.Text.Json;
using Llama2.Tests;

namespace Llama2.Training.Tests;

/// <summary>
/// The results of variants of LoRA for the model of <see cref="Golden"/>, which tests/Reference/adapter_methods.py, dora.py and saved_modules.py computed with PyTorch.
/// </summary>
internal sealed class GoldenMethods(string name)
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web);
    private readonly byte[] _bytes = File.ReadAllBytes(RepositoryFiles.Committed("tests", "data", $"{name}.bin"));

    public static GoldenMethods Instance { get; } = new("adapter-methods");

    public static GoldenMethods Dora { get; } = new("dora");

    public static GoldenMethods SavedModules { get; } = new("saved-modules");

    public Document Values { get; } = JsonSerializer.Deserialize<Document>(
        File.ReadAllText(RepositoryFiles.Committed("tests", "data", $"{name}.json")), s_json)!;

    /// <summary>The rows of a tensor of a method.</summary>
    public double[][] this[string method, string tensor] => Golden.Read(_bytes, Values.Tensors[$"{method}/{tensor}"]);

    internal sealed record Document(
        Dictionary<string, Steps> Methods, double LoraPlusRatio, double NeftuneAlpha, ulong NoiseSeedStride, float FrozenScale, Dictionary<string, int> RankPattern, Dictionary<string, float> AlphaPattern, Dictionary<string, Golden.TensorEntry> Tensors);

    internal sealed record Steps(double[] Losses, double[] Norms);
}
