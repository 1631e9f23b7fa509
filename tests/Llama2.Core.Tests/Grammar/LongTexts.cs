using Llama2.Grammar.Matching;

namespace Llama2.Tests.Grammar;

/// <summary>Constraints whose texts may have several hundred tokens.</summary>
internal static class LongTexts
{
    private static readonly string[] s_names = ["strings", "keys", "regex", "grammar", "choice", "json"];

    /// <summary>All pairs of a constraint's name that <see cref="Create"/> knows and one of the given values.</summary>
    public static TheoryData<string, T> With<T>(params T[] values)
    {
        var cases = new TheoryData<string, T>();
        foreach (string name in s_names)
        {
            foreach (T value in values)
                cases.Add(name, value);
        }

        return cases;
    }

    public static OutputConstraint Create(string name) => name switch
    {
        "strings" => Objects(2, """{ "type": "string", "minLength": 3, "maxLength": 40 }"""),
        "keys" => Objects(12, """{ "type": "boolean" }"""),
        "regex" => OutputConstraint.Regex("([a-z]{2,8} (was|were) [0-9]{1,3}, but not more[.!]\n)+"),
        "grammar" => OutputConstraint.Grammar(
            """
            root ::= line+
            line ::= name "(" args? ")" ";\n"
            args ::= value | args ", " value
            value ::= name | [0-9]{1,5} | "(" args ")"
            name ::= [a-z] [a-z_]{1,12}
            """),
        "choice" => OutputConstraint.Choice(Enumerable.Range(1, 3).Select(number => string.Concat(Enumerable.Repeat($"Number {number} is one of three numbers. ", 40)))),
        "json" => OutputConstraint.Json(),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "There is no such constraint."),
    };

    /// <summary>An array of objects that all have the same keys: <c>key number 1</c> and so on.</summary>
    public static OutputConstraint Objects(int keyCount, string valueSchema)
    {
        string[] keys = [.. Enumerable.Range(1, keyCount).Select(number => $"\"key number {number}\"")];
        return OutputConstraint.JsonSchema(
            $$"""
            {
              "type": "array",
              "minItems": 1,
              "items": {
                "type": "object",
                "properties": { {{string.Join(", ", keys.Select(key => $"{key}: {valueSchema}"))}} },
                "required": [{{string.Join(", ", keys)}}],
                "additionalProperties": false
              }
            }
            """);
    }

    /// <summary>The tokens that end a text or an array. A text without them is long.</summary>
    public static int[] EndTokens(ModelTokenizer tokenizer)
    {
        TokenBytes tokens = TokenBytes.Of(tokenizer);
        return [.. tokens.EndTokens, .. Enumerable.Range(0, tokens.Count).Where(token => tokens[token]?.Contains((byte)']') == true)];
    }

    /// <summary>The token that begins an array.</summary>
    public static int BracketToken(ModelTokenizer tokenizer) => TokenBytes.Of(tokenizer).OfByte((byte)'[');
}
