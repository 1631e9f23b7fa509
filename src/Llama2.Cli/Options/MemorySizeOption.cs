using System.CommandLine;
using System.Globalization;
using Llama2.Cli.Output;
using static System.FormattableString;

namespace Llama2.Cli.Options;

/// <summary>Creates options that take a size of memory, such as <c>512MB</c>, <c>8GB</c> or <c>8GiB</c>; a number without a unit is in bytes.</summary>
internal static class MemorySizeOption
{
    private static readonly (string Unit, long ByteSize)[] s_units =
    [
        ("KiB", 1L << 10), ("MiB", 1L << 20), ("GiB", 1L << 30), ("TiB", 1L << 40), ("KB", 1_000), ("MB", 1_000_000), ("GB", 1_000_000_000), ("TB", 1_000_000_000_000),
    ];

    /// <param name="name">The option, such as <c>--memory</c>.</param>
    /// <param name="description">A line of the help.</param>
    /// <param name="minimum">The smallest size in bytes.</param>
    /// <param name="minimumText">The smallest size as a user would write it.</param>
    public static Option<MemorySize?> Create(string name, string description, long minimum, string minimumText) => new(name)
    {
        HelpName = "SIZE",
        Description = description,
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (TryParse(text, out long size) && size >= minimum)
                return new MemorySize(size);
            result.AddError($"{name}: {Fault(text, minimumText)}");
            return null;
        },
    };

    // A number without a unit was probably meant in gigabytes.
    private static string Fault(string text, string minimumText) =>
        !TryParse(text, out long size) ? $"'{PrintableText.Shorten(text, 40)}' is not a whole number of bytes, or a size of at least {minimumText} such as 512MB, 8GB or 8GiB."
        : char.IsAsciiDigit(text[^1]) && size is > 0 and < 1024 ? Invariant($"'{size}' is {size} {(size == 1 ? "byte" : "bytes")}, and at least {minimumText} is needed; write {size}GB for gigabytes.")
        : $"'{PrintableText.Shorten(text, 40)}' is less than {minimumText}, the smallest size; write a size such as 512MB, 8GB or 8GiB.";

    /// <summary>Reads a size that is not negative.</summary>
    public static bool TryParse(string text, out long size)
    {
        size = 0;
        (string? unit, long byteSize) = Array.Find(s_units, unit => text.EndsWith(unit.Unit, StringComparison.OrdinalIgnoreCase));
        ReadOnlySpan<char> number = unit is null ? text : text.AsSpan(0, text.Length - unit.Length);
        if (!decimal.TryParse(number, unit is null ? NumberStyles.None : NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal count) || count > long.MaxValue)
            return false;
        decimal total = Math.Floor(count * (unit is null ? 1 : byteSize));
        if (total > long.MaxValue)
            return false;
        size = (long)total;
        return true;
    }
}
