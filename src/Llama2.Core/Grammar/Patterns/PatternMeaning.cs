namespace Llama2.Grammar.Patterns;

/// <summary>Which texts a pattern matches.</summary>
internal enum PatternMeaning
{
    /// <summary>Those with a match anywhere in them, as in JSON Schema.</summary>
    Search,

    /// <summary>Those that are a match from their start to their end.</summary>
    Whole,
}
