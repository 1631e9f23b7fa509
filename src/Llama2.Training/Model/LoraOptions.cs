using System.Security.Cryptography;
using System.Text;
using Llama2.Adapters;
using Llama2.Architectures;
using Llama2.Tokenization;
using static System.FormattableString;

namespace Llama2.Training;

/// <summary>
/// The options of low-rank adaptation (Hu et al. 2021, arXiv 2106.09685): the model, which may be quantized, stays unchanged. For each target layer,
/// a product B · A of two narrow matrices is learned. Immutable; values are checked when they are set.
/// </summary>
public sealed record LoraOptions
{
    private const int MaxRank = 1024, MaxPatternCount = 256;

    /// <summary>The rank: the number of rows of A and columns of B, 1 to 1,024; 16 by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int Rank
    {
        get;
        init => field = value is >= 1 and <= MaxRank ? value : throw new ArgumentOutOfRangeException(nameof(value), value, Invariant($"The rank must be from 1 to {MaxRank:N0}."));
    } = 16;

    /// <summary>
    /// Alpha, which determines the scale of the adapter: alpha / rank, or alpha / √rank with <see cref="UseRankStabilization"/>. Above 0; 16 by
    /// default.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public float Alpha
    {
        get;
        init => field = float.IsFinite(value) && value > 0 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "Alpha must be a number above 0.");
    } = 16;

    /// <summary>
    /// Ranks of matrices whose module's name in Hugging Face's models matches a pattern, instead of <see cref="Rank"/>, as PEFT's <c>rank_pattern</c>. A
    /// pattern is the end of a name, such as <c>q_proj</c> or <c>layers.0.self_attn.q_proj</c>, or a regular expression for it, such as
    /// <c>.*\.[0-3]\.mlp\..*</c>. The first pattern that matches applies. At most 256; none by default.
    /// </summary>
    /// <exception cref="ArgumentException">A pattern is not valid, or a rank is out of range.</exception>
    public IReadOnlyList<(string Pattern, int Rank)> RankPattern
    {
        get;
        init
        {
            ArgumentNullException.ThrowIfNull(value);
            _ = PatternsOf(value.Select(entry => (entry.Pattern, (float)entry.Rank)), rank => rank is >= 1 and <= MaxRank ? null : Invariant($"the rank must be from 1 to {MaxRank:N0}"));
            field = [.. value];
        }
    } = [];

    /// <summary>Alphas of matrices whose module's name matches a pattern, instead of <see cref="Alpha"/>; see <see cref="RankPattern"/>. At most 256; none by default.</summary>
    /// <exception cref="ArgumentException">A pattern is not valid, or an alpha is not a number above 0.</exception>
    public IReadOnlyList<(string Pattern, float Alpha)> AlphaPattern
    {
        get;
        init
        {
            ArgumentNullException.ThrowIfNull(value);
            _ = PatternsOf(value, alpha => float.IsFinite(alpha) && alpha > 0 ? null : "alpha must be a number above 0");
            field = [.. value];
        }
    } = [];

    /// <summary>
    /// Whether the scale of the adapter is alpha / √rank instead of alpha / rank (Kalajdzievski 2023, arXiv 2312.03732). Learning is then equally
    /// fast at all ranks, even high ones. False by default.
    /// </summary>
    public bool UseRankStabilization { get; init; }

    /// <summary>
    /// Whether a magnitude is trained for each row of an adapted matrix, and the product B · A changes only the row's direction (DoRA, Liu et al. 2024, arXiv
    /// 2402.09353): the adapted row is m · (w + scale · b · A) / ‖w + scale · b · A‖. Initially, the magnitudes are the norms of the rows. They have the
    /// learning rate of B and no weight decay. An adapter with magnitudes cannot be used by llama.cpp until it is merged. False by default.
    /// </summary>
    public bool UseWeightDecomposition { get; init; }

    /// <summary>The probability with which an element of an adapter's input becomes 0 in training, 0 to 0.9; 0 by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public float Dropout
    {
        get;
        init => field = value is >= 0 and <= 0.9f ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "Dropout must be a probability from 0 to 0.9.");
    }

    /// <summary>
    /// The learning rate of B divided by that of A (LoRA+, Hayou et al. 2024, arXiv 2402.12354). B begins at zero and has to grow, so a higher rate for
    /// it makes training faster; the paper recommends about 16, with a lower <see cref="TrainingOptions.LearningRate"/>, which is the rate of A. Above 0, at
    /// most 10,000; 1 by default: both have the same rate.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double LoraPlusRatio
    {
        get;
        init => field = value is > 0 and <= 10_000 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "The ratio of the learning rates must be above 0, and at most 10,000.");
    } = 1;

    /// <summary>The layers that are adapted; all seven by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">No layer is selected, or the value is undefined.</exception>
    public LoraTargets Targets
    {
        get;
        init => field = value != LoraTargets.None && (value & ~LoraTargets.All) == 0
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, "At least one of the defined kinds of layers must be adapted.");
    } = LoraTargets.All;

    /// <summary>
    /// The tensors that are trained as a whole and stored in the adapter; none by default. They take 16 bytes for each weight while they are trained, and a
    /// GGUF adapter with whole tensors can be loaded by this library, but not by llama.cpp. If tokens are added (<see
    /// cref="TrainingOptions.NewTokens"/>), the embeddings and the output matrix are trained in any case.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is undefined.</exception>
    public SavedModules SavedModules
    {
        get;
        init => field = (value & ~SavedModules.All) == 0 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "Only the defined modules can be trained as a whole.");
    }

    /// <summary>
    /// The ids of the tokens whose rows of the embeddings are trained and stored in the adapter (PEFT's <c>trainable_token_indices</c>); none by default. The other rows
    /// stay as they are, so each token takes 16 bytes for each number of its embedding. If the output matrix shares the embeddings, its rows of these tokens are trained with them, as in PEFT. A
    /// GGUF adapter with such rows can be loaded by this library, but not by llama.cpp.
    /// </summary>
    /// <exception cref="ArgumentException">An id is negative or too large, or occurs twice.</exception>
    public IReadOnlyList<int> EmbeddingTokens { get; init => field = CheckTokens(value); } = [];

    /// <summary>
    /// The ids of the tokens whose rows of the output matrix are trained and stored in the adapter, as <see cref="EmbeddingTokens"/>; none by default. If the output matrix
    /// shares the embeddings, there must be none, or those of <see cref="EmbeddingTokens"/>.
    /// </summary>
    /// <exception cref="ArgumentException">An id is negative or too large, or occurs twice.</exception>
    public IReadOnlyList<int> OutputTokens { get; init => field = CheckTokens(value); } = [];

    /// <summary>
    /// An adapter from which training starts, a GGUF file or a PEFT folder; null (the default) starts a new adapter. Rank, scale and layers are then those
    /// of this adapter, and <see cref="Rank"/>, <see cref="Alpha"/>, <see cref="UseRankStabilization"/>, the patterns and <see cref="Targets"/> are not used. Magnitudes are
    /// trained if the adapter has them, or with <see cref="UseWeightDecomposition"/>. AdamW's moments start from zero; to continue an interrupted run, use <see
    /// cref="LlamaTrainer.Resume"/>.
    /// </summary>
    public string? InitialAdapterPath { get; init; }

    /// <summary>
    /// Adapters that are applied to the model and stay unchanged, each with the factor by which its change is multiplied: a new adapter is trained on top
    /// of them. It must later be used together with them, at the same scales. The reference model of preferences is the model with these adapters. At most
    /// 16; none by default.
    /// </summary>
    /// <exception cref="ArgumentException">There are too many adapters, a path is empty, or a scale is not a number from -100 to 100.</exception>
    public IReadOnlyList<(string Path, float Scale)> FrozenAdapters
    {
        get;
        init
        {
            ArgumentNullException.ThrowIfNull(value);
            if (value.Count > LlamaAdapterUse.MaxCount || value.Any(adapter => string.IsNullOrEmpty(adapter.Path) || !(Math.Abs(adapter.Scale) <= LlamaAdapterUse.MaxScale)))
            {
                throw new ArgumentException(Invariant($"There may be at most {LlamaAdapterUse.MaxCount} frozen adapters, each with a path and a scale from -{LlamaAdapterUse.MaxScale} to {LlamaAdapterUse.MaxScale}."), nameof(value));
            }

            field = [.. value];
        }
    } = [];

    /// <summary>The factor by which B · A is multiplied.</summary>
    public float Scale => UseRankStabilization ? Alpha / MathF.Sqrt(Rank) : Alpha / Rank;

    /// <summary>All options, for the comparison with those of a checkpoint.</summary>
    internal string Signature => Invariant($"LoRA {Rank} {Alpha:R} {UseRankStabilization} {Dropout:R} {LoraPlusRatio:R} {Targets} {SavedModules}{(UseWeightDecomposition ? " DoRA" : "")}{PatternSignature("ranks", RankPattern)}{PatternSignature("alphas", AlphaPattern)}{PatternSignature("embeddings", EmbeddingTokens.Select(token => ("", token)))}{PatternSignature("outputs", OutputTokens.Select(token => ("", token)))}");

    /// <summary>Checks the tokens whose rows are trained.</summary>
    /// <param name="vocabularySize">The number of the model's tokens, with new ones.</param>
    /// <param name="isOutputTied">Whether the output matrix shares the embeddings.</param>
    /// <exception cref="ArgumentException">The model has no such token, or the whole matrix is trained.</exception>
    internal void RequireTokensOf(int vocabularySize, bool isOutputTied)
    {
        foreach ((string option, IReadOnlyList<int> tokens, SavedModules module) in (ReadOnlySpan<(string, IReadOnlyList<int>, SavedModules)>)
        [
            ($"({nameof(LoraOptions)}.{nameof(EmbeddingTokens)}, --train-tokens)", EmbeddingTokens, SavedModules.TokenEmbedding),
            ($"({nameof(LoraOptions)}.{nameof(OutputTokens)}, --train-tokens)", OutputTokens, SavedModules.Output),
        ])
        {
            string? fault = tokens.Count == 0 ? null
                : tokens.Max() >= vocabularySize ? Invariant($"The model has {vocabularySize:N0} tokens, so the token {tokens.Max():N0} has no rows that can be trained {option}.")
                : SavedModules.HasFlag(module) || (isOutputTied && SavedModules.HasFlag(SavedModules.Output)) ? $"Rows of single tokens {option} cannot be trained in a matrix that is trained as a whole ({nameof(LoraOptions)}.{nameof(SavedModules)}, --save-modules, or because tokens are added): leave the tokens out."
                : isOutputTied && module == SavedModules.Output && !OutputTokens.SequenceEqual(EmbeddingTokens) ? $"The output matrix shares the embeddings, so its rows of single tokens {option} are those of the embeddings: name the same tokens for both, or only those of the embeddings."
                : null;
            if (fault is not null)
            {
                throw new ArgumentException(fault);
            }
        }
    }

    /// <summary>Patterns that find a number for a module.</summary>
    /// <exception cref="ArgumentException">A pattern is not valid.</exception>
    internal static ModulePatterns PatternsOf(IEnumerable<(string Pattern, float Value)> entries, Func<float, string?>? check = null)
    {
        var patterns = new ModulePatterns();
        int count = 0;
        foreach ((string pattern, float value) in entries)
        {
            try
            {
                patterns.Add(pattern ?? "", value);
            }
            catch (FormatException exception)
            {
                throw new ArgumentException($"The pattern '{pattern}' is not valid: {exception.Message}.", nameof(entries), exception);
            }

            string? fault = ++count > MaxPatternCount ? Invariant($"there may be at most {MaxPatternCount} patterns") : check?.Invoke(value);
            if (fault is not null)
            {
                throw new ArgumentException(Invariant($"The pattern '{pattern}' has the value {value}: {fault}."), nameof(entries));
            }
        }

        return patterns;
    }

    /// <summary>The tokens whose rows of a tensor are trained; none if it has no rows of tokens.</summary>
    internal IReadOnlyList<int> TokensOf(TensorRole role, bool isOutputTied)
        => role == LlamaTensors.TokenEmbedding || (role == LlamaTensors.Output && isOutputTied) ? EmbeddingTokens
        : role == LlamaTensors.Output ? OutputTokens
        : [];

    private static int[] CheckTokens(IReadOnlyList<int> tokens)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        return tokens.All(token => token is >= 0 and < Vocabulary.MaxCount) && tokens.Distinct().Count() == tokens.Count
            ? [.. tokens]
            : throw new ArgumentException(Invariant($"The ids of tokens must be from 0 to {Vocabulary.MaxCount - 1:N0}, and each may occur once."), nameof(tokens));
    }

    // The names of the patterns may be long, so a digest stands for them.
    private static string PatternSignature<T>(string name, IEnumerable<(string Pattern, T Value)> entries) => !entries.Any()
        ? ""
        : $" {name} {Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(entries.Select(entry => Invariant($"{entry.Pattern}\0{entry.Value:R}\0"))))))}";

    /// <summary>Whether a tensor of the model is trained as a whole.</summary>
    internal bool Saves(TensorRole role) => Enum.TryParse(role.Id, out SavedModules module) && SavedModules.HasFlag(module);

    /// <summary>Whether a tensor of the model is adapted.</summary>
    internal bool Adapts(TensorRole role) => role is { IsOfLayer: true, TakesLora: true } && Targets.HasFlag(Enum.Parse<LoraTargets>(role.Id));
}
