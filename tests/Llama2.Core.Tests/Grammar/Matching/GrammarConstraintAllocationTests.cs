using System.Text;
using Llama2.Grammar.Matching;

namespace Llama2.Tests.Grammar.Matching;

public class GrammarConstraintAllocationTests(DemonstrationModel demonstration) : IClassFixture<DemonstrationModel>
{
    private const int TokenCount = 300;

    private readonly ModelTokenizer _tokenizer = demonstration.Model.Tokenizer;

    public static TheoryData<string, int> Cases => LongTexts.With(int.MaxValue, TokenCount * 4);

    [Theory]
    [MemberData(nameof(Cases))]
    public void Constraint_AlongTextOfAnEarlierOne_AllocatesNothing(string name, int tokenLimit)
    {
        OutputConstraint constraint = LongTexts.Create(name);
        bool[] isEnd = new bool[_tokenizer.VocabularySize];
        foreach (int token in LongTexts.EndTokens(_tokenizer))
            isEnd[token] = true;
        int count = 0;

        long allocated = AllocationMeter.Measure(
            () => Start(constraint, tokenLimit, name),
            started =>
            {
                count = Follow(started, isEnd);
                started.Dispose();
            });

        count.Should().Be(TokenCount);
        allocated.Should().Be(0);
    }

    [Fact]
    public void Matcher_AlongObjectsOfManyKeys_AllocatesNothing()
    {
        // Some tokens contain the end of a string and the text after it. Whether such a token is allowed depends on the key that follows.
        byte[]?[] vocabulary = [.. Enumerable.Range(0, 256).Select(value => new[] { (byte)value }), [.. "\","u8], [.. "\", \"key number 7\""u8], [.. "\"}"u8], null];
        var tokens = new TokenBytes(vocabulary, [vocabulary.Length - 1]);
        CompiledGrammar grammar = LongTexts.Objects(100, """{ "type": "string" }""").Compile(tokens);
        string item = $"{{{string.Join(", ", Enumerable.Range(1, 100).Select(number => $"\"key number {number}\": \"\""))}}}";
        byte[] text = Encoding.UTF8.GetBytes($"[{item}, {item}]");
        var mask = new ulong[tokens.MaskLength];
        bool isWhole = false;

        long allocated = AllocationMeter.Measure(
            () => new GrammarMatcher(grammar, limitsTokens: false),
            matcher =>
            {
                foreach (byte value in text)
                {
                    matcher.ComputeMask(mask);
                    matcher.TryAccept([value]);
                }

                isWhole = matcher.IsComplete;
                matcher.Dispose();
            });

        isWhole.Should().BeTrue();
        allocated.Should().Be(0);
    }

    private GrammarConstraint Start(OutputConstraint constraint, int tokenLimit, string name)
    {
        GrammarConstraint started = constraint.Start(_tokenizer, tokenLimit, []);
        // A value that is not an array would be complete too soon.
        if (name == "json")
            started.Accept(LongTexts.BracketToken(_tokenizer));
        return started;
    }

    // Accepts tokens that are allowed: different ones at each place of the text, but the same ones in each call. Returns their number.
    private static int Follow(GrammarConstraint constraint, bool[] isEnd)
    {
        int count = 0;
        for (uint random = 1; count < TokenCount && !constraint.IsComplete; count++)
        {
            random = (random * 1664525) + 1013904223;
            constraint.Accept(FirstAllowed(constraint.ComputeMask(), (int)(random % (uint)isEnd.Length), isEnd));
            count += constraint.TakeForcedTokens(TokenCount - count - 1).Length;
        }

        return count;
    }

    // The first allowed token that is not an end, searched from a given token on; after the last token of the vocabulary, the search continues with the
    // first.
    private static int FirstAllowed(ReadOnlySpan<ulong> mask, int start, bool[] isEnd)
    {
        int token = start;
        while (isEnd[token] || (mask[token >> 6] >> token & 1) == 0)
        {
            token = (token + 1) % isEnd.Length;
            if (token == start)
                throw new InvalidOperationException("Only an end is allowed.");
        }

        return token;
    }
}
