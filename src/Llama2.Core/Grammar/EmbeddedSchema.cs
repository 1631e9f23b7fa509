namespace Llama2.Grammar;

/// <summary>JSON that fits a schema, between two texts.</summary>
/// <param name="Name">What it is, for error messages.</param>
/// <param name="Before">The text before it.</param>
/// <param name="Schema">The schema.</param>
/// <param name="After">The text after it.</param>
internal sealed record EmbeddedSchema(string Name, string Before, string Schema, string After);
