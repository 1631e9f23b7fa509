using System.Globalization;

namespace Llama2.Sampling;

/// <summary>
/// Chooses the next token from the model's logits. First it runs a list of logit processors in llama.cpp's order; then it draws a token with seeded
/// random numbers. Each sequence has its own sampler, which holds the state of the steps; the buffers belong to the caller. Allocates nothing after
/// construction. Not thread-safe.
/// </summary>
internal sealed class Sampler
{
    private readonly int _vocabularySize;
    private readonly List<ILogitProcessor> _adjustments = [];
    private readonly List<ILogitProcessor> _filters = [];
    private readonly RandomSource _random;
    private readonly List<ILogitProcessor> _own = [];
    private readonly IOutputConstraint? _constraint;
    private readonly LogProbabilities? _logProbabilities;
    private readonly bool _isGreedy, _reportsTop, _bansTokens;

    /// <summary>Creates the list of steps; steps that are turned off are omitted.</summary>
    /// <param name="options">The options that define the steps.</param>
    /// <param name="vocabularySize">The number of tokens in the vocabulary.</param>
    /// <param name="dryPenalty">The DRY penalty of the options, created by the caller, which knows the texts of tokens; null if the penalty is off.</param>
    /// <param name="processors">The user's own steps, with their places; null for none.</param>
    /// <param name="constraint">Which tokens may be chosen at all; null for no constraint.</param>
    /// <exception cref="ArgumentOutOfRangeException">A logit bias names a token that is not in the vocabulary.</exception>
    public Sampler(
        GenerationOptions options, int vocabularySize, DryPenalty? dryPenalty = null,
        IReadOnlyList<(ILogitProcessor Processor, LogitProcessorPlace Place)>? processors = null, IOutputConstraint? constraint = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(vocabularySize);
        Seed = options.Seed ?? (ulong)Random.Shared.NextInt64(long.MinValue, long.MaxValue);
        _random = new RandomSource(Seed);
        _vocabularySize = vocabularySize;
        _isGreedy = options.Temperature == 0;
        _reportsTop = options.TopLogProbabilityCount > 0;
        if (options.LogProbabilities || _reportsTop)
            _logProbabilities = new LogProbabilities(vocabularySize, options.TopLogProbabilityCount);

        if (options.LogitBias.Count > 0)
        {
            CheckLogitBias(options, vocabularySize);
            var bias = new LogitBias(options.LogitBias);
            _bansTokens |= bias.Bans;
            _adjustments.Add(bias);
        }

        AddPenalties(options, dryPenalty);
        AddOwn(processors, LogitProcessorPlace.BeforeFilters, _adjustments);
        if (options.MirostatTau == 0)
            AddFilters(options);
        AddTemperature(options);
        if (options.MirostatTau > 0)
            _filters.Add(new Mirostat(options.MirostatTau, options.MirostatEta));
        AddOwn(processors, LogitProcessorPlace.BeforeDraw, _filters);
        _constraint = constraint;
        _bansTokens |= constraint is not null || _own.Count > 0;
    }

    /// <summary>The seed of the draws: the seed in the options, or a random seed if the options have none.</summary>
    public ulong Seed { get; }

    /// <summary>The likeliest tokens of the last call according to the model's own logits, in descending order; null unless the options request them.</summary>
    public IReadOnlyList<TokenLogProbability>? TopLogProbabilities { get; private set; }

    /// <summary>Chooses a token.</summary>
    /// <param name="candidates">Buffers of this vocabulary's size; their contents are overwritten.</param>
    /// <param name="logits">One finite score for each token of the vocabulary; not changed.</param>
    /// <param name="history">The tokens of the prompt and of the answer so far, oldest first.</param>
    /// <param name="logProbability">
    /// The natural log of the model's own probability for the chosen token, from the unmodified logits; NaN unless the options request this number or
    /// <see cref="TopLogProbabilities"/>.
    /// </param>
    /// <exception cref="NumericalException">A logit is not finite, or every token is banned.</exception>
    public int Sample(TokenCandidates candidates, ReadOnlySpan<float> logits, ReadOnlySpan<int> history, out float logProbability)
    {
        CheckLogits(logits);
        candidates.Load(logits);
        if (_constraint is not null)
            candidates.Ban(_constraint.ComputeMask());
        Process(_adjustments, candidates, history);
        int token = Choose(candidates, history, out double probability);
        _constraint?.Accept(token);
        AcceptForced(token, probability);
        _logProbabilities?.Load(logits, candidates);
        logProbability = _logProbabilities?.Of(logits[token]) ?? float.NaN;
        TopLogProbabilities = _reportsTop ? _logProbabilities!.Top() : null;
        return token;
    }

    /// <summary>
    /// Informs the steps about a token that was taken without a draw, because the constraint allowed no other token. The constraint itself has
    /// already accepted the token.
    /// </summary>
    /// <param name="token">The token.</param>
    /// <param name="probability">Its probability.</param>
    public void AcceptForced(int token, double probability = 1)
    {
        foreach (ILogitProcessor adjustment in _adjustments)
            adjustment.Accept(token, probability);
        foreach (ILogitProcessor filter in _filters)
            filter.Accept(token, probability);
    }

    private static void CheckLogitBias(GenerationOptions options, int vocabularySize)
    {
        foreach (int tokenId in options.LogitBias.Keys)
        {
            if (tokenId >= vocabularySize)
            {
                throw new ArgumentOutOfRangeException(
                    nameof(options),
                    tokenId,
                    string.Create(CultureInfo.InvariantCulture, $"LogitBias names token {tokenId}; the id must be below {vocabularySize}, the number of tokens in the vocabulary."));
            }
        }
    }

    private void AddPenalties(GenerationOptions options, DryPenalty? dryPenalty)
    {
        if (options.PenaltyWindow > 0 && options is not { RepetitionPenalty: 1, FrequencyPenalty: 0, PresencePenalty: 0 })
        {
            _adjustments.Add(new RepetitionPenalty(
                options.RepetitionPenalty, options.FrequencyPenalty, options.PresencePenalty, options.PenaltyWindow));
        }

        if (dryPenalty is not null)
            _adjustments.Add(dryPenalty);
    }

    private void AddOwn(IReadOnlyList<(ILogitProcessor Processor, LogitProcessorPlace Place)>? own, LogitProcessorPlace place, List<ILogitProcessor> steps)
    {
        for (int i = 0; i < (own?.Count ?? 0); i++)
        {
            (ILogitProcessor processor, LogitProcessorPlace itsPlace) = own![i];
            if (itsPlace == place)
            {
                steps.Add(processor);
                _own.Add(processor);
            }
        }
    }

    private void AddFilters(GenerationOptions options)
    {
        if (options.TopK > 0 && options.TopK < _vocabularySize)
            _filters.Add(new TopK(options.TopK));
        if (options.TypicalP < 1)
            _filters.Add(new Typical(options.TypicalP));
        if (options.TopP < 1)
            _filters.Add(new TopP(options.TopP));
        if (options.MinP > 0)
            _filters.Add(new MinP(options.MinP));
        if (options is { XtcProbability: > 0, XtcThreshold: <= Xtc.HighestThreshold })
            _filters.Add(new Xtc(options.XtcProbability, options.XtcThreshold, _random));
    }

    private void AddTemperature(GenerationOptions options)
    {
        if (options.DynamicTemperatureRange > 0)
            _filters.Add(new DynamicTemperature(options.Temperature, options.DynamicTemperatureRange, options.DynamicTemperatureExponent));
        else if (options.Temperature != 1)
            _filters.Add(new Temperature(options.Temperature));
    }

    private void CheckLogits(ReadOnlySpan<float> logits)
    {
        if (logits.Length != _vocabularySize)
            throw new ArgumentException($"There are {logits.Length} logits for a vocabulary of {_vocabularySize} tokens.", nameof(logits));
        FiniteLogits.Require(logits);
    }

    private void Process(List<ILogitProcessor> processors, TokenCandidates candidates, ReadOnlySpan<int> history)
    {
        foreach (ILogitProcessor processor in processors)
        {
            processor.Process(candidates, history);
            if (_own.Contains(processor))
                candidates.Verify(processor);
        }
    }

    private int Choose(TokenCandidates candidates, ReadOnlySpan<int> history, out double probability)
    {
        if (_isGreedy)
        {
            probability = 1;
            int highest = LogitScan.IndexOfHighest(candidates.Logits);
            ThrowIfBanned(float.IsNegativeInfinity(candidates.Logits[highest]));
            return candidates.TokenAt(highest);
        }

        if (_bansTokens)
        {
            candidates.KeepAtLeast(float.MinValue);
            ThrowIfBanned(candidates.Count == 0);
        }

        Process(_filters, candidates, history);
        return Draw(candidates, out probability);
    }

    private int Draw(TokenCandidates candidates, out double probability)
    {
        ReadOnlySpan<float> weights = candidates.ComputeWeights(out double sum);
        double remaining = _random.NextDouble() * sum;
        int drawn = 0;
        for (int i = 0; i < weights.Length; i++)
        {
            // Because of rounding, the drawn number may lie beyond the last candidate; the last candidate with a weight above 0 is then taken.
            if (weights[i] == 0)
                continue;
            drawn = i;
            remaining -= weights[i];
            if (remaining < 0)
                break;
        }

        probability = weights[drawn] / sum;
        return candidates.TokenAt(drawn);
    }

    private void ThrowIfBanned(bool isEveryTokenBanned)
    {
        if (isEveryTokenBanned)
        {
            throw new NumericalException(
                $"All {_vocabularySize} tokens are banned, by logit biases of negative infinity, logit processors or a constraint; leave at least one.", tokenId: null, float.NegativeInfinity);
        }
    }
}
