using System.Text.Json;
using Llama2.Chat.Tools;

namespace Llama2;

/// <summary>
/// A function of the application that a model may call: the model writes a call, and the application executes it. Immutable and thread-safe.
/// </summary>
public sealed record LlamaTool
{
    /// <summary>The maximum number of characters of a name.</summary>
    public const int MaxNameLength = 256;

    /// <summary>Creates a tool.</summary>
    /// <param name="name">1 to <see cref="MaxNameLength"/> characters.</param>
    /// <param name="description">Tells the model what the tool does and when to call it; may be empty.</param>
    /// <param name="parametersSchema">
    /// A JSON Schema of the object that contains the arguments; null for a tool without parameters. A schema without <c>type</c> is read as if its type
    /// were <c>object</c>.
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

    /// <summary>Tells the model what the tool does.</summary>
    public string Description { get; }

    /// <summary>The JSON Schema of the object that contains the arguments, as JSON text in one line.</summary>
    public string ParametersSchema { get; }

    /// <summary>Copies a list of tools.</summary>
    /// <exception cref="ArgumentException">
    /// There are fewer tools than <paramref name="minCount"/> or too many tools, a tool is null, or two tools have the same name.
    /// </exception>
    internal static LlamaTool[] Check(IReadOnlyList<LlamaTool> tools, int minCount)
    {
        ArgumentNullException.ThrowIfNull(tools);
        LlamaTool[] copy = [.. tools.Take(ToolFormat.MaxToolCount + 1)];
        if (copy.Length < minCount || copy.Length > ToolFormat.MaxToolCount)
            throw new ArgumentException($"There are {tools.Count:N0} tools; {minCount} to {ToolFormat.MaxToolCount} are allowed.", nameof(tools));
        var names = new HashSet<string>();
        foreach (LlamaTool tool in copy)
        {
            ArgumentNullException.ThrowIfNull(tool, nameof(tools));
            if (!names.Add(tool.Name))
                throw new ArgumentException($"Two tools have the name '{tool.Name}'; a call could not say which of them is meant.", nameof(tools));
        }

        return copy;
    }
}
