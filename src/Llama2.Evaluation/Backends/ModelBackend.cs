using System.Text;
using Llama2.Evaluation.Backends;

namespace Llama2.Evaluation;

/// <summary>
/// Answers the requests of an evaluation with a model. Concurrent requests are computed in common passes, and a beginning that several requests share,
/// such as the question before four choices, is computed once. A response has the same bits whatever else is computed at the same time. Thread-safe.
/// </summary>
public sealed class ModelBackend : IEvaluationBackend
{
    private readonly ILlamaModel _model;
    private readonly ModelBackendOptions _options;
    private readonly RequestEncoder _encoder;

    /// <summary>Initializes the backend.</summary>
    /// <param name="model">The model; the caller disposes it after the evaluation.</param>
    /// <param name="options">How to compute; null for the defaults.</param>
    public ModelBackend(ILlamaModel model, ModelBackendOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        _model = model;
        _options = options ?? new ModelBackendOptions();
        _encoder = new RequestEncoder(model, _options);
        Name = _options.Name ?? model.Configuration.Name;
        Fingerprint = BackendFingerprint.Of(model, _options, _encoder);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public string Fingerprint { get; }

    /// <inheritdoc/>
    /// <exception cref="PromptFormatException">The request is a conversation, and the model's prompt format is not known.</exception>
    public Task<EvaluationResponse> AnswerAsync(EvaluationRequest request, CancellationToken cancellationToken = default) => request switch
    {
        LogLikelihoodRequest likelihood => AnswerAsync(likelihood, cancellationToken),
        RollingLogLikelihoodRequest rolling => AnswerAsync(rolling, cancellationToken),
        GenerationRequest generation => AnswerAsync(generation, cancellationToken),
        null => throw new ArgumentNullException(nameof(request)),
        _ => throw new NotSupportedException($"{nameof(ModelBackend)} does not support requests of the type {request.GetType().Name}."),
    };

    private async Task<EvaluationResponse> AnswerAsync(LogLikelihoodRequest request, CancellationToken cancellationToken)
    {
        (int[] tokens, int start, bool isTruncated) = _encoder.Encode(request, cancellationToken);
        if (start == tokens.Length)
            return new EvaluationResponse { IsGreedy = true };
        // The one likeliest token at each position shows whether greedy decoding would have chosen the continuation.
        ScoredToken[] scored = await _model.ComputeTopLogProbabilitiesAsync(tokens, topCount: 1, start, _options.Computation, cancellationToken).ConfigureAwait(false);
        double sum = 0;
        bool isGreedy = true;
        foreach (ScoredToken token in scored)
        {
            sum += token.LogProbability;
            isGreedy &= token.TopLogProbabilities[0].Token == token.Token;
        }

        return new EvaluationResponse { LogLikelihood = sum, IsGreedy = isGreedy, TokenCount = scored.Length, IsTruncated = isTruncated };
    }

    private async Task<EvaluationResponse> AnswerAsync(RollingLogLikelihoodRequest request, CancellationToken cancellationToken)
    {
        RollingPerplexity result = await Perplexity.ComputeRollingAsync(_model, request.Text, options: _options.Computation, cancellationToken: cancellationToken).ConfigureAwait(false);
        return new EvaluationResponse { LogLikelihood = result.LogProbability, TokenCount = (int)result.TokenCount };
    }

    private async Task<EvaluationResponse> AnswerAsync(GenerationRequest request, CancellationToken cancellationToken)
    {
        (int[] tokens, int maxTokens, bool isTruncated) = _encoder.Encode(request, cancellationToken);
        var options = new GenerationOptions
        {
            MaxTokens = maxTokens,
            Temperature = request.Temperature,
            TopP = request.TopP,
            TopK = request.TopK,
            RepetitionPenalty = 1,
            MinP = 0,
            StopSequences = [.. request.StopSequences, .. _encoder.StopSequencesOf(request).Except(request.StopSequences)],
            Seed = BackendFingerprint.SeedOf(_options.Seed, request),
            Adapters = _options.Computation?.Adapters ?? [],
            PrefixScope = _options.Computation?.PrefixScope,
        };
        var text = new StringBuilder();
        int count = 0;
        await foreach (GenerationUpdate update in _model.GenerateAsync(tokens, options, cancellationToken).ConfigureAwait(false))
        {
            text.Append(update.Text);
            count = update.Usage?.GeneratedTokenCount ?? count;
        }

        return new EvaluationResponse { Text = text.ToString(), TokenCount = count, IsTruncated = isTruncated };
    }
}
