namespace Llama2.Grammar.Rules;

/// <summary>No text matches a grammar.</summary>
internal sealed class UnsatisfiableGrammarException() : Exception("no text can match it");
