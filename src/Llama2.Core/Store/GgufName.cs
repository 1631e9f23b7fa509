using System.Text.RegularExpressions;

namespace Llama2.Store;

/// <summary>What the name of a GGUF file says: which quantization it is, and which part of a split model (<c>NAME-00001-of-00003.gguf</c>).</summary>
/// <param name="Stem">The path without ending and part; the same for all parts of a model.</param>
/// <param name="Part">Which part, from 1.</param>
/// <param name="PartCount">How many there are; 1 for a file that is not split.</param>
internal sealed partial record GgufName(string Stem, int Part, int PartCount)
{
    private const string Ending = ".gguf";

    /// <summary>Reads a path; null where it is no GGUF file's.</summary>
    public static GgufName? Parse(string path)
    {
        if (!path.EndsWith(Ending, StringComparison.OrdinalIgnoreCase))
            return null;

        string stem = path[..^Ending.Length];
        return Split().Match(stem) is { Success: true } match
            ? new GgufName(match.Groups[1].Value, int.Parse(match.Groups[2].ValueSpan), int.Parse(match.Groups[3].ValueSpan))
            : new GgufName(stem, 1, 1);
    }

    /// <summary>Whether a quantization such as <c>Q4_K_M</c> is what the name ends with.</summary>
    public bool HasQuantization(string quantization) =>
        Stem.EndsWith(quantization, StringComparison.OrdinalIgnoreCase)
        && (Stem.Length == quantization.Length || Stem[Stem.Length - quantization.Length - 1] is '.' or '-' or '_' or '/');

    [GeneratedRegex(@"^(.+)-([0-9]{5})-of-([0-9]{5})$", RegexOptions.CultureInvariant)]
    private static partial Regex Split();
}
