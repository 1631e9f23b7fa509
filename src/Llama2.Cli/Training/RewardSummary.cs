using System.Globalization;
using Llama2.Training;

namespace Llama2.Cli.Training;

/// <summary>Writes the rewards of preference training as text.</summary>
internal static class RewardSummary
{
    /// <summary>The rewards of a step. KTO's desirable answers count as chosen, and undesirable ones as rejected.</summary>
    public static string Of(PreferenceRewards rewards) => $"rewards {string.Join(", ", ((string?[])
    [
        Figure("chosen", rewards.Chosen), Figure("rejected", rewards.Rejected), Figure("margin", rewards.Margin),
        rewards.Accuracy is { } accuracy ? string.Create(CultureInfo.InvariantCulture, $"preferred {accuracy:P0}") : null,
        Figure("KL", rewards.Divergence),
    ]).OfType<string>())}";

    /// <summary>The mean rewards of the last steps; null if they have none.</summary>
    public static string? Of(IReadOnlyList<PreferenceRewards?> steps)
    {
        PreferenceRewards[] known = [.. steps.OfType<PreferenceRewards>()];
        if (known.Length == 0)
        {
            return null;
        }

        var means = new PreferenceRewards(
            known.Average(step => step.Chosen), known.Average(step => step.Rejected), known.Average(step => step.Accuracy), known.Average(step => step.Divergence));
        return Of(means) + (known.Length == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $" (means of the last {known.Length:N0} steps)"));
    }

    private static string? Figure(string name, double? value) => value is null ? null : string.Create(CultureInfo.InvariantCulture, $"{name} {value:F3}");
}
