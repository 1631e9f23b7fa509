using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Llama2.Grammar.Characters;
using Llama2.Grammar.Gbnf;
using Llama2.Grammar.Matching;
using Llama2.Grammar.Patterns;
using Llama2.Grammar.Regexes;
using Llama2.Grammar.Rules;
using Llama2.Grammar.Schemas;

namespace Llama2;

/// <summary>
/// The form that a generated text must have: JSON that fits a schema, any JSON, a text that matches a pattern or a grammar, or one of several given
/// texts. The whole generated text fits, whatever the model and the sampling options are. This holds even if
/// <see cref="GenerationOptions.MaxTokens"/> ends the text: the last tokens are then chosen so that they complete the text. See docs/constraints.md.
/// Set the constraint as <see cref="GenerationOptions.Constraint"/>. Immutable and thread-safe.
/// </summary>
/// <remarks>
/// A constraint is checked when it is created, and compiled for a vocabulary when it is first used with that vocabulary. For a schema of ordinary
/// size, checking and compiling take about a millisecond. Create a constraint once and reuse it.
/// </remarks>
public sealed class OutputConstraint
{
    /// <summary>The maximum number of characters in a schema, a grammar, a pattern, or all choices together: 1,048,576.</summary>
    public const int MaxLength = 1 << 20;

    private readonly ConditionalWeakTable<TokenBytes, CompiledGrammar> _compiled = [];
    private readonly Func<GrammarBuilder> _build;
    private readonly string _text;
    private readonly Lock _lock = new();
    private GrammarBuilder? _checked;

    private OutputConstraint(string kind, string text, Func<GrammarBuilder> build)
    {
        Kind = kind;
        _text = text;
        _build = build;
        _checked = Guard(() =>
        {
            GrammarBuilder builder = build();
            // Throws an exception if no text matches.
            GrammarRules rules = builder.Build(out _);
            RuleCount = rules.RuleCount;
            LexemeCount = rules.Lexemes.Length;
            return builder;
        });
    }

    /// <summary>The kind of input from which the constraint was created: "JSON schema", "JSON", "regular expression", "grammar", "choice" or "tool
    /// calls".</summary>
    public string Kind { get; }

    /// <summary>
    /// The number of grammar rules into which the constraint was translated. A schema gives about one rule for each object and array; a regular
    /// expression gives one rule, and so do choices.
    /// </summary>
    public int RuleCount { get; private set; }

    /// <summary>
    /// The number of different lexemes in the grammar rules. A lexeme is a regular expression; rules are composed of lexemes and other rules.
    /// </summary>
    public int LexemeCount { get; private set; }

    /// <summary>Creates a constraint that requires JSON which fits a schema.</summary>
    /// <param name="schema">
    /// A JSON Schema (2020-12, or the older draft that its <c>$schema</c> names) of at most <see cref="MaxLength"/> characters. In the generated text,
    /// the properties of each object are in the order in which the schema lists them.
    /// </param>
    /// <param name="whiteSpace">The white space that the JSON text has between its parts, for example after commas.</param>
    /// <exception cref="OutputConstraintException">
    /// The schema is malformed, matches no text, exceeds a limit, or has a keyword that cannot be enforced.
    /// <see cref="OutputConstraintException.Path"/> says where in the schema the error is.
    /// </exception>
    public static OutputConstraint JsonSchema(string schema, JsonWhiteSpace whiteSpace = JsonWhiteSpace.Spaced)
    {
        CheckLength(schema, nameof(schema));
        byte[] utf8 = Encoding.UTF8.GetBytes(schema);
        return new("JSON schema", schema, () => SchemaCompiler.Compile(utf8, whiteSpace));
    }

    /// <inheritdoc cref="JsonSchema(string, JsonWhiteSpace)"/>
    public static OutputConstraint JsonSchema(JsonElement schema, JsonWhiteSpace whiteSpace = JsonWhiteSpace.Spaced) =>
        JsonSchema(schema.GetRawText(), whiteSpace);

    /// <summary>Creates a constraint that requires JSON of any kind.</summary>
    /// <param name="whiteSpace">The white space that the JSON text has between its parts, for example after commas.</param>
    public static OutputConstraint Json(JsonWhiteSpace whiteSpace = JsonWhiteSpace.Spaced) =>
        new("JSON", "", () => SchemaCompiler.Compile("true"u8.ToArray(), whiteSpace));

    /// <summary>Creates a constraint that requires the whole text to match a regular expression.</summary>
    /// <param name="pattern">
    /// A regular expression in the syntax that .NET and ECMAScript share, of at most <see cref="MaxLength"/> characters. Backreferences, which are
    /// not regular, and lookbehind are not supported. The expression has to match the whole text, as if the expression stood between <c>^</c> and
    /// <c>$</c>.
    /// </param>
    /// <exception cref="OutputConstraintException">
    /// The pattern is malformed, contains something that is not supported, matches no text, or exceeds a limit.
    /// </exception>
    public static OutputConstraint Regex(string pattern)
    {
        CheckLength(pattern, nameof(pattern));
        return new("regular expression", pattern, () => OfRegex(regexes => PatternReader.Read(pattern, new Utf8Text(regexes), PatternMeaning.Whole)));
    }

    /// <summary>Creates a constraint that requires text which matches a grammar in GBNF, the notation of llama.cpp. The start rule is <c>root</c>.</summary>
    /// <param name="gbnf">The grammar, of at most <see cref="MaxLength"/> characters.</param>
    /// <exception cref="OutputConstraintException">The grammar is malformed, matches no text, or exceeds a limit.</exception>
    public static OutputConstraint Grammar(string gbnf)
    {
        CheckLength(gbnf, nameof(gbnf));
        return new("grammar", gbnf, () => GbnfReader.Read(gbnf, new RegexFactory()));
    }

    /// <summary>Creates a constraint that requires one of the given texts.</summary>
    /// <param name="choices">The texts: at least one. None of them may be empty, and together they may have at most <see cref="MaxLength"/> characters.</param>
    public static OutputConstraint Choice(params IEnumerable<string> choices)
    {
        ArgumentNullException.ThrowIfNull(choices);
        var texts = new List<string>();
        int length = 0;
        foreach (string choice in choices)
        {
            ArgumentException.ThrowIfNullOrEmpty(choice, nameof(choices));
            length += Math.Min(choice.Length, MaxLength);
            if (length > MaxLength)
                throw new ArgumentException($"The choices have more than {MaxLength} characters together.", nameof(choices));
            texts.Add(choice);
        }

        if (texts.Count == 0)
            throw new ArgumentException("There is no choice; at least one is needed.", nameof(choices));
        return new("choice", string.Join(" | ", texts), () => OfRegex(regexes =>
        {
            regexes.Budget.Charge((4L * length) + (4L * texts.Count));
            return regexes.Either([.. texts.Select(regexes.Literal)]);
        }));
    }

    /// <summary>
    /// Finds the number of tokens of a short text that fits. <see cref="GenerationOptions.MaxTokens"/> must not be lower than this number. The number
    /// is not always the lowest possible: if a schema combines patterns, or if one token could belong to two neighbouring parts of the text, a text of slightly fewer
    /// tokens may fit too.
    /// </summary>
    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <exception cref="OutputConstraintException">A limit on the size of the constraint is exceeded.</exception>
    public int FindMinTokenCount(ModelTokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        return Guard(() => Compile(TokenBytes.Of(tokenizer)).MinTokenCount);
    }

    /// <summary>
    /// Creates a matcher, which checks a text token by token outside of a generation: for a text that you already have, or for a sampler of your own.
    /// </summary>
    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="maxTokens">
    /// The maximum number of tokens of the text; null for no limit. The matcher allows only tokens after which the text can still be completed within
    /// this number of tokens.
    /// </param>
    /// <exception cref="OutputConstraintException">
    /// A limit on the size of the constraint is exceeded, or <paramref name="maxTokens"/> is below <see cref="FindMinTokenCount"/>.
    /// </exception>
    public ConstraintMatcher CreateMatcher(ModelTokenizer tokenizer, int? maxTokens = null)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        if (maxTokens is int limit)
            ArgumentOutOfRangeException.ThrowIfNegative(limit, nameof(maxTokens));
        return new ConstraintMatcher(Start(tokenizer, maxTokens ?? int.MaxValue, []));
    }

    /// <summary>The kind, followed by the first 80 characters of the schema, pattern, grammar or choices.</summary>
    public override string ToString() => _text.Length == 0 ? Kind : $"{Kind} {(_text.Length > 80 ? _text[..80] + "…" : _text)}";

    /// <summary>Creates a constraint whose grammar is built by another part of the library.</summary>
    internal static OutputConstraint Of(string kind, string text, Func<GrammarBuilder> build) => new(kind, text, build);

    /// <summary>The constraint compiled for a vocabulary. It is compiled when it is first needed.</summary>
    internal CompiledGrammar Compile(TokenBytes tokens)
    {
        lock (_lock)
        {
            if (!_compiled.TryGetValue(tokens, out CompiledGrammar? grammar))
            {
                // A builder serves one vocabulary only. The builder with which the constructor checked the rules serves the first vocabulary.
                GrammarBuilder builder = _checked ?? _build();
                _checked = null;
                grammar = Guard(() => new CompiledGrammar(builder, tokens));
                _compiled.Add(tokens, grammar);
            }

            return grammar;
        }
    }

    /// <summary>Starts the matching of a text.</summary>
    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="tokenLimit">The maximum number of tokens of the text; <see cref="int.MaxValue"/> for no limit.</param>
    /// <param name="endTokens">Tokens that end the text, in addition to the end-of-generation tokens of the model.</param>
    /// <exception cref="OutputConstraintException">The limit is below <see cref="FindMinTokenCount"/>.</exception>
    internal GrammarConstraint Start(ModelTokenizer tokenizer, int tokenLimit, IEnumerable<int> endTokens) => Guard(() =>
    {
        CompiledGrammar grammar = Compile(TokenBytes.Of(tokenizer));
        int minimum = tokenLimit == int.MaxValue ? 0 : grammar.MinTokenCount;
        if (minimum > tokenLimit)
        {
            throw new OutputConstraintException(
                $"The {Kind} needs at least {minimum:N0} tokens, and {tokenLimit:N0} may be generated; allow more tokens ({nameof(GenerationOptions)}.{nameof(GenerationOptions.MaxTokens)}, --max-tokens), or shorten the prompt if the context is full.");
        }

        return new GrammarConstraint(grammar, tokenizer, tokenLimit, [.. grammar.Tokens.EndTokens, .. endTokens]);
    });

    private static GrammarBuilder OfRegex(Func<RegexFactory, RegexNode> read)
    {
        var regexes = new RegexFactory();
        var builder = new GrammarBuilder(regexes);
        builder.Define(builder.AddRule(), RuleExpression.OfLexeme(read(regexes)));
        return builder;
    }

    private static void CheckLength(string text, string name)
    {
        ArgumentNullException.ThrowIfNull(text, name);
        if (text.Length > MaxLength)
            throw new OutputConstraintException($"The {name} has {text.Length:N0} characters; at most {MaxLength:N0} are allowed.");
    }

    private T Guard<T>(Func<T> action)
    {
        try
        {
            return action();
        }
        catch (UnsatisfiableGrammarException exception)
        {
            throw new OutputConstraintException($"No text fits the {Kind}.", innerException: exception);
        }
        catch (GrammarLimitException exception)
        {
            throw new OutputConstraintException($"The {Kind} is too large: {exception.Located}.", exception.Place, exception);
        }
        catch (PatternException exception)
        {
            throw new OutputConstraintException($"The {Kind} cannot be used: at position {exception.Position}, {exception.Message}.", innerException: exception);
        }
        catch (GbnfException exception)
        {
            throw new OutputConstraintException(
                $"The {Kind} cannot be used: line {exception.Line}, column {exception.Column}: {exception.Message}.", innerException: exception);
        }
    }
}
