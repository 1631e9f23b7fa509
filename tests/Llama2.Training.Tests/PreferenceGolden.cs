using System.Text.Json;
using Llama2.Tests;

namespace Llama2.Training.Tests;

/// <summary>The results of preference methods that tests/Reference/preferences.py computed with PyTorch, with the model of <see cref="Golden"/>.</summary>
internal sealed class PreferenceGolden
{
    public const double LearningRate = 5e-4;
    private static readonly byte[] s_bytes = File.ReadAllBytes(RepositoryFiles.Committed("tests", "data", "preferences.bin"));
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web);

    public static PreferenceGolden Instance { get; } = new();

    public Document Values { get; } = JsonSerializer.Deserialize<Document>(File.ReadAllText(RepositoryFiles.Committed("tests", "data", "preferences.json")), s_json)!;

    public PreferencePair[] Pairs => [.. Values.Pairs.Select(pair => new PreferencePair(SampleOf(pair[0]), SampleOf(pair[1])))];

    public TrainingSample[] Rated =>
        [.. Values.Rated.Select(rated => new TrainingSample(
            (int[])[.. rated.Prompt, .. rated.Answer], (bool[])[.. rated.Prompt.Select(_ => false), .. rated.Answer.Select(_ => true)]) { IsDesirable = rated.Label })];

    /// <summary>The settings of a method.</summary>
    public PreferenceOptions Options(PreferenceMethod method) => method switch
    {
        PreferenceMethod.Dpo => new() { Beta = Values.DpoBeta },
        PreferenceMethod.Orpo => new() { Method = method, Beta = Values.OrpoBeta },
        PreferenceMethod.SimPo => new() { Method = method, Beta = Values.SimPoBeta, MarginRatio = Values.SimPoGamma / Values.SimPoBeta },
        _ => new() { Method = method, Beta = Values.KtoBeta, DesirableWeight = Values.Desirable, UndesirableWeight = Values.Undesirable },
    };

    /// <summary>The gradient of a parameter in a step; null if it was not stored.</summary>
    public double[][]? Gradient(string method, int step, string name)
        => Values.Tensors.TryGetValue($"{method}/{step}/{name}", out Golden.TensorEntry? entry) ? Golden.Read(s_bytes, entry) : null;

    private static TrainingSample SampleOf(Golden.Sample sample) => new(sample.Tokens, Array.ConvertAll(sample.Weights, weight => weight > 0));

    internal sealed record Document(
        double DpoBeta, double OrpoBeta, double SimPoBeta, double SimPoGamma, double KtoBeta, double Desirable, double Undesirable, Golden.Sample[][] Pairs, RatedEntry[] Rated,
        Dictionary<string, Step[]> Steps, Dictionary<string, Golden.TensorEntry> Tensors);

    internal sealed record RatedEntry(int[] Prompt, int[] Answer, bool Label);

    internal sealed record Step(double Loss, double Norm, double Chosen, double Rejected, double? Accuracy, double? Divergence);
}
