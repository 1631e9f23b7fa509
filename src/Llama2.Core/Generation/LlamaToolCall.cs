using System.Text.Json;

namespace Llama2;

/// <summary>
/// A tool call that a model wrote. Two calls are equal if their names and ids are equal and their arguments are equal as JSON. Immutable and
/// thread-safe.
/// </summary>
/// <param name="Name">The tool's name.</param>
/// <param name="Arguments">The arguments: a JSON object.</param>
public sealed record LlamaToolCall(string Name, JsonElement Arguments)
{
    /// <summary>The tool's name.</summary>
    public string Name { get; init => field = value ?? throw new ArgumentNullException(nameof(Name)); } = Name ?? throw new ArgumentNullException(nameof(Name));

    /// <summary>The arguments: a JSON object.</summary>
    /// <exception cref="ArgumentException">The property is set to JSON that is not an object.</exception>
    public JsonElement Arguments { get; init => field = Check(value); } = Check(Arguments);

    /// <summary>
    /// Identifies the call within its conversation, so that a result can state which call it belongs to; null (the default) for no id. The program
    /// chooses the id; only some chat templates write it into the prompt.
    /// </summary>
    public string? Id { get; init; }

    /// <inheritdoc/>
    public bool Equals(LlamaToolCall? other) => other is not null && Name == other.Name && Id == other.Id && JsonElement.DeepEquals(Arguments, other.Arguments);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, Id);

    // Cloned, so that the call does not depend on the lifetime of the caller's document.
    private static JsonElement Check(JsonElement arguments) => arguments.ValueKind == JsonValueKind.Object
        ? arguments.Clone()
        : throw new ArgumentException($"The arguments of a call are JSON of the kind {arguments.ValueKind}; an object is needed.", nameof(arguments));
}
