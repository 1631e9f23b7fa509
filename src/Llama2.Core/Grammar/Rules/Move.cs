namespace Llama2.Grammar.Rules;

/// <summary>A transition of a rule's automaton.</summary>
/// <param name="Symbol">The lexeme or the rule that is read.</param>
/// <param name="Target">The state after the transition.</param>
internal readonly record struct Move(int Symbol, int Target);
