using Llama2.Grammar.Regexes;

namespace Llama2.Grammar.Schemas;

/// <summary>The alternatives of a value: all scalars as one expression, and the shapes of arrays and objects.</summary>
/// <param name="Scalars">The expression that matches the JSON text of the scalars.</param>
/// <param name="Texts">The expression that matches the texts of strings, between their quotes.</param>
/// <param name="Arrays">The alternatives of arrays.</param>
/// <param name="Objects">The alternatives of objects.</param>
internal sealed record ValueShapes(RegexNode Scalars, RegexNode Texts, ArrayShape[] Arrays, ObjectShape[] Objects)
{
    public static ValueShapes Of(IReadOnlyList<Shape> shapes, ShapeContext context)
    {
        RegexFactory regexes = context.Regexes;
        var types = JsonTypes.None;
        var scalars = new List<RegexNode>();
        var texts = new List<RegexNode>();
        var arrays = new List<ArrayShape>();
        var objects = new List<ObjectShape>();
        foreach (Shape shape in shapes)
        {
            types |= shape.Types;
            scalars.Add(shape.Number.ToRegex(shape.Types, context));
            if ((shape.Types & JsonTypes.String) != 0)
                texts.Add(shape.Text);
            if ((shape.Types & JsonTypes.Array) != 0)
                arrays.Add(shape.Array);
            if ((shape.Types & JsonTypes.Object) != 0)
                objects.Add(shape.Object);
        }

        RegexNode text = regexes.Either([.. texts]);
        scalars.Add(context.Texts.Quote(text));
        foreach ((JsonTypes type, string literal) in ((JsonTypes, string)[])[(JsonTypes.Null, "null"), (JsonTypes.False, "false"), (JsonTypes.True, "true")])
        {
            if ((types & type) != 0)
                scalars.Add(regexes.Literal(literal));
        }

        // If one alternative has no demands, it allows all that the other alternatives allow, so the other alternatives are left out.
        ArrayShape anyArray = context.Any.Array;
        return new ValueShapes(
            regexes.Either([.. scalars]), text, arrays.Contains(anyArray) ? [anyArray] : [.. arrays], objects.Contains(ObjectShape.Any) ? [ObjectShape.Any] : [.. objects]);
    }
}
