using System.Text.RegularExpressions;

namespace Llama2.Evaluation.RedTeaming.Styles;

/// <summary>Translates requests with a table, into a language for which a model was trained less to refuse.</summary>
/// <param name="name">The name.</param>
/// <param name="description">The language and the source of the table.</param>
/// <param name="behaviors">Translations of whole requests, by the behavior's id.</param>
/// <param name="words">Translations of words, in lower case.</param>
internal sealed partial class TranslationStyle(
    string name, string description, IReadOnlyDictionary<string, string> behaviors, IReadOnlyDictionary<string, string> words) : AttackStyle(name, description)
{
    public override Attack Create(RedTeamBehavior behavior)
        => new([behaviors.GetValueOrDefault(behavior.Id) ?? Words().Replace(behavior.Text, match => words.GetValueOrDefault(match.Value.ToLowerInvariant()) ?? match.Value)]);

    [GeneratedRegex(@"[\p{L}\p{M}']+")]
    private static partial Regex Words();
}
