using Llama2.Grammar.Regexes;

namespace Llama2.Grammar.Schemas;

/// <summary>A property that an object declares by name.</summary>
/// <param name="Key">The expression of its name, without quotes.</param>
/// <param name="Value">What its value must match.</param>
/// <param name="IsRequired">Whether it must be present.</param>
internal readonly record struct ObjectProperty(RegexNode Key, SchemaSet Value, bool IsRequired);
