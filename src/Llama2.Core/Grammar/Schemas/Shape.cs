using System.Collections.Immutable;
using Llama2.Grammar.Regexes;

namespace Llama2.Grammar.Schemas;

/// <summary>
/// A conjunction of demands, by the type of the value: what it may be, and for each of these types what else holds. The schemas of items and properties in
/// it are not read yet. Immutable.
/// </summary>
/// <param name="Types">The types that the value may have.</param>
/// <param name="Number">The demands on a number.</param>
/// <param name="Text">The expression of the text between a string's quotes.</param>
/// <param name="Array">The demands on an array.</param>
/// <param name="Object">The demands on an object.</param>
/// <param name="Refusals">Demands that cannot be enforced.</param>
internal sealed record Shape(JsonTypes Types, NumberShape Number, RegexNode Text, ArrayShape Array, ObjectShape Object, ImmutableList<Refusal> Refusals);
