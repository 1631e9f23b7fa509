using System.Collections.ObjectModel;
using System.Globalization;

namespace Llama2;

/// <summary>An adapter and its strength. Immutable.</summary>
public sealed record LlamaAdapterUse
{
    /// <summary>The maximum number of adapters of one generation.</summary>
    public const int MaxCount = 16;

    /// <summary>The maximum scale; the minimum is its negative.</summary>
    public const float MaxScale = 100;

    /// <param name="adapter">The adapter.</param>
    /// <param name="scale">
    /// The factor by which the adapter's change is multiplied; finite, -100 to 100. 1 (the default) is the strength with which the adapter was
    /// trained; 0 turns the adapter off. In an adapter with magnitudes (DoRA) the scale multiplies only the change of the rows' directions, as in PEFT:
    /// the rows keep their magnitudes.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">The scale is out of range.</exception>
    public LlamaAdapterUse(LlamaAdapter adapter, float scale = 1)
    {
        ArgumentNullException.ThrowIfNull(adapter);
        Adapter = adapter;
        // The condition is false for NaN, so NaN is refused.
        Scale = Math.Abs(scale) <= MaxScale
            ? scale
            : throw new ArgumentOutOfRangeException(nameof(scale), scale, string.Create(CultureInfo.InvariantCulture, $"The scale of an adapter is {scale}; it must be from -{MaxScale} to {MaxScale}."));
    }

    /// <summary>The adapter.</summary>
    public LlamaAdapter Adapter { get; }

    /// <summary>The factor by which the adapter's change is multiplied.</summary>
    public float Scale { get; }

    /// <summary>
    /// Copies a list. Throws an exception if the list has more than <see cref="MaxCount"/> entries, contains null, or contains an adapter twice.
    /// </summary>
    internal static ReadOnlyCollection<LlamaAdapterUse> Check(IReadOnlyList<LlamaAdapterUse> uses, string name)
    {
        ArgumentNullException.ThrowIfNull(uses, name);
        LlamaAdapterUse[] copy = [.. uses.Take(MaxCount + 1)];
        if (copy.Length > MaxCount)
        {
            throw new ArgumentOutOfRangeException(name, uses.Count, string.Create(CultureInfo.InvariantCulture, $"There are {uses.Count:N0} adapters; a generation can use at most {MaxCount}."));
        }

        for (int i = 0; i < copy.Length; i++)
        {
            ArgumentNullException.ThrowIfNull(copy[i], $"{name}[{i}]");
            if (copy.Take(i).Any(other => other.Adapter == copy[i].Adapter))
            {
                throw new ArgumentException($"The adapter '{copy[i].Adapter.Path}' is listed twice: list it once, with the sum of the scales.", name);
            }
        }

        return copy.AsReadOnly();
    }
}
