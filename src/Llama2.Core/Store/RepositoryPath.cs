using System.Buffers;
using System.Globalization;
using System.Text;

namespace Llama2.Store;

/// <summary>
/// Checks the names in a repository, which become paths in the store. On every platform, these paths must be inside the repository's own folder. Each
/// method returns what is wrong as the end of a sentence that begins with the name; null if nothing is wrong.
/// </summary>
internal static class RepositoryPath
{
    private const int MaxNameLength = 96;
    private const int MaxRevisionLength = 200;
    private const int MaxDepth = 8;
    // File systems allow 255 bytes for a name. This limit leaves 55 bytes for the extensions that the store adds to the names of incomplete files.
    private const int MaxSegmentByteSize = 200;

    private static readonly SearchValues<char> s_nameCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");

    private static readonly SearchValues<char> s_revisionCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-/");

    private static readonly SearchValues<char> s_refusedCharacters = SearchValues.Create("\\:*?\"<>|");

    // Windows reserves these names for devices, with any extension and in any case.
    private static readonly string[] s_deviceNames = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"];

    /// <summary>Checks an owner, or the name of a repository without its owner.</summary>
    public static string? FindNameFault(string name) =>
        name.AsSpan().ContainsAnyExcept(s_nameCharacters) ? "has characters other than letters, digits, '.', '_' and '-'"
        : name.Length > MaxNameLength ? $"has more than {MaxNameLength} characters"
        : name.StartsWith('.') || name.StartsWith('-') || name.Contains("..", StringComparison.Ordinal) ? "begins with '.' or '-', or has '..' in it"
        : FindSegmentFault(name);

    /// <summary>Checks a revision: a branch, a tag or a commit.</summary>
    public static string? FindRevisionFault(string revision) =>
        revision.Length == 0 ? "is empty"
        : revision.AsSpan().ContainsAnyExcept(s_revisionCharacters) ? "has characters other than letters, digits, '.', '_', '-' and '/'"
        : revision.Length > MaxRevisionLength ? $"has more than {MaxRevisionLength} characters"
        : revision.StartsWith('/') || revision.EndsWith('/') || revision.Contains("//", StringComparison.Ordinal) || revision.Contains("..", StringComparison.Ordinal)
            ? "begins or ends with '/', or has '//' or '..' in it"
        : null;

    /// <summary>Checks a file's path in its repository, with '/' between the names.</summary>
    public static string? FindFault(string path)
    {
        string[] segments = path.Split('/');
        return segments.Length - 1 > MaxDepth ? $"is more than {MaxDepth} folders deep" : segments.Select(FindSegmentFault).FirstOrDefault(fault => fault is not null);
    }

    private static string? FindSegmentFault(string segment) =>
        segment.Length == 0 ? "is empty, absolute, or has an empty name in it"
        : segment is "." or ".." ? "has '.' or '..' for a name"
        : segment.AsSpan().ContainsAny(s_refusedCharacters) || !segment.All(IsPrintable) ? "has characters that no file's name may have"
        : segment.EndsWith('.') || segment.EndsWith(' ') || segment.StartsWith(' ') ? "has a name that begins or ends with a space, or ends with '.'"
        : IsDevice(segment) ? "has the name of a device"
        : Encoding.UTF8.GetByteCount(segment) > MaxSegmentByteSize ? $"has a name of more than {MaxSegmentByteSize} bytes"
        : null;

    // With characters such as directional marks, the name on the screen would differ from the real name.
    private static bool IsPrintable(char character) => char.GetUnicodeCategory(character) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.OtherNotAssigned);

    private static bool IsDevice(string segment)
    {
        string stem = segment.Split('.')[0].TrimEnd();
        return s_deviceNames.Contains(stem, StringComparer.OrdinalIgnoreCase)
            || (stem.Length == 4 && (char.IsAsciiDigit(stem[3]) || stem[3] is '¹' or '²' or '³')
                && (stem.StartsWith("COM", StringComparison.OrdinalIgnoreCase) || stem.StartsWith("LPT", StringComparison.OrdinalIgnoreCase)));
    }
}
