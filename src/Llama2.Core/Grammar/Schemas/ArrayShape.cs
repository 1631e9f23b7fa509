using System.Collections.Immutable;

namespace Llama2.Grammar.Schemas;

/// <summary>The demands on a value that is an array. Immutable.</summary>
/// <param name="Prefix">The demands on the first items.</param>
/// <param name="Rest">The demands on all items after the first ones.</param>
/// <param name="MinCount">The lowest number of items.</param>
/// <param name="MaxCount">The highest number of items; <see cref="int.MaxValue"/> for no limit.</param>
/// <param name="Contains">How many items must match certain schemas.</param>
/// <param name="UniquePath">The path of the keyword that demands that no two items are equal; null if there is no such keyword.</param>
internal sealed record ArrayShape(
    ImmutableArray<SchemaSet> Prefix, SchemaSet Rest, int MinCount, int MaxCount, ImmutableArray<ContainsConstraint> Contains, string? UniquePath)
{
    public static ArrayShape AnyOf(SchemaSets sets) => new([], sets.Any, 0, int.MaxValue, [], null);

    /// <summary>The demands on the item at an index.</summary>
    public SchemaSet ItemAt(int index) => index < Prefix.Length ? Prefix[index] : Rest;
}
