using Llama2.Tests;

namespace Llama2.Evaluation.Tests.Backends.LlamaCpp;

/// <summary>A model whose log-likelihoods are compared with llama.cpp's.</summary>
/// <param name="Name">The name in the file of expected values.</param>
/// <param name="Rounding">The relative error, root mean square, with which the less precise of both programs rounds activations or keys and values.</param>
/// <param name="HasAdapter">Whether the model is used with a <see cref="ScaledAdapter"/>.</param>
internal sealed record ComparedModel(string Name, double Rounding, bool HasAdapter = false)
{
    // Three times 2⁻²⁴, the error of one rounding, because dot products of up to a few hundred numbers are rounded several times.
    private const double Single = 2e-7;

    // llama.cpp rounds activations to half precision if the weights have it: 2⁻¹¹ at most, uniformly distributed.
    private const double Half = 1 / 2048.0 / 1.732;

    // Both programs round activations to 8 bits in blocks of 32: the error is uniform within ±1/254 of the largest number of the block, which is about
    // 2.2 times the root mean square of 32 normally distributed numbers.
    private const double EightBits = 2.2 / 127 / 3.464;

    /// <summary>The models of which the repository contains llama.cpp's figures.</summary>
    public static IReadOnlyList<ComparedModel> All { get; } =
    [
        new("stories260K-F32", Single), new("stories260K-F16", Half), new("storyteller-1m-Q8_0", EightBits), new("random-Q8_0", EightBits), new("random-Q4_0", EightBits),
        new("stories260K-adapted-F32", Single, HasAdapter: true), new("stories260K-merged-F32", Single),
    ];

    /// <summary>The type of keys and values in both programs.</summary>
    public KeyValueCacheType CacheType => Name.EndsWith("-F32", StringComparison.Ordinal) ? KeyValueCacheType.F32 : KeyValueCacheType.F16;

    /// <summary>Finds or writes the model's file. The random models are small, and have Llama 2's vocabulary.</summary>
    public string PathIn(TemporaryFolder folder)
    {
        if (RequestFile.Folder is { } written && File.Exists(Path.Combine(written, $"{Name}.gguf")))
            return Path.Combine(written, $"{Name}.gguf");
        string[] parts = Name.Split('-');
        if (parts is ["stories260K", "merged", _])
            return ScaledAdapter.WriteMerged(Stories260K(parts[^1]), folder.File($"{Name}.gguf"));
        if (parts[0] == "stories260K")
            return Stories260K(parts[^1]);
        if (parts[0] == "storyteller")
            return DemonstrationModel.Path;
        string path = folder.File($"{Name}.gguf");
        RandomModel.Write(path, new ModelShape(256, 2, 8, 2, 768, 512), Enum.Parse<ModelQuantization>(parts[1]));
        return path;
    }

    /// <summary>Writes the adapter's file, if the model is used with one.</summary>
    public string? WriteAdapter(TemporaryFolder folder)
        => HasAdapter ? ScaledAdapter.Write(Stories260K("F32"), folder.File($"{Name}.adapter")) : null;

    /// <summary>Loads a model's file.</summary>
    public LlamaModel Load(string path) => LlamaModel.Load(path, new LlamaModelOptions
    {
        // llama.cpp uses Llama 2's vocabulary for nothing here: it gets the tokens.
        TokenizerPath = Name.StartsWith("random", StringComparison.Ordinal) ? RepositoryFiles.Golden("tokenizer", "tokenizer.model") : null,
        KeyValueCacheType = CacheType,
    });

    /// <summary>
    /// How much the log-probabilities of a token differ between both programs, root mean square. In each layer, the activations are rounded four times: before
    /// the projections of attention, after attention, before and within the feed-forward network; and once more before the output. These independent errors
    /// change a logit by Rounding·√(4·layers + 1) times the logits' standard deviation. The factor 2 is √2 for two programs, and √2 at most for the error of
    /// the sum over the vocabulary.
    /// </summary>
    public async Task<double> ExpectedErrorAsync(LlamaModel model, ComputationOptions computation, int[] tokens)
    {
        float[] logits = await model.ComputeLogitsAsync(tokens.AsMemory(..^1), computation);
        double variance = logits.Chunk(model.Configuration.VocabularySize).Average(Variance);
        return 2 * Rounding * Math.Sqrt((4 * model.Configuration.LayerCount) + 1) * Math.Sqrt(variance);
    }

    private static string Stories260K(string type) => RepositoryFiles.Golden("stories260k", $"stories260K-{type}.gguf");

    private static double Variance(float[] row)
    {
        double mean = row.Average();
        return row.Average(logit => (logit - mean) * (logit - mean));
    }
}
