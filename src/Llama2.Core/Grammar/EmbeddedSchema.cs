namespace Llama2.Grammar;

/// <summary>A piece of text in a grammar: JSON that fits a schema, with a fixed text before and after it.</summary>
/// <param name="Name">A description of the JSON for error messages, such as <c>parameters of the tool 'find'</c>.</param>
/// <param name="Before">The text before the JSON.</param>
/// <param name="Schema">The schema.</param>
/// <param name="After">The text after the JSON.</param>
internal sealed record EmbeddedSchema(string Name, string Before, string Schema, string After);
