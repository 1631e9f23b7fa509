using Llama2.Grammar.Characters;
using Llama2.Grammar.Patterns;
using Llama2.Grammar.Regexes;

namespace Llama2.Grammar.Schemas;

/// <summary>
/// Creates the parts of shapes and rules: expressions for JSON's scalars (values other than arrays and objects), and sets of schemas. Not
/// thread-safe.
/// </summary>
internal sealed class ShapeContext
{
    private readonly Dictionary<ExactDecimal, RegexNode> _multiples = [];

    public ShapeContext(RegexFactory regexes)
    {
        Regexes = regexes;
        Sets = new SchemaSets(regexes.Budget);
        Search = new RegexSearch(regexes);
        Texts = new JsonStringText(regexes);
        Numbers = new NumberRegexes(regexes);
        Formats = new FormatRegexes(Texts);
        RegexNode digit = regexes.Bytes(ByteSet.Range('0', '9')), digits = regexes.Repeat(digit, 0, int.MaxValue);
        RegexNode fraction = regexes.Sequence(regexes.Literal("."u8), digits, regexes.Bytes(ByteSet.Range('1', '9')), digits);
        PlainNumbers = regexes.Both(Numbers.Number, regexes.Repeat(regexes.Bytes(~(ByteSet.Of((byte)'e') | ByteSet.Of((byte)'E'))), 0, int.MaxValue));
        PlainFractions = regexes.Both(Numbers.Number, regexes.Sequence(regexes.Anything, fraction));
        Any = new Shape(JsonTypes.All, new NumberShape(regexes.Anything), Texts.AnyText, ArrayShape.AnyOf(Sets), ObjectShape.Any, []);
    }

    public RegexFactory Regexes { get; }

    public RegexSearch Search { get; }

    public JsonStringText Texts { get; }

    public NumberRegexes Numbers { get; }

    public FormatRegexes Formats { get; }

    public SchemaSets Sets { get; }

    /// <summary>A list for intermediate results, which saves allocations; any method may clear it.</summary>
    public List<SchemaLiteral> Literals { get; } = [];

    /// <summary>The shape that every value has.</summary>
    public Shape Any { get; }

    /// <summary>Numbers without an exponent, with a fraction other than 0.</summary>
    public RegexNode PlainFractions { get; }

    // Numbers without an exponent.
    private RegexNode PlainNumbers { get; }

    /// <summary>Numbers without an exponent that do not match an expression.</summary>
    public RegexNode PlainNumbersExcept(RegexNode excluded) => Regexes.Except(PlainNumbers, excluded);

    /// <summary>Numbers without an exponent that are multiples of a divisor.</summary>
    public RegexNode MultiplesOf(ExactDecimal divisor)
    {
        if (!_multiples.TryGetValue(divisor, out RegexNode? multiples))
            _multiples.Add(divisor, multiples = Numbers.MultipleOf($"{divisor.Mantissa}e-{divisor.Scale}"));
        return multiples;
    }

    /// <summary>Translates a pattern into an expression for the text between a string's quotes.</summary>
    public RegexNode ReadPattern(string path, string pattern)
    {
        try
        {
            return PatternReader.Read(pattern, Texts, PatternMeaning.Search);
        }
        catch (PatternException exception)
        {
            throw SchemaDocument.Fault(path, $"the pattern '{pattern}' is refused at position {exception.Position}: {exception.Message}");
        }
        catch (GrammarLimitException exception)
        {
            throw SchemaDocument.Fault(path, $"the pattern is too large: {exception.Message}");
        }
    }
}
