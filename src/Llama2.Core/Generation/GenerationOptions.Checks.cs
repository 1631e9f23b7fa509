using System.Collections.Frozen;
using System.Collections.ObjectModel;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace Llama2;

// The checks of the properties' values.
public sealed partial record GenerationOptions
{
    private static T Check<T>(T value, T minimum, T maximum, [CallerMemberName] string property = "")
        where T : IComparable<T>
    {
        // CompareTo puts NaN below every number, so NaN is refused by the first comparison.
        if (value.CompareTo(minimum) < 0 || value.CompareTo(maximum) > 0)
            throw OutOfRange(property, value, $"{property} is {value}; it must be from {minimum} to {maximum}.");
        return value;
    }

    private static ReadOnlyCollection<LogitProcessorStep> CheckLogitProcessors(IReadOnlyList<LogitProcessorStep> value)
    {
        ArgumentNullException.ThrowIfNull(value, nameof(LogitProcessors));
        LogitProcessorStep[] copy = [.. value.Take(MaxLogitProcessorCount + 1)];
        if (copy.Length > MaxLogitProcessorCount)
            throw OutOfRange(nameof(LogitProcessors), value.Count, $"LogitProcessors has {value.Count} steps; at most {MaxLogitProcessorCount} are allowed.");
        if (Array.FindIndex(copy, step => step?.Create is null || !Enum.IsDefined(step.Place)) is var bad and >= 0)
            throw new ArgumentException($"LogitProcessors[{bad}] is null, has no factory, or has an unknown place.", nameof(value));
        return Array.AsReadOnly(copy);
    }

    private static ReadOnlyCollection<int> CheckStopTokens(IReadOnlyList<int> value)
    {
        ArgumentNullException.ThrowIfNull(value, nameof(StopTokens));
        int[] copy = [.. value.Take(MaxStopSequenceCount + 1)];
        if (copy.Length > MaxStopSequenceCount)
            throw OutOfRange(nameof(StopTokens), value.Count, $"StopTokens has {value.Count} ids; at most {MaxStopSequenceCount} are allowed.");
        if (Array.FindIndex(copy, id => id < 0) is var bad and >= 0)
            throw OutOfRange(nameof(StopTokens), copy[bad], $"StopTokens names token {copy[bad]}; token ids must be 0 or more.");
        return Array.AsReadOnly(copy);
    }

    private static FrozenDictionary<int, float> CheckLogitBias(IReadOnlyDictionary<int, float> value)
    {
        ArgumentNullException.ThrowIfNull(value, nameof(LogitBias));
        foreach ((int tokenId, float bias) in value)
        {
            if (tokenId < 0)
                throw OutOfRange(nameof(LogitBias), tokenId, $"LogitBias names token {tokenId}; token ids must be 0 or more.");
            if (float.IsNaN(bias) || float.IsPositiveInfinity(bias))
                throw OutOfRange(nameof(LogitBias), bias, $"LogitBias of token {tokenId} is {bias}; it must be finite, or -Infinity to ban the token.");
        }

        return value.ToFrozenDictionary();
    }

    private static ReadOnlyCollection<string> CheckTexts(
        IReadOnlyList<string> value, int maximumCount, int maximumLength, [CallerMemberName] string property = "")
    {
        ArgumentNullException.ThrowIfNull(value, property);
        if (value.Count > maximumCount)
            throw OutOfRange(property, value.Count, $"{property} has {value.Count} entries; at most {maximumCount} are allowed.");

        string[] copy = [.. value];
        for (int i = 0; i < copy.Length; i++)
        {
            ArgumentNullException.ThrowIfNull(copy[i], $"{property}[{i}]");
            int length = copy[i].Length;
            if (length == 0 || length > maximumLength)
                throw OutOfRange(property, length, $"{property}[{i}] has {length} characters; it must have 1 to {maximumLength}.");
        }

        return copy.AsReadOnly();
    }

    private static ArgumentOutOfRangeException OutOfRange(string property, object value, FormattableString message) =>
        new(property, value, message.ToString(CultureInfo.InvariantCulture));
}
