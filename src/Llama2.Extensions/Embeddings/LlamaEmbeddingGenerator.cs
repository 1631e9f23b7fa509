using Llama2.Extensions.Telemetry;
using Microsoft.Extensions.AI;

namespace Llama2.Extensions;

/// <summary>
/// An embedding generator of Microsoft.Extensions.AI that computes embeddings with a model. It has no state and is thread-safe: concurrent requests
/// are computed together. The caller keeps ownership of the model: disposing the generator does not dispose the model.
/// </summary>
/// <remarks>
/// If <c>ModelId</c> of <see cref="EmbeddingGenerationOptions"/> is set, it must be a name of the model; if <c>Dimensions</c> is set, it must be the
/// length of the model's vectors. <c>RawRepresentationFactory</c> may return <see cref="EmbeddingOptions"/>, which then replace the generator's
/// options. The caller's options are never changed.
/// </remarks>
/// <example><code>
/// using LlamaModel model = LlamaModel.Load("llama-2-7b.Q4_K_M.gguf");
/// using var generator = new LlamaEmbeddingGenerator(model);
/// ReadOnlyMemory&lt;float&gt; vector = await generator.GenerateVectorAsync("Where do llamas live?");
/// </code></example>
public sealed class LlamaEmbeddingGenerator : IEmbeddingGenerator<string, Embedding<float>>
{
    private readonly ILlamaModel _model;
    private readonly EmbeddingOptions _options;
    private readonly string[] _names;
    private readonly EmbeddingGeneratorMetadata _metadata;
    private readonly LlamaMetrics _metrics;
    private readonly TimeProvider _timeProvider;
    private volatile bool _isDisposed;

    /// <summary>Creates a generator.</summary>
    /// <param name="model">The model.</param>
    /// <param name="options">How to pool and normalize; null for the defaults.</param>
    /// <param name="modelId">
    /// The name of the model in embeddings and telemetry. Null means the name that the model's file states or, if it states none, the file name.
    /// </param>
    public LlamaEmbeddingGenerator(ILlamaModel model, EmbeddingOptions? options = null, string? modelId = null)
        : this(model, options, modelId, LlamaMetrics.Shared, TimeProvider.System)
    {
    }

    internal LlamaEmbeddingGenerator(ILlamaModel model, EmbeddingOptions? options, string? modelId, LlamaMetrics metrics, TimeProvider timeProvider)
    {
        ArgumentNullException.ThrowIfNull(model);
        _model = model;
        _options = options ?? new EmbeddingOptions();
        _names = ModelNames.All(modelId, model);
        _metadata = new EmbeddingGeneratorMetadata(LlamaTelemetry.ProviderName, LlamaTelemetry.ProviderUri, _names[0], model.Configuration.EmbeddingLength);
        _metrics = metrics;
        _timeProvider = timeProvider;
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The options request another model or another number of dimensions, or a value is null.</exception>
    /// <exception cref="LlamaException">
    /// The embeddings cannot be computed; see <see cref="ILlamaModel.ComputeEmbeddingsAsync(IReadOnlyList{string}, EmbeddingOptions?, CancellationToken)"/>.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The generator or its model is disposed.</exception>
    public async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(values);
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        using RequestMeasurement request = _metrics.StartRequest("embeddings", _names[0]);
        return await request.WatchAsync(ComputeAsync(values, options, request, cancellationToken)).ConfigureAwait(false);
    }

    /// <summary>Finds the generator's <see cref="EmbeddingGeneratorMetadata"/>, its model and tokenizer, and the generator itself.</summary>
    /// <param name="serviceType">The requested type.</param>
    /// <param name="serviceKey">Null; the generator has no keyed services, so any other key finds nothing.</param>
    /// <returns>The service, or null.</returns>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is null ? Array.Find<object>([this, _metadata, _model, _model.Tokenizer], serviceType.IsInstanceOfType) : null;
    }

    /// <summary>Ends the generator: later requests throw <see cref="ObjectDisposedException"/>. The model is not disposed.</summary>
    public void Dispose() => _isDisposed = true;

    private async ValueTask<GeneratedEmbeddings<Embedding<float>>> ComputeAsync(
        IEnumerable<string> values, EmbeddingGenerationOptions? options, RequestMeasurement request, CancellationToken cancellationToken)
    {
        ModelNames.Check(options?.ModelId, _names, nameof(EmbeddingGenerationOptions));
        int length = _model.Configuration.EmbeddingLength;
        if (options?.Dimensions is { } dimensions && dimensions != length)
        {
            throw new ArgumentException(
                $"{nameof(EmbeddingGenerationOptions)}.{nameof(options.Dimensions)} is {dimensions}; the model's vectors have {length} dimensions and cannot be shortened. Leave the property null.",
                nameof(options));
        }

        // The texts are encoded here and not by the model, because the number of their tokens is reported as usage.
        ReadOnlyMemory<int>[] texts = [.. values.Select(Encode)];
        var embeddingOptions = options?.RawRepresentationFactory?.Invoke(this) as EmbeddingOptions ?? _options;
        float[][] vectors = await _model.ComputeEmbeddingsAsync(texts, embeddingOptions, cancellationToken).ConfigureAwait(false);

        long tokenCount = texts.Sum(text => (long)text.Length);
        request.Complete(tokenCount);
        DateTimeOffset createdAt = _timeProvider.GetUtcNow();
        return new GeneratedEmbeddings<Embedding<float>>(
            vectors.Select(vector => new Embedding<float>(vector) { ModelId = _names[0], CreatedAt = createdAt }))
        {
            Usage = new UsageDetails { InputTokenCount = tokenCount, TotalTokenCount = tokenCount },
        };
    }

    private ReadOnlyMemory<int> Encode(string value) => _model.Tokenizer.Encode(value, _model.Tokenizer.AddsBeginOfSequence);
}
