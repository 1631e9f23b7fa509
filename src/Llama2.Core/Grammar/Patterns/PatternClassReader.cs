using Llama2.Grammar.Characters;
using Llama2.Grammar.Regexes;

namespace Llama2.Grammar.Patterns;

/// <summary>Reads the parts of a pattern that stand for one character of a set: escapes, and classes in brackets.</summary>
internal sealed class PatternClassReader(PatternCursor cursor)
{
    private const int MaxDepth = 20;

    private static readonly CodePointSet s_whiteSpace = CodePointSet.OfCharacters("\t\n\v\f\r \u00a0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff").Union(CodePointSet.Range(0x2000, 0x200A));
    private static readonly CodePointSet s_dotNetWhiteSpace = s_whiteSpace.Except(CodePointSet.Of(0xFEFF)).Union(CodePointSet.Of(0x85));
    private static readonly Lazy<CodePointSet> s_dotNetWord = new(() => CodePointSet.Of(
        [.. from name in (string[])["L", "Mn", "Nd", "Pc"] from range in UnicodeSets.Category(name).Ranges.ToArray() select range]));

    /// <summary>The characters that end a line.</summary>
    public static CodePointSet LineEnds(PatternOptions options) => CodePointSet.OfCharacters(options.HasFlag(PatternOptions.DotNet) ? "\n" : "\n\r\u2028\u2029");

    /// <summary>The characters that words consist of (<c>\w</c>).</summary>
    public static CodePointSet Word(PatternOptions options) => options.HasFlag(PatternOptions.DotNet) ? s_dotNetWord.Value : UnicodeSets.AsciiWord;

    /// <summary>Reads the rest of an escape, after the backslash.</summary>
    public CodePointSet ReadEscape(PatternOptions options)
    {
        if (TryReadNamedSet(options, out CodePointSet set))
            return set;
        return Fold(CodePointSet.Of(ReadEscapedCharacter(options, isInClass: false)), options);
    }

    /// <summary>Reads the rest of a class, after the opening bracket.</summary>
    public CodePointSet ReadClass(PatternOptions options, int depth = 0)
    {
        GrammarLimitException.ThrowIfAbove(depth, MaxDepth, "nested classes in a pattern");
        int start = cursor.Position;
        bool isDotNet = options.HasFlag(PatternOptions.DotNet), isNegated = cursor.TryRead("^");
        var ranges = new List<(int First, int Last)>();
        CodePointSet removed = CodePointSet.None;
        bool isFirst = true;
        while (true)
        {
            if (cursor.IsAtEnd)
                throw PatternCursor.Fault("a class is not closed", start - 1);

            // In .NET, a closing bracket that comes first in a class stands for itself. In ECMA-262, [] matches nothing and [^] matches any
            // character.
            if ((!isDotNet || !isFirst) && cursor.TryRead("]"))
                break;
            isFirst = false;
            if (isDotNet && cursor.TryRead("-["))
            {
                removed = ReadClass(options, depth + 1);
                if (!cursor.TryRead("]"))
                    throw cursor.Fault("']' is expected after a subtracted class");
                break;
            }

            CodePointSet? set = ReadItem(options, out int first);
            if (!cursor.StartsWith("-") || cursor.StartsWith("-]") || (isDotNet && cursor.StartsWith("-[")))
            {
                ranges.AddRange(set is null ? [(first, first)] : set.Ranges);
                continue;
            }

            int position = cursor.Position;
            cursor.TryRead("-");
            CodePointSet? lastSet = ReadItem(options, out int last);
            if (set is not null || lastSet is not null)
            {
                // A set such as \d cannot be an end of a range, so the hyphen stands for itself.
                ranges.AddRange(set is null ? [(first, first)] : set.Ranges);
                ranges.Add(('-', '-'));
                ranges.AddRange(lastSet is null ? [(last, last)] : lastSet.Ranges);
                continue;
            }

            if (last < first)
                throw PatternCursor.Fault("the range of a class is in reverse order", position);
            ranges.Add((first, last));
        }

        CodePointSet all = Fold(CodePointSet.Of(ranges), options);
        return (isNegated ? all.Complement() : all).Except(removed);
    }

    /// <summary>If case is ignored, returns the set together with the upper and lower case forms of its letters; else returns the set unchanged.</summary>
    public static CodePointSet Fold(CodePointSet set, PatternOptions options) =>
        options.HasFlag(PatternOptions.IgnoreCase) ? UnicodeSets.WithOtherCases(set) : set;

    private CodePointSet? ReadItem(PatternOptions options, out int character)
    {
        character = 0;
        if (!cursor.TryRead("\\"))
        {
            character = cursor.ReadCharacter();
            return null;
        }

        if (TryReadNamedSet(options, out CodePointSet set))
            return set;
        character = ReadEscapedCharacter(options, isInClass: true);
        return null;
    }

    private bool TryReadNamedSet(PatternOptions options, out CodePointSet set)
    {
        bool isDotNet = options.HasFlag(PatternOptions.DotNet);
        char letter = cursor.Next;
        set = CodePointSet.None;
        switch (letter)
        {
            case 'd' or 'D':
                set = isDotNet ? UnicodeSets.Category("Nd") : UnicodeSets.AsciiDigits;
                break;
            case 'w' or 'W':
                set = Word(options);
                break;
            case 's' or 'S':
                set = isDotNet ? s_dotNetWhiteSpace : s_whiteSpace;
                break;
            case 'p' or 'P':
                break;
            default:
                return false;
        }

        int position = cursor.Position - 1;
        cursor.ReadCharacter();
        if (letter is 'p' or 'P')
            set = ReadProperty(position, isDotNet);
        set = Fold(set, options);
        if (char.IsAsciiLetterUpper(letter))
            set = set.Complement();
        return true;
    }

    private CodePointSet ReadProperty(int position, bool isDotNet)
    {
        if (!cursor.TryRead("{"))
            throw cursor.Fault("the name of a property in braces is expected");
        string name = cursor.ReadUntil('}');
        string category = name;
        if (!isDotNet)
        {
            category = name.StartsWith("General_Category=", StringComparison.Ordinal) ? name["General_Category=".Length..]
                : name.StartsWith("gc=", StringComparison.Ordinal) ? name["gc=".Length..] : name;
            if (name is "Any")
                return CodePointSet.All;
            if (name is "ASCII")
                return CodePointSet.Range(0, 0x7F);
            if (name is "Assigned")
                return UnicodeSets.Category("Cn").Complement();
        }

        return UnicodeSets.TryFindCategory(category, out CodePointSet set)
            ? set
            : throw PatternCursor.Fault($"the property '{name}' is not supported, only general categories are", position);
    }

    private int ReadEscapedCharacter(PatternOptions options, bool isInClass)
    {
        bool isDotNet = options.HasFlag(PatternOptions.DotNet);
        int position = cursor.Position - 1;
        int character = cursor.ReadCharacter();
        switch (character)
        {
            case 't':
                return '\t';
            case 'n':
                return '\n';
            case 'r':
                return '\r';
            case 'f':
                return '\f';
            case 'v':
                return '\v';
            case 'b' when isInClass:
                return '\b';
            case 'a' when isDotNet:
                return '\a';
            case 'e' when isDotNet:
                return '\u001b';
            case '0' when !char.IsAsciiDigit(cursor.Next):
                return '\0';
            case >= '0' and <= '9':
                throw PatternCursor.Fault("back references and octal escapes are not supported", position);
            case 'k':
                throw PatternCursor.Fault("back references are not supported", position);
            case 'c' when char.IsAsciiLetter(cursor.Next):
                return cursor.ReadCharacter() % 32;
            case 'x':
                return cursor.ReadHex(2);
            case 'u':
                return ReadUnicodeEscape(position, isDotNet);
            default:
                return character >= 0x80 || char.IsAsciiLetterOrDigit((char)character)
                    ? throw PatternCursor.Fault($"the escape '\\{char.ConvertFromUtf32(character)}' is not known", position)
                    : character;
        }
    }

    private int ReadUnicodeEscape(int position, bool isDotNet)
    {
        int value;
        if (!isDotNet && cursor.TryRead("{"))
        {
            string digits = cursor.ReadUntil('}');
            value = digits.Length is > 0 and <= 6 && int.TryParse(
                digits, System.Globalization.NumberStyles.AllowHexSpecifier, System.Globalization.CultureInfo.InvariantCulture, out int parsed) ? parsed : -1;
        }
        else
        {
            value = cursor.ReadHex(4);
            if (value is >= 0xD800 and <= 0xDBFF && cursor.TryRead("\\u"))
            {
                int low = cursor.ReadHex(4);
                value = low is >= 0xDC00 and <= 0xDFFF ? char.ConvertToUtf32((char)value, (char)low) : -1;
            }
        }

        return CodePointSet.All.Contains(value) ? value : throw PatternCursor.Fault("the escape is not a character", position);
    }
}
