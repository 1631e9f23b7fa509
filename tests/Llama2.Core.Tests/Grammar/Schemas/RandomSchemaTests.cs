using System.Buffers;
using Llama2.Grammar.Matching;

namespace Llama2.Tests.Grammar.Schemas;

/// <summary>
/// Random schemas, and texts as a malicious model would write them: random tokens that the masks allow, often those that open a string or a bracket.
/// Every text that ends, even one that ends because its number of tokens is limited, must be valid according to another implementation
/// (JsonSchema.Net).
/// </summary>
public class RandomSchemaTests(DemonstrationModel demonstration) : IClassFixture<DemonstrationModel>
{
    private const int TextsPerSchema = 4;
    private const int MaxTokenCount = 400;

    // An ordinary test run tries 300 schemas. The environment variable sets a larger number: 10,000 schemas take some minutes.
    private static readonly int s_schemaCount = int.TryParse(Environment.GetEnvironmentVariable("LLAMA2_TEST_SCHEMAS"), out int count) ? count : 300;
    private static readonly int s_firstSeed = int.TryParse(Environment.GetEnvironmentVariable("LLAMA2_TEST_SEED"), out int seed) ? seed : 0;

    private static readonly SearchValues<char> s_structural = SearchValues.Create("\"\\{}[]:,");

    private readonly ModelTokenizer _tokenizer = demonstration.Model.Tokenizer;

    [Fact]
    public void JsonSchema_AnyTokensOfTheMasks_WriteValidTexts()
    {
        int supportedCount = 0, judgedCount = 0, textCount = 0;
        var faults = new List<string>();
        for (int index = s_firstSeed; index < s_firstSeed + s_schemaCount; index++)
        {
            var random = new Random(index);
            string schema = RandomSchema.Create(random);
            if (Compile(schema) is not { } constraint || SchemaJudge.TryCreate(schema) is not { } judge)
                continue;
            supportedCount++;
            for (int i = 0; i < TextsPerSchema; i++)
            {
                string? text = null;
                try
                {
                    text = Write(constraint, random);
                    if (text is null)
                        continue;
                    textCount++;
                    bool? isValid = judge.IsValid(text);
                    judgedCount += isValid is null ? 0 : 1;
                    if (isValid == false)
                        faults.Add($"seed {index}: {schema}\n  {text}");
                }
                catch (Exception exception) when (exception is not OutOfMemoryException)
                {
                    faults.Add($"seed {index}: {schema}\n  {text} {exception}");
                }
            }
        }

        string.Join('\n', faults).Should().BeEmpty();
        supportedCount.Should().BeGreaterThan(s_schemaCount / 2);
        judgedCount.Should().BeGreaterThan(textCount * 9 / 10).And.BeGreaterThan(supportedCount);
    }

    private static OutputConstraint? Compile(string schema)
    {
        try
        {
            return OutputConstraint.JsonSchema(schema);
        }
        catch (OutputConstraintException exception)
        {
            exception.Message.Should().MatchRegex("^(No text fits|The schema cannot be used: at |The JSON schema is too large)");
            return null;
        }
    }

    // Writes a text. Returns null if the text did not end within MaxTokenCount tokens, which can happen only if the constraint was not told a limit.
    private string? Write(OutputConstraint constraint, Random random)
    {
        bool isLimited = random.Next(4) > 0;
        int limit = isLimited ? constraint.FindMinTokenCount(_tokenizer) + random.Next(30) : MaxTokenCount;
        GrammarConstraint follower = constraint.Start(_tokenizer, isLimited ? limit : int.MaxValue, []);
        var tokens = new List<int>();
        while (!follower.IsComplete)
        {
            if (follower.CanEnd && (tokens.Count == limit || random.Next(6) == 0))
                break;
            if (tokens.Count == limit)
                return isLimited ? throw new InvalidOperationException($"{constraint} is not complete after its {limit} tokens: {_tokenizer.Decode([.. tokens])}") : null;
            if (follower.TakeForcedTokens(Math.Min(random.Next(3) * 8, limit - tokens.Count)) is { Length: > 0 } forced)
                tokens.AddRange(forced);
            else if (Choose(follower, random) is int token)
                tokens.Add(token);
            else
                break;
        }

        follower.CanEnd.Should().BeTrue();

        return _tokenizer.Decode([.. tokens]);
    }

    // A token that the mask allows; null if only the end of the text is allowed.
    private int? Choose(GrammarConstraint follower, Random random)
    {
        ReadOnlySpan<ulong> mask = follower.ComputeMask();
        var allowed = new List<int>();
        for (int token = 0; token < follower.VocabularySize; token++)
        {
            if ((mask[token >> 6] >> token & 1) != 0 && !_tokenizer.IsEndOfGeneration(token))
                allowed.Add(token);
        }

        if (allowed.Count == 0)
            return null;
        int[] structural = random.Next(3) > 0 ? [.. allowed.Where(token => _tokenizer.GetTokenText(token).AsSpan().ContainsAny(s_structural))] : [];
        int chosen = structural.Length > 0 ? structural[random.Next(structural.Length)] : allowed[random.Next(allowed.Count)];
        follower.Accept(chosen);
        return chosen;
    }
}
