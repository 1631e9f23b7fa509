using System.Text;
using System.Text.Json;
using Llama2.Cli.Constraints;
using Llama2.Grammar.Regexes;
using Llama2.Grammar.Rules;
using Llama2.Grammar.Schemas;

namespace Llama2.Tests.Grammar.Schemas;

/// <summary>A schema with instances that are known to be valid or invalid, and the result of compiling it and testing these instances.</summary>
internal sealed class SchemaCase
{
    /// <param name="name">The name of the schema.</param>
    /// <param name="schema">The schema.</param>
    /// <param name="tests">An array of objects with <c>data</c>, <c>valid</c> and perhaps <c>description</c>.</param>
    public SchemaCase(string name, JsonElement schema, JsonElement tests)
    {
        Name = name;
        PlainRecognizer? recognizer = null;
        try
        {
            recognizer = new PlainRecognizer(SchemaCompiler.Compile(Encoding.UTF8.GetBytes(schema.GetRawText()), JsonWhiteSpace.Spaced));
        }
        catch (Exception exception) when (exception is OutputConstraintException or GrammarLimitException)
        {
            Refusal = exception.Message;
            return;
        }
        catch (UnsatisfiableGrammarException)
        {
            // No instance is allowed.
        }

        foreach (JsonElement test in tests.EnumerateArray())
        {
            string text = PythonJson.Write(test.GetProperty("data"), new SchemaOrder(schema, test.GetProperty("data")));
            bool isAccepted = recognizer?.IsMatch(Encoding.UTF8.GetBytes(text)) ?? false, isValid = test.GetProperty("valid").GetBoolean();
            string label = $"{name}, {(test.TryGetProperty("description", out JsonElement description) ? description.GetString() : "")}: {text}";
            if (isAccepted && !isValid)
                WronglyAccepted.Add(label);
            if (isValid && !isAccepted)
                WronglyRejected.Add(label);
        }
    }

    public string Name { get; }

    /// <summary>Why the schema was refused; null if it was not.</summary>
    public string? Refusal { get; }

    public List<string> WronglyAccepted { get; } = [];

    public List<string> WronglyRejected { get; } = [];

    public bool Passes => Refusal is null && WronglyAccepted.Count == 0 && WronglyRejected.Count == 0;
}
