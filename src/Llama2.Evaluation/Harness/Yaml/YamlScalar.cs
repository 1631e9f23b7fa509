using System.Globalization;
using System.Text.RegularExpressions;

namespace Llama2.Evaluation.Harness.Yaml;

/// <summary>
/// The kinds of scalars without quotes, as PyYAML resolves them (YAML 1.1, https://yaml.org/type/). Numbers in base 60 and dates, which no task needs, stay
/// texts.
/// </summary>
internal static partial class YamlScalar
{
    /// <summary>The kind of a scalar without quotes.</summary>
    public static YamlKind KindOf(string text) => text switch
    {
        "" or "~" or "null" or "Null" or "NULL" => YamlKind.Null,
        "yes" or "Yes" or "YES" or "no" or "No" or "NO" or "true" or "True" or "TRUE" or "false" or "False" or "FALSE"
            or "on" or "On" or "ON" or "off" or "Off" or "OFF" => YamlKind.Boolean,
        _ when Integer().IsMatch(text) => YamlKind.Integer,
        _ when Float().IsMatch(text) => YamlKind.Float,
        _ => YamlKind.Text,
    };

    public static bool ToBoolean(string text) => text.ToUpperInvariant() is "YES" or "TRUE" or "ON";

    /// <summary>Reads an integer; false if it does not fit into 64 bits.</summary>
    public static bool TryToInteger(string text, out long value)
    {
        string digits = text.Replace("_", "", StringComparison.Ordinal).TrimStart('+');
        bool isNegative = digits.StartsWith('-');
        digits = isNegative ? digits[1..] : digits;
        bool isRead = digits switch
        {
            ['0', 'x', ..] => long.TryParse(digits.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value),
            ['0', 'b', ..] => long.TryParse(digits.AsSpan(2), NumberStyles.AllowBinarySpecifier, CultureInfo.InvariantCulture, out value),
            ['0', _, ..] => TryReadOctal(digits, out value),
            _ => long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out value),
        };
        value = isNegative ? -value : value;
        return isRead;
    }

    public static double ToDouble(string text) => text.Replace("_", "", StringComparison.Ordinal).ToUpperInvariant() switch
    {
        ".INF" or "+.INF" => double.PositiveInfinity,
        "-.INF" => double.NegativeInfinity,
        ".NAN" => double.NaN,
        var digits => double.Parse(digits, NumberStyles.Float, CultureInfo.InvariantCulture),
    };

    private static bool TryReadOctal(string digits, out long value)
    {
        value = 0;
        // 21 octal digits have 63 bits.
        if (digits.Length > 21)
            return false;
        foreach (char digit in digits)
            value = (value * 8) + (digit - '0');
        return true;
    }

    [GeneratedRegex("^[-+]?(0b[01_]+|0[0-7_]+|0|[1-9][0-9_]*|0x[0-9a-fA-F_]*[0-9a-fA-F][0-9a-fA-F_]*)\\z", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Integer();

    [GeneratedRegex("^([-+]?[0-9][0-9_]*\\.[0-9_]*([eE][-+][0-9]+)?|\\.[0-9][0-9_]*([eE][-+][0-9]+)?|[-+]?\\.(inf|Inf|INF)|\\.(nan|NaN|NAN))\\z", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Float();
}
