namespace Llama2.Tests.Grammar.Patterns;

/// <summary>
/// A random pattern in the syntax of ECMA-262, and an equivalent pattern in the syntax of .NET. A sequence of bytes determines both.
/// </summary>
internal sealed class RandomPattern
{
    private const string Word = "[A-Za-z0-9_]";

    private readonly byte[] _tape;
    private int _next;

    public RandomPattern(byte[] tape)
    {
        _tape = tape;
        (Ecma, DotNet) = Choice(0);
    }

    public string Ecma { get; }

    public string DotNet { get; }

    private int Pick(int count) => _next < _tape.Length ? _tape[_next++] % count : 0;

    private (string Ecma, string DotNet) Choice(int depth)
    {
        (string ecma, string dotNet) = Sequence(depth);
        for (int i = Pick(3); i > 1; i--)
        {
            (string otherEcma, string otherDotNet) = Sequence(depth);
            (ecma, dotNet) = ($"{ecma}|{otherEcma}", $"{dotNet}|{otherDotNet}");
        }

        return (ecma, dotNet);
    }

    private (string Ecma, string DotNet) Sequence(int depth)
    {
        (string ecma, string dotNet) = ("", "");
        for (int i = Pick(5); i > 0; i--)
        {
            (string itemEcma, string itemDotNet) = Item(depth);
            (ecma, dotNet) = (ecma + itemEcma, dotNet + itemDotNet);
        }

        return (ecma, dotNet);
    }

    private (string Ecma, string DotNet) Item(int depth)
    {
        switch (Pick(depth < 3 ? 12 : 8))
        {
            case 0:
                return Same("a");
            case 1:
                return Same(((string[])["b", "1", "-", "é", "\\n", "\"", "\\\\", "\\u2028"])[Pick(8)]);
            case 2:
                return Repeated(((string Ecma, string DotNet)[])[(".", "[^\\n\\r\\u2028\\u2029]"), ("\\w", Word), ("\\W", "[^A-Za-z0-9_]"), ("\\d", "[0-9]")], depth);
            case 3:
                return Repeated([("[ab]", "[ab]"), ("[^a]", "[^a]"), ("[a-b1-]", "[ab1-]"), ("a", "a")], depth);
            case 4:
                return ("^", "\\A");
            case 5:
                return ("$", "\\z");
            case 6:
                return ("\\b", $"(?:(?<={Word})(?!{Word})|(?<!{Word})(?={Word}))");
            case 7:
                return ("\\B", $"(?:(?<={Word})(?={Word})|(?<!{Word})(?!{Word}))");
            case 8:
                (string ecma, string dotNet) = Choice(depth + 1);
                return ($"(?={ecma})", $"(?={dotNet})");
            case 9:
                (ecma, dotNet) = Choice(depth + 1);
                return ($"(?!{ecma})", $"(?!{dotNet})");
            default:
                (ecma, dotNet) = Choice(depth + 1);
                return Repeated([($"({ecma})", $"({dotNet})")], depth);
        }
    }

    private (string Ecma, string DotNet) Repeated((string Ecma, string DotNet)[] parts, int depth)
    {
        (string ecma, string dotNet) = parts[Pick(parts.Length)];
        string count = ((string[])["", "*", "+", "?", "{2}", "{1,3}", "{2,}", "*?"])[Pick(depth > 2 ? 4 : 8)];
        // A lazy repetition allows the same texts as a greedy one. .NET 10 matches (a()*?){2} with only one a, so the pattern for .NET has the greedy
        // repetition.
        return (ecma + count, dotNet + (count == "*?" ? "*" : count));
    }

    private static (string Ecma, string DotNet) Same(string pattern) => (pattern, pattern);
}
