using System.Net;
using Llama2.Server;
using Microsoft.Extensions.Logging;

namespace Llama2.Cli.Serving;

/// <summary>The settings that the options of <c>llama2 serve</c> state.</summary>
internal sealed record ServerSettings
{
    /// <summary>The models, each with its file or folder.</summary>
    public required IReadOnlyList<(NamedModel Model, string Path)> Models { get; init; }

    /// <summary>How many of the models, from the first, are loaded when the server starts; the others are loaded by their first requests.</summary>
    public required int LoadedCount { get; init; }

    /// <summary>The LoRA adapters of the only model, with their scales.</summary>
    public IReadOnlyList<(string Path, float Scale)> Adapters { get; init; } = [];

    /// <summary>How the models are loaded.</summary>
    public LlamaModelOptions Loading { get; init; } = new();

    /// <summary>Further names, each with the model, or the model and its adapter, that it stands for.</summary>
    public IReadOnlyList<ModelAlias> Aliases { get; init; } = [];

    /// <summary>The maximum memory of all loaded models together in bytes; null for four fifths of the memory that the process may hold.</summary>
    public long? MemoryByteSize { get; init; }

    /// <summary>How many full contexts of keys and values each model has room for.</summary>
    public required int ContextCount { get; init; }

    /// <summary>After this time without a request a model is unloaded; null for never.</summary>
    public TimeSpan? IdleTime { get; init; }

    /// <summary>The address at which the server listens.</summary>
    public required IPAddress Address { get; init; }

    /// <summary>The port at which the server listens; 0 for a free one.</summary>
    public required int Port { get; init; }

    /// <summary>The options of the endpoints.</summary>
    public required LlamaServerOptions Endpoints { get; init; }

    /// <summary>The file of API keys; null for none.</summary>
    public string? KeysPath { get; init; }

    /// <summary>
    /// Whether requests need an API key: of the file, or of the environment variable. A variable that is empty does not open the server; it is a fault that the
    /// start reports.
    /// </summary>
    public bool HasKeys => KeysPath is not null || Environment.GetEnvironmentVariable(LlamaApiKeyOptions.DefaultEnvironmentVariable) is not null;

    /// <summary>The least severe entries of the log that are written to standard error.</summary>
    public LogLevel LogLevel { get; init; } = LogLevel.Warning;

    /// <summary>Whether there is neither a progress bar nor a notice on standard error.</summary>
    public bool IsQuiet { get; init; }

    /// <summary>Whether other machines can reach the server.</summary>
    public bool IsPublic => !IPAddress.IsLoopback(Address);
}
