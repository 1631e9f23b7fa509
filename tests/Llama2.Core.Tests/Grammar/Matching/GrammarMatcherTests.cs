using System.Text;
using Llama2.Grammar.Matching;
using Llama2.Grammar.Regexes;
using Llama2.Grammar.Rules;

namespace Llama2.Tests.Grammar.Matching;

public class GrammarMatcherTests
{
    [Fact]
    public void ComputeMask_AllowsExactlyTheTokensThatCanBeAccepted()
    {
        int maskCount = 0;
        for (int seed = 0; seed < 400; seed++)
        {
            var random = new Random(seed);
            TokenBytes tokens = RandomGrammar.CreateVocabulary(random);
            var grammar = new CompiledGrammar(RandomGrammar.Create(random), tokens);
            var matcher = new GrammarMatcher(grammar, limitsTokens: true);
            for (int step = 0; step < 12 && !matcher.IsComplete; step++)
            {
                int limit = random.Next(3) == 0 ? int.MaxValue : matcher.Cost + random.Next(4);
                if (limit == 0)
                    break;
                List<int> allowed = Allowed(matcher, tokens, limit);
                maskCount++;
                allowed.Should().Equal(AllowedOneByOne(matcher, tokens, limit), "seed {0}, step {1}, limit {2}", seed, step, limit);
                allowed.RemoveAll(token => token == tokens.EndTokens[0]);
                if (allowed.Count == 0)
                    break;
                matcher.TryAccept(allowed[random.Next(allowed.Count)]).Should().BeTrue();
            }
        }

        maskCount.Should().BeGreaterThan(1000);
    }

    [Fact]
    public void ComputeMask_WithALimit_LeadsToTheEndWithinIt()
    {
        for (int seed = 0; seed < 400; seed++)
        {
            var random = new Random(seed);
            TokenBytes tokens = RandomGrammar.CreateVocabulary(random);
            var grammar = new CompiledGrammar(RandomGrammar.Create(random), tokens);
            int remaining = grammar.MinTokenCount + random.Next(10);
            var matcher = new GrammarMatcher(grammar, limitsTokens: true);
            var text = new List<byte>();
            while (remaining > 0 && !(matcher.CanEnd && random.Next(8) == 0))
            {
                List<int> allowed = Allowed(matcher, tokens, remaining);
                if (allowed is [] || allowed.SequenceEqual(tokens.EndTokens))
                    break;
                allowed.RemoveAll(token => token == tokens.EndTokens[0]);
                int chosen = allowed[random.Next(allowed.Count)];
                matcher.TryAccept(chosen).Should().BeTrue();
                text.AddRange(tokens[chosen]!);
                remaining--;
            }

            matcher.CanEnd.Should().BeTrue("seed {0}: {1} ended", seed, Encoding.ASCII.GetString([.. text]));
        }
    }

    [Theory]
    [InlineData("ab", true)]
    [InlineData("aab", true)]
    [InlineData("aaaaaab", true)]
    [InlineData("b", false)]
    [InlineData("aa", false)]
    public void TryAccept_LeftRecursion(string text, bool isWhole)
    {
        // list: list "a" | "a"; start: list "b".
        var builder = new GrammarBuilder(new RegexFactory());
        int start = builder.AddRule(), list = builder.AddRule();
        RuleExpression a = Literal(builder, "a");
        builder.Define(start, RuleExpression.Sequence(RuleExpression.OfRule(list), Literal(builder, "b")));
        builder.Define(list, RuleExpression.Choice(RuleExpression.Sequence(RuleExpression.OfRule(list), a), a));
        var matcher = new GrammarMatcher(new CompiledGrammar(builder, Letters()), limitsTokens: false);

        bool isAccepted = matcher.TryAccept(Encoding.ASCII.GetBytes(text));

        (isAccepted && matcher.CanEnd).Should().Be(isWhole);
    }

    [Fact]
    public void Return_TakesBackWhatWasAccepted()
    {
        for (int seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            TokenBytes tokens = RandomGrammar.CreateVocabulary(random);
            var matcher = new GrammarMatcher(new CompiledGrammar(RandomGrammar.Create(random), tokens), limitsTokens: true);
            Walk(2);
            int position = matcher.Position, cost = matcher.Cost;
            List<int> before = Allowed(matcher, tokens, int.MaxValue);
            Walk(4);

            matcher.Return(position);

            Allowed(matcher, tokens, int.MaxValue).Should().Equal(before);
            matcher.Cost.Should().Be(cost);

            void Walk(int count)
            {
                for (int i = 0; i < count; i++)
                {
                    int[] next = [.. Allowed(matcher, tokens, int.MaxValue).Where(token => token != tokens.EndTokens[0])];
                    if (next.Length > 0)
                        matcher.TryAccept(next[random.Next(next.Length)]);
                }
            }
        }
    }

    [Fact]
    public void FindForcedText_IsWhatMustFollow()
    {
        var builder = new GrammarBuilder(new RegexFactory());
        RegexFactory regexes = builder.Regexes;
        builder.Define(builder.AddRule(), RuleExpression.Sequence(Literal(builder, "abc"), RuleExpression.OfLexeme(regexes.Repeat(regexes.Literal("d"), 1, 2)), Literal(builder, "ab")));
        var matcher = new GrammarMatcher(new CompiledGrammar(builder, Letters()), limitsTokens: false);

        var first = new List<byte>();
        matcher.FindForcedText(first, 100).Should().BeFalse();
        matcher.TryAccept("abcdd"u8);
        var last = new List<byte>();
        matcher.FindForcedText(last, 100).Should().BeTrue();

        Encoding.ASCII.GetString([.. first]).Should().Be("abcd");
        Encoding.ASCII.GetString([.. last]).Should().Be("ab");
    }

    [Fact]
    public void ComputeMask_IsTheSameOnManyThreads()
    {
        var random = new Random(1);
        TokenBytes tokens = RandomGrammar.CreateVocabulary(random);
        for (int seed = 0; seed < 50; seed++)
        {
            GrammarBuilder Build() => RandomGrammar.Create(new Random(seed));
            List<List<int>> expected = Run(new CompiledGrammar(Build(), tokens), 7);
            var shared = new CompiledGrammar(Build(), tokens);
            Parallel.For(0, 8, _ => Run(shared, 7).Should().BeEquivalentTo(expected, options => options.WithStrictOrdering()));
        }

        List<List<int>> Run(CompiledGrammar grammar, int seed)
        {
            var choices = new Random(seed);
            var matcher = new GrammarMatcher(grammar, limitsTokens: false);
            var masks = new List<List<int>>();
            for (int i = 0; i < 10 && !matcher.IsComplete; i++)
            {
                List<int> allowed = Allowed(matcher, tokens, int.MaxValue);
                masks.Add(allowed);
                int[] next = [.. allowed.Where(token => token != tokens.EndTokens[0])];
                if (next.Length == 0)
                    break;
                matcher.TryAccept(next[choices.Next(next.Length)]);
            }

            return masks;
        }
    }

    [Fact]
    public void ComputeMask_WithArraysOfADisposedMatcher_IsTheSame()
    {
        // A text of hundreds of rows and items, whose arrays later matchers get from the pool.
        var builder = new GrammarBuilder(new RegexFactory());
        int start = builder.AddRule(), nested = builder.AddRule();
        builder.Define(start, RuleExpression.OfRule(nested));
        RuleExpression longer = RuleExpression.Sequence(Literal(builder, "a"), RuleExpression.OfRule(nested), Literal(builder, "b"));
        builder.Define(nested, RuleExpression.Choice(longer, Literal(builder, "c")));
        var grammar = new CompiledGrammar(builder, Letters());
        byte[] text = [.. Enumerable.Repeat((byte)'a', 700), (byte)'c', .. Enumerable.Repeat((byte)'b', 700)];
        List<ulong> expected = Masks();
        expected.Should().HaveCount(text.Length + 1);

        for (int i = 0; i < 5; i++)
            Masks().Should().Equal(expected);

        List<ulong> Masks()
        {
            using var matcher = new GrammarMatcher(grammar, limitsTokens: true);
            var masks = new List<ulong>();
            var mask = new ulong[1];
            for (int i = 0; i <= text.Length; i++)
            {
                matcher.ComputeMask(mask, matcher.Cost + 2);
                masks.Add(mask[0]);
                if (i < text.Length)
                    matcher.TryAccept(text.AsSpan(i, 1)).Should().BeTrue();
            }

            matcher.IsComplete.Should().BeTrue();
            return masks;
        }
    }

    private static RuleExpression Literal(GrammarBuilder builder, string text) => RuleExpression.OfLexeme(builder.Regexes.Literal(text));

    private static TokenBytes Letters() => new([[(byte)'a'], [(byte)'b'], [(byte)'c'], [(byte)'d'], null], [4]);

    private static List<int> Allowed(GrammarMatcher matcher, TokenBytes tokens, int limit)
    {
        var mask = new ulong[tokens.MaskLength];
        matcher.ComputeMask(mask, limit);
        return [.. Enumerable.Range(0, tokens.Count).Where(token => (mask[token >> 6] >> token & 1) != 0)];
    }

    private static IEnumerable<int> AllowedOneByOne(GrammarMatcher matcher, TokenBytes tokens, int limit)
    {
        int position = matcher.Position;
        for (int token = 0; token < tokens.Count; token++)
        {
            bool isAllowed = tokens[token] is null
                ? matcher.CanEnd
                : matcher.TryAccept(token) && (limit == int.MaxValue || matcher.Cost <= limit - 1);
            matcher.Return(position);
            if (isAllowed)
                yield return token;
        }
    }
}
