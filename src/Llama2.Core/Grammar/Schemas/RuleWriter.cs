using Llama2.Grammar.Regexes;
using Llama2.Grammar.Rules;

namespace Llama2.Grammar.Schemas;

/// <summary>
/// Writes the grammar rules of schemas. A set of schemas that arrays or objects can match gets a rule of its own; scalars (all other values) become
/// lexemes. Not thread-safe.
/// </summary>
internal sealed class RuleWriter(ShapeContext context, GrammarBuilder builder, JsonTokens tokens, ShapeExpander expander, Satisfiability satisfiability)
{
    private readonly Dictionary<SchemaSet, ValueShapes> _shapes = [];
    private readonly Dictionary<SchemaSet, int> _rules = [];
    private readonly Queue<SchemaSet> _unwritten = [];

    public ShapeContext Context { get; } = context;

    public GrammarBuilder Builder { get; } = builder;

    public JsonTokens Tokens { get; } = tokens;

    public Satisfiability Satisfiability { get; } = satisfiability;

    /// <summary>Writes the rules of a whole text.</summary>
    /// <param name="root">The schemas that the text must match.</param>
    /// <returns>The rule of the text.</returns>
    public int Write(SchemaSet root)
    {
        int start = Builder.AddRule();
        int end = Builder.AddState(start);
        Builder.SetFinal(end);
        AddValue(Builder.StartOf(start), root, end);
        while (_unwritten.TryDequeue(out SchemaSet? set))
        {
            try
            {
                WriteRule(set);
            }
            catch (GrammarLimitException exception)
            {
                throw SchemaDocument.Fault(set.Path, exception.Message);
            }
        }

        return start;
    }

    /// <summary>Adds transitions that read a value.</summary>
    public void AddValue(int from, SchemaSet set, int to)
    {
        ValueShapes shapes = ShapesOf(set);
        object? outer = Builder.Place;
        Builder.Place = set;
        Builder.AddLexeme(from, shapes.Scalars, to);
        Builder.Place = outer;
        if (shapes.Arrays.Length == 0 && shapes.Objects.Length == 0)
            return;
        if (!_rules.TryGetValue(set, out int rule))
        {
            _rules.Add(set, rule = Builder.AddRule());
            _unwritten.Enqueue(set);
        }

        Builder.AddRule(from, rule, to);
    }

    /// <summary>The alternatives for a value that matches a set of schemas.</summary>
    public ValueShapes ShapesOf(SchemaSet set)
    {
        if (_shapes.TryGetValue(set, out ValueShapes? shapes))
            return shapes;
        try
        {
            _shapes.Add(set, shapes = ValueShapes.Of(expander.Expand(set), Context));
        }
        catch (GrammarLimitException exception)
        {
            throw SchemaDocument.Fault(set.Path, exception.Message);
        }

        return shapes;
    }

    private void WriteRule(SchemaSet set)
    {
        int rule = _rules[set], end = Builder.AddState(rule);
        Builder.SetFinal(end);
        Builder.Place = set;
        ValueShapes shapes = ShapesOf(set);
        foreach (ArrayShape shape in shapes.Arrays)
            new ArrayRule(this, shape, set.Path, rule).Write(end);
        foreach (ObjectShape shape in shapes.Objects)
            new ObjectRule(this, shape, set.Path, rule).Write(end);
    }
}
