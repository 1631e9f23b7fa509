using System.Collections.Immutable;
using Llama2.Grammar.Regexes;

namespace Llama2.Grammar.Schemas;

/// <summary>
/// A conjunction of demands on a value: the types that it may have, and the further demands for each of these types. The schemas of items and
/// properties are part of the demands, but have not been read yet. Immutable.
/// </summary>
/// <param name="Types">The types that the value may have.</param>
/// <param name="Number">The demands on a number.</param>
/// <param name="Text">The expression that matches the text between a string's quotes.</param>
/// <param name="Array">The demands on an array.</param>
/// <param name="Object">The demands on an object.</param>
/// <param name="Refusals">Demands that cannot be enforced.</param>
internal sealed record Shape(JsonTypes Types, NumberShape Number, RegexNode Text, ArrayShape Array, ObjectShape Object, ImmutableList<Refusal> Refusals);
