using System.Security.Cryptography;
using System.Text;
using Llama2.Extensions;
using Llama2.Extensions.Telemetry;

namespace Llama2.Server.Models;

/// <summary>A loaded model. Thread-safe.</summary>
/// <param name="id">The model's name in answers.</param>
/// <param name="model">The model.</param>
/// <param name="createClient">Creates the client that answers chats.</param>
/// <param name="metrics">The instruments that measure completions and embeddings; the client measures chats itself.</param>
internal sealed class ServedModel(string id, ILlamaModel model, Func<LlamaChatClient> createClient, LlamaMetrics metrics)
{
    // A model without a known prompt format cannot chat, but can do everything else; so the client is created by the first chat. Creating it can be cancelled
    // by the application's end, so an exception is not kept.
    private readonly Lazy<LlamaChatClient> _client = new(createClient, LazyThreadSafetyMode.PublicationOnly);

    /// <summary>The model's name in answers.</summary>
    public string Id => id;

    /// <summary>The model.</summary>
    public ILlamaModel Model => model;

    /// <summary>The adapters with which requests other than chats are computed; the client has the adapters of chats. Default empty.</summary>
    public IReadOnlyList<LlamaAdapterUse> Adapters { get; init; } = [];

    /// <summary>Identifies the model's weights in answers: the beginning of a digest of the model's own fingerprint, which may be long.</summary>
    public string SystemFingerprint { get; } = "fp_" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(model.Fingerprint)))[..10];

    /// <summary>The client that answers chats.</summary>
    /// <exception cref="PromptFormatException">The model's prompt format is not known.</exception>
    /// <exception cref="PromptTemplateException">The model's chat template is malformed or uses an unknown feature.</exception>
    public LlamaChatClient Client => _client.Value;

    /// <summary>The options of a generation that is not part of a chat.</summary>
    /// <param name="generation">The options of the request.</param>
    /// <param name="prefixScope">The scope in which keys and values are reused; null for the model's own.</param>
    public GenerationOptions Prepare(GenerationOptions generation, string? prefixScope) => generation with { PrefixScope = prefixScope, Adapters = Adapters };

    /// <summary>Starts the measurement of a request that is not a chat; disposing it ends the measurement.</summary>
    public RequestMeasurement Measure(string operation) => metrics.StartRequest(operation, id);
}
