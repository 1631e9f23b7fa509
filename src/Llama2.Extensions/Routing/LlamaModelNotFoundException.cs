namespace Llama2.Extensions;

/// <summary>A <see cref="LlamaRouter"/> has no model of the requested name, or the request must name one.</summary>
public sealed class LlamaModelNotFoundException : LlamaException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="name">The requested name; null if the request named none.</param>
    /// <param name="knownNames">The names that can be requested.</param>
    public LlamaModelNotFoundException(string? name, IReadOnlyCollection<string> knownNames)
        : base((name is null ? "No model is named, and there are several" : $"There is no model '{name}'") + $"; the models are {string.Join(", ", knownNames)}.") =>
        Name = name;

    /// <summary>The requested name; null if the request named none.</summary>
    public string? Name { get; }
}
