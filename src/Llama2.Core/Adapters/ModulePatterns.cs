using System.Diagnostics;
using System.Text;
using Llama2.Grammar.Characters;
using Llama2.Grammar.Patterns;
using Llama2.Grammar.Regexes;
using static System.FormattableString;

namespace Llama2.Adapters;

/// <summary>
/// Numbers for modules whose names match patterns, as PEFT's <c>rank_pattern</c> and <c>alpha_pattern</c> state them. A pattern is a regular expression that
/// must match the whole name of a module, or the part of the name after one of its dots; the first pattern that matches applies. A pattern that is a name is
/// compared as a name, although its dots would match any character in a regular expression. Expressions are matched in linear time, and the work is
/// limited. Not thread-safe.
/// </summary>
internal sealed class ModulePatterns
{
    /// <summary>The maximum number of characters of a pattern that is not a name.</summary>
    public const int MaxLength = 1000;

    // The work of matching all modules. The names of a model of 32 layers take about 30,000 units for an ordinary pattern.
    private const long MatchLimit = 1_000_000;

    private readonly RegexFactory _factory = new();
    private readonly List<(string Pattern, float Value)> _entries = [];
    private readonly Dictionary<string, int> _names = new(StringComparer.Ordinal);
    private readonly List<(int Index, RegexNode Expression)> _expressions = [];
    private ByteClasses? _classes;

    /// <summary>Adds a pattern after the others.</summary>
    /// <exception cref="FormatException">The pattern is not a regular expression, is too long, or occurs twice.</exception>
    public void Add(string pattern, float value)
    {
        Debug.Assert(_classes is null, "All patterns are added before the first search.");
        if (pattern.Length > 0 && pattern.All(character => char.IsAsciiLetterOrDigit(character) || character is '_' or '.'))
        {
            if (!_names.TryAdd(pattern, _entries.Count))
            {
                throw new FormatException("it occurs twice");
            }
        }
        else
        {
            _expressions.Add((_entries.Count, Parse(pattern)));
        }

        _entries.Add((pattern, value));
    }

    /// <summary>The number of the first pattern that matches a module; null if none does.</summary>
    /// <param name="module">The name of the module in the model, such as <c>model.layers.0.self_attn.q_proj</c>.</param>
    /// <exception cref="FormatException">Matching takes too many steps.</exception>
    public float? Find(string module)
    {
        int first = _entries.Count;
        foreach (int start in Starts(module))
        {
            first = _names.TryGetValue(module[start..], out int index) ? Math.Min(first, index) : first;
        }

        foreach ((int index, RegexNode expression) in _expressions)
        {
            if (index < first && Matches(expression, module))
            {
                first = index;
            }
        }

        return first < _entries.Count ? _entries[first].Value : null;
    }

    /// <summary>The first pattern that matches none of the modules; null if there is none.</summary>
    /// <exception cref="FormatException">Matching takes too many steps.</exception>
    public string? FindUnused(IReadOnlyCollection<string> modules)
    {
        var used = new HashSet<int>();
        foreach (string module in modules)
        {
            used.UnionWith(Starts(module).Select(start => _names.GetValueOrDefault(module[start..], -1)));
            used.UnionWith(_expressions.Where(entry => !used.Contains(entry.Index) && Matches(entry.Expression, module)).Select(entry => entry.Index).ToArray());
        }

        int unused = Enumerable.Range(0, _entries.Count).FirstOrDefault(index => !used.Contains(index), -1);
        return unused < 0 ? null : _entries[unused].Pattern;
    }

    private RegexNode Parse(string pattern)
    {
        if (pattern.Length is 0 or > MaxLength)
        {
            throw new FormatException(Invariant($"a pattern must have 1 to {MaxLength:N0} characters"));
        }

        try
        {
            // The pattern is first read on its own, so that it cannot close the group around it.
            var text = new Utf8Text(_factory);
            PatternReader.Read(pattern, text, PatternMeaning.Whole);
            return PatternReader.Read($"(?:.*\\.)?(?:{pattern})", text, PatternMeaning.Whole);
        }
        catch (PatternException exception)
        {
            throw new FormatException(Invariant($"it is not a name or a regular expression that is supported: {exception.Message} (character {exception.Position + 1})"), exception);
        }
        catch (GrammarLimitException exception)
        {
            throw TooComplex(exception);
        }
    }

    private bool Matches(RegexNode expression, string module)
    {
        if (_classes is null)
        {
            _classes = new ByteClasses(_factory.ByteSets);
            _factory.Budget = new GrammarBudget(MatchLimit);
        }

        try
        {
            foreach (byte value in Encoding.UTF8.GetBytes(module))
            {
                expression = _factory.Derive(expression, _classes.ClassOf[value], _classes);
            }

            return expression.IsNullable;
        }
        catch (GrammarLimitException exception)
        {
            throw TooComplex(exception);
        }
    }

    // The beginning of a name, and the positions after its dots.
    private static IEnumerable<int> Starts(string module)
    {
        for (int start = 0; start >= 0; start = module.IndexOf('.', start) is >= 0 and var dot ? dot + 1 : -1)
        {
            yield return start;
        }
    }

    private static FormatException TooComplex(GrammarLimitException exception) => new($"the patterns are too complex: {exception.Message}", exception);
}
