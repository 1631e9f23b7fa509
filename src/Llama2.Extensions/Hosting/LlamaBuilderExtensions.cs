using Llama2;
using Llama2.Extensions;
using Llama2.Extensions.Loading;
using Llama2.Extensions.Telemetry;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers services that use a model.</summary>
public static class LlamaBuilderExtensions
{
    /// <summary>
    /// Registers a <see cref="LlamaChatClient"/> as <see cref="IChatClient"/>: a singleton, keyed by the model's name. Resolving it loads the model.
    /// </summary>
    /// <param name="builder">The model.</param>
    /// <returns>Microsoft.Extensions.AI's builder, to which middleware can be added, such as caching, function invocation and OpenTelemetry.</returns>
    public static ChatClientBuilder AddChatClient(this ILlamaBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        string name = builder.Name;
        if (name.Length > 0)
        {
            return builder.Services.AddKeyedChatClient(name, provider => CreateChatClient(provider, name));
        }

        builder.Services.AddKeyedSingleton(name, (provider, _) => provider.GetRequiredService<IChatClient>());
        return builder.Services.AddChatClient(provider => CreateChatClient(provider, name));
    }

    /// <summary>
    /// Registers a <see cref="LlamaEmbeddingGenerator"/> as <see cref="IEmbeddingGenerator{TInput,TEmbedding}"/> of strings: a singleton, keyed by
    /// the model's name. Resolving it loads the model.
    /// </summary>
    /// <param name="builder">The model.</param>
    /// <param name="options">How to pool and normalize; null for the defaults.</param>
    /// <returns>Microsoft.Extensions.AI's builder, to which middleware can be added, such as caching and OpenTelemetry.</returns>
    public static EmbeddingGeneratorBuilder<string, Embedding<float>> AddEmbeddingGenerator(this ILlamaBuilder builder, EmbeddingOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        string name = builder.Name;
        if (name.Length > 0)
        {
            return builder.Services.AddKeyedEmbeddingGenerator(name, provider => CreateEmbeddingGenerator(provider, name, options));
        }

        builder.Services.AddKeyedSingleton(name, (provider, _) => provider.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>());
        return builder.Services.AddEmbeddingGenerator(provider => CreateEmbeddingGenerator(provider, name, options));
    }

    /// <summary>
    /// When the host starts, loads the model in the background and generates one token with it, so that the first request finds the model ready. The
    /// model's health check reports a healthy model only after this warm-up. If the warm-up fails, the host stops, unless
    /// <c>HostOptions.BackgroundServiceExceptionBehavior</c> tells it to continue.
    /// </summary>
    /// <param name="builder">The model.</param>
    /// <returns>The same builder.</returns>
    public static ILlamaBuilder WarmUpOnStart(this ILlamaBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        string name = builder.Name;
        builder.Services.AddKeyedSingleton<WarmUpRequest>(name);
        builder.Services.AddSingleton<IHostedService>(provider => new ModelWarmUp(provider, name));
        return builder;
    }

    /// <summary>Creates a chat client of a model with the model's options; the model is loaded if it is not loaded yet.</summary>
    /// <param name="provider">The services.</param>
    /// <param name="name">The model's registered name; empty for the default model.</param>
    /// <param name="modelId">The model's name in answers and telemetry; null takes the registered name or, for the default model, its own name.</param>
    internal static LlamaChatClient CreateChatClient(IServiceProvider provider, string name, string? modelId = null)
    {
        LlamaOptions options = provider.GetRequiredService<IOptionsMonitor<LlamaOptions>>().Get(name);
        return new LlamaChatClient(
            ModelLoader.Resolve(provider, name),
            options.ToChatClientOptions(modelId ?? ModelId(name), provider.GetRequiredKeyedService<ModelAdapters>(name)),
            provider.GetRequiredService<LlamaMetrics>(),
            Clock(provider),
            ModelLoader.Stopping(provider));
    }

    private static LlamaEmbeddingGenerator CreateEmbeddingGenerator(IServiceProvider provider, string name, EmbeddingOptions? options) =>
        new(ModelLoader.Resolve(provider, name), options, ModelId(name), provider.GetRequiredService<LlamaMetrics>(), Clock(provider));

    private static string? ModelId(string name) => name.Length == 0 ? null : name;

    private static TimeProvider Clock(IServiceProvider provider) => provider.GetService<TimeProvider>() ?? TimeProvider.System;
}
