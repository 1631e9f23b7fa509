namespace Llama2.Grammar.Patterns;

/// <summary>Which texts a pattern matches.</summary>
internal enum PatternMeaning
{
    /// <summary>The texts that contain a match anywhere, as in JSON Schema.</summary>
    Search,

    /// <summary>The texts that match from their start to their end.</summary>
    Whole,
}
