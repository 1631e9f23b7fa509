using Llama2.Grammar.Regexes;

namespace Llama2.Grammar.Schemas;

/// <summary>A property that an object declares by name.</summary>
/// <param name="Key">The expression that matches the name, without quotes.</param>
/// <param name="Value">The schemas that the value must match.</param>
/// <param name="IsRequired">Whether the property must be present.</param>
internal readonly record struct ObjectProperty(RegexNode Key, SchemaSet Value, bool IsRequired);
