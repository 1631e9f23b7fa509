namespace Llama2.Guard.Rules;

/// <summary>What a rule found in a text.</summary>
/// <param name="Finding">The finding.</param>
/// <param name="IsAtEnd">Whether nothing but zero-width characters, or signs between words, follows it.</param>
/// <param name="IsCertain">Whether no text that follows could make it anything else.</param>
internal readonly record struct FoundRule(GuardFinding Finding, bool IsAtEnd, bool IsCertain);
