namespace Llama2.Grammar.Schemas;

/// <summary>A set of kinds of JSON values. Each value is of exactly one kind, so that the complement of a set is what is not in it.</summary>
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
