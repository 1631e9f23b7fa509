using System.Text.RegularExpressions;

namespace Llama2.Store;

/// <summary>
/// The information in the name of a GGUF file: its quantization and, for a split model, which of the parts the file is (<c>NAME-00001-of-00003.gguf</c>).
/// </summary>
/// <param name="Stem">The path without the extension and the part number. It is the same for all parts of a model.</param>
/// <param name="Part">The number of the part, from 1.</param>
/// <param name="PartCount">The number of parts; 1 for a file that is not split.</param>
internal sealed partial record GgufName(string Stem, int Part, int PartCount)
{
    private const string Ending = ".gguf";

    /// <summary>Parses a path; returns null if it is not the path of a GGUF file.</summary>
    public static GgufName? Parse(string path)
    {
        if (!path.EndsWith(Ending, StringComparison.OrdinalIgnoreCase))
            return null;

        string stem = path[..^Ending.Length];
        return Split().Match(stem) is { Success: true } match
            ? new GgufName(match.Groups[1].Value, int.Parse(match.Groups[2].ValueSpan), int.Parse(match.Groups[3].ValueSpan))
            : new GgufName(stem, 1, 1);
    }

    /// <summary>Whether the name ends with a quantization such as <c>Q4_K_M</c>.</summary>
    public bool HasQuantization(string quantization) =>
        Stem.EndsWith(quantization, StringComparison.OrdinalIgnoreCase)
        && (Stem.Length == quantization.Length || Stem[Stem.Length - quantization.Length - 1] is '.' or '-' or '_' or '/');

    [GeneratedRegex(@"^(.+)-([0-9]{5})-of-([0-9]{5})$", RegexOptions.CultureInvariant)]
    private static partial Regex Split();
}
