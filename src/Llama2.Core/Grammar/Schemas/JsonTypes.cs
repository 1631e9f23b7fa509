namespace Llama2.Grammar.Schemas;

/// <summary>
/// A set of types of JSON values. Each value has exactly one of these types, so a value whose type is not in a set has a type of the set's
/// complement.
/// </summary>
[Flags]
internal enum JsonTypes
{
    None = 0,
    Null = 1,
    False = 2,
    True = 4,

    /// <summary>A number without a fraction.</summary>
    Integer = 8,

    /// <summary>A number with a fraction other than 0.</summary>
    Fraction = 16,

    String = 32,
    Array = 64,
    Object = 128,

    Boolean = False | True,
    Number = Integer | Fraction,
    All = Null | Boolean | Number | String | Array | Object,
}
