using System.Globalization;
using System.Numerics;
using Llama2.Templating.Limits;
using Llama2.Templating.Values;

namespace Llama2.Templating.Syntax;

/// <summary>
/// Parses expressions by recursive descent, in jinja2's order of precedence from low to high: <c>if</c>, or, and, not, comparisons, + −, ~, * / // %,
/// **, signs.
/// </summary>
internal sealed class ExpressionParser
{
    private static readonly Dictionary<string, Operator>
        s_comparisons = new()
        {
            ["=="] = Operator.Equal,
            ["!="] = Operator.NotEqual,
            ["<"] = Operator.Less,
            ["<="] = Operator.LessOrEqual,
            [">"] = Operator.Greater,
            [">="] = Operator.GreaterOrEqual,
        },
        s_sums = new() { ["+"] = Operator.Add, ["-"] = Operator.Subtract },
        s_products = new() { ["*"] = Operator.Multiply, ["/"] = Operator.Divide, ["//"] = Operator.FloorDivide, ["%"] = Operator.Modulo },
        s_powers = new() { ["**"] = Operator.Power };

    private readonly TokenStream _tokens;
    private readonly SpecialNameUses _names;
    private readonly SuffixParser _suffixes;

    /// <param name="tokens">The template's tokens.</param>
    /// <param name="names">Records which names are read.</param>
    public ExpressionParser(TokenStream tokens, SpecialNameUses names)
    {
        _tokens = tokens;
        _names = names;
        _suffixes = new SuffixParser(tokens, this);
    }

    public SuffixParser Suffixes => _suffixes;

    /// <summary>Parses an expression, or several expressions that are separated by commas and form a tuple.</summary>
    /// <param name="allowsConditional">Whether an <c>if</c> after an expression belongs to the expression.</param>
    /// <param name="allowsEmpty">Whether an empty expression is an empty tuple.</param>
    /// <param name="isEnclosed">Whether the tuple is enclosed in square brackets.</param>
    public Expression ParseTuple(bool allowsConditional = true, bool allowsEmpty = false, bool isEnclosed = false)
    {
        int offset = _tokens.Current.Offset;
        if (allowsEmpty && IsTupleEnd())
            return new Expression.ListDisplay(offset, [], IsTuple: true);
        Expression first = ParseItem();
        if (!_tokens.Current.IsOperator(","))
            return first;

        var items = new List<Expression> { first };
        while (_tokens.TakeIfOperator(",") && !IsTupleEnd())
            items.Add(ParseItem());
        return new Expression.ListDisplay(offset, [.. items], IsTuple: true);

        Expression ParseItem() => allowsConditional ? Parse() : ParseOr();

        bool IsTupleEnd() => _tokens.Current.Kind is TokenKind.BlockEnd or TokenKind.OutputEnd || _tokens.Current.IsOperator(")") || (isEnclosed && _tokens.Current.IsOperator("]"));
    }

    public Expression Parse()
    {
        int unknownCount = _tokens.UnknownNames.Count;
        Expression value = ParseOr();
        if (!_tokens.Current.IsName("if"))
            return value;

        int offset = _tokens.Current.Offset;
        var conditions = new List<Expression>();
        _tokens.Enter();
        while (_tokens.TakeIfName("if"))
            conditions.Add(ParseOr());
        // The expression after 'else' extends as far as possible, so only the last condition can have an 'else'.
        Expression? otherwise = _tokens.TakeIfName("else") ? Parse() : null;
        _tokens.Leave();
        _tokens.UnknownNames.Forget(unknownCount);
        return new Expression.Conditional(offset, [.. conditions], value, otherwise);
    }

    public Expression ParseOr() => ParseLogical("or", () => ParseLogical("and", ParseNot));

    /// <summary>Parses an operand of unary or binary operators, with or without filters.</summary>
    private Expression ParseUnary(bool allowsFilters)
    {
        Token token = _tokens.Current;
        Expression operand;
        if (token.IsOperator("-") || token.IsOperator("+"))
        {
            _tokens.Take();
            _tokens.Enter();
            operand = new Expression.Sign(token.Offset, token.Text == "-", ParseUnary(allowsFilters: false));
            _tokens.Leave();
        }
        else
        {
            operand = ParsePrimary();
        }

        return _suffixes.Parse(operand, allowsFilters);
    }

    public Expression ParsePrimary()
    {
        Token token = _tokens.Current;
        return token.Kind switch
        {
            TokenKind.Name => ParseName(_tokens.Take()),
            TokenKind.String => ParseString(token.Offset),
            TokenKind.Integer or TokenKind.Double => ParseNumber(_tokens.Take()),
            TokenKind.Operator when token.Text is "(" or "[" or "{" => ParseDisplay(token),
            _ => throw _tokens.Unexpected("an expression"),
        };
    }

    private Expression ParseLogical(string word, Func<Expression> parseOperand)
    {
        int offset = _tokens.Current.Offset;
        Expression first = parseOperand();
        if (!_tokens.Current.IsName(word))
            return first;
        var operands = new List<Expression> { first };
        while (_tokens.TakeIfName(word))
            operands.Add(parseOperand());
        return new Expression.Logical(offset, word == "and", [.. operands]);
    }

    private Expression ParseNot()
    {
        if (!_tokens.Current.IsName("not"))
            return ParseComparison();
        int offset = _tokens.Take().Offset;
        _tokens.Enter();
        var not = new Expression.Not(offset, ParseNot());
        _tokens.Leave();
        return not;
    }

    private Expression ParseComparison()
    {
        int start = _tokens.Current.Offset;
        Expression first = ParseSum();
        var terms = new List<Expression.Term>();
        while (true)
        {
            int offset = _tokens.Current.Offset;
            Operator symbol;
            if (_tokens.Current.Kind == TokenKind.Operator && s_comparisons.TryGetValue(_tokens.Current.Text, out symbol))
                _tokens.Take();
            else if (_tokens.TakeIfName("in"))
                symbol = Operator.In;
            else if (_tokens.Current.IsName("not") && _tokens.Peek().IsName("in"))
                symbol = TakeNotIn();
            else
                break;
            terms.Add(new Expression.Term(symbol, ParseSum(), offset));
        }

        return terms.Count == 0 ? first : new Expression.Comparison(start, first, [.. terms]);

        Operator TakeNotIn()
        {
            _tokens.Take();
            _tokens.Take();
            return Operator.NotIn;
        }
    }

    private Expression ParseSum() => ParseChain(s_sums, ParseConcatenation);

    private Expression ParseConcatenation()
    {
        int offset = _tokens.Current.Offset;
        Expression first = ParseProduct();
        if (!_tokens.Current.IsOperator("~"))
            return first;
        var operands = new List<Expression> { first };
        while (_tokens.TakeIfOperator("~"))
            operands.Add(ParseProduct());
        return new Expression.Concatenation(offset, [.. operands]);
    }

    private Expression ParseProduct() => ParseChain(s_products, ParsePower);

    private Expression ParsePower() => ParseChain(s_powers, () => ParseUnary(allowsFilters: true));

    private Expression ParseChain(Dictionary<string, Operator> operators, Func<Expression> parseOperand)
    {
        int offset = _tokens.Current.Offset;
        Expression first = parseOperand();
        List<Expression.Term>? terms = null;
        while (_tokens.Current.Kind == TokenKind.Operator && operators.TryGetValue(_tokens.Current.Text, out Operator symbol))
        {
            int termOffset = _tokens.Take().Offset;
            (terms ??= []).Add(new Expression.Term(symbol, parseOperand(), termOffset));
        }

        return terms is null ? first : new Expression.Arithmetic(offset, first, [.. terms]);
    }

    private Expression ParseName(Token token)
    {
        _names.Read(token.Text);
        return Named(token);
    }

    private static Expression Named(Token token) => token.Text switch
    {
        "true" or "True" => new Expression.Literal(token.Offset, BooleanValue.Of(true)),
        "false" or "False" => new Expression.Literal(token.Offset, BooleanValue.Of(false)),
        "none" or "None" => new Expression.Literal(token.Offset, NoneValue.Instance),
        _ => new Expression.Name(token.Offset, token.Text),
    };

    // Adjacent strings are concatenated.
    private Expression.Literal ParseString(int offset)
    {
        string text = _tokens.Take().Text;
        if (_tokens.Current.Kind == TokenKind.String)
        {
            var parts = new List<string> { text };
            while (_tokens.Current.Kind == TokenKind.String)
                parts.Add(_tokens.Take().Text);
            text = string.Concat(parts);
        }

        return new Expression.Literal(offset, TextValue.Own(text));
    }

    private Expression.Literal ParseNumber(Token token)
    {
        if (token.Kind == TokenKind.Double)
            return new Expression.Literal(token.Offset, new DoubleValue(double.Parse(token.Text, NumberStyles.Float, CultureInfo.InvariantCulture)));
        if (token.Text.Length > TemplateLimits.MaxDigitCount)
            throw _tokens.Fault(token.Offset, $"a number of {token.Text.Length} digits", $"at most {TemplateLimits.MaxDigitCount} are allowed");
        if (token.Text is ['0', >= '1' and <= '9', ..])
            throw _tokens.Fault(token.Offset, $"the number '{token.Text}' begins with 0", remedy: "omit the zero");
        return new Expression.Literal(token.Offset, IntegerValue.Of(ReadInteger(token.Text)));
    }

    // The lexer has checked that there is at least one digit, and that all digits are digits of the base.
    private static BigInteger ReadInteger(string digits) => digits switch
    {
        ['0', 'x' or 'X', .. var hexadecimal] => BigInteger.Parse("0" + hexadecimal, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture),
        ['0', 'o' or 'O', .. var octal] => octal.Aggregate(BigInteger.Zero, (value, digit) => (value << 3) + (digit - '0')),
        ['0', 'b' or 'B', .. var binary] => BigInteger.Parse("0" + binary, NumberStyles.AllowBinarySpecifier, CultureInfo.InvariantCulture),
        _ => BigInteger.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture),
    };

    private Expression ParseDisplay(Token open)
    {
        _tokens.Take();
        _tokens.Enter();
        Expression display = open.Text switch
        {
            "(" => ParseTuple(allowsEmpty: true),
            "[" => new Expression.ListDisplay(open.Offset, [.. ParseItems("]", Parse)], IsTuple: false),
            _ => new Expression.DictionaryDisplay(open.Offset, [.. ParseItems("}", ParseEntry)]),
        };
        _tokens.Leave();
        _tokens.ExpectOperator(open.Text switch { "(" => ")", "[" => "]", _ => "}" });
        return display;
    }

    private List<T> ParseItems<T>(string close, Func<T> parseItem)
    {
        var items = new List<T>();
        while (!_tokens.Current.IsOperator(close))
        {
            items.Add(parseItem());
            if (!_tokens.TakeIfOperator(","))
                break;
        }

        return items;
    }

    private KeyValuePair<Expression, Expression> ParseEntry()
    {
        Expression key = Parse();
        _tokens.ExpectOperator(":");
        return KeyValuePair.Create(key, Parse());
    }
}
