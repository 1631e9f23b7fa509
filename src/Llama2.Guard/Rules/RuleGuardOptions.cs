using System.Collections.ObjectModel;
using Llama2.Guard.Judging;

namespace Llama2.Guard;

/// <summary>What a <see cref="RuleGuard"/> looks for. Immutable; values are checked when they are set.</summary>
public sealed record RuleGuardOptions
{
    /// <summary>The maximum number of block lists, and of patterns: 256.</summary>
    public const int MaxListCount = 256;

    /// <summary>Words and phrases, at most <see cref="MaxListCount"/> lists. Default none. Copied when set.</summary>
    public IReadOnlyList<BlockList> BlockLists { get => field ?? []; init => field = Check(value, nameof(BlockLists)); }

    /// <summary>Regular expressions, at most <see cref="MaxListCount"/>. Default none. Copied when set.</summary>
    public IReadOnlyList<GuardPattern> Patterns { get => field ?? []; init => field = Check(value, nameof(Patterns)); }

    /// <summary>The action for keys, tokens, private keys and passwords in the text. Default <see cref="GuardAction.Block"/>.</summary>
    public GuardAction Secrets { get; init => field = GuardActions.Check(value, nameof(Secrets)); } = GuardAction.Block;

    /// <summary>The action for personal data in the text. Default <see cref="GuardAction.Mask"/>.</summary>
    public GuardAction PersonalData { get; init => field = GuardActions.Check(value, nameof(PersonalData)); } = GuardAction.Mask;

    /// <summary>The kinds of personal data. Default all.</summary>
    public PersonalDataKinds PersonalDataKinds
    {
        get;
        init => field = (value & ~PersonalDataKinds.All) == 0 ? value
            : throw new ArgumentOutOfRangeException(nameof(PersonalDataKinds), value, "The value has a kind that is not defined.");
    } = PersonalDataKinds.All;

    /// <summary>
    /// The action for signs of prompt injection: phrases that override instructions, tags of prompt formats, and hidden text in zero-width characters.
    /// Looked for only in users' messages and tools' results. Default <see cref="GuardAction.Block"/>.
    /// </summary>
    public GuardAction PromptInjection { get; init => field = GuardActions.Check(value, nameof(PromptInjection)); } = GuardAction.Block;

    private static ReadOnlyCollection<T> Check<T>(IReadOnlyList<T> items, string name)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(items, name);
        T[] copy = [.. items.Take(MaxListCount + 1)];
        if (copy.Length > MaxListCount)
            throw new ArgumentException($"{name} has {items.Count:N0} items; at most {MaxListCount} are allowed.", name);
        if (Array.Exists(copy, item => item is null))
            throw new ArgumentException($"{name} contains null.", name);
        return Array.AsReadOnly(copy);
    }
}
