using System.Text.Json;
using Llama2.Chat;

namespace Llama2;

/// <summary>A function of the application that a model may ask to be called. The model writes a call; the application executes it. Immutable and thread-safe.</summary>
public sealed record LlamaTool
{
    /// <summary>The maximum number of characters of a name.</summary>
    public const int MaxNameLength = 256;

    /// <summary>Creates a tool.</summary>
    /// <param name="name">1 to <see cref="MaxNameLength"/> characters.</param>
    /// <param name="description">What it does and when to call it, for the model; may be empty.</param>
    /// <param name="parametersSchema">
    /// A JSON Schema of the object that has the arguments; null for a tool without parameters. A schema that states no type is taken to state
    /// <c>object</c>.
    /// </param>
    /// <exception cref="ArgumentException">The name is empty or too long, or the schema describes something other than an object.</exception>
    public LlamaTool(string name, string description = "", JsonElement? parametersSchema = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(description);
        if (name.Length > MaxNameLength)
            throw new ArgumentException($"The name of a tool has {name.Length:N0} characters; at most {MaxNameLength} are allowed.", nameof(name));
        Name = name;
        Description = description;
        ParametersSchema = ToolJson.OfObject(parametersSchema, name);
    }

    /// <summary>The name, which is unique among the tools of a prompt.</summary>
    public string Name { get; }

    /// <summary>What it does, for the model.</summary>
    public string Description { get; }

    /// <summary>The JSON Schema of the arguments, a JSON text without white space.</summary>
    public string ParametersSchema { get; }
}
