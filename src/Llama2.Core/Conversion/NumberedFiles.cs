using System.Globalization;
using static System.FormattableString;

namespace Llama2.Conversion;

/// <summary>
/// Files with weights whose names are numbered, such as <c>model-00001-of-00003.safetensors</c>. If a folder has no index, these names determine
/// which files belong to the model.
/// </summary>
internal static class NumberedFiles
{
    private const string Of = "-of-";
    private const int DigitCount = 5, MaxCount = 1024;

    /// <summary>
    /// The names of all files of the set to which the first numbered file of a folder belongs; null if the folder has no numbered file.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <param name="singleName">The name that a single file would have, such as <c>model.safetensors</c>.</param>
    /// <exception cref="ModelFormatException">A file of the set is missing.</exception>
    public static string[]? FindFirst(string folder, string singleName)
    {
        string pattern = $"{Path.GetFileNameWithoutExtension(singleName)}-{new string('?', DigitCount)}{Of}{new string('?', DigitCount)}{Path.GetExtension(singleName)}";
        string? first = Directory.EnumerateFiles(folder, pattern).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal).FirstOrDefault();
        return first is null ? null : Find(folder, first);
    }

    /// <summary>The names of all files of the set to which a file belongs according to its name; null if its name is not numbered.</summary>
    /// <exception cref="ModelFormatException">A file of the set is missing.</exception>
    public static string[]? Find(string folder, string name)
    {
        string stem = Path.GetFileNameWithoutExtension(name), ending = Path.GetExtension(name);
        int start = stem.Length - (2 * DigitCount) - Of.Length - 1;
        if (start <= 0 || stem[start] != '-' || stem.AsSpan(start + 1 + DigitCount, Of.Length) is not Of
            || !TryParse(stem.AsSpan(start + 1, DigitCount), out int number) || !TryParse(stem.AsSpan(stem.Length - DigitCount), out int count)
            || number < 1 || number > count || count > MaxCount)
        {
            return null;
        }

        string[] names = [.. Enumerable.Range(1, count).Select(i => string.Create(CultureInfo.InvariantCulture, $"{stem.AsSpan(0, start)}-{i:D5}{Of}{count:D5}{ending}"))];
        return Array.Find(names, other => !File.Exists(Path.Combine(folder, other))) is { } missing
            ? throw new ModelFormatException(folder, null, $"'{missing}'", "absent", Invariant($"'{name}' is one of {count:N0} files, and a model needs all of them, in one folder"))
            : names;
    }

    private static bool TryParse(ReadOnlySpan<char> digits, out int number) => int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
