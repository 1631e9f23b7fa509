using System.Collections.ObjectModel;
using System.Text;

namespace Llama2.Guard;

/// <summary>A guard's verdict on a message. Immutable and thread-safe. It does not contain the text of the message.</summary>
public sealed record GuardVerdict
{
    private GuardVerdict(bool isSafe) => IsSafe = isSafe;

    /// <summary>The verdict on a message in which nothing was found.</summary>
    public static GuardVerdict Safe { get; } = new(isSafe: true);

    /// <summary>Whether the message may be shown, after <see cref="ApplyMasks"/> if there are findings to mask.</summary>
    public bool IsSafe { get; }

    /// <summary>The probability that the message is unsafe, 0 to 1; null if the guard does not compute one, like a guard with rules.</summary>
    public double? Probability { get; init; }

    /// <summary>
    /// The probability that the guard model gave to the two words of a verdict together, 0 to 1; null without a model. A guard model gives almost 1; a low
    /// value means that the model does not know the task.
    /// </summary>
    public double? Mass { get; init; }

    /// <summary>The violated categories, each once; empty if the message is safe or the guard names none.</summary>
    public IReadOnlyList<GuardCategory> Categories { get => field ?? []; init => field = new ReadOnlyCollection<GuardCategory>([.. value]); }

    /// <summary>What was found and where, in the order of the text; empty if no positions are known.</summary>
    public IReadOnlyList<GuardFinding> Findings { get => field ?? []; init => field = new ReadOnlyCollection<GuardFinding>([.. value]); }

    /// <summary>
    /// For a message that is still being written (<see cref="GuardRequest.IsPartial"/>): the first position at which something may begin that the guard would find
    /// if more text followed, counted in UTF-16 characters from 0. A <see cref="GuardedChatClient"/> shows nothing from there on. The value is the length of
    /// the text if there is no such position, and null, the default, if the guard does not know it, like a guard model.
    /// </summary>
    public int? UndecidedFrom { get; init; }

    /// <summary>Whether there are findings to mask.</summary>
    public bool HasMasks => Findings.Any(finding => finding.Action == GuardAction.Mask);

    /// <summary>Creates the verdict on an unsafe message.</summary>
    /// <param name="categories">The violated categories; may be empty.</param>
    public static GuardVerdict Unsafe(params IEnumerable<GuardCategory> categories) => new(isSafe: false) { Categories = [.. categories.Distinct()] };

    /// <summary>
    /// Creates the verdict that follows from findings: unsafe if a finding has the action <see cref="GuardAction.Block"/>. The categories are those of the
    /// findings that block.
    /// </summary>
    /// <param name="findings">The findings in any order; those with the action <see cref="GuardAction.Ignore"/> are omitted.</param>
    public static GuardVerdict FromFindings(IEnumerable<GuardFinding> findings)
    {
        ArgumentNullException.ThrowIfNull(findings);
        GuardFinding[] sorted = [.. findings.Where(finding => finding.Action != GuardAction.Ignore).OrderBy(finding => finding.Start).ThenByDescending(finding => finding.Length)];
        GuardCategory[] blocking = [.. sorted.Where(finding => finding.Action == GuardAction.Block).Select(finding => finding.Category).Distinct()];
        return sorted.Length == 0 ? Safe : new(blocking.Length == 0) { Findings = sorted, Categories = blocking };
    }

    /// <summary>
    /// Replaces each finding that has the action <see cref="GuardAction.Mask"/> by its kind in square brackets. Findings that overlap are replaced together, by
    /// the kind of the first.
    /// </summary>
    /// <param name="text">The judged text.</param>
    /// <returns>The text to show.</returns>
    /// <exception cref="ArgumentException">A finding is not within the text: it is not the text that was judged.</exception>
    public string ApplyMasks(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var masked = new StringBuilder(text.Length);
        int position = 0;
        foreach (GuardFinding finding in Findings.Where(finding => finding.Action == GuardAction.Mask))
        {
            if (finding.Start < 0 || finding.Length < 0 || finding.Length > text.Length - finding.Start)
                throw new ArgumentException($"A finding ends at character {(long)finding.Start + finding.Length:N0}, and the text has {text.Length:N0}: it is not the text that was judged.", nameof(text));
            if (finding.Start >= position)
                masked.Append(text, position, finding.Start - position).Append('[').Append(finding.Kind).Append(']');
            position = Math.Max(position, finding.End);
        }

        return position == 0 ? text : masked.Append(text, position, text.Length - position).ToString();
    }

    /// <summary>The verdict in one line, without any of the judged text.</summary>
    public override string ToString() => IsSafe
        ? HasMasks ? "safe with masks" : "safe"
        : Categories.Count == 0 ? "unsafe" : $"unsafe ({string.Join(", ", Categories)})";

    /// <summary>Whether the verdict, its figures, categories and findings are equal.</summary>
    /// <param name="other">The other verdict.</param>
    public bool Equals(GuardVerdict? other) => other is not null && IsSafe == other.IsSafe && Probability == other.Probability && Mass == other.Mass && UndecidedFrom == other.UndecidedFrom
        && Categories.SequenceEqual(other.Categories) && Findings.SequenceEqual(other.Findings);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(IsSafe, Probability, Categories.Count, Findings.Count);
}
